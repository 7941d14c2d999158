import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '@countersign/base'
import type { Models } from '../agent/models.ts'
import type { HistoryItem } from '../sessions/HistoryItem.ts'
import { DEFAULT_TURN_LIMITS, type TurnLimits } from '../apps/TurnLimits.ts'
import type { App } from '../apps/App.ts'
import type { Gate } from '../proposals/Gate.ts'
import { ROW_OF_TURN, type Authority, type AuthorityRow } from '../keys/Authority.ts'
import { LOST_WORDS, type LostWhy } from '../sessions/LostWhy.ts'
import type { EventLog } from '../sessions/EventLog.ts'
import { appendMessage } from '../sessions/History.ts'
import { endedWhy } from '../sessions/Lifetime.ts'
import type { Session } from '../sessions/Session.ts'
import { loadSession, updateSession } from '../sessions/sessions.ts'
import { DEFAULT_STORAGE_CAPS, holdsNotice, refuseFull, type StorageCaps } from '../sessions/Storage.ts'
import type { Store, Write } from '../store/openStore.ts'
import { watchCommits } from '../store/watchCommits.ts'
import {
  askInterrupt,
  awaitTurn,
  closeTurn,
  endTurn,
  fenceStore,
  takeTurn,
  turnLostWhy,
  TurnLostError,
  TurnRefusedError,
} from './claims.ts'
import type { DeclaredTools } from './createDeclaredHost.ts'
import { commitTurn, dropTurn } from '../proposals/advanceQueue.ts'
import { closeCutTurns, CUT_OFF, type CutTurnTools } from './closeCutTurns.ts'
import type { Observer } from './Observer.ts'
import { instructionsOf, noteAppVersion } from './noteAppVersion.ts'
import { playTurn } from './playTurn.ts'
import { Speech } from './Speech.ts'
import * as TurnId from './TurnId.ts'

/** The most a message may hold, in characters (the later Aomi protocol's own bound). */
export const MAX_MESSAGE_LENGTH = 32_000
/** What the runtime itself says, in characters. */
const MAX_NOTICE_LENGTH = 1_000
/** How often the store is asked for interrupts of others, while turns run, and whether a turn has ended. Milliseconds. */
const LOOK_MS = 20
/** Turns whose authority is looked at in one go: others are served before the next. */
const SLICE = 50
/** How long an interrupt waits for the turn to end: a process that is gone is noticed long before. Milliseconds. */
const INTERRUPT_WAIT_MS = 6_000

export interface Turns {
  /**
   * Takes a user's message; the turn runs on after this returns. While one is running, at whichever process, the
   * message waits its turn.
   *
   * @param authority - In whose name it is sent: when that is taken away, the turn stages and commits nothing more.
   * @throws {StorageFullError} `sessions:storage:…`.
   */
  say(session: Session, app: App, text: string, authority?: Authority | null): Promise<void>
  /** Tells the conversation what the runtime knows, such as a wallet's answer; a language model may then speak. */
  notify(session: Session, app: App, text: string): Promise<void>
  /**
   * Ends the turn that runs, at whichever process, and what waits behind it. Returns when it has ended; after six
   * seconds also when it has not, and then the session still says that a turn runs.
   */
  interrupt(sid: string): Promise<void>
  /** Whether this process runs a turn of the session; the session's row knows of all processes. */
  isProcessing(sid: string): boolean
  /** Text that is being written right now, by this process. */
  partial(sid: string): string | null
  /** Closes the turns whose process is gone. */
  closeCut(): Promise<void>
  close(): Promise<void>
}

interface Running {
  turnId: string
  abort: AbortController
  readonly speech: Speech
  /** The last line that the turn before this one saw; null for the first of a row. */
  seenIdx: number | null
  done: Promise<void>
}

export interface TurnTools {
  readonly store: Store
  readonly clock: Clock.Clock
  readonly events: EventLog
  readonly gate: Gate
  readonly models: Models
  /** The apps as they are now: a turn begins with the newest version, and keeps it. */
  readonly apps?: ReadonlyMap<string, App>
  /** This process among those that share the store. */
  readonly instanceId: string
  /** The processes that share the store and live. */
  readonly liveInstances: () => Promise<readonly string[]>
  readonly onError: (error: unknown) => void
  readonly observer?: Observer
  readonly limits?: TurnLimits
  readonly caps?: StorageCaps
  /** What tools of apps are run with. */
  readonly declared?: DeclaredTools
}

