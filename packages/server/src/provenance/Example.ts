import type { Request } from './Requests.ts'

/** The most time that all examples of a message may take, in milliseconds: who writes an app writes patterns. */
export const MATCH_MS = 200

/** What a slot of an example takes. */
export interface Slot {
  /** The words that it may be; null for any. */
  readonly choices: readonly string[] | null
  readonly isNumber: boolean
  /** It may hold several words. */
  readonly isText: boolean
}

const NUMBER = String.raw`(?:\d[\d,_]*(?:\.\d+)?|\.\d+)`

const quoted = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`)

/** An example of how people ask for a tool, such as `price of {symbol}`, as a pattern of the words of a clause. */
export function compile(example: string, slotOf: (name: string) => Slot): RegExp {
  const parts = example.trim().split(/(\{[^}]*\})/)
  const seen = new Set<string>()
  const body = parts.map((part) => {
    const name = /^\{([^}]*)\}$/.exec(part)?.[1]
    if (name === undefined) return quoted(part).replaceAll(/\s+/g, String.raw`\s+`)
    const { choices, isNumber, isText } = slotOf(name)
    const words =
      choices !== null
        ? `(?:${choices
            .map(quoted)
            .toSorted((a, b) => b.length - a.length)
            .join('|')})`
        : isNumber
          ? NUMBER
          : isText
            ? String.raw`\S.*?`
            : String.raw`[^\s,;]+`
    // "to the landlord" names the landlord.
    const article = choices === null && !isNumber && !isText ? String.raw`(?:(?:the|my|our)\s+)?` : ''
    const group = groupOf(name)
    if (seen.has(group)) return String.raw`\k<${group}>`
    seen.add(group)
    return `${article}(?<${group}>${words})`
  })
  return new RegExp(`^${body.join('')}(?<rest>(?:[\\s,;.!?].*)?)$`, 'isu')
}

/** Names of groups are words. */
function groupOf(name: string): string {
  return `s_${[...name].map((each) => (/[A-Za-z0-9]/.test(each) ? each : `_${(each.codePointAt(0) ?? 0).toString(16)}_`)).join('')}`
}

/** What an example gives each of its slots in a clause; null where the clause is not of this kind. */
export function match(
  pattern: RegExp,
  names: readonly string[],
  { text }: Request,
): ReadonlyMap<string, string> | null {
  const groups = pattern.exec(text)?.groups
  if (groups === undefined) return null
  return new Map(
    names.flatMap((name): [string, string][] => {
      const value = groups[groupOf(name)]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** The slots of an example, in order. */
export function slotsOf(example: string): readonly string[] {
  return [...new Set([...example.matchAll(/\{([^}]*)\}/g)].map((found) => found[1] ?? ''))]
}
