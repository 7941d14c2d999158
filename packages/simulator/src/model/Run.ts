import type { AccessSet, Prestate } from './Access.ts'
import type { RawFrame } from './Trace.ts'
import type { Hex } from '@countersign/base'

/** What earlier steps of the same simulation wrote. It lives and dies with that simulation. */
export interface Overlay {
  readonly accounts: Map<string, { balance?: bigint; nonce?: bigint; code?: Hex.Hex }>
  readonly slots: Map<string, Map<string, Hex.Hex>>
}

/** Answer of `prestateTracer` in diff mode. */
export interface StateDiff {
  readonly pre: Prestate
  readonly post: Prestate
}

/** One transaction's run in the fork. */
export interface StepRun {
  readonly trace: RawFrame
  readonly diff: StateDiff
  readonly gasLimit: bigint
  readonly gasUsed: bigint
  readonly gasPriceWei: bigint
}

/** Why a transaction could not even start; nodes refuse it before it runs. */
export interface StepRefusal {
  readonly refused: 'insufficient-funds' | 'gas-limit' | 'invalid'
  readonly because: string
}

export interface BatchRun {
  readonly steps: readonly (StepRun | StepRefusal)[]
  /** Everything that the runs read. */
  readonly touched: AccessSet
  readonly after: Overlay
  /** Why the failing step fails, where it gave no reason itself and a usual one was tried in the fork. */
  readonly usualReason?: string
}
