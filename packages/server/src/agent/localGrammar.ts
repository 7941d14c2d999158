import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4Content } from '@ai-sdk/provider'
import { Json } from '@countersign/base'
import { HELP, understand, type Frame, type Memory } from './Grammar.ts'
import { callFor, helpFor, wordsFor, type GrammarTool } from './declaredGrammar.ts'
import { RUNTIME_MARK } from './Turn.ts'

export const GRAMMAR_MODEL_ID = 'intent-grammar-1'
export const GRAMMAR_PROVIDER = 'local-grammar'

/**
 * The offline model: a deterministic grammar behind the interface of a language model. Not an LLM. It reads only
 * what the user typed; tool results become numbers in templates and can trigger nothing but the one next step that
 * a successful staging has: its commit.
 */
export function createLocalGrammar(): LanguageModelV4 {
  let nextId = 1
  const answer = (options: LanguageModelV4CallOptions): LanguageModelV4Content => {
    const decision = decide(options)
    return 'text' in decision
      ? { type: 'text', text: decision.text }
      : {
          type: 'tool-call',
          toolCallId: `call_${nextId++}_${options.prompt.length}`,
          toolName: decision.tool,
          input: JSON.stringify(decision.args),
        }
  }
  const finish = (content: LanguageModelV4Content) => ({
    finishReason: {
      unified: content.type === 'tool-call' ? ('tool-calls' as const) : ('stop' as const),
      raw: undefined,
    },
    usage: {
      inputTokens: { total: 0, noCache: 0, cacheRead: 0, cacheWrite: 0 },
      outputTokens: { total: 0, text: 0, reasoning: 0 },
    },
  })
  return {
    specificationVersion: 'v4',
    provider: GRAMMAR_PROVIDER,
    modelId: GRAMMAR_MODEL_ID,
    supportedUrls: {},
    async doGenerate(options) {
      const content = answer(options)
      return { content: [content], ...finish(content), warnings: [] }
    },
    async doStream(options) {
      const content = answer(options)
      return {
        stream: new ReadableStream({
          start(controller) {
            controller.enqueue({ type: 'stream-start', warnings: [] })
            if (content.type === 'text') {
              controller.enqueue({ type: 'text-start', id: 'text' })
              controller.enqueue({ type: 'text-delta', id: 'text', delta: content.text })
              controller.enqueue({ type: 'text-end', id: 'text' })
            } else controller.enqueue(content as Extract<LanguageModelV4Content, { type: 'tool-call' }>)
            controller.enqueue({ type: 'finish', ...finish(content) })
            controller.close()
          },
        }),
      }
    },
  }
}

type Decision = { readonly text: string } | { readonly tool: string; readonly args: Record<string, unknown> }
interface ToolOutcome {
  readonly tool: string
  readonly result: Record<string, unknown>
}

/** What to do next: a tool for a fresh request, a template for a tool's result. */
function decide({ prompt, tools = [], providerOptions }: LanguageModelV4CallOptions): Decision {
  const declared = (providerOptions?.[GRAMMAR_PROVIDER] as { tools?: readonly GrammarTool[] } | undefined)?.tools ?? []
  const isOffered = (name: string): boolean => tools.some((each) => each.name === name)
  const texts: string[] = []
  let last: ToolOutcome | null = null
  for (const message of prompt) {
    if (message.role === 'user') {
      const text = message.content.map((part) => (part.type === 'text' ? part.text : '')).join('')
      if (text.startsWith(RUNTIME_MARK)) continue
      texts.push(text)
      last = null
    } else if (message.role === 'tool') {
      for (const part of message.content) {
        if (part.type !== 'tool-result') continue
        const { output } = part
        const result =
          output.type === 'json' || output.type === 'error-json'
            ? output.value
            : output.type === 'text' || output.type === 'error-text'
              ? { error: output.value }
              : { error: 'The tool gave no answer.' }
        last = {
          tool: part.toolName,
          result:
            typeof result === 'object' && result !== null
              ? (result as Record<string, unknown>)
              : { error: String(result) },
        }
      }
    }
  }
  if (last !== null) {
    const next = afterTool(last)
    // The runtime commits at the end of the turn, where the app leaves the tool out.
    if ('tool' in next && !isOffered(next.tool)) return { text: READY }
    return next
  }
  const called = callFor(texts.at(-1) ?? '', declared)
  if (called !== null) return called
  const meaning = understand(texts)
  switch (meaning.kind) {
    case 'question':
      return { text: meaning.question }
    case 'noted':
      return { text: meaning.text }
    case 'unknown':
      return { text: `I did not understand that. ${helpOf(declared)}` }
    case 'frame': {
      if (meaning.frame.verb === 'help') return { text: helpOf(declared) }
      const next = toTool(meaning.frame, meaning.memory)
      return 'tool' in next && !isOffered(next.tool) ? { text: `This app cannot do that. ${helpOf(declared)}` } : next
    }
  }
}

