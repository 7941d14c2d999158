import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { BaseError, type Clock } from '@countersign/base'
import type { Models } from '../agent/models.ts'
import { DEFAULT_PREAMBLE } from '../agent/preamble.ts'
import type { HistoryItem } from '../agent/Turn.ts'
import type { App } from '../apps/App.ts'
import { handle } from '../audit/Audit.ts'
import type { Gate } from '../proposals/Gate.ts'
import type { EventLog } from '../sessions/EventLog.ts'
import { appendMessage, readHistory } from '../sessions/History.ts'
import type { Session } from '../sessions/Session.ts'
import { loadSession, updateSession } from '../sessions/sessions.ts'
import type { Store, Write } from '../store/openStore.ts'
import { watchCommits } from '../store/watchCommits.ts'
import { askInterrupt, awaitTurn, endTurn, fenceStore, takeTurn, TurnLostError } from './claims.ts'
import { closeCutTurns, CUT_OFF, type CutTurnTools } from './closeCutTurns.ts'
import { createToolHost } from './createToolHost.ts'
import * as TurnId from './TurnId.ts'

/** The most a message may hold, in characters (the later Aomi protocol's own bound). */
export const MAX_MESSAGE_LENGTH = 32_000
/** Model calls per turn, tool results included. */
const MAX_STEPS = 12
/** How often the store is asked for interrupts of others, while turns run, and whether a turn has ended. Milliseconds. */
const LOOK_MS = 20
/** How long an interrupt waits for the turn to end: a process that is gone is noticed long before. Milliseconds. */
const INTERRUPT_WAIT_MS = 6_000

export interface Turns {
  /**
   * Takes a user's message; the turn runs on after this returns. While one is running, at whichever process, the
   * message waits its turn.
   */
  say(session: Session, app: App, text: string): Promise<void>
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
  partial: string
  done: Promise<void>
}

