import type { Placed } from './Source.ts'
import * as Window from './Window.ts'

/** `[a-z][a-z0-9-]*`, at most 64 characters. */
export function readId(placed: Placed | null, what: string): string | null {
  if (placed === null) return null
  const text = placed.text(what, { max: 64 })
  if (text === null || /^[a-z][a-z0-9-]*$/.test(text)) return text
  return placed.refuse(`${what} must start with a letter and hold a-z, 0-9 and "-" only.`)
}

export function readDuration(placed: Placed): number | null {
  return (
    Window.parseDuration(placed.text('A duration') ?? '') ??
    placed.refuse('A duration must be such as 30s, 15m, 12h or 7d, at most 366d.')
  )
}
