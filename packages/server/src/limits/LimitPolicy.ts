import { readFileSync } from 'node:fs'
import { BaseError, Json } from '@countersign/base'
import type { Window } from './Gcra.ts'

/**
 * The server's limits. `key` holds for keys without limits of their own; `ip` for what one address costs without a key;
 * `poll` for what an address may look at its sessions' state, which costs no other budget (a key: ten times that); `flood` for all requests of one address, before
 * anything is verified; `failures` for keys that opened nothing.
 */
export interface LimitPolicy {
  readonly key: readonly Window[]
  readonly ip: readonly Window[]
  readonly poll: readonly Window[]
  readonly flood: readonly Window[]
  readonly failures: readonly Window[]
}

const minute = (name: string, limit: number): Window => ({ name, limit, windowMs: 60_000 })

/**
 * Published clients poll twice a second while a turn runs, and open a stream with every command (aomi-protocol 2.12): ten
 * of them behind one address, with full sessions, are never refused (10 × 120 polls a minute at up to 9 units).
 */
export const DEFAULT_LIMITS: LimitPolicy = {
  key: [minute('key', 6_000)],
  ip: [minute('ip', 12_000)],
  poll: [minute('poll', 12_000)],
  flood: [{ name: 'flood', limit: 20_000, windowMs: 10_000 }],
  failures: [minute('failures', 60)],
}

/**
 * Reads `COUNTERSIGN_LIMITS`: a JSON file of `{"key": ["6000/1m", …], "ip": […], "poll": […], "flood": […],
 * "failures": […]}`; what is left out keeps its default, an empty list is no limit.
 *
 * @throws {LimitConfigError} `limits:config:unreadable`.
 */
export function readLimitPolicy(
  path: string,
  parseWindows: (texts: readonly string[]) => Window[],
): Partial<LimitPolicy> {
  try {
    const parsed = Json.parse(readFileSync(path, 'utf8'))
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
      throw new LimitConfigError('it is not an object')
    return Object.fromEntries(
      Object.entries(parsed).map(([name, texts]) => {
        if (!Object.hasOwn(DEFAULT_LIMITS, name))
          throw new LimitConfigError(
            `there is no limit "${name.slice(0, 40)}"; there are ${Object.keys(DEFAULT_LIMITS).join(', ')}`,
          )
        if (!Array.isArray(texts) || !texts.every((text) => typeof text === 'string'))
          throw new LimitConfigError(`"${name}" is not a list of texts such as "6000/1m"`)
        return [
          name,
          parseWindows(texts as string[]).map((window) => ({ ...window, name: window.name.replace('key', name) })),
        ]
      }),
    )
  } catch (error) {
    if (error instanceof LimitConfigError) throw error
    throw new LimitConfigError(error instanceof BaseError ? error.message.replace(/\.$/, '') : faultOf(error), error)
  }
}

const faultOf = (error: unknown): string => (error instanceof SyntaxError ? 'it is not JSON' : 'it cannot be read')

export class LimitConfigError extends BaseError {
  override readonly name = 'limits.LimitConfigError'
  constructor(reason: string, cause?: unknown) {
    super(`The limits file cannot be used: ${reason}.`, {
      code: 'limits:config:unreadable',
      kind: 'invalid',
      hint: 'COUNTERSIGN_LIMITS names a JSON file such as {"key": ["6000/1m"], "ip": ["12000/1m"], "poll": ["600/1m"]}.',
      cause,
    })
  }
}
