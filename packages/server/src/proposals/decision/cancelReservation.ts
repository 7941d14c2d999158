import { Address } from '@countersign/base'
import type { Held } from '../../mandates/ledger/close.ts'
import { MandateError } from '../../mandates/MandateError.ts'
import type { Session } from '../../sessions/Session.ts'
import { commitProposal } from '../commitProposal.ts'
import type { Gate } from '../Gate.ts'
import type { Proposal } from '../Proposal.ts'
import { rejectProposal } from '../rejectProposal.ts'
import { chainOf, insertStaged, judgeProposal, newId } from '../stageProposal.ts'

/**
 * Ends a reservation for its owner. What nobody was handed ends with its proposal. What was handed out at a nonce cannot be called back:
 * the smallest transaction at the same nonce is staged, and of the two only one is ever mined.
 *
 * @returns What was staged; null where nothing had to be.
 * @throws {MandateError} `mandates:reservation:closed`; `mandates:reservation:unbound` where no nonce was bound, so that no other
 *   transaction proves anything.
 */
export async function cancelReservation(
  gate: Gate,
  { held, session }: { held: Held; session: Session },
): Promise<Proposal | null> {
  if (held.state === 'held') {
    const row = await gate.store.read
      .selectFrom('proposals')
      .select('sid')
      .where('id', '=', held.proposal ?? '')
      .executeTakeFirst()
    if (row === undefined || held.proposal === null) throw new MandateError('closed')
    await rejectProposal(gate, { id: held.proposal, sid: row.sid, because: 'Cancelled' })
    return null
  }
  if (held.state !== 'open') throw new MandateError('closed')
  const { nonce, chainId } = held
  if (held.kind !== 'tx' || held.nonceKind !== 'bound' || nonce === null) throw new MandateError('unbound')
  const chain = chainOf(gate, chainId)
  const from = Address.parse(held.account)
  // Mined already: the ledger closes it by what was mined.
  if ((await chain.at(await chain.head()).nonce(from)) > BigInt(nonce)) throw new MandateError('closed')
  const id = newId()
  const label = `Cancel the transaction with nonce ${nonce}`
  await gate.store.write(async (write) => {
    await insertStaged(gate, write, {
      ...{ id, session, userTexts: [] },
      draft: {
        ...{ chainId, from, summary: `${label}: send nothing to yourself at nonce ${nonce}.`, provenance: [] },
        calls: [{ to: from, value: 0n, data: '0x', label, kind: 'native_transfer' }],
      },
    })
    await write.db.insertInto('cancellations').values({ proposal: id, reservation: held.id, nonce }).execute()
  })
  const { sid } = session
  const judged = await judgeProposal(gate, { id, sid, chain })
  return judged.state === 'receipted' ? commitProposal(gate, { id, sid }) : judged
}
