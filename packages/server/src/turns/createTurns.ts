import { randomUUID } from 'node:crypto'
import { BaseError, type Clock } from '@countersign/base'
import type { Models } from '../agent/models.ts'
import { DEFAULT_PREAMBLE } from '../agent/preamble.ts'
import { runTurn } from '../agent/runTurn.ts'
import type { HistoryItem } from '../agent/Turn.ts'
import type { App } from '../apps/App.ts'
import { handle } from '../audit/Audit.ts'
import type { Gate } from '../proposals/Gate.ts'
import type { EventLog } from '../sessions/EventLog.ts'
import { appendMessage, readHistory } from '../sessions/History.ts'
import type { Session } from '../sessions/Session.ts'
import { loadSession, updateSession } from '../sessions/sessions.ts'
import type { Store, Write } from '../store/openStore.ts'
import { createTools } from '../tools/createTools.ts'
import { createToolHost } from './createToolHost.ts'
import * as TurnId from './TurnId.ts'

/** The most a message may hold, in characters (the later Aomi protocol's own bound). */
export const MAX_MESSAGE_LENGTH = 32_000
/** Model calls per turn, tool results included. */
const MAX_STEPS = 12

export interface Turns {
  /** Takes a user's message; the turn runs on after this returns. While one is running, the message waits its turn. */
  say(session: Session, app: App, text: string): Promise<void>
  /** Tells the conversation what the runtime knows, such as a wallet's answer; a language model may then speak. */
  notify(session: Session, app: App, text: string): Promise<void>
  interrupt(sid: string): Promise<void>
  isProcessing(sid: string): boolean
  /** Text that is being written right now. */
  partial(sid: string): string | null
  close(): Promise<void>
}

interface Running {
  readonly abort: AbortController
  partial: string
  /** Messages and notices that came in meanwhile. */
  waiting: number
  done: Promise<void>
}