function toTool(frame: Frame, memory: Memory): Decision {
  switch (frame.verb) {
    case 'help':
      return { text: HELP }
    case 'balance':
      return { tool: 'get_balance', args: frame.token === undefined ? {} : { token: frame.token } }
    case 'price':
      return { tool: 'get_price', args: { amount: frame.amount ?? '1', give: frame.give, take: frame.take } }
    case 'swap':
      return {
        tool: 'swap',
        args: {
          amount: frame.amount,
          give: frame.give,
          take: frame.take,
          ...(memory.slippagePercent === null ? {} : { slippage_percent: memory.slippagePercent }),
        },
      }
    case 'send':
      return { tool: 'send', args: { amount: frame.amount, token: frame.token, to: frame.recipient } }
    case 'approve':
      return { tool: 'approve', args: { amount: frame.amount, token: frame.token, spender: frame.spender } }
    case 'sign': {
      const document = parseObject(frame.document ?? '')
      return typeof document === 'string'
        ? { text: document }
        : { tool: 'stage_signature', args: { typed_data: document } }
    }
    case 'finish':
      return { tool: 'finish_batch', args: { how: frame.how } }
    case 'revoke':
      return { tool: 'revoke', args: { token: frame.token, spender: frame.spender } }
  }
}

const READY =
  'It is ready for your wallet. Read what leaves and what arrives; nothing happens unless your own wallet signs it.'

/** What it understands in this app. */
function helpOf(declared: readonly GrammarTool[]): string {
  const own = helpFor(declared)
  return own === '' ? HELP : `${HELP}\n${own}`
}

/** An object, or the sentence that says why it is none. */
function parseObject(text: string): Record<string, unknown> | string {
  try {
    const value = Json.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch (error) {
    if (error instanceof Json.DuplicateFieldError)
      return `I cannot read the document: ${Json.faultOf(error)}. Paste it with each field once.`
  }
  return 'That is not JSON, so I cannot read the document.'
}

/** Templates over a tool's result. Free text inside results is never parsed. */
function afterTool({ tool, result }: ToolOutcome): Decision {
  if (typeof result['error'] === 'string') {
    const hint = typeof result['hint'] === 'string' ? ` ${result['hint']}` : ''
    return { text: `${result['error']}${hint}` }
  }
  if (tool === 'commit_tx' || (tool === 'finish_batch' && result['state'] === 'pending')) {
    return { text: READY }
  }
  const words = wordsFor(tool, result)
  if (words !== null) return { text: words }
  if (result['state'] === 'blocked') {
    return { text: `I will not hand this to your wallet: ${String(result['reason'])}` }
  }
  if (result['state'] === 'receipted') return { tool: 'commit_tx', args: { proposal_id: result['proposal_id'] } }
  if (tool === 'get_balance' && Array.isArray(result['balances'])) {
    const held = result['balances'].map((entry) => String((entry as { text: unknown }).text)).join(', ')
    const unread = Array.isArray(result['unread']) ? result['unread'].map(String) : []
    return {
      text: `You hold ${held}.${unread.length === 0 ? '' : ` Not read, as they do not answer: ${unread.join(', ')}.`}`,
    }
  }
  if (tool === 'get_price') return { text: String(result['text']) }
  return { text: 'Done.' }
}
