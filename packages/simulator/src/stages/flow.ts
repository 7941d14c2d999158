import type { Address } from '@countersign/base'
import type { Effects } from '../effects/readEffects.ts'
import { surviving } from '../effects/Trace.ts'
import { mineOf } from '../model/Controlled.ts'
import type { BatchRun } from '../model/Run.ts'
import { proceedsOfBatch, unitsOf, type Proceeds, type Unit } from '../model/ValueFlow.ts'
import { runsOf } from './parts.ts'

/** Who ends up with what, as rules and intents ask. */
export interface Flow {
  readonly mine: ReadonlySet<string>
  readonly proceeds: readonly Proceeds[]
  readonly units: readonly Unit[]
  readonly contracts: readonly ReadonlySet<string>[]
}

/** Follows the value of a run. Nothing is read for it. */
export function flowOf(from: Address.Address, run: BatchRun | null, effects: Effects | null, baseFeeWei: bigint): Flow {
  const mine = mineOf(from, effects?.controlled ?? [])
  const contracts = runsOf(run).map(
    ({ trace }) => new Set([...surviving(trace)].flatMap(({ frame }) => frame.to?.toLowerCase() ?? [])),
  )
  if (effects === null) return { mine, proceeds: [], units: [], contracts }
  const whole: Unit = { changes: effects.tokenChanges, entries: effects.entries, movements: effects.movements }
  return {
    mine,
    proceeds: withoutRefund(proceedsOfBatch(whole, contracts, mine), run, baseFeeWei),
    units: unitsOf(whole, contracts, mine),
    contracts,
  }
}

/** An entry point pays whoever sends the transaction its fee, out of the account's deposit, with a margin of its own. */
const REFUND_FACTOR = 3n

/** Leaves out what is no more than the transaction's own fee, in the chain's coin: somebody else sends it, and is paid back. */
export function withoutRefund(
  proceeds: readonly Proceeds[],
  run: BatchRun | null,
  baseFeeWei: bigint,
): readonly Proceeds[] {
  // The holder of a document sends for nothing here, and is paid by the block's own price.
  const feeWei = runsOf(run).reduce(
    (sum, { gasUsed, gasPriceWei }) => sum + gasUsed * (gasPriceWei > baseFeeWei ? gasPriceWei : baseFeeWei),
    0n,
  )
  return proceeds.filter(
    ({ kind, token, amount }) => kind !== 'coin' || token !== null || amount > REFUND_FACTOR * feeWei,
  )
}
