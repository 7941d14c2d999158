import { Clock } from '@countersign/base'
import * as Zone from './Zone.ts'

/** Over what a cap counts. */
export type Window =
  | { readonly kind: 'call' }
  | { readonly kind: 'rolling'; readonly ms: number }
  | { readonly kind: 'calendar'; readonly period: Zone.Period; readonly tz: string }
  | { readonly kind: 'lifetime' }

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const

/** The longest duration in a file: a mandate lasts at most 366 days. */
const MAX_MS = 366 * 86_400_000

export const HOUR: Window = { kind: 'rolling', ms: 3_600_000 }
export const DAY: Window = { kind: 'rolling', ms: 86_400_000 }
export const WEEK: Window = { kind: 'rolling', ms: 7 * 86_400_000 }
export const CALL: Window = { kind: 'call' }
export const LIFETIME: Window = { kind: 'lifetime' }

/** Reads `<n>s|m|h|d`, at least one second and at most 366 days. `null` otherwise. */
export function parseDuration(text: string): number | null {
  const [, count, unit] = /^([1-9]\d{0,8})([smhd])$/.exec(text) ?? []
  const factor = UNITS.find(([name]) => name === unit)?.[1]
  if (count === undefined || factor === undefined) return null
  const ms = Number(count) * factor
  return ms <= MAX_MS ? ms : null
}

/** The one spelling of a duration: the largest unit that divides it. */
export function formatDuration(ms: number): string {
  const [name, factor] = UNITS.find(([, each]) => ms % each === 0) ?? UNITS[3]
  return `${ms / factor}${name}`
}

/** What tells two windows apart; also how a window stands in the ledger. */
export function key(window: Window): string {
  switch (window.kind) {
    case 'call':
    case 'lifetime':
      return window.kind
    case 'rolling':
      return `rolling:${formatDuration(window.ms)}`
    case 'calendar':
      return `calendar:${window.period}:${window.tz}`
  }
}

/** Reads what `key` wrote. */
export function fromKey(text: string): Window {
  const [kind, second = '', ...rest] = text.split(':')
  if (kind === 'rolling') return { kind, ms: parseDuration(second) ?? 0 }
  if (kind === 'calendar') return { kind, period: second as Zone.Period, tz: rest.join(':') }
  return { kind: kind === 'call' ? 'call' : 'lifetime' }
}

/** The first instant that still counts: what was settled earlier has left the window. */
export function startMs(window: Window, nowMs: number): number {
  switch (window.kind) {
    case 'rolling':
      return nowMs - window.ms + 1
    case 'calendar':
      return Zone.periodAt(window.tz, window.period, nowMs).startMs
    case 'call':
      return Number.MAX_SAFE_INTEGER
    case 'lifetime':
      return 0
  }
}

/** When something that was settled at this instant leaves the window; `null` for never. */
export function leavesMs(window: Window, settledMs: number): number | null {
  switch (window.kind) {
    case 'rolling':
      return settledMs + window.ms
    case 'calendar':
      return Zone.periodAt(window.tz, window.period, settledMs).endMs
    case 'call':
    case 'lifetime':
      return null
  }
}

/** As a decision shows it: `24h`, `2026-12 Europe/Berlin`, `call`, `lifetime`. */
export function label(window: Window, nowMs: number): string {
  if (window.kind === 'rolling') return formatDuration(window.ms)
  if (window.kind !== 'calendar') return window.kind
  const { year, month, day } = Zone.localTime(window.tz, Zone.periodAt(window.tz, window.period, nowMs).startMs)
  const date = Clock.iso(Date.UTC(year, month - 1, day))
  return `${date.slice(0, window.period === 'month' ? 7 : 10)} ${window.tz}`
}

/** As a sentence says it, after an amount. */
export function words(window: Window): string {
  switch (window.kind) {
    case 'call':
      return 'in one request'
    case 'lifetime':
      return 'in all'
    case 'rolling':
      return `in any ${formatDuration(window.ms)}`
    case 'calendar':
      return `each calendar ${window.period} (${window.tz})`
  }
}