/** Runs conversations: one turn at a time a session, whichever process runs it; any number of sessions. */
export function createTurns({
  store,
  clock,
  events,
  gate,
  models,
  instanceId,
  liveInstances,
  onError,
}: {
  store: Store
  clock: Clock.Clock
  events: EventLog
  gate: Gate
  models: Models
  /** This process among those that share the store. */
  instanceId: string
  /** The processes that share the store and live. */
  liveInstances: () => Promise<readonly string[]>
  onError: (error: unknown) => void
}): Turns {
  /** What this process runs: by session for whoever asks, and all, because one that was lost may still be ending. */
  const running = new Map<string, Running>()
  const all = new Set<Running>()
  /** Turns that this process has, or may have as soon as a commit is through. */
  const mine = new Set<string>()
  const cut: CutTurnTools = { store, events, instanceId, isRunning: (turnId) => mine.has(turnId), liveInstances }
  const turnNow = store.prepare<{ turn_id: string | null }>('select turn_id from sessions where sid = ?')
  const interrupted = store.prepare<{ sid: string; turn_id: string }>(
    'select sid, turn_id from sessions where turn_interrupted = 1',
  )
  let isClosing = false

  const append = (write: Write, sid: string, item: HistoryItem, turnId: string | null) =>
    appendMessage({ clock, events }, write, { sid, item, turnId })

  const nextTurnId = (): string => {
    const turnId = TurnId.make(instanceId, randomUUID())
    mine.add(turnId)
    return turnId
  }

  /** Aborts the turns that were interrupted at another process. */
  function look(): boolean {
    for (const { sid, turn_id: turnId } of interrupted.all()) {
      const state = running.get(sid)
      if (state?.turnId === turnId) state.abort.abort()
    }
    return true
  }
  const interrupts = watchCommits(store, { intervalMs: LOOK_MS, look })

  /**
   * Writes a message down. With it, in the same commit, this process takes the turn, or leaves the message to whoever
   * has it: no process that is asked afterwards says that nothing is going on.
   */
  async function hear(
    session: Session,
    app: App,
    { item, whenBusy }: { item: HistoryItem; whenBusy?: (write: Write) => Promise<void> },
  ): Promise<void> {
    const { sid } = session
    // Nobody is told to wait for a process that is gone.
    if (session.turnId !== null) await closeCutTurns(cut, { sid })
    const turnId = nextTurnId()
    let isTaken = false
    try {
      isTaken = await store.write(async (write) => {
        const idx = await append(write, sid, item, null)
        if (item.role === 'user' && session.title === null) {
          const title = item.text.replace(/\s+/g, ' ').slice(0, 60)
          updateSession({ write }, { sid, set: { title } })
          await events.append(write, sid, { type: 'title_changed', new_title: title })
        }
        if (await takeTurn(write, { sid, turnId, nowMs: clock.nowMs() })) {
          await events.append(write, sid, { type: 'turn_started', turn_id: turnId })
          return true
        }
        await awaitTurn(write, { sid, idx })
        await whenBusy?.(write)
        return false
      })
    } finally {
      if (!isTaken) mine.delete(turnId)
    }
    if (isTaken) run(sid, app, turnId)
  }

  /** Runs a turn that was taken, and then the next one for as long as something waits. */
  function run(sid: string, app: App, turnId: string): void {
    const state: Running = { turnId, abort: new AbortController(), partial: '', done: Promise.resolve() }
    running.set(sid, state)
    all.add(state)
    interrupts.start()
    state.done = (async () => {
      try {
        for (let next: string | null = turnId; next !== null;) next = await turn(sid, app, state, next)
      } catch (error) {
        onError(error)
      } finally {
        mine.delete(state.turnId)
        all.delete(state)
        // Another turn may have begun here while this one, which was lost, came to its end.
        if (running.get(sid) === state) running.delete(sid)
        if (all.size === 0) interrupts.stop()
      }
    })()
  }

  /** Runs one turn to its end. Returns the next one, when it took it. */
  async function turn(sid: string, app: App, state: Running, turnId: string): Promise<string | null> {
    const abort = new AbortController()
    Object.assign(state, { turnId, abort, partial: '' })
    // Somebody may have interrupted it before it stood here: the next look is at everything.
    interrupts.lookAgain()
    if (isClosing) abort.abort()
    const fenced = fenceStore(store, { sid, turnId })
    const session = loadSession(store, { sid })
    const history = (await readHistory({ store }, { sid })).map(({ item }) => item)
    let status: 'completed' | 'interrupted' | 'failed' = 'completed'
    const speak = (text: string) => fenced.write((write) => append(write, sid, { role: 'assistant', text }, turnId))
    try {
      // Loaded with the first turn: what only holds keys, sessions and streams needs no AI SDK.
      const { runTurn } = await import('../agent/runTurn.ts')
      const { createTools } = await import('../tools/createTools.ts')
      const { model } = models.open(session.model ?? app.model ?? models.defaultId)
      const userTexts = history.flatMap((item) => (item.role === 'user' ? [item.text] : []))
      const chain = gate.chains.get(session.wallet.chainId ?? -1) ?? [...gate.chains.values()][0]
      const isWrongChain = session.wallet.chainId !== null && !gate.chains.has(session.wallet.chainId)
      const tools =
        chain === undefined || isWrongChain
          ? {}
          : createTools(createToolHost({ ...gate, store: fenced }, { session, chain, userTexts }), {
              allow: app.tools,
              nowS: () => BigInt(Math.floor(clock.nowMs() / 1000)),
            })
      if (isWrongChain) {
        const names = [...gate.chains.values()].map((each) => `${each.name} (${each.chainId})`).join(' or ')
        await speak(
          `Your wallet is on chain ${session.wallet.chainId}, which this server does not serve. Switch it to ${names}.`,
        )
      } else {
        for await (const event of runTurn({
          model,
          preamble: app.preamble ?? DEFAULT_PREAMBLE,
          tools,
          maxSteps: MAX_STEPS,
          history,
          signal: abort.signal,
        })) {
          if (event.type === 'text-delta') {
            state.partial += event.delta
            events.publishTransient(sid, {
              type: 'message',
              index: -1,
              message: {
                sender: 'agent',
                content: state.partial,
                timestamp: new Date(clock.nowMs()).toISOString(),
                is_streaming: true,
                tool_result: null,
              },
            })
          } else if (event.type === 'text') {
            state.partial = ''
            await speak(event.text)
          } else if (event.type === 'tool-call') {
            await fenced.write((write) =>
              events.append(write, sid, {
                type: 'tool_update',
                id: event.callId,
                call_id: event.callId,
                tool_name: event.tool,
                result: 'running',
              }),
            )
          } else if (event.type === 'tool-result') {
            await fenced.write(async (write) => {
              await append(
                write,
                sid,
                { role: 'tool', callId: event.callId, tool: event.tool, args: event.args, result: event.result },
                turnId,
              )
              await events.append(write, sid, {
                type: 'tool_complete',
                id: event.callId,
                call_id: event.callId,
                tool_name: event.tool,
                result: event.result,
              })
            })
          } else if (event.type === 'error') {
            status = 'failed'
            await fenced.write((write) => events.append(write, sid, { type: 'system_error', message: event.message }))
          } else if (event.type === 'finished' && event.reason === 'interrupted') status = 'interrupted'
        }
      }
    } catch (error) {
      if (error instanceof TurnLostError) {
        abort.abort()
        throw error
      }
      status = 'failed'
      const message =
        error instanceof BaseError ? `${error.message} ${error.hint}` : 'Something went wrong in this turn. Ask again.'
      await fenced.write((write) => events.append(write, sid, { type: 'system_error', message }))
      if (!(error instanceof BaseError)) onError(error)
    }
    state.partial = ''
    const nextId = nextTurnId()
    let ended: 'next' | 'dropped' | 'idle' = 'idle'
    try {
      ended = await fenced.write(async (write) => {
        const outcome = await endTurn(write, {
          sid,
          nextId,
          seenIdx: history.length - 1,
          nowMs: clock.nowMs(),
          mayGoOn: !isClosing,
        })
        await events.append(write, sid, { type: 'turn_finished', turn_id: turnId, status })
        if (outcome === 'dropped') await events.append(write, sid, { type: 'system_error', message: CUT_OFF })
        if (outcome === 'next') await events.append(write, sid, { type: 'turn_started', turn_id: nextId })
        await gate.audit(write, {
          app: app.name,
          event: 'turns.turn.finished',
          body: { session: handle(session.publicId), status },
        })
        return outcome
      })
    } finally {
      if (ended !== 'next') mine.delete(nextId)
    }
    if (ended !== 'next') return null
    mine.delete(turnId)
    return nextId
  }

  return {
    say: (session, app, text) =>
      hear(session, app, {
        item: { role: 'user', text },
        whenBusy: (write) =>
          events.append(write, session.sid, {
            type: 'system_notice',
            message: 'Still working on the message before; yours is next.',
          }),
      }),
    async notify(session, app, text) {
      const item: HistoryItem = { role: 'system', text }
      // The grammar has nothing to add to what the runtime said; a language model may go on with its plan.
      const modelId = session.model ?? app.model ?? models.defaultId
      if (models.list.some(({ id, kind }) => id === modelId && kind === 'llm')) await hear(session, app, { item })
      else await store.write((write) => append(write, session.sid, item, null))
    },
    async interrupt(sid) {
      if (turnNow.get(sid)?.turn_id == null && !running.has(sid)) return
      let turnId: string | null
      try {
        turnId = await store.write((write) => askInterrupt(write, { sid }))
      } catch (error) {
        // What runs here needs no disk to be stopped.
        running.get(sid)?.abort.abort()
        throw error
      }
      if (turnId === null) return
      const here = running.get(sid)
      if (here?.turnId === turnId) here.abort.abort()
      const untilMs = performance.now() + INTERRUPT_WAIT_MS
      while (turnNow.get(sid)?.turn_id === turnId && performance.now() < untilMs) await sleep(LOOK_MS)
    },
    isProcessing: (sid) => running.has(sid),
    partial: (sid) => {
      const text = running.get(sid)?.partial
      return text === undefined || text === '' ? null : text
    },
    closeCut: () => closeCutTurns(cut),
    async close() {
      isClosing = true
      for (const state of all) state.abort.abort()
      await Promise.all([...all].map((state) => state.done))
    },
  }
}
