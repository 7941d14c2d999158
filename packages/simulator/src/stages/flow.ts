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
export function flowOf(from: Address.Address, run: BatchRun | null, effects: Effects | null): Flow {
  const mine = mineOf(from, effects?.controlled ?? [])
  const contracts = runsOf(run).map(
    ({ trace }) => new Set([...surviving(trace)].flatMap(({ frame }) => frame.to?.toLowerCase() ?? [])),
  )
  if (effects === null) return { mine, proceeds: [], units: [], contracts }
  const whole: Unit = { changes: effects.tokenChanges, entries: effects.entries, movements: effects.movements }
  return {
    mine,
    proceeds: proceedsOfBatch(whole, contracts, mine),
    units: unitsOf(whole, contracts, mine),
    contracts,
  }
}
