import type { WalletClaim } from '../sessions/Session.ts'
import type { Write } from '../store/openStore.ts'
import { handOutProposal } from './decision/handOutProposal.ts'
import * as Document from './Document.ts'
import type { Gate } from './Gate.ts'
import { isLevelOwed, type Proposal } from './Proposal.ts'

/**
 * Asks the wallet for what is to be signed: for all steps where the client takes a list, otherwise for the first one only,
 * because there are clients that sign what stands in the request and report that one hash for the whole list.
 */
export async function requestWallet(
  gate: Pick<Gate, 'events' | 'audit' | 'ledgerTime'>,
  write: Write,
  proposal: Proposal,
): Promise<void> {
  if (proposal.door !== null) return
  // Our own page asks again before it opens the wallet; everybody else may sign what the event shows.
  if (proposal.decided?.reservation != null) {
    if (await isOwnPage(write, proposal.sid)) return
    await handOutProposal(gate, write, { proposal, nonce: null })
  }
  const waiting = proposal.calls.filter((call) => call.status === 'waiting')
  const document = Document.of(proposal)
  if (document !== null) {
    await gate.events.append(write, proposal.sid, {
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
  await appendRequest(gate, write, proposal, (await takesLists(write, proposal.sid)) ? waiting : waiting.slice(0, 1))
}

/** The next step, for clients that were asked for one at a time. */
export async function requestStep(gate: Pick<Gate, 'events'>, write: Write, proposal: Proposal): Promise<void> {
  const next = proposal.calls.find((call) => call.status === 'waiting')
  if (next === undefined || isLevelOwed(proposal) || proposal.calls.some((call) => call.status === 'submitted')) return
  if (!(await takesLists(write, proposal.sid))) await appendRequest(gate, write, proposal, [next])
}

async function appendRequest(
  gate: Pick<Gate, 'events'>,
  write: Write,
  proposal: Proposal,
  calls: Proposal['calls'],
): Promise<void> {
  const [only] = calls
  await gate.events.append(write, proposal.sid, {
    type: 'wallet_tx_request',
    payload: {
      tx_ids: calls.map((call) => call.txId),
      chain_id: proposal.chainId,
      proposal_id: proposal.id,
      aa_preference: 'none',
      ...(calls.length === 1 && only !== undefined
        ? { to: only.to, value: only.value.toString(), data: only.data }
        : {}),
    },
  })
}

/** Whether the session is answered on our own page, which opens a wallet only after a re-check. The bot of Telegram only links there. */
async function isOwnPage(write: Write, sid: string): Promise<boolean> {
  const row = await write.db.selectFrom('sessions').select('owner').where('sid', '=', sid).executeTakeFirst()
  return /^(?:browser|telegram):/.test(row?.owner ?? '')
}

/** Whether the session's client reads `tx_ids` against `pending_txs`: the command line, and the library in a browser. */
async function takesLists(write: Write, sid: string): Promise<boolean> {
  const row = await write.db.selectFrom('sessions').select('user_state').where('sid', '=', sid).executeTakeFirst()
  const { ext, isPage } = JSON.parse(row?.user_state ?? '{}') as Partial<WalletClaim>
  const type = (ext as { client_type?: unknown } | null | undefined)?.client_type
  return type === 'ts_cli' || type === 'web_ui' || (type === undefined && isPage === true)
}
