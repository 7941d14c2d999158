import type { Effects } from '../effects/readEffects.ts'
import { surviving } from '../effects/Trace.ts'
import { mineOf } from '../model/Controlled.ts'
import type { BatchRun } from '../model/Run.ts'
import { proceedsOfBatch, unitsOf, type Flow, type Proceeds, type Unit } from '../model/ValueFlow.ts'
import { runsOf } from './parts.ts'
import type { Found } from './Found.ts'
import type { Job, Stage } from './Stage.ts'

/** Follows the value of the run once, for the exits, the parties, the intent and the rules. Nothing is read for it. */
export const flow: Stage<'flow'> = {
  name: 'flow',
  needs: ['plan', 'execute', 'effects'],
  skip: () => null,
  run: (_tools, job, found) => ({ status: 'done', value: flowOf(job, found.get('execute'), found.get('effects')) }),
}

/** Who ends up with what; of a run that was stopped, nobody with anything. */
export function flowIn(job: Job, found: Found): Flow {
  return found.get('flow') ?? flowOf(job, null, null)
}

function flowOf({ user, env }: Pick<Job, 'user' | 'env'>, run: BatchRun | null, effects: Effects | null): Flow {
  const mine = mineOf(user, effects?.controlled ?? [])
  const contracts = runsOf(run).map(
    ({ trace }) => new Set([...surviving(trace)].flatMap(({ frame }) => frame.to?.toLowerCase() ?? [])),
  )
  if (effects === null) return { mine, proceeds: [], units: [], contracts }
  const whole: Unit = { changes: effects.tokenChanges, entries: effects.entries, movements: effects.movements }
  return {
    mine,
    proceeds: withoutRefund(proceedsOfBatch(whole, contracts, mine), run, env.baseFeeWei),
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