/** Runs conversations: one turn at a time a session, whichever process runs it; any number of sessions. */
export function createTurns(tools: TurnTools): Turns {
  const all = new Conversations(tools)
  return {
    say: (...message) => all.say(...message),
    notify: (...notice) => all.notify(...notice),
    interrupt: (sid) => all.interrupt(sid),
    isProcessing: (sid) => all.isProcessing(sid),
    partial: (sid) => all.partial(sid),
    closeCut: () => all.closeCut(),
    close: () => all.close(),
  }
}

class Conversations implements Turns {
  readonly #tools: TurnTools
  readonly #limits: TurnLimits
  readonly #caps: StorageCaps
  /** What this process runs: by session for whoever asks, and all, because one that was lost may still be ending. */
  readonly #running = new Map<string, Running>()
  readonly #all = new Set<Running>()
  /** Turns that this process has, or may have as soon as a commit is through. */
  readonly #mine = new Set<string>()
  /** By session: the context of the request whose message waits, so that what its turn logs names that request. */
  readonly #waiting = new Map<string, ReturnType<typeof AsyncLocalStorage.snapshot>>()
  readonly #outside = AsyncLocalStorage.snapshot()
  readonly #cut: CutTurnTools
  readonly #turnNow
  readonly #rowOfTurn
  readonly #interrupted
  readonly #watch
  /** The turns that a look has still to go through, and the store's version when it began. */
  #unjudged: string[] = []
  #judgedVersion = -1
  #isClosing = false

