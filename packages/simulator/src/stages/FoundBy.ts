import type { ClearContext } from '../clearsigning/clearSign.ts'
import type { PoolTrade } from '../effects/PoolTrade.ts'
import type { EngineLimit } from '../evm/EngineLimitError.ts'
import type { Effects } from '../effects/readEffects.ts'
import type { AccessSet } from '../model/Access.ts'
import type { AuthorityChange } from '../model/Authority.ts'
import type { Ahead, EnvironmentRun, SwitchRun, Tries } from '../model/Evidence.ts'
import type { Finding, NotChecked, Verdict } from '../model/Finding.ts'
import type { GasEstimate, IntentResult, Report } from '../model/Report.ts'
import type { SimulationRequest } from '../model/Request.ts'
import type { BatchRun } from '../model/Run.ts'
import type { Step } from '../model/Step.ts'
import type { Flow } from '../model/ValueFlow.ts'

/** What each stage finds out, by its name. */
export interface FoundBy {
  /** The request as it is run: with the uses of a document behind its own calls. */
  readonly plan: { readonly request: SimulationRequest; readonly findings: readonly Finding[] }
  readonly execute: BatchRun
  readonly effects: Effects
  /** Who ends up with what of it. */
  readonly flow: Flow
  readonly environments: readonly EnvironmentRun[]
  readonly prices: readonly PoolTrade[]
  readonly lookAhead: Ahead
  readonly switches: readonly SwitchRun[]
  /** What the second engine tells otherwise. */
  readonly crossCheck: readonly string[]
  readonly tries: Tries
  /** Everything that the report rests on, those included who only gained or were paid. */
  readonly parties: AccessSet
  /** What the provider said that its own proofs do not bear out. */
  readonly proofs: readonly string[]
  readonly readSet: Report['readSet']
  readonly fees: GasEstimate
  readonly steps: StepsFound
  readonly intent: IntentResult | null
  readonly verdict: { readonly verdict: Verdict; readonly findings: readonly Finding[] }
  readonly report: Report
}

export type StageName = keyof FoundBy

export interface StepsFound {
  readonly steps: readonly Step[]
  readonly clear: ClearContext
  /** With what could really be taken, where that was tried. */
  readonly authorityChanges: readonly AuthorityChange[]
  /** Where a grant was written, for those that were found in storage. */
  readonly grantSlots: ReadonlyMap<AuthorityChange, `0x${string}`>
}

/** What a stage found out, or that it could not look. */
export type Result<T> =
  /** It looked. `touched`: all state that it read. `blocks`: block hashes that it asked for. */
  | {
      readonly status: 'done'
      readonly value: T
      readonly touched?: AccessSet
      readonly blocks?: readonly bigint[]
      readonly notChecked?: readonly NotChecked[]
    }
  /** It could not look. The simulation goes on, and the report says so. */
  | { readonly status: 'unseen'; readonly notChecked: readonly NotChecked[] }

/** Why nothing after it can be trusted: the verdict is `block`. */
export type Stop =
  { readonly kind: 'too-many-reads'; readonly reads: number; readonly limit: number } | { readonly kind: EngineLimit }
