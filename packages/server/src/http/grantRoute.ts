import { Address } from '@countersign/base'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import * as Scope from '../keys/Scope.ts'
import { KeyAbsentError } from '../keys/verifyKey.ts'
import { grantProposal, toWire } from '../proposals/grantProposal.ts'
import { loadDoorProposal } from '../proposals/rows.ts'
import { bodyOf, textField, type Context } from './context.ts'
import { invalidField } from './errors.ts'
import { refuseHeld } from './proposalAccess.ts'
import { refuseUnknown } from './proposalRoutes.ts'

/** `POST /api/proposals/:id/grant`: the hand-out to the signer of the program that proposed it (`docs/reference/doors.md`). */
export function grantRoute(server: FastifyInstance, context: Context): void {
  server.post('/api/proposals/:id/grant', async (request: FastifyRequest<{ Params: { id: string } }>) => {
    const { caller } = request
    if (caller === null) throw new KeyAbsentError(null)
    refuseHeld(caller)
    refuseUnknown(request, ['from', 'chain_id'])
    const chainId = bodyOf(request)['chain_id']
    if (!Number.isSafeInteger(chainId)) throw invalidField('chain_id', 'A positive whole number.')
    const sender = Address.parse(textField(request, 'from') ?? '')
    const proposal = await loadDoorProposal(context.store.read, {
      id: request.params.id,
      family: caller.family,
    })
    const grant = await grantProposal(context.gate, {
      ...{ id: proposal.id, sid: proposal.sid, sender, chainId: chainId as number },
      isTrusted: Scope.allows(caller.scopes, 'guard'),
    })
    return toWire(grant)
  })
}
