import type { LanguageModelV4 } from '@ai-sdk/provider'
import { LogText, Redacted } from '@countersign/base'
import { APICallError, isStepCount, streamText, type ModelMessage, type TextStreamPart, type ToolSet } from 'ai'
import type { GrammarTool } from './declaredGrammar.ts'
import { GRAMMAR_PROVIDER } from './localGrammar.ts'
import { PACE } from './Pace.ts'
import { refuseDoubled } from './strictArguments.ts'
import { RUNTIME_MARK, type ModelFailure, type TurnEvent } from './Turn.ts'
import { type HistoryItem } from '../sessions/HistoryItem.ts'
import { DEFAULT_TURN_LIMITS } from '../apps/TurnLimits.ts'

/**
 * Runs one turn: the model speaks and calls tools until it stops, fails, is interrupted or has used its steps.
 * Text comes as it is written. A tool's failure goes back to the model as a result; a provider's failure ends the
 * turn with a sentence that carries no secret. Library approval features are unused: approval is the gate's.
 *
 * @param history - The stored conversation, this turn's user message included as its last user item.
 * @param answerLength - What the model may write in all, in characters: text, thoughts and arguments of tools. The turn
 *   ends there, with what was written so far.
 */
export async function* runTurn({
  model,
  preamble,
  tools,
  maxSteps,
  history,
  signal,
  answerLength = DEFAULT_TURN_LIMITS.answerLength,
  grammar = [],
}: {
  model: LanguageModelV4
  preamble: string
  tools: ToolSet
  maxSteps: number
  history: readonly HistoryItem[]
  signal: AbortSignal
  answerLength?: number
  /** Declared tools with their examples, for the offline model. */
  grammar?: readonly GrammarTool[]
}): AsyncGenerator<TurnEvent> {
  let text = ''
  let steps = 0
  let left = answerLength
  let failure: string | null = null
  let cause: ModelFailure = causeOf(null)
  const stop = new AbortController()
  try {
    const result = streamText({
      ...refuseDoubled(model, tools),
      instructions: preamble,
      messages: toMessages(history),
      stopWhen: isStepCount(maxSteps),
      abortSignal: AbortSignal.any([signal, stop.signal]),
      maxRetries: 1,
      ...(model.provider === GRAMMAR_PROVIDER
        ? { providerOptions: { [GRAMMAR_PROVIDER]: { tools: grammar as never } } }
        : {}),
      // The default writes errors, provider URL included, to the console.
      onError: () => undefined,
    })
    const rest = PACE.turn()
    for await (const part of result.fullStream) {
      await rest()
      const written = writtenBy(part)
      left -= written.length
      if (left < 0) {
        if (part.type === 'text-delta') text += written.slice(0, left)
        failure = `The answer was longer than ${answerLength} characters and was cut. Ask for less at a time.`
        stop.abort()
        break
      }
      switch (part.type) {
        case 'text-delta':
          text += part.text
          yield { type: 'text-delta', delta: part.text }
          break
        case 'text-end':
          if (text !== '') yield { type: 'text', text }
          text = ''
          break
        case 'tool-call':
          yield { type: 'tool-call', callId: part.toolCallId, tool: part.toolName, args: part.input }
          break
        case 'tool-result':
          yield {
            type: 'tool-result',
            callId: part.toolCallId,
            tool: part.toolName,
            args: part.input,
            result: part.output,
            isError: false,
          }
          break
        case 'tool-error':
          yield {
            type: 'tool-result',
            callId: part.toolCallId,
            tool: part.toolName,
            args: part.input,
            result: { error: 'The tool call could not be made: its arguments were not as described.' },
            isError: true,
          }
          break
        case 'finish-step':
          steps += 1
          yield {
            type: 'usage',
            inputTokens: part.usage.inputTokens ?? 0,
            outputTokens: part.usage.outputTokens ?? 0,
          }
          break
        case 'error':
          failure = explain(part.error)
          cause = causeOf(part.error)
          break
        case 'abort':
          // What was said so far was seen, and is kept.
          if (text !== '') yield { type: 'text', text }
          yield { type: 'finished', reason: 'interrupted' }
          return
        default:
          // Starts, ends, sources and reasoning: nothing that a session keeps.
          break
      }
    }
  } catch (error) {
    failure = explain(error)
    cause = causeOf(error)
  }
  if (text !== '') yield { type: 'text', text }
  if (signal.aborted) yield { type: 'finished', reason: 'interrupted' }
  else if (failure !== null) {
    yield { type: 'error', message: failure, cause }
    yield { type: 'finished', reason: 'error' }
  } else yield { type: 'finished', reason: steps >= maxSteps ? 'step-limit' : 'stop' }
}

/** What the model wrote in one part of its stream. */
function writtenBy(part: TextStreamPart<ToolSet>): string {
  if (part.type === 'text-delta' || part.type === 'reasoning-delta') return part.text
  return part.type === 'tool-input-delta' ? part.delta : ''
}

/** History in the library's words. Consecutive tool lines become a call and its result. */
function toMessages(history: readonly HistoryItem[]): ModelMessage[] {
  return history.flatMap((item): ModelMessage[] => {
    switch (item.role) {
      case 'user':
        return [{ role: 'user', content: item.text }]
      case 'assistant':
        return [{ role: 'assistant', content: item.text }]
      case 'system':
        return [{ role: 'user', content: RUNTIME_MARK + item.text }]
      case 'tool':
        return [
          {
            role: 'assistant',
            content: [{ type: 'tool-call', toolCallId: item.callId, toolName: item.tool, input: item.args }],
          },
          {
            role: 'tool',
            content: [
              {
                type: 'tool-result',
                toolCallId: item.callId,
                toolName: item.tool,
                output: { type: 'json', value: item.result as never },
              },
            ],
          },
        ]
    }
  })
}

/** What the operator finds in the log when a provider fails. */
function causeOf(error: unknown): ModelFailure {
  const inner = (error as { lastError?: unknown } | null)?.lastError ?? error
  const call = APICallError.isInstance(inner) ? inner : null
  const id = call?.responseHeaders?.['request-id'] ?? call?.responseHeaders?.['x-request-id'] ?? null
  return {
    // What a provider answers may repeat anything that it was sent, the key included: the status says enough.
    error: call === null ? LogText.ofError(inner) : { type: call.name, message: '' },
    status: call?.statusCode ?? null,
    host: call === null ? null : Redacted.url(call.url),
    providerRequestId: id === null ? null : LogText.redact(id).slice(0, 80),
  }
}

/** What people are told when a provider fails. URLs, headers and bodies stay out. */
function explain(error: unknown): string {
  const cause = (error as { lastError?: unknown } | null)?.lastError ?? error
  if (APICallError.isInstance(cause)) {
    if (cause.statusCode === 401 || cause.statusCode === 403)
      return 'The model provider refused the API key. The operator has to check it.'
    if (cause.statusCode === 429) return 'The model provider is limiting requests. Try again in a minute.'
    return `The model provider failed${cause.statusCode === undefined ? '' : ` (HTTP ${cause.statusCode})`}. Try again, or choose another model.`
  }
  return 'The model could not answer. Try again, or choose another model.'
}
