import type { FastifyInstance, FastifyRequest } from 'fastify'
import { KeyAbsentError, type Caller } from '../keys/verifyKey.ts'
import { textField, type Context } from './context.ts'
import { invalidField } from './errors.ts'
import { refuseUnknown } from './proposalRoutes.ts'

type WithId = FastifyRequest<{ Params: { id: string } }>

/** The documents of an app, for an admin key of that app: what was found, and a person's decision about exactly that content. */
export function documentRoutes(server: FastifyInstance, { documents }: Context): void {
  server.get('/api/admin/documents', async (request) => documents.list(callerOf(request).app))

  server.get('/api/admin/documents/:id', async (request: WithId) =>
    documents.show(callerOf(request).app, request.params.id),
  )

  for (const [action, state] of [
    ['release', 'released'],
    ['reject', 'rejected'],
  ] as const)
    server.post(`/api/admin/documents/:id/${action}`, async (request: WithId) => {
      const { app, keyId } = callerOf(request)
      refuseUnknown(request, ['sha256'])
      const sha256 = textField(request, 'sha256')
      if (sha256 === null || !/^[0-9a-f]{64}$/.test(sha256))
        throw invalidField('sha256', 'Send the sha256 of the content that was reviewed.')
      return documents.decide({ app, id: request.params.id, sha256, state, by: keyId })
    })
}

function callerOf({ caller }: FastifyRequest): Caller {
  if (caller === null) throw new KeyAbsentError(null)
  return caller
}
