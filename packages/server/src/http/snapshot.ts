import { Clock } from '@countersign/base'
import type { PendingDocument, PendingTx, Snapshot, SystemEvent, UserState } from '@countersign/sdk'
import { HandOutError } from '../mandates/ledger/close.ts'
import { handOutProposal } from '../proposals/decision/handOutProposal.ts'
import { pendingDocuments, pendingTxs, type Proposal } from '../proposals/Proposal.ts'
import type { LoggedEvent } from '../sessions/EventLog.ts'
import type { Session } from '../sessions/Session.ts'
import type { WrittenMessages } from '../sessions/WrittenMessages.ts'
import { StoreUnavailableError, type Prepared, type Store } from '../store/openStore.ts'
import { canRecheck } from './canRecheck.ts'
import type { Context } from './context.ts'
import { signableOf, withdrawnOf } from './withdrawn.ts'

/** What a client sees of a session that does not exist: nothing, and no error, because clients poll before they chat. */
export const NO_SESSION: Snapshot = {
  messages: [],
  system_events: [],
  title: null,
  is_processing: false,
  user_state: null,
  session_exists: false,
}

/** A snapshot whose messages are JSON already. */
export type WrittenSnapshot = Omit<Snapshot, 'messages'> & { readonly messages: WrittenMessages }

/**
 * The whole conversation (or what follows its first `fromIdx` lines) and the wallet queue as they are now. One-time
 * system events since the last snapshot come along once (`cursor`); the log keeps them all.
 */
export async function snapshotOf(
  context: Context,
  session: Session,
  { fromIdx = 0 }: { fromIdx?: number } = {},
): Promise<WrittenSnapshot> {
  const { conversations, events, turns, clock } = context
  const partial = turns.partial(session.sid)
  const [conversation, system, userState] = await Promise.all([
    conversations.read(session.sid, { fromIdx }),
    takeSystemEvents(context, session.sid, 'snapshot_seq'),
    userStateOf(context, session),
  ])
  const messages =
    partial === null
      ? conversation.messages
      : conversation.messages.with({
          sender: 'agent',
          content: partial,
          timestamp: Clock.iso(clock.nowMs()),
          is_streaming: true,
          tool_result: null,
        })
  return {
    messages,
    system_events: system,
    title: session.title ?? 'New Chat',
    // The row, not this process: another one on the store may be running the turn.
    is_processing: session.turnId !== null,
    user_state: userState,
    session_exists: true,
    last_event_id: await events.lastSeq(session.sid),
    signed_in:
      session.signedIn === null
        ? null
        : {
            address: session.signedIn.address,
            chain_id: session.signedIn.chainId,
            at: Clock.iso(session.signedIn.atMs),
          },
  }
}

/** The wallet as the client claims it, whether it signed in, and the queue that only the gate fills. */
export async function userStateOf(context: Context, session: Session): Promise<UserState> {
  const nowMs = context.clock.nowMs()
  const proposals: Proposal[] = []
  for (const proposal of await signableOf(context, session)) {
    if ((await canRecheck(context, proposal)) && (await mayShow(context, session, proposal))) proposals.push(proposal)
  }
  const pending: Record<string, PendingTx> = Object.assign(
    {},
    ...proposals.map((proposal) => pendingTxs(proposal, nowMs)),
  )
  const documents: Record<string, PendingDocument> = Object.assign(
    {},
    ...proposals.map((proposal) => pendingDocuments(proposal, nowMs)),
  )
  const { address, chainId, isConnected, ensName, ext } = session.wallet
  return {
    address,
    chain_id: chainId,
    is_connected: isConnected,
    ...(ensName === null ? {} : { ens_name: ensName }),
    ...(ext === null ? {} : { ext }),
    ...(address === null ? {} : { address_status: address === session.signedIn?.address ? 'proven' : 'claimed' }),
    pending_txs: pending,
    pending_eip712s: documents,
    next_id: session.nextTxId,
    connection: { is_connected: isConnected },
    evm: { address, chain_id: chainId },
    pending: { evm_txs: pending, evm_sigs: documents, svm_ixs: {}, svm_sigs: {} },
  }
}

/** Clients sign what stands in the queue, so what is shown there is handed out. Our own page asks for it when it opens a wallet. */
async function mayShow({ gate, store }: Context, session: Session, proposal: Proposal): Promise<boolean> {
  const { decided } = proposal
  if (decided === null || decided.reservation === null || decided.isHandedOut) return true
  if (session.owner.startsWith('browser:')) return false
  try {
    await store.write((write) => handOutProposal(gate, write, { proposal, nonce: null }))
    return true
  } catch (error) {
    // Frozen, ended or changed since it was decided: nothing is shown.
    if (error instanceof HandOutError) return false
    throw error
  }
}

/** The kinds stand in the text, as in the index `events_system`: SQLite uses it for no others. */
export const SYSTEM_EVENTS = `select seq, body from events where sid = ? and seq > ?
  and kind in ('wallet_tx_request', 'wallet_eip712_request', 'system_error', 'system_notice') order by seq limit ?`

const queries = new WeakMap<Store, Prepared<{ seq: number; body: string }>>()

/** The one-time events since this consumer's cursor, and the cursor moved on. */
export async function takeSystemEvents(
  context: Context,
  sid: string,
  cursor: 'snapshot_seq' | 'events_seq',
  count = 200,
): Promise<SystemEvent[]> {
  const row = await context.store.read.selectFrom('sessions').select(cursor).where('sid', '=', sid).executeTakeFirst()
  const since = row?.[cursor] ?? 0
  const query = queries.get(context.store) ?? context.store.prepare<{ seq: number; body: string }>(SYSTEM_EVENTS)
  queries.set(context.store, query)
  const logged = query.all(sid, since, count)
  const last = logged.at(-1)
  if (last === undefined) return []
  const moved = await context.store
    .write((write) =>
      write.db
        .updateTable('sessions')
        .set({ [cursor]: last.seq })
        .where('sid', '=', sid)
        .where(cursor, '=', since)
        .returning('sid')
        .executeTakeFirst(),
    )
    // While nothing can be written, reads go on: the events wait, unread, for the next one.
    .catch((error: unknown) => {
      if (error instanceof StoreUnavailableError) return undefined
      throw error
    })
  // Somebody else took them in the meantime: each is delivered once.
  if (moved === undefined) return []
  const events = logged.map((row) => ({ seq: row.seq, body: JSON.parse(row.body) as LoggedEvent['body'] }))
  const withdrawn = await withdrawnOf(context, sid, events)
  return events.filter((event) => !withdrawn.has(event)).map(toSystemEvent)
}

function toSystemEvent({ body }: LoggedEvent): SystemEvent {
  if (body.type === 'system_error') return { SystemError: String(body['message']) }
  if (body.type === 'system_notice') return { SystemNotice: String(body['message']) }
  return { InlineCall: { type: body.type, payload: body['payload'] } }
}