/** Runs conversations: one turn at a time a session, any number of sessions. */
export function createTurns({
  store,
  clock,
  events,
  gate,
  models,
  instanceId,
  onError,
}: {
  store: Store
  clock: Clock.Clock
  events: EventLog
  gate: Gate
  models: Models
  /** This process among those that share the store. */
  instanceId: string
  onError: (error: unknown) => void
}): Turns {
  const running = new Map<string, Running>()
  /** Whose message is being written down: their turn is about to start. */
  const starting = new Set<string>()

  const append = (write: Write, sid: string, item: HistoryItem, turnId: string | null) =>
    appendMessage({ clock, events }, write, { sid, item, turnId })

  function start(session: Session, app: App): void {
    const current = running.get(session.sid)
    if (current !== undefined) {
      current.waiting += 1
      return
    }
    const state: Running = { abort: new AbortController(), partial: '', waiting: 0, done: Promise.resolve() }
    running.set(session.sid, state)
    state.done = (async () => {
      try {
        do {
          state.waiting = 0
          await turn(session.sid, app, state)
        } while (state.waiting > 0 && !state.abort.signal.aborted)
      } catch (error) {
        onError(error)
      } finally {
        running.delete(session.sid)
      }
    })()
  }

  async function turn(sid: string, app: App, state: Running): Promise<void> {
    const turnId = TurnId.make(instanceId, randomUUID())
    const session = await loadSession(store, { sid })
    const history = (await readHistory({ store }, { sid })).map(({ item }) => item)
    await store.write(async (write) => {
      updateSession({ write }, { sid, set: { turn_id: turnId, used_ms: clock.nowMs() } })
      await events.append(write, sid, { type: 'turn_started', turn_id: turnId })
    })
    let status: 'completed' | 'interrupted' | 'failed' = 'completed'
    try {
      const { model } = models.open(session.model ?? app.model ?? models.defaultId)
      const userTexts = history.flatMap((item) => (item.role === 'user' ? [item.text] : []))
      const chain = gate.chains.get(session.wallet.chainId ?? -1) ?? [...gate.chains.values()][0]
      const isWrongChain = session.wallet.chainId !== null && !gate.chains.has(session.wallet.chainId)
      const tools =
        chain === undefined || isWrongChain
          ? {}
          : createTools(createToolHost(gate, { session, chain, userTexts }), {
              allow: app.tools,
              nowS: () => BigInt(Math.floor(clock.nowMs() / 1000)),
            })
      if (isWrongChain) {
        const names = [...gate.chains.values()].map((each) => `${each.name} (${each.chainId})`).join(' or ')
        await say(
          sid,
          turnId,
          `Your wallet is on chain ${session.wallet.chainId}, which this server does not serve. Switch it to ${names}.`,
        )
      } else {
        for await (const event of runTurn({
          model,
          preamble: app.preamble ?? DEFAULT_PREAMBLE,
          tools,
          maxSteps: MAX_STEPS,
          history,
          signal: state.abort.signal,
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
            await say(sid, turnId, event.text)
          } else if (event.type === 'tool-call') {
            await store.write((write) =>
              events.append(write, sid, {
                type: 'tool_update',
                id: event.callId,
                call_id: event.callId,
                tool_name: event.tool,
                result: 'running',
              }),
            )
          } else if (event.type === 'tool-result') {
            await store.write(async (write) => {
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
            await store.write((write) => events.append(write, sid, { type: 'system_error', message: event.message }))
          } else if (event.type === 'finished' && event.reason === 'interrupted') status = 'interrupted'
        }
      }
    } catch (error) {
      status = 'failed'
      const message =
        error instanceof BaseError ? `${error.message} ${error.hint}` : 'Something went wrong in this turn. Ask again.'
      await store.write((write) => events.append(write, sid, { type: 'system_error', message }))
      if (!(error instanceof BaseError)) onError(error)
    } finally {
      state.partial = ''
      await store.write(async (write) => {
        // The idle time counts from here: nobody's session ends because a turn took long.
        const endedMs = clock.nowMs()
        updateSession({ write }, { sid, set: { turn_id: null, used_ms: endedMs, turn_ended_ms: endedMs } })
        await events.append(write, sid, { type: 'turn_finished', turn_id: turnId, status })
        await gate.audit(write, {
          app: app.name,
          event: 'turns.turn.finished',
          body: { session: handle(session.publicId), status },
        })
      })
    }
  }

  const say = (sid: string, turnId: string, text: string) =>
    store.write((write) => append(write, sid, { role: 'assistant', text }, turnId))

  return {
    async say(session, app, text) {
      starting.add(session.sid)
      try {
        await store.write(async (write) => {
          // With the message, so that no process that is asked now says that nothing is going on.
          await write.db
            .updateTable('sessions')
            .set({ turn_id: TurnId.make(instanceId, randomUUID()) })
            .where('sid', '=', session.sid)
            .where('turn_id', 'is', null)
            .execute()
          await append(write, session.sid, { role: 'user', text }, null)
          if (session.title === null) {
            const title = text.replace(/\s+/g, ' ').slice(0, 60)
            updateSession({ write }, { sid: session.sid, set: { title } })
            await events.append(write, session.sid, { type: 'title_changed', new_title: title })
          }
          if (running.has(session.sid)) {
            await events.append(write, session.sid, {
              type: 'system_notice',
              message: 'Still working on the message before; yours is next.',
            })
          }
        })
        start(session, app)
      } finally {
        starting.delete(session.sid)
      }
    },
    async notify(session, app, text) {
      await store.write((write) => append(write, session.sid, { role: 'system', text }, null))
      // The grammar has nothing to add to what the runtime said; a language model may go on with its plan.
      const info = models.open(session.model ?? app.model ?? models.defaultId).info
      if (info.kind === 'llm') start(session, app)
    },
    async interrupt(sid) {
      const state = running.get(sid)
      if (state === undefined) return
      state.abort.abort()
      await state.done
    },
    isProcessing: (sid) => running.has(sid) || starting.has(sid),
    partial: (sid) => {
      const text = running.get(sid)?.partial
      return text === undefined || text === '' ? null : text
    },
    async close() {
      for (const state of running.values()) state.abort.abort()
      await Promise.all([...running.values()].map((state) => state.done))
    },
  }
}
