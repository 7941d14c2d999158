import { BaseError } from '@countersign/base'
import type { Window } from './Gcra.ts'

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * Reads one limit: units per window.
 *
 * @param text - `100/10s`, `6000/1m`, `100000/1d`; at most 8 limits a key, windows up to 31 days.
 * @throws {LimitError} `keys:limit:unreadable`.
 */
export function parse(text: string): Window {
  const [, limit, count, unit = ''] = /^([1-9]\d{0,8})\/([1-9]\d{0,4})?([smhd])$/.exec(text.trim()) ?? []
  const windowMs = Number(count ?? 1) * (UNIT_MS[unit] ?? Number.NaN)
  if (limit === undefined || !(windowMs <= 31 * 86_400_000)) throw new LimitError()
  return { name: `key-${count ?? 1}${unit}`, limit: Number(limit), windowMs }
}

/** Reads several; two for one window are refused. */
export function parseAll(texts: readonly string[]): Window[] {
  const windows = texts.map(parse)
  if (windows.length > 8 || new Set(windows.map(({ windowMs }) => windowMs)).size !== windows.length) {
    throw new LimitError()
  }
  return windows
}

/** The limit as it was written. */
export function format(window: Window): string {
  const [unit = 's', ms = 1_000] =
    Object.entries(UNIT_MS)
      .toReversed()
      .find(([, each]) => window.windowMs % each === 0) ?? []
  return `${window.limit}/${window.windowMs / ms}${unit}`
}

export class LimitError extends BaseError {
  override readonly name = 'keys.LimitError'
  constructor() {
    super('A limit cannot be read.', {
      code: 'keys:limit:unreadable',
      kind: 'invalid',
      hint: 'Write units per window, such as 100/10s or 6000/1m; at most 8, each for another window of up to 31 days.',
    })
  }
}
