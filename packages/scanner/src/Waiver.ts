import { BaseError, Json } from '@countersign/base'

/**
 * A person's decision to live with one finding in one version of one skill, until a day. Waivers are read from a file
 * outside every skill: a skill cannot excuse itself.
 */
export interface Waiver {
  readonly skill: string
  readonly fingerprint: string
  readonly content_digest: string
  readonly reason: string
  readonly owner: string
  /** RFC 3339 date, at most a year ahead; the waiver ends when the day does, in UTC. */
  readonly expires: string
}

/** @throws {WaiverError} `scanner:waiver:unreadable`, naming the entry and what it lacks. */
export function parseAll(text: string, file: string): Waiver[] {
  let value: unknown
  try {
    value = Json.parse(text)
  } catch (error) {
    throw new WaiverError(file, Json.faultOf(error))
  }
  const list = typeof value === 'object' && value !== null && 'waivers' in value ? value.waivers : null
  if (!Array.isArray(list)) throw new WaiverError(file, 'it has no list "waivers"')
  return list.map((entry: unknown, i) => {
    const field = (name: string, pattern: RegExp): string => {
      const found = typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>)[name] : undefined
      if (typeof found !== 'string' || !pattern.test(found))
        throw new WaiverError(file, `entry ${i + 1} has no good "${name}"`)
      return found
    }
    const expires = field('expires', /^\d{4}-\d{2}-\d{2}$/)
    if (Number.isNaN(Date.parse(expires))) throw new WaiverError(file, `entry ${i + 1} has no good "expires"`)
    return {
      skill: field('skill', /^.{1,512}$/),
      fingerprint: field('fingerprint', /^[0-9a-f]{32}$/),
      content_digest: field('content_digest', /^sha256:[0-9a-f]{64}$/),
      reason: field('reason', /^.{8,1000}$/s),
      owner: field('owner', /^\S.{1,200}$/),
      expires,
    }
  })
}

const DAY_MS = 86_400_000

/** Whether the waiver holds at this moment: not past its day, and not given for longer than a year. */
export function holds(waiver: Waiver, nowMs: number): boolean {
  const endMs = Date.parse(waiver.expires) + DAY_MS
  return nowMs < endMs && endMs - nowMs <= 366 * DAY_MS
}

export class WaiverError extends BaseError {
  override readonly name = 'scanner.WaiverError'
  constructor(file: string, why: string) {
    super(`The waivers in ${file} cannot be read: ${why}.`, {
      code: 'scanner:waiver:unreadable',
      kind: 'invalid',
      hint: 'Each waiver needs skill, fingerprint, content_digest, reason, owner and expires (YYYY-MM-DD).',
    })
  }
}
