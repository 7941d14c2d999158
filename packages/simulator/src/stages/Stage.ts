import type { Address, Digest } from '@countersign/base'
import type { Chain } from '../chain/Chain.ts'
import type { Engine } from '../chain/Engine.ts'
import type { StateCache } from '../chain/state/StateCache.ts'
import type { NodeCapabilities } from '../evm/node/nodeCapabilities.ts'
import type { Lane } from '../evm/Lane.ts'
import type { Fork } from '../evm/runBatch.ts'
import type { RunKey, Whole } from '../memory/Memory.ts'
import type { AccessSet } from '../model/Access.ts'
import type { BlockEnv, Header } from '../model/Block.ts'
import type { NotChecked } from '../model/Finding.ts'
import type { SimulationRequest } from '../model/Request.ts'
import type { StoodOn } from '../model/Unmined.ts'
import type { Found } from './Found.ts'
import type { FoundBy, Result, StageName } from './FoundBy.ts'
import type { Tools } from './Tools.ts'

export type { FoundBy, Result, StageName, StepsFound, Stop } from './FoundBy.ts'

/** What a simulation is about, and what of the chain it stands on. */
export interface Job {
  /** As it was asked. */
  readonly request: SimulationRequest
  /** With the uses of its document, as the document has them. */
  readonly planned: SimulationRequest
  readonly digest: Digest.Digest
  readonly user: Address.Address
  readonly chain: Chain
  /** Which EVM judges the chain. */
  readonly engine: Engine
  /** What the chain's own node can do, where it runs the batch; null where an EVM here does. */
  readonly node: NodeCapabilities | null
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
  /** Facts that whole stages learned: kept once everything that all of them read had been handed over. */
  readonly learned: (() => void)[]
  /** What the sender signed before and the state holds already. */
  readonly standsOn: readonly StoodOn[]
  /** The fork as it is now; null on a chain that its own node runs. */
  readonly fork: Fork | null
}

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
