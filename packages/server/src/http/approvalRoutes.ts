import { Address } from '@countersign/base'
import type { FastifyInstance } from 'fastify'
import { listApprovals } from '../chains/listApprovals.ts'
import * as Revocation from '../chains/Revocation.ts'
import { KeyAbsentError, type Caller } from '../keys/verifyKey.ts'
import * as Door from '../proposals/Door.ts'
import type { Proposal } from '../proposals/Proposal.ts'
import { proposeThroughDoor } from '../proposals/proposeThroughDoor.ts'
import { readDraft } from '../proposals/readDraft.ts'
import { chainOf } from '../proposals/stageProposal.ts'
import { approvalsToWire } from './approvalsToWire.ts'
import { bodyOf, textField, type Context } from './context.ts'
import { answerOf, draftTools, idempotencyKeyIn } from './doorRoutes.ts'
import { refuseHeld, refuseOtherOwner } from './proposalAccess.ts'
import { refuseUnknown } from './proposalRoutes.ts'

/** `GET /api/approvals` lists what stands; `POST /api/approvals/revoke` proposes to take some of it back. */
export function approvalRoutes(server: FastifyInstance, context: Context): void {
  server.get('/api/approvals', async (request) => {
    if (request.caller === null) throw new KeyAbsentError(null)
    const chain = chainOf(context.gate, Number(textField(request, 'chain_id') ?? Number.NaN))
    const owner = Address.parse(textField(request, 'address') ?? '')
    return approvalsToWire(chain.chainId, owner, await listApprovals(chain, { owner }))
  })

  server.post('/api/approvals/revoke', async (request, reply) => {
    const { caller } = request
    if (caller === null) throw new KeyAbsentError(null)
    refuseHeld(caller)
    refuseUnknown(request, ['address', 'chain_id', 'approvals', 'idempotency_key', 'client'])
    const body = bodyOf(request)
    const idempotencyKey = idempotencyKeyIn(request)
    const revocations = Revocation.parse(body['approvals'])
    await server.charge(request, reply, revocations.length - 1)
    const { proposal, isNew } = await proposeRevocation(context, caller, {
      ...{ address: body['address'], chainId: body['chain_id'], revocations },
      door: { name: 'guard', client: Door.parseClient(body['client']) },
      idempotencyKey,
    })
    return reply.status(isNew ? 201 : 200).send(answerOf(context, proposal))
  })
}

/** Proposes to the account to take approvals back: the same gate, and the same card, as for everything else. */
export async function proposeRevocation(
  context: Context,
  caller: Caller,
  {
    address,
    chainId,
    revocations,
    door,
    idempotencyKey,
  }: {
    address: unknown
    chainId: unknown
    revocations: readonly Revocation.Revocation[]
    door: Pick<Door.Door, 'name' | 'client'>
    idempotencyKey: string | null
  },
): Promise<{ readonly proposal: Proposal; readonly isNew: boolean }> {
  const draft = readDraft(draftTools(context), {
    from: address,
    chain_id: chainId,
    transactions: revocations.map(Revocation.callOf),
  })
  refuseOtherOwner(caller, draft.from)
  return proposeThroughDoor(
    { gate: context.gate, queue: context.accounts },
    {
      app: caller.app,
      draft,
      door: { ...door, keyId: caller.keyId, family: caller.family },
      idempotencyKey,
      wallet: null,
    },
  )
}
