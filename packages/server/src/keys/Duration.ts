import { BaseError } from '@countersign/base'

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * Reads a length of time: `500ms`, `30s`, `15m`, `24h`, `90d`, or `0`. Milliseconds.
 *
 * @throws {DurationError} `keys:duration:unreadable`.
 */
export function parse(text: string): number {
  if (text === '0') return 0
  const [, count, unit = ''] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text.trim()) ?? []
  const ms = Number(count) * (UNIT_MS[unit] ?? Number.NaN)
  if (!Number.isSafeInteger(ms)) throw new DurationError()
  return ms
}

/** Reads an end: an ISO 8601 time with its zone, or a length of time from now. Milliseconds since the epoch. */
export function parseEnd(text: string, nowMs: number): number {
  if (/^\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2})$/.test(text.trim())) {
    const ms = Date.parse(text.trim())
    if (Number.isSafeInteger(ms)) return ms
  }
  return nowMs + parse(text)
}

export class DurationError extends BaseError {
  override readonly name = 'keys.DurationError'
  constructor() {
    super('A time cannot be read.', {
      code: 'keys:duration:unreadable',
      kind: 'invalid',
      hint: 'Write 30s, 15m, 24h or 90d; an end may also be a time such as 2030-01-01T00:00:00Z.',
    })
  }
}
