import type { FastifyInstance, FastifyRequest } from 'fastify'
import { MAX_REASON, type ListedDocument } from '../apps/documents/AppDocuments.ts'
import { KeyAbsentError, type Caller } from '../keys/verifyKey.ts'
import { textField, type Context } from './context.ts'
import { invalidField } from './errors.ts'
import { refuseUnknown } from './proposalRoutes.ts'

type WithId = FastifyRequest<{ Params: { id: string } }>

/** The documents of an app, for an admin key of that app: what was found, and a person's decision about exactly that content. */
export function documentRoutes(server: FastifyInstance, { documents }: Context): void {
  server.get('/api/admin/documents', async (request) => documents.list(callerOf(request).app).map(toWire))

  server.get('/api/admin/documents/:id', async (request: WithId) => {
    const shown = documents.show(callerOf(request).app, request.params.id)
    return { ...toWire(shown), text: shown.text }
  })

  for (const [action, state] of [
    ['release', 'released'],
    ['reject', 'rejected'],
  ] as const)
    server.post(`/api/admin/documents/:id/${action}`, async (request: WithId) => {
      const { app, keyId } = callerOf(request)
      refuseUnknown(request, ['sha256', 'reason'])
      const sha256 = textField(request, 'sha256')
      if (sha256 === null || !/^[0-9a-f]{64}$/.test(sha256))
        throw invalidField('sha256', 'Send the sha256 of the content that was reviewed.')
      const because = textField(request, 'reason')?.trim() ?? ''
      if (because.length > MAX_REASON) throw invalidField('reason', `Send at most ${MAX_REASON} characters.`)
      const decision = { app, id: request.params.id, sha256, state, by: keyId }
      return toWire(await documents.decide({ ...decision, because: because === '' ? null : because }))
    })
}

/** The document as the API describes it, with times in ISO 8601. */
function toWire({ id, path, state, findings, sha256, staleAtMs, decision }: ListedDocument) {
  return {
    ...{ id, path, state, findings, sha256 },
    stale_at: staleAtMs === null ? null : new Date(staleAtMs).toISOString(),
    decision:
      decision === null
        ? null
        : { by: decision.by, at: new Date(decision.atMs).toISOString(), reason: decision.because },
  }
}

function callerOf({ caller }: FastifyRequest): Caller {
  if (caller === null) throw new KeyAbsentError(null)
  return caller
}
