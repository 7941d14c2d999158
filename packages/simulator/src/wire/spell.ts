import type { Report } from '../model/Report.ts'
import { Clock } from '@countersign/base'

/**
 * The report as JSON: snake_case, amounts as decimal strings, times as ISO 8601 UTC. Arguments decoded from call
 * data keep their own names and become strings where JSON has no number for them.
 */
export function toWire(report: Report): Record<string, unknown> {
  return spell(report) as Record<string, unknown>
}

export function spell(value: unknown, isVerbatim = false): unknown {
  if (typeof value === 'bigint') return value.toString()
  // Half a surrogate pair has no canonical JSON, so no digest; labels and names come from outside.
  if (typeof value === 'string') return value.toWellFormed()
  if (Array.isArray(value)) return value.map((entry) => spell(entry, isVerbatim))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]: [string, unknown]) => {
      if (isVerbatim) return [key, spell(entry, true)]
      if (key.endsWith('Ms')) return [snake(key.slice(0, -2)), typeof entry === 'number' ? Clock.iso(entry) : null]
      return [snake(key), spell(entry, VERBATIM.has(key))]
    }),
  )
}

/** Decoded arguments and evidence carry other people's field names; what a receipt binds is spelled already. */
const VERBATIM = new Set(['args', 'evidence', 'bound'])

const spelled = new Map<string, string>()

function snake(key: string): string {
  let text = spelled.get(key)
  if (text === undefined) spelled.set(key, (text = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)))
  return text
}