  constructor(tools: TurnTools) {
    const { store, events, instanceId, liveInstances } = tools
    this.#tools = tools
    this.#limits = tools.limits ?? DEFAULT_TURN_LIMITS
    this.#caps = tools.caps ?? DEFAULT_STORAGE_CAPS
    this.#cut = { store, events, instanceId, isRunning: (turnId) => this.#mine.has(turnId), liveInstances }
    this.#turnNow = store.prepare<{ turn_id: string | null }>('select turn_id from sessions where sid = ?')
    this.#rowOfTurn = store.prepare<AuthorityRow>(ROW_OF_TURN)
    this.#interrupted = store.prepare<{ sid: string; turn_id: string }>(
      'select sid, turn_id from sessions where turn_interrupted = 1',
    )
    this.#watch = watchCommits(store, { intervalMs: LOOK_MS, look: () => this.#look() })
  }

  say(session: Session, app: App, text: string, authority: Authority | null = null): Promise<void> {
    return this.#hear(session, app, {
      item: { role: 'user', text },
      authority,
      whenBusy: (write) =>
        this.#tools.events.append(write, session.sid, {
          type: 'system_notice',
          message: 'Still working on the message before; yours is next.',
        }),
    })
  }

  async notify(session: Session, app: App, text: string): Promise<void> {
    const { models, store, clock } = this.#tools
    const { sid } = session
    const item: HistoryItem = { role: 'system', text: text.slice(0, MAX_NOTICE_LENGTH) }
    // The grammar has nothing to add to what the runtime said; a language model may go on with its plan.
    const modelId = session.model ?? app.model ?? models.defaultId
    const isOver =
      endedWhy(session, app.lifetime, { nowMs: clock.nowMs(), isRead: false, isTurnRunning: false }) !== null
    if (!isOver && models.list.some(({ id, kind }) => id === modelId && kind === 'llm'))
      return this.#hear(session, app, { item, authority: null })
    await store.write(async (write) => {
      // The fact is in the proposal; a conversation that is full is not told it for ever.
      if (await holdsNotice(write, { sid, caps: this.#caps })) await this.#append(write, sid, item)
    })
  }

  async interrupt(sid: string): Promise<void> {
    const { store } = this.#tools
    if (this.#turnNow.get(sid)?.turn_id == null && !this.#running.has(sid)) return
    let turnId: string | null
    try {
      turnId = await store.write((write) => askInterrupt(write, { sid }))
    } catch (error) {
      // What runs here needs no disk to be stopped.
      this.#running.get(sid)?.abort.abort()
      throw error
    }
    if (turnId === null) return
    const here = this.#running.get(sid)
    if (here?.turnId === turnId) here.abort.abort()
    const untilMs = performance.now() + INTERRUPT_WAIT_MS
    while (this.#turnNow.get(sid)?.turn_id === turnId && performance.now() < untilMs) await sleep(LOOK_MS)
  }

  isProcessing(sid: string): boolean {
    return this.#running.has(sid)
  }

  partial(sid: string): string | null {
    const text = this.#running.get(sid)?.speech.text
    return text === undefined || text === '' ? null : text
  }

  closeCut(): Promise<void> {
    return closeCutTurns(this.#cut)
  }

  async close(): Promise<void> {
    this.#isClosing = true
    for (const state of this.#all) state.abort.abort()
    await Promise.all([...this.#all].map((state) => state.done))
  }

  #append(write: Write, sid: string, item: HistoryItem, turnId: string | null = null): Promise<number> {
    return appendMessage(this.#tools, write, { sid, item, turnId })
  }

  #nextTurnId(): string {
    const turnId = TurnId.make(this.#tools.instanceId, randomUUID())
    this.#mine.add(turnId)
    return turnId
  }

  /** Aborts the turns that were interrupted at another process, and those whose authority is gone. */
  #look(): boolean {
    for (const { sid, turn_id: turnId } of this.#interrupted.all()) {
      const state = this.#running.get(sid)
      if (state?.turnId === turnId) state.abort.abort()
    }
    const version = this.#tools.store.version()
    if (this.#unjudged.length === 0) {
      this.#unjudged = [...this.#running.keys()]
      this.#judgedVersion = version
    }
    for (const sid of this.#unjudged.splice(0, SLICE)) {
      const state = this.#running.get(sid)
      if (state === undefined || state.abort.signal.aborted) continue
      const lost = this.#lostWhy(sid, state.turnId)
      if (lost !== null) state.abort.abort(lost)
    }
    // What was committed while it went through them is for the next look, which begins from the first.
    return this.#unjudged.length === 0 && version === this.#judgedVersion
  }

  /** Why a turn of this process is to be cut now; null while it may go on. */
  #lostWhy(sid: string, turnId: string): TurnLostError | TurnRefusedError | null {
    const nowMs = this.#tools.clock.nowMs()
    const row = this.#rowOfTurn.get(nowMs, sid)
    if (row === undefined || row.turn_id !== turnId) return new TurnLostError()
    const why = turnLostWhy(row, nowMs)
    return why === null ? null : new TurnRefusedError(why)
  }

  /**
   * Writes a message down. With it, in the same commit, this process takes the turn, or leaves the message to the
   * process that has it: no process that is asked afterwards says that nothing is going on.
   */
  async #hear(
    session: Session,
    app: App,
    {
      item,
      authority,
      whenBusy,
    }: {
      item: Extract<HistoryItem, { role: 'user' | 'system' }>
      authority: Authority | null
      whenBusy?: (write: Write) => Promise<void>
    },
  ): Promise<void> {
    const { store, clock, events } = this.#tools
    const { sid } = session
    // A message does not wait for a process that is gone.
    if (session.turnId !== null) await closeCutTurns(this.#cut, { sid })
    const turnId = this.#nextTurnId()
    let isTaken = false
    try {
      isTaken = await store.write(async (write) => {
        if (item.role === 'user') await refuseFull(write, { sid, length: item.text.length, caps: this.#caps })
        else if (!(await holdsNotice(write, { sid, caps: this.#caps }))) return false
        const idx = await this.#append(write, sid, item)
        if (item.role === 'user' && session.title === null) {
          const title = item.text.slice(0, 1_000).replace(/\s+/g, ' ').slice(0, 60)
          updateSession({ write }, { sid, set: { title } })
          await events.append(write, sid, { type: 'title_changed', new_title: title })
        }
        if (await takeTurn(write, { sid, turnId, nowMs: clock.nowMs(), authority })) {
          await events.append(write, sid, { type: 'turn_started', turn_id: turnId })
          return true
        }
        await awaitTurn(write, { sid, idx, authority })
        await whenBusy?.(write)
        return false
      })
    } finally {
      if (!isTaken) this.#mine.delete(turnId)
    }
    if (isTaken) this.#run(sid, app, turnId)
    else if (this.#running.has(sid)) this.#waiting.set(sid, AsyncLocalStorage.snapshot())
  }

  /** Runs a turn that was taken, and then the next one for as long as something waits. */
  #run(sid: string, app: App, turnId: string): void {
    const state: Running = {
      turnId,
      abort: new AbortController(),
      speech: new Speech(),
      seenIdx: null,
      done: Promise.resolve(),
    }
    this.#running.set(sid, state)
    this.#all.add(state)
    this.#watch.start()
    state.done = (async () => {
      try {
        for (let next = await this.#turn(sid, app, state, turnId); next !== null;) {
          const inContext = this.#waiting.get(sid) ?? this.#outside
          this.#waiting.delete(sid)
          const nextId: string = next
          next = await inContext(() => this.#turn(sid, app, state, nextId))
        }
      } catch (error) {
        this.#tools.onError(error)
      } finally {
        this.#mine.delete(state.turnId)
        this.#all.delete(state)
        // Another turn may have begun here while this one, which was lost, came to its end.
        if (this.#running.get(sid) === state) {
          this.#running.delete(sid)
          this.#waiting.delete(sid)
        }
        if (this.#all.size === 0) this.#watch.stop()
      }
    })()
  }

  /** Runs one turn to its end. Returns the next one, when it took it. */
  async #turn(sid: string, given: App, state: Running, turnId: string): Promise<string | null> {
    // The newest version, which this turn keeps to its end.
    const app = this.#tools.apps?.get(given.name) ?? given
    const { store, clock, events } = this.#tools
    const abort = new AbortController()
    Object.assign(state, { turnId, abort })
    state.speech.clear()
    // It may have been interrupted before it stood here: the next look is at everything.
    this.#watch.lookAgain()
    if (this.#isClosing) abort.abort()
    const fenced = fenceStore(store, { sid, turnId, nowMs: () => clock.nowMs() })
    const session = loadSession(store, { sid })
    const startMs = performance.now()
    try {
      await noteAppVersion({ events, fenced }, { sid, app })
      const played = await playTurn(
        { ...this.#tools, fenced, caps: this.#caps },
        {
          session,
          app,
          turnId,
          abort,
          speech: state.speech,
          afterIdx: state.seenIdx,
          limits: { ...this.#limits, ...app.limits },
        },
      )
      state.seenIdx = played.seenIdx
      const own = { ...this.#tools.gate, store: fenced }
      // Before anybody hears that the turn is over: its first write is asked about.
      await (played.status === 'completed' ? commitTurn : dropTurn)(own, { sid, turnId })
      this.#tools.observer?.turnEnded({
        status: played.status,
        app: app.name,
        model: session.model ?? app.model ?? this.#tools.models.defaultId,
        tookMs: performance.now() - startMs,
      })
      return await this.#end(fenced, { session, app, turnId, ...played })
    } catch (error) {
      abort.abort()
      if (!(error instanceof TurnRefusedError)) throw error
      await this.#refuse({ session, app, turnId, why: error.why })
      return null
    } finally {
      state.speech.clear()
    }
  }

  /** Ends a turn, and takes the next one where a message waits. Returns its name. */
  async #end(
    fenced: Store,
    {
      session,
      app,
      turnId,
      status,
      seenIdx,
    }: {
      session: Session
      app: App
      turnId: string
      status: 'completed' | 'interrupted' | 'failed'
      seenIdx: number
    },
  ): Promise<string | null> {
    const { clock, events, gate } = this.#tools
    const { sid } = session
    const nextId = this.#nextTurnId()
    let ended: 'next' | 'dropped' | 'idle' = 'idle'
    try {
      ended = await fenced.write(async (write) => {
        const outcome = await endTurn(write, {
          sid,
          nextId,
          seenIdx,
          nowMs: clock.nowMs(),
          mayGoOn: !this.#isClosing,
        })
        await events.append(write, sid, { type: 'turn_finished', turn_id: turnId, status })
        if (outcome === 'dropped') await events.append(write, sid, { type: 'system_error', message: CUT_OFF })
        if (outcome === 'next') await events.append(write, sid, { type: 'turn_started', turn_id: nextId })
        await gate.audit(write, {
          app: app.name,
          event: 'turns.turn.finished',
          // Which instructions the model had, fixed part and the app's own.
          body: { session: session.handle, status, ...instructionsOf(app) },
        })
        return outcome
      })
    } finally {
      if (ended !== 'next') this.#mine.delete(nextId)
    }
    if (ended !== 'next') return null
    this.#mine.delete(turnId)
    return nextId
  }

  /**
   * Ends a turn whose authority was taken away, in the runtime's own name: clients that poll see that it has ended, and
   * why. What waited behind it is not answered.
   */
  async #refuse({ session, app, turnId, why }: { session: Session; app: App; turnId: string; why: LostWhy }) {
    const { store, clock, events, gate } = this.#tools
    const { sid } = session
    await store.write(async (write) => {
      if (!(await closeTurn(write, { sid, turnId, nowMs: clock.nowMs() }))) return
      await events.append(write, sid, { type: 'turn_finished', turn_id: turnId, status: 'failed' })
      await events.append(write, sid, { type: 'system_error', message: `This turn was ended. ${LOST_WORDS[why]}` })
      await gate.audit(write, {
        app: app.name,
        event: 'turns.turn.finished',
        body: { session: session.handle, status: 'refused', why },
      })
    })
  }
}
