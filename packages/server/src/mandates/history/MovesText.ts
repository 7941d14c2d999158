import { Json } from '@countersign/base'
import type { Moves } from '../decide/Moves.ts'
import type { Asker } from '../decide/Situation.ts'

/** What was decided about, and who asked. */
export interface Asked {
  readonly moves: Moves
  readonly asker: Asker
}

/** As the store keeps it: JSON, with amounts as `{"n": "1"}`. */
export function write(asked: Asked): string {
  return JSON.stringify(asked, (_key, value: unknown) => (typeof value === 'bigint' ? { n: value.toString() } : value))
}

/** Reads what `write` wrote. */
export function read(text: string): Asked {
  return amounts(Json.parse(text)) as Asked
}

function amounts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(amounts)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const [first] = entries
  if (entries.length === 1 && first?.[0] === 'n' && typeof first[1] === 'string') return BigInt(first[1])
  return Object.fromEntries(entries.map(([key, each]) => [key, amounts(each)]))
}
