/**
 * The generic cell rate algorithm (ITU-T I.371, annex A): a limit that refills evenly, so that no window has an edge
 * at which twice the limit passes. State is one number, the theoretical arrival time.
 */

/** At most `limit` units in one go, refilled evenly over `windowMs`. */
export interface Window {
  /** Stands in the RateLimit headers, and in the bucket's name: letters, digits and hyphens. */
  readonly name: string
  readonly limit: number
  readonly windowMs: number
}

/** What a bucket is asked for: every window of every charge allows it, or nothing is charged. */
export interface Charge {
  /** Whose budget: `key:…`, `ip:…`. */
  readonly bucket: string
  readonly windows: readonly Window[]
  /** Units; 0 only looks. */
  readonly cost: number
}

/** One window after the decision. */
export interface WindowState {
  readonly name: string
  readonly limit: number
  readonly windowMs: number
  /** Whole units that are left. */
  readonly remaining: number
  /** Until everything is refilled. */
  readonly resetMs: number
}

export interface Decision {
  readonly allowed: boolean
  readonly states: readonly WindowState[]
  /** How long to wait until the same charge would pass; 0 when it was allowed. */
  readonly retryAfterMs: number
  /** `fallback`: Redis did not answer, so this instance decided with its share of the limit. */
  readonly source: 'local' | 'redis' | 'fallback'
}

/** Rounding room: a sum of a thousand float steps must still fill a window exactly. Milliseconds. */
const EPSILON_MS = 1e-4

/**
 * How full a window is after `cost` more units, in milliseconds of refill; more than `windowMs` means refused.
 *
 * @param backlogMs - How full it was, already decayed to now; never negative.
 */
export function fill(backlogMs: number, window: Window, cost: number): number {
  return backlogMs + Math.min(cost, window.limit) * (window.windowMs / window.limit)
}

/** Whether a window holds that much. */
export function holds(backlogMs: number, window: Window): boolean {
  return backlogMs <= window.windowMs + EPSILON_MS
}

/** What a client is told about a window that is this full. */
export function stateOf(backlogMs: number, window: Window): WindowState {
  const left = ((window.windowMs - backlogMs) * window.limit) / window.windowMs
  return {
    name: window.name,
    limit: window.limit,
    windowMs: window.windowMs,
    remaining: Math.max(0, Math.floor(left + EPSILON_MS)),
    resetMs: Math.max(0, backlogMs),
  }
}

/** The most that can pass in `spanMs` from an empty bucket: a full burst and what is refilled meanwhile. */
export function bound(window: Window, spanMs: number): number {
  return window.limit + Math.floor((spanMs * window.limit) / window.windowMs) + 1
}
