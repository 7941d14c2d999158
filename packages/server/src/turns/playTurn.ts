import { BaseError, Clock } from '@countersign/base'
import type { Models } from '../agent/models.ts'
import { systemText } from '../agent/preamble.ts'
import { grammarToolsOf } from './grammarToolsOf.ts'
import type { TurnEvent } from '../agent/Turn.ts'
import type { HistoryItem } from '../sessions/HistoryItem.ts'
import type { TurnLimits } from '../apps/TurnLimits.ts'
import type { App } from '../apps/App.ts'
import type { Gate } from '../proposals/Gate.ts'
import type { EventLog } from '../sessions/EventLog.ts'
import type { Observer } from './Observer.ts'
import { appendMessage, readNewest } from '../sessions/History.ts'
import type { Session } from '../sessions/Session.ts'
import type { StorageCaps } from '../sessions/Storage.ts'
import type { Store } from '../store/openStore.ts'
import { TurnLostError, TurnRefusedError } from './claims.ts'
import { endWith } from './endWith.ts'
import { limitTools, wasNotRun } from './limitTools.ts'
import { toolsOfTurn } from './toolsOfTurn.ts'
import type { DeclaredTools } from './createDeclaredHost.ts'
import type { Speech } from './Speech.ts'

/** What a model is shown of a conversation, in characters of stored lines, newest first. */
const HISTORY_LENGTH = 256_000
/** The user's words that tools look values up in, newest first, in characters. */
const USER_TEXTS_LENGTH = 64_000
/** How long a turn that was aborted may take to come to its end by itself. Milliseconds. */
const GRACE_MS = 1_000

export interface PlayTools {
  readonly clock: Clock.Clock
  readonly store: Store
  readonly events: EventLog
  readonly gate: Gate
  readonly models: Models
  readonly onError: (error: unknown) => void
  /** Told what an operator needs: why a turn failed, and what it cost. */
  readonly observer?: Pick<Observer, 'turnFailed' | 'usage'>
  readonly caps: StorageCaps
  /** What tools of apps are run with; without it there are none. */
  readonly declared?: DeclaredTools
  /** The store, for as long as the turn and its authority hold. */
  readonly fenced: Store
}

export interface Played {
  readonly status: 'completed' | 'interrupted' | 'failed'
  /** The last line that the model saw. */
  readonly seenIdx: number
}

interface Turn {
  readonly session: Session
  readonly app: App
  readonly turnId: string
  readonly abort: AbortController
  readonly speech: Speech
  readonly limits: TurnLimits
  /** The last line that the turn before saw, where this one goes on behind it; null otherwise. */
  readonly afterIdx: number | null
}

/** The turn took longer than it may. */
const TOO_LONG = Symbol('too long')

/**
 * Lets a model speak and call tools within the limits of a turn, and writes down what it does, each thing only while
 * the turn is still its own.
 *
 * @throws {TurnLostError} `turns:turn:lost`, {TurnRefusedError} `turns:turn:refused`.
 */
export async function playTurn(tools: PlayTools, turn: Turn): Promise<Played> {
  const { store, events, fenced, onError } = tools
  const { session, abort, limits } = turn
  const { sid } = session
  const lines = await readNewest({ store }, { sid, length: HISTORY_LENGTH })
  const seenIdx = lines.at(-1)?.idx ?? -1
  const timer = setTimeout(() => abort.abort(TOO_LONG), limits.turnMs)
  timer.unref()
  const fail = async (message: string): Promise<Played> => {
    await fenced.write((write) => events.append(write, sid, { type: 'system_error', message }))
    return { status: 'failed', seenIdx }
  }
  try {
    const status = await speakAndAct(tools, turn, lines)
    const why: unknown = abort.signal.reason
    if (why instanceof TurnRefusedError || why instanceof TurnLostError) throw why
    if (why === TOO_LONG) return await fail(`This turn took longer than ${limits.turnMs / 1_000} s. Ask again.`)
    return { status, seenIdx }
  } catch (error) {
    if (error instanceof TurnLostError || error instanceof TurnRefusedError) throw error
    // The operator hears of every failed turn, not only of bugs.
    onError(error)
    return await fail(
      error instanceof BaseError ? `${error.message} ${error.hint}` : 'Something went wrong in this turn. Ask again.',
    )
  } finally {
    clearTimeout(timer)
  }
}

