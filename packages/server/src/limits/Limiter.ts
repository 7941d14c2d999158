import type { Charge, Decision } from './Gcra.ts'

/** Decides whether a request may go on, and charges it. Answers at once when it can. */
export interface Limiter {
  charge(charges: readonly Charge[]): Decision | Promise<Decision>
  /** What it stands on now, for `/ready` and the metrics. */
  mode(): 'local' | 'redis' | 'fallback'
  close(): Promise<void>
}
