import type { Write } from '../store/openStore.ts'
import * as Document from './Document.ts'
import type { Gate } from './Gate.ts'
import type { Proposal } from './Proposal.ts'

/** Tells clients that a wallet may be asked now. Published ones open it when they hear of it. */
export async function requestWallet(gate: Pick<Gate, 'events'>, write: Write, proposal: Proposal): Promise<void> {
  const { sid } = proposal
  const waiting = proposal.calls.filter((call) => call.status === 'waiting')
  const document = Document.of(proposal)
  if (document !== null) {
    await gate.events.append(write, sid, {
      type: 'wallet_eip712_request',
      payload: {
        typed_data: JSON.parse(document) as unknown,
        description: proposal.summary,
        pending_eip712_id: waiting[0]?.txId ?? null,
        chain_id: proposal.chainId,
        proposal_id: proposal.id,
      },
    })
    return
  }
  await gate.events.append(write, sid, {
    type: 'wallet_tx_request',
    payload: {
      tx_ids: waiting.map((call) => call.txId),
      chain_id: proposal.chainId,
      proposal_id: proposal.id,
      aa_preference: 'none',
      ...(waiting.length === 1 && waiting[0] !== undefined
        ? { to: waiting[0].to, value: waiting[0].value.toString(), data: waiting[0].data }
        : {}),
    },
  })
}
