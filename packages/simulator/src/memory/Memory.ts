import type { Digest, Hex } from '@countersign/base'
import type { ProbeAnswer } from '../evm/ReadProbe.ts'
import type { Watched } from '../evm/watchRun.ts'
import type { EnvironmentRun, SwitchRun } from '../model/Evidence.ts'
import type { NotChecked } from '../model/Finding.ts'
import type { SimulationRequest } from '../model/Request.ts'
import type { AccessSet } from '../model/Access.ts'
import { memo, type Memo } from './Memo.ts'
import { shapeOf } from './keys.ts'

/** A request in one block's state, and in one environment: what a run is a function of. */
export interface RunKey {
  /** The state that it stands on: `StateCache.id`, so that a state that was disowned takes its facts along. */
  readonly state: string
  /** Every field of the environment (`envKey`). */
  readonly env: string
  readonly request: Digest.Digest
}

/** A request that was found whole: its run reads this and no more, so the closure check can be left out. */
export interface Whole {
  /** All that was read for the report. */
  readonly access: AccessSet
  /** What the run itself read. */
  readonly runTouched: AccessSet
  /** The limits that counted; undefined for a step that was refused. */
  readonly gasLimits: readonly (bigint | undefined)[]
  /** Hashes of earlier blocks that it asked for. */
  readonly blockHashes: ReadonlyMap<bigint, Hex.Hex>
}

/** A run of a request: other limits or another value of a switch are other runs. */
export interface WatchKey extends RunKey {
  readonly variant: string
}

/** Reads of balances and grants on the state as it is, before anything ran. */
export interface ReadsKey {
  readonly state: string
  readonly env: string
  readonly reader: string
  /** Of a document, under which ecrecover answers otherwise; empty for transactions. */
  readonly document: string
  readonly probes: readonly { readonly to: string; readonly data: Hex.Hex }[]
}

export interface BeforeReads {
  readonly answers: readonly ProbeAnswer[]
  readonly touched: AccessSet
}

/** All that one simulation may leave for the next ones. */
export interface Memory {
  readonly whole: Memo<RunKey, Whole>
  readonly watched: Memo<WatchKey, Watched>
  readonly balanceReads: Memo<ReadsKey, BeforeReads>
  /** What other blocks make of a run. */
  readonly environments: Memo<RunKey, { readonly value: readonly EnvironmentRun[]; readonly touched: AccessSet }>
  /** Stored switches that would turn the outcome. */
  readonly switches: Memo<
    RunKey,
    { readonly value: readonly SwitchRun[]; readonly touched: AccessSet; readonly notChecked: readonly NotChecked[] }
  >
  /** What the same request touched on any block: read in one round trip, and then checked like anything else. */
  readonly requestAccess: Memo<Digest.Digest, AccessSet>
  /** What requests of one kind touched. */
  readonly shapeAccess: Memo<SimulationRequest, AccessSet>
  /** Accounts that the provider's own trace of such a request brought: the others are asked for beside it. */
  readonly shapeTraced: Memo<SimulationRequest, ReadonlySet<string>>
  /** Gas limits of requests of one kind: tried beside the estimate. */
  readonly shapeGas: Memo<SimulationRequest, readonly bigint[]>
}

const runKey = ({ state, env, request }: RunKey): string => `${state}|${env}|${request}`

export function emptyMemory(): Memory {
  return {
    whole: memo({ name: 'what a request touches', kind: 'fact', key: runKey, max: 2_000 }),
    watched: memo({
      name: 'watched opcodes and preimages',
      kind: 'fact',
      key: (key) => `${runKey(key)}|${key.variant}`,
      max: 2_000,
    }),
    balanceReads: memo({
      name: 'balance reads',
      kind: 'fact',
      key: ({ state, env, reader, document, probes }) =>
        `${state}|${env}|${reader}|${document}|${probes.map(({ to, data }) => `${to}${data}`).join('|')}`,
      max: 500,
    }),
    environments: memo({ name: 'other environments', kind: 'fact', key: runKey, max: 500 }),
    switches: memo({ name: 'stored switches', kind: 'fact', key: runKey, max: 2_000 }),
    requestAccess: memo({ name: 'access by request', kind: 'hint', key: (digest) => digest, max: 2_000 }),
    shapeAccess: memo({ name: 'access by shape', kind: 'hint', key: shapeOf, max: 2_000 }),
    shapeTraced: memo({ name: 'traced accounts by shape', kind: 'hint', key: shapeOf, max: 2_000 }),
    shapeGas: memo({ name: 'gas by shape', kind: 'hint', key: shapeOf, max: 2_000 }),
  }
}
