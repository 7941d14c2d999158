import { randomUUID } from 'node:crypto'
import type { Clock } from '@countersign/base'
import type { Models } from '../agent/models.ts'
import { fromName, type App } from '../apps/App.ts'
import type { AppendAudit } from '../audit/appendAudit.ts'
import type { Gate } from '../proposals/Gate.ts'
import type { Proposal } from '../proposals/Proposal.ts'
import { listProposals } from '../proposals/rows.ts'
import type { EventLog } from '../sessions/EventLog.ts'
import { readHistory } from '../sessions/History.ts'
import { endedWhy } from '../sessions/Lifetime.ts'
import { provenColumns, NO_WALLET, type Session } from '../sessions/Session.ts'
import { listSessions, loadSession, noteWallet, openSession, touchSession } from '../sessions/sessions.ts'
import type { Store } from '../store/openStore.ts'
import type { Turns } from '../turns/createTurns.ts'
import { walletFor } from './wallets.ts'

/** What a conversation in Telegram is made of: the sessions and turns that the page uses. */
export interface ConversationTools {
  readonly store: Store
  readonly clock: Clock.Clock
  readonly audit: AppendAudit
  readonly events: EventLog
  readonly turns: Turns
  readonly gate: Gate
  readonly models: Models
  readonly apps: ReadonlyMap<string, App>
}

/** One user in one chat: nobody else's messages are theirs. */
export interface Place {
  readonly botId: string
  readonly chatId: string
  readonly userId: string
}

/** The most sessions that one place may have open. */
const MAX_SESSIONS = 20
/** How long the answer to one message is waited for. The turn itself goes on. Milliseconds. */
const ANSWER_MS = 10 * 60_000

export function ownerOf({ botId, chatId, userId }: Place): string {
  return `telegram:${botId}:${chatId}:${userId}`
}

export function appFor({ apps }: Pick<ConversationTools, 'apps'>, name: string): App {
  return apps.get(name) ?? fromName(name)
}

/** The conversation that goes on here; null where none lives, or the user's wallet is another one by now. */
export async function currentSession(tools: ConversationTools, place: Place): Promise<Session | null> {
  const { store, clock, turns } = tools
  const [session] = await listSessions({ store }, { owner: ownerOf(place), limit: 1 })
  if (session === undefined) return null
  const nowMs = clock.nowMs()
  const isTurnRunning = turns.isProcessing(session.sid)
  if (endedWhy(session, appFor(tools, session.app).lifetime, { nowMs, isRead: false, isTurnRunning }) !== null)
    return null
  const wallet = await walletFor(store.read, { ...place, nowMs })
  return (session.signedIn?.address ?? null) === (wallet?.address ?? null) ? session : null
}

/**
 * Begins a conversation. Its wallet is the one that the user connected, and then the only sender a proposal may have. Its id is
 * random and nobody is told it.
 */
export async function beginSession(
  tools: ConversationTools,
  place: Place,
  { app, chainId = null }: { app: string; chainId?: number | null },
): Promise<Session> {
  const { store, clock, gate } = tools
  const wallet = await walletFor(store.read, { ...place, nowMs: clock.nowMs() })
  const opened = await openSession(tools, {
    ...{ publicId: randomUUID(), app, owner: ownerOf(place) },
    maxSessions: appFor(tools, app).maxSessions ?? MAX_SESSIONS,
  })
  if (wallet === null) return opened
  await store.write((write) =>
    write.db
      .updateTable('sessions')
      .set(provenColumns({ ...wallet, atMs: wallet.provenMs }))
      .where('sid', '=', opened.sid)
      .execute(),
  )
  const chain = chainId ?? (gate.chains.has(wallet.chainId) ? wallet.chainId : null)
  await chooseChain(tools, loadSession(store, { sid: opened.sid }), chain)
  return loadSession(store, { sid: opened.sid })
}

/** On which chain the agent proposes, where the words do not say. */
export async function chooseChain(tools: ConversationTools, session: Session, chainId: number | null): Promise<void> {
  const address = session.signedIn?.address ?? null
  await noteWallet(tools, {
    session,
    wallet: { ...NO_WALLET, address, chainId, isConnected: address !== null },
  })
}

export interface Line {
  /** `gate`: the server's own words. */
  readonly by: 'agent' | 'gate'
  readonly text: string
}

/** What came of one message: lines of the conversation, and what waits for the wallet now. */
export interface Answer {
  readonly lines: readonly Line[]
  readonly waiting: readonly Proposal[]
  /** Whether the turn goes on, because it takes very long. */
  readonly isCut: boolean
}

/** Says something in a conversation and waits for the answer. */
export async function say(tools: ConversationTools, session: Session, text: string): Promise<Answer> {
  const { store, clock, turns } = tools
  const { sid } = session
  const app = appFor(tools, session.app)
  const atMs = clock.nowMs()
  const before = await store.read
    .selectFrom('messages')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('sid', '=', sid)
    .executeTakeFirstOrThrow()
  await store.write(async (write) => touchSession({ clock }, write, { sid }))
  await turns.say(session, app, text)
  const isCut = !(await turnEnded(tools, sid))
  const lines = (await readHistory({ store }, { sid, fromIdx: Number(before.count) })).flatMap(({ item }): Line[] => {
    if (item.role === 'assistant' && item.text !== '') return [{ by: 'agent', text: item.text }]
    if (item.role === 'system' && item.isForOwner === true) return [{ by: 'gate', text: item.text }]
    return []
  })
  const pending = await listProposals(store.read, { sid, limit: 20, states: ['pending'] })
  return { lines, isCut, waiting: pending.filter(({ updatedMs }) => updatedMs >= atMs) }
}

/** Waits until no turn of the session runs, at whichever process. False where that takes too long. */
function turnEnded({ store, events }: ConversationTools, sid: string): Promise<boolean> {
  return new Promise((resolve) => {
    let isOver = false
    const finish = (isEnded: boolean): void => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      unsubscribe()
      resolve(isEnded)
    }
    const look = (): void => {
      try {
        if (loadSession(store, { sid }).turnId === null) finish(true)
      } catch {
        // The session is gone.
        finish(true)
      }
    }
    const timer = setTimeout(() => finish(false), ANSWER_MS)
    timer.unref()
    const unsubscribe = events.subscribe(sid, { wake: look, transient: () => undefined })
    look()
  })
}
