import { safeText, withoutQuotes } from '@countersign/simulator'

/** What a contract answers may fill this many characters of a model's context. */
const MAX_TEXT = 200
const MAX_TOTAL = 4_000
const MAX_DEPTH = 8

/**
 * A contract's answer for a model: data, and no more of it than is useful. Every text in it is escaped and capped, lists
 * are cut where they get long, and what was cut is said. It belongs under a key whose name starts with `untrusted_`.
 *
 * @param value - Decoded ABI values: texts, numbers, booleans, lists and structs of them.
 */
export function untrusted(value: unknown): unknown {
  const budget = { left: MAX_TOTAL }
  return cut(value, budget, 0)
}

function cut(value: unknown, budget: { left: number }, depth: number): unknown {
  if (budget.left <= 0 || depth > MAX_DEPTH) return '…'
  if (typeof value === 'string') {
    const text = safeText(value, Math.max(1, Math.min(MAX_TEXT, budget.left)))
    budget.left -= text.length + 2
    return text
  }
  if (typeof value === 'bigint') return cut(value.toString(), budget, depth)
  if (typeof value === 'object' && value !== null) {
    const isList = Array.isArray(value)
    const kept: [string, unknown][] = []
    for (const [key, entry] of Object.entries(value)) {
      if (budget.left <= 0) {
        kept.push([isList ? String(kept.length) : '…', '…'])
        break
      }
      const name = safeText(key, 64)
      budget.left -= isList ? 1 : name.length + 4
      kept.push([name, cut(entry, budget, depth + 1)])
    }
    return isList ? kept.map(([, entry]) => entry) : Object.fromEntries(kept)
  }
  budget.left -= 6
  return value
}

/**
 * A sentence of ours for a model, without the strangers' words that it quotes for people: a token's name or a contract's
 * reason could be written to be obeyed.
 */
export function forModel(sentence: string): string {
  return withoutQuotes(safeQuotes(sentence))
}

/** Our quotation marks stay; everything hidden is escaped, whoever wrote it. */
function safeQuotes(sentence: string): string {
  return sentence
    .split(/([“”])/)
    .map((part) => (part === '“' || part === '”' ? part : safeText(part, 2_000)))
    .join('')
}
