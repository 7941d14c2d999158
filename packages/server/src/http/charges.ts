import type { FastifyRequest } from 'fastify'
import type { Caller } from '../keys/verifyKey.ts'
import type { Charge, Window } from '../limits/Gcra.ts'
import type { LimitPolicy } from '../limits/LimitPolicy.ts'
import type { RoutePolicy } from './routes.ts'

/** A request's body and URL, so many bytes for each further unit. */
const BYTES_PER_UNIT = 4 * 1024
/** The longest body that is read. One that does not say how long it is costs as much. */
const MAX_BYTES = 1024 * 1024
/** How much more a key may poll than an address: it may stand for many users. */
const KEY_POLLS = 10

/** What a request costs for its size, known before it has arrived. */
export function unitsOfSize({ headers, raw }: Pick<FastifyRequest, 'headers' | 'raw'>): number {
  const said = headers['content-length']
  const body = said === undefined ? (headers['transfer-encoding'] === undefined ? 0 : MAX_BYTES) : Number(said)
  // What is longer is refused, and nothing of it is read.
  return Math.floor(((body <= MAX_BYTES ? body : 0) + (raw.url?.length ?? 0)) / BYTES_PER_UNIT)
}

/**
 * Whose budgets a request draws on: its key's, or without a key its address's. Never a name that it chooses, such as a
 * session's: each new one would be a new budget. What a good key does is not its address's cost, which others share.
 */
export function chargesOf(
  limits: LimitPolicy,
  { caller, budget, policy, cost }: { caller: Caller | null; budget: string; policy: RoutePolicy; cost: number },
): Charge[] {
  const address = { bucket: `ip:${budget}`, windows: limits.ip }
  if (policy.kind === 'poll') {
    return [
      caller === null
        ? { bucket: `poll:ip:${budget}`, windows: limits.poll, cost }
        : { bucket: `poll:key:${caller.keyId}`, windows: times(limits.poll, KEY_POLLS), cost },
    ]
  }
  if (caller === null) return [{ ...address, cost }]
  const own = caller.key.limits.length > 0 ? caller.key.limits : limits.key
  const windows = caller.key.quarantine === null ? own : throttled(own)
  // The address's state is told as well; it costs nothing, and refuses nothing.
  return [
    { bucket: `key:${caller.keyId}`, windows, cost },
    { ...address, cost: 0 },
  ]
}

const made = new WeakMap<readonly Window[], Map<number, readonly Window[]>>()

/** The same windows for so many times as much. */
function times(windows: readonly Window[], factor: number): readonly Window[] {
  const known = made.get(windows) ?? new Map<number, readonly Window[]>()
  made.set(windows, known)
  const scaled =
    known.get(factor) ??
    windows.map((window) => ({
      ...window,
      name: factor < 1 ? `${window.name}-quarantine` : window.name,
      limit: Math.max(1, Math.floor(window.limit * factor)),
    }))
  known.set(factor, scaled)
  return scaled
}

/** A tenth of every limit. */
function throttled(windows: readonly Window[]): readonly Window[] {
  return times(windows, 0.1)
}