async function speakAndAct(
  tools: PlayTools,
  { session, app, turnId, abort, speech, limits, afterIdx }: Turn,
  lines: readonly { readonly idx: number; readonly item: HistoryItem }[],
): Promise<Played['status']> {
  const { clock, fenced, events, gate, models } = tools
  const { sid } = session
  const history = lines.map(({ item }) => item)
  const append = (item: HistoryItem) =>
    fenced.write((write) => appendMessage(tools, write, { sid, item, turnId }).then(() => undefined))
  // Loaded with the first turn: what only holds keys, sessions and streams needs no AI SDK.
  const { runTurn } = await import('../agent/runTurn.ts')
  const modelId = session.model ?? app.model ?? models.defaultId
  const { model } = models.open(modelId)
  const served = [...gate.chains.values()].filter(({ chainId }) => app.chains?.includes(chainId) ?? true)
  const chain = served.find(({ chainId }) => chainId === session.wallet.chainId) ?? served[0]
  if (session.wallet.chainId !== null && served.length > 0 && chain?.chainId !== session.wallet.chainId) {
    const names = served.map((each) => `${each.name} (${each.chainId})`).join(' or ')
    const text = `Your wallet is on chain ${session.wallet.chainId}, which this server does not serve. Switch it to ${names}.`
    await append({ role: 'assistant', text })
    return 'completed'
  }
  // A turn that the runtime began has no words of the user's own: what they asked for was done or refused before.
  const seenIdx = afterIdx ?? lines.findLast(({ item }) => isAnswer(item))?.idx ?? -1
  const isAsked = lines.some(({ idx, item }) => idx > seenIdx && item.role === 'user')
  const userTexts = [
    ...newest(
      history.flatMap((item) => (item.role === 'user' ? [item.text] : [])),
      USER_TEXTS_LENGTH,
    ),
    ...(isAsked ? [] : ['']),
  ]
  const all = toolsOfTurn(tools, { session, app, turnId, chain, userTexts })
  let status: Played['status'] = 'completed'
  let calls = 0
  const unheard = new Set<string>()
  const played = runTurn({
    model,
    preamble: systemText(app.preamble),
    tools: limitTools(all, limits),
    grammar: grammarToolsOf(app, all),
    maxSteps: limits.stepsPerTurn,
    history,
    signal: abort.signal,
    answerLength: limits.answerLength,
  })
  for await (const event of endWith(played, { signal: abort.signal, graceMs: GRACE_MS })) {
    switch (event.type) {
      case 'text-delta':
        if (!speech.add(event.delta, performance.now())) break
        events.publishTransient(sid, {
          type: 'message',
          index: -1,
          message: {
            sender: 'agent',
            content: speech.text,
            timestamp: Clock.iso(clock.nowMs()),
            is_streaming: true,
            tool_result: null,
          },
        })
        break
      case 'text':
        speech.clear()
        await append({ role: 'assistant', text: event.text })
        break
      case 'tool-result':
        // A model may ask for thousands of calls, of tools that do not exist as well: these are heard of nowhere.
        if (unheard.has(event.callId)) break
        await noteToolCall(tools, { sid, turnId, event })
        break
      case 'tool-call':
        calls += 1
        if (calls > limits.callsPerTurn) {
          unheard.add(event.callId)
          break
        }
        await fenced.write((write) =>
          Promise.all([
            events.append(write, sid, {
              type: 'tool_update',
              id: event.callId,
              call_id: event.callId,
              tool_name: event.tool,
              result: 'running',
            }),
            events.append(write, sid, { type: 'tool', call_id: event.callId, tool: event.tool, state: 'started' }),
          ]),
        )
        break
      case 'usage':
        tools.observer?.usage(modelId, { input: event.inputTokens, output: event.outputTokens })
        break
      case 'error':
        status = 'failed'
        tools.observer?.turnFailed({ turnId, app: app.name, model: modelId, failure: event.cause })
        await fenced.write((write) => events.append(write, sid, { type: 'system_error', message: event.message }))
        break
      case 'finished':
        if (event.reason === 'interrupted') status = 'interrupted'
        break
    }
  }
  return abort.signal.aborted && status === 'completed' ? 'interrupted' : status
}

/** Writes a tool call down, as the model sees it again and as clients hear of it. */
async function noteToolCall(
  { fenced, events, ...tools }: PlayTools,
  { sid, turnId, event }: { sid: string; turnId: string; event: Extract<TurnEvent, { type: 'tool-result' }> },
): Promise<void> {
  const { callId, tool, args, result } = event
  await fenced.write(async (write) => {
    if (!wasNotRun(result))
      await appendMessage({ ...tools, events }, write, {
        sid,
        item: { role: 'tool', callId, tool, args, result },
        turnId,
      })
    await events.append(write, sid, { type: 'tool_complete', id: callId, call_id: callId, tool_name: tool, result })
    const code = codeOf(result)
    await events.append(write, sid, {
      type: 'tool',
      call_id: callId,
      tool,
      ...(code === null ? { state: 'done' } : { state: 'failed', code }),
    })
  })
}

/** The code of a call that failed; null for one that did not. */
function codeOf(result: unknown): string | null {
  if (typeof result !== 'object' || result === null || !('error' in result)) return null
  const { code } = result as { code?: unknown }
  return typeof code === 'string' ? code : 'tools:tool:failed'
}

function isAnswer({ role }: HistoryItem): boolean {
  return role === 'assistant' || role === 'tool'
}

/** The newest texts that fit into so many characters, oldest first. */
function newest(texts: readonly string[], length: number): string[] {
  let left = length
  const kept = texts.toReversed().filter((text) => (left -= text.length) >= 0)
  return kept.toReversed()
}
