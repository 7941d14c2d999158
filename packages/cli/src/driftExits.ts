import type { Drift, Recheck } from '@countersign/simulator'

/** What `countersign recheck` ends with for each kind of drift, and what the kind means. Also printed in docs/reference/receipts.md. */
export const DRIFT_EXITS: Readonly<Record<Drift['kind'], readonly [exit: number, about: string]>> = {
  receipt: [2, 'the receipt is bad, altered, expired, or of something else'],
  blocked: [11, 'simulated now, it is blocked'],
  nonce: [12, "the sender's account has sent another transaction"],
  earlier: [12, 'what it stands on failed, was replaced or dropped, or is not mined yet'],
  fee: [12, 'the network fee is more than was shown, or than the caps allow'],
  assets: [12, 'more leaves, or less arrives'],
  authority: [12, 'a power is given that was not shown, or a larger or longer one'],
  code: [12, 'other code would run'],
  warning: [12, 'there is a warning that was not shown'],
  environment: [12, 'the outcome depends on the block in a way that was not shown'],
}

/** The exit code for what was found: 0 for `good` alone; of several kinds the lowest, which is the one that ends it. */
export function exitOf({
  outcome,
  drift,
}: Pick<Recheck, 'outcome'> & { drift: readonly Pick<Drift, 'kind'>[] }): number {
  if (outcome === 'good') return 0
  const unnamed = DRIFT_EXITS[outcome === 'blocked' ? 'blocked' : 'assets'][0]
  return Math.min(unnamed, ...drift.map(({ kind }) => DRIFT_EXITS[kind][0]))
}
