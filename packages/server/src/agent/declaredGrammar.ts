import { TOO_LONG, withinTime } from '../limits/withinTime.ts'
import * as Example from '../provenance/Example.ts'
import * as OwnWords from '../provenance/OwnWords.ts'
import * as Requests from '../provenance/Requests.ts'

/** A declared tool as the grammar reads it: data, because it crosses the interface of a model. */
export interface GrammarTool {
  readonly name: string
  readonly examples: readonly string[]
  readonly slots: Readonly<Record<string, GrammarSlot>>
}

export interface GrammarSlot extends Example.Slot {
  readonly type: 'number' | 'boolean' | 'text'
  /** A regular expression of its schema; null for none. */
  readonly pattern: string | null
}

/** The call that a message asks for by an example, or by name (`/GetTokenPrice symbol=ETH`); null for none. */
export function callFor(
  message: string,
  tools: readonly GrammarTool[],
): { readonly tool: string; readonly args: Record<string, unknown> } | null {
  // Examples and patterns are the app's, or another server's: what takes too long asks for nothing.
  const found = withinTime(() => byName(message, tools) ?? byExample(message, tools), { maxMs: Example.MATCH_MS })
  return found === TOO_LONG ? null : found
}

function byExample(message: string, tools: readonly GrammarTool[]): ReturnType<typeof byName> {
  const { own } = OwnWords.read(message)
  const whole = own.replaceAll(/\s+/g, ' ').trim()
  const clauses = [
    ...Requests.read(own).map(({ text }) => text),
    // A question reads and changes nothing by itself: what it asks for is judged where it is staged.
    whole.replace(/[.!?]+$/, ''),
    whole.replace(/[.!?]+$/, '').replace(/^(?:please|hi|hello|hey|ok|so|and)[ ,]+/i, ''),
  ]
  for (const tool of tools) {
    for (const example of tool.examples) {
      const names = Example.slotsOf(example)
      const pattern = Example.compile(example, (name) => tool.slots[name] ?? TEXT)
      for (const text of clauses) {
        const found = Example.match(pattern, names, { text, verb: '' })
        if (found === null || /[\p{L}\p{N}]/u.test(restOf(pattern, text))) continue
        return { tool: tool.name, args: typed(found, tool) }
      }
    }
  }
  return null
}

const TEXT: GrammarSlot = { choices: null, isNumber: false, isText: true, type: 'text', pattern: null }

function restOf(pattern: RegExp, text: string): string {
  return pattern.exec(text)?.groups?.['rest'] ?? ''
}

function typed(found: ReadonlyMap<string, string>, { slots }: GrammarTool): Record<string, unknown> {
  return Object.fromEntries([...found].map(([name, value]) => [name, valueOf(value.trim(), slots[name] ?? TEXT)]))
}

function valueOf(text: string, { choices, type, pattern }: GrammarSlot): unknown {
  const choice = choices?.find((each) => each.toLowerCase() === text.toLowerCase())
  if (choice !== undefined) return choice
  if (type === 'number') return Number(text.replaceAll(',', ''))
  if (type === 'boolean') return /^(?:true|yes|on)$/i.test(text)
  if (pattern !== null && !fits(pattern, text)) {
    const plain = text.replaceAll(/(?<=\d),(?=\d{3})/g, '')
    return [text.toUpperCase(), text.toLowerCase(), plain].find((each) => fits(pattern, each)) ?? text
  }
  return text
}

function fits(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text)
  } catch {
    return true
  }
}

/** `/Name key=value key="two words"`. */
function byName(
  message: string,
  tools: readonly GrammarTool[],
): { tool: string; args: Record<string, unknown> } | null {
  const [, name = '', rest = ''] = /^\/([A-Za-z][\w-]{0,63})(?:\s+([\s\S]*))?$/.exec(message.trim()) ?? []
  const tool = tools.find((each) => each.name.toLowerCase() === name.toLowerCase())
  if (tool === undefined) return null
  const found = new Map(
    [...rest.matchAll(/([\w-]+)=(?:"([^"]*)"|(\S+))/g)].map((each): [string, string] => [
      each[1] ?? '',
      each[2] ?? each[3] ?? '',
    ]),
  )
  return { tool: tool.name, args: typed(found, tool) }
}

/** How people may ask for the declared tools, as help lists it. */
export function helpFor(tools: readonly GrammarTool[]): string {
  return tools
    .flatMap(({ name, examples }) => (examples.length === 0 ? [`  /${name} …`] : examples.map((each) => `  ${each}`)))
    .join('\n')
}

/** What a declared tool answered, in words; null where it is no answer of one. */
export function wordsFor(tool: string, result: Readonly<Record<string, unknown>>): string | null {
  if (result['status'] === 'pending_confirmation')
    return 'It waits for your confirmation. Nothing happens before you give it.'
  if (result['status'] === 'refused') return `I may not do that: ${String(result['reason'])}`
  const answer = result['result'] ?? result['untrusted_result']
  if (answer === undefined) return null
  const parts = shown(answer, '')
  return parts.length === 0 ? `${tool} answered.` : `${tool}: ${parts.slice(0, 12).join(', ')}.`
}

function shown(value: unknown, name: string): string[] {
  if (Array.isArray(value))
    return value.flatMap((each, i) => shown(each, name === '' ? String(i + 1) : `${name} ${i + 1}`))
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, each]) => shown(each, name === '' ? key : `${name} ${key}`))
  return [`${name === '' ? '' : `${name} `}${String(value)}`]
}
