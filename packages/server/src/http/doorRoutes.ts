import { Clock, assert } from '@countersign/base'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { KeyAbsentError } from '../keys/verifyKey.ts'
import * as Door from '../proposals/Door.ts'
import type { Proposal } from '../proposals/Proposal.ts'
import { proposeThroughDoor } from '../proposals/proposeThroughDoor.ts'
import { readDraft, readWallet, WHAT } from '../proposals/readDraft.ts'
import { bodyOf, type Context } from './context.ts'
import { invalidField } from './errors.ts'
import type { SendPage } from './pages.ts'
import { refuseHeld, refuseOtherOwner, urlOf } from './proposalAccess.ts'
import { refuseUnknown } from './proposalRoutes.ts'

const KNOWN = [...WHAT, 'from', 'chain_id', 'idempotency_key', 'client', 'wallet']

/**
 * `POST /api/proposals`: what an integrator's program wants signed, without a chat. It is simulated, and waits for its
 * owner on our page; the page itself is `GET /p/{id}`.
 */
export function doorRoutes(server: FastifyInstance, context: Context, { sendPage }: { sendPage: SendPage }): void {
  server.post('/api/proposals', async (request, reply) => {
    const { caller } = request
    if (caller === null) throw new KeyAbsentError(null)
    refuseHeld(caller)
    const [parameter] = Object.keys(request.query as Record<string, unknown>)
    if (parameter !== undefined) throw invalidField(parameter.slice(0, 40), 'Send everything in the JSON body.')
    refuseUnknown(request, KNOWN)
    const body = bodyOf(request)
    const draft = readDraft(draftTools(context), body)
    refuseOtherOwner(caller, draft.from)
    await server.charge(request, reply, draft.calls.length - 1)
    const { proposal, isNew } = await proposeThroughDoor(
      { gate: context.gate, queue: context.accounts },
      {
        app: caller.app,
        draft,
        door: { name: 'guard', keyId: caller.keyId, family: caller.family, client: Door.parseClient(body['client']) },
        idempotencyKey: idempotencyKeyIn(request),
        wallet: readWallet(body['wallet']),
      },
    )
    return reply.status(isNew ? 201 : 200).send(answerOf(context, proposal))
  })

  server.get('/p/:id', async (_request, reply) => sendPage(reply, 'index.html'))
}

/** The answer of a door: what became of it, and where its owner finds it. */
export function answerOf(context: Context, proposal: Proposal): Record<string, unknown> {
  assert(proposal.report !== null, 'what came through a door has its verdict from the start')
  return {
    id: proposal.id,
    state: proposal.state,
    verdict: proposal.report.verdict,
    digest: proposal.digest,
    url: urlOf(context, proposal),
    expires_at: Clock.iso(proposal.expiresMs),
    // Where guards or a mandate are about it, what they decided.
    ...(proposal.decided === null
      ? {}
      : { reason: proposal.reason, code: proposal.decided.code, decision: proposal.decided.body }),
  }
}

/** What reading a draft needs of the server. */
export function draftTools(context: Pick<Context, 'gate' | 'clock'>): Parameters<typeof readDraft>[0] {
  return { chains: context.gate.chains, nowMs: () => context.clock.nowMs() }
}

/** The idempotency key, in the header or in the body. @throws {HttpError} `http:field:idempotency-key` when both differ. */
export function idempotencyKeyIn(request: FastifyRequest): string | null {
  const header = request.headers['idempotency-key']
  const inHeader = Door.parseIdempotencyKey(header)
  const inBody = Door.parseIdempotencyKey(bodyOf(request)['idempotency_key'])
  if (inHeader !== null && inBody !== null && inHeader !== inBody)
    throw invalidField('idempotency_key', 'The header Idempotency-Key says something else: send one, or both alike.')
  return inHeader ?? inBody
}
