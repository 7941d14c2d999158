import type { Address, Digest } from '@countersign/base'
import type { ChainKind } from '../chain/chainKind.ts'
import type { StateCache } from '../chain/state/StateCache.ts'
import type { ClearContext } from '../clearsigning/clearSign.ts'
import type { PoolTrade } from '../effects/PoolTrade.ts'
import type { Effects } from '../effects/readEffects.ts'
import type { Lane } from '../evm/anvil/EnginePool.ts'
import type { Fork } from '../evm/runBatch.ts'
import type { RunKey, Whole } from '../memory/Memory.ts'
import type { AccessSet } from '../model/Access.ts'
import type { AuthorityChange } from '../model/Authority.ts'
import type { BlockEnv, Header } from '../model/Block.ts'
import type { Ahead, EnvironmentRun, SwitchRun } from '../model/Evidence.ts'
import type { Finding, NotChecked, Verdict } from '../model/Finding.ts'
import type { GasEstimate, IntentResult, Report } from '../model/Report.ts'
import type { SimulationRequest } from '../model/Request.ts'
import type { BatchRun } from '../model/Run.ts'
import type { Step } from '../model/Step.ts'
import type { Found } from './Found.ts'
import type { Tools } from './Tools.ts'

/** What each stage finds out, by its name. */
export interface FoundBy {
  /** The request as it is run: with the uses of a document behind its own calls. */
  readonly plan: { readonly request: SimulationRequest; readonly findings: readonly Finding[] }
  readonly execute: BatchRun
  readonly effects: Effects
  readonly environments: readonly EnvironmentRun[]
  readonly prices: readonly PoolTrade[]
  readonly lookAhead: Ahead
  readonly switches: readonly SwitchRun[]
  /** What the second engine tells otherwise. */
  readonly crossCheck: readonly string[]
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

/** What a simulation is about, and what of the chain it stands on. */
export interface Job {
  /** As it was asked. */
  readonly request: SimulationRequest
  /** With the uses of its document, as the document has them. */
  readonly planned: SimulationRequest
  readonly digest: Digest.Digest
  readonly user: Address.Address
  readonly kind: ChainKind
  readonly header: Header
  readonly env: BlockEnv
  readonly cache: StateCache
  /** Everything that is handed to the fork; it only grows. */
  readonly access: AccessSet
  /** Accounts that are part of every fork: the user, and the builder, which is paid. */
  readonly always: AccessSet
  readonly key: RunKey
  /** What the same run was found to read; undefined when it is not known. */
  readonly whole: Whole | undefined
  readonly gasHints: readonly bigint[]
  readonly isOnSecond: boolean
  /** Whether the second engine runs it too. */
  readonly isSampled: boolean
  readonly lane: Lane
  /** Facts that this round learned: kept once everything that it read had been handed over. */
  readonly learned: (() => void)[]
  /** The fork of this round; null on a chain that its own node runs. */
  readonly fork: Fork | null
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
  { readonly kind: 'too-many-reads'; readonly reads: number; readonly limit: number } | { readonly kind: 'exhausted' }

/** One step of a simulation. It reads what earlier stages found, and adds one thing of its own. */
export interface Stage<N extends StageName = StageName> {
  readonly name: N
  /** Stages whose result it reads; they stand before it. */
  readonly needs: readonly StageName[]
  /** Why there is nothing to do: `not-applicable` is silent, lines are reported, null means run. */
  skip(job: Job, found: Found, tools: Tools): 'not-applicable' | readonly NotChecked[] | null
  run(tools: Tools, job: Job, found: Found): Promise<Result<FoundBy[N]>> | Result<FoundBy[N]>
}

/** Any stage of a list. */
export type AnyStage = { [N in StageName]: Stage<N> }[StageName]
