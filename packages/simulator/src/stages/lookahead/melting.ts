import type { Effects } from '../../effects/readEffects.ts'
import { asNumber, balanceOf } from '../../effects/probes.ts'
import { playAs, type Fork } from '../../evm/runBatch.ts'
import type { AccessSet } from '../../model/Access.ts'
import type { Melt } from '../../model/Evidence.ts'
import { vouchedOf } from '../../model/KnownAddress.ts'
import type { SimulationRequest } from '../../model/Request.ts'
import type { BatchRun } from '../../model/Run.ts'

const HOUR_S = 3_600n
const MONTH_S = 30n * 24n * HOUR_S
const BLOCK_S = 12n
/** The most balances that are read again. */
const MAX_BALANCES = 16

/**
 * What is left, an hour and a month later, of fungible tokens that arrive and that nobody vouches for: some balances only
 * shrink, and some begin to shrink only after a while.
 */
export async function readMelting(
  fork: Fork,
  access: AccessSet,
  {
    request,
    run,
    effects,
    mine,
    touched,
  }: {
    request: SimulationRequest
    run: BatchRun
    effects: Effects
    /** The user and the accounts that the user controls. */
    mine: ReadonlySet<string>
    touched: AccessSet
  },
): Promise<{ readonly melts: readonly Melt[]; readonly leftOut: number }> {
  const vouched = vouchedOf(request)
  const arrived = effects.tokenChanges.filter(
    ({ account, token, delta, standard }) =>
      mine.has(account) && token !== null && delta > 0n && standard === 'erc20' && !vouched.has(token.toLowerCase()),
  )
  const gained = arrived.slice(0, MAX_BALANCES)
  const leftOut = arrived.length - gained.length
  if (gained.length === 0) return { melts: [], leftOut }
  const { env } = fork
  const calls = gained.map(({ token, account }) => balanceOf(token ?? '', account))
  const readAt = (afterS: bigint) => {
    const later = { ...env, timestampS: env.timestampS + afterS, number: env.number + afterS / BLOCK_S }
    // A token is asked by its holder.
    return playAs({ ...fork, env: later }, access, run.after, { from: request.from.toLowerCase(), calls, touched })
  }
  const [soon, late] = await Promise.all([readAt(HOUR_S), readAt(MONTH_S)])
  const melts = gained.flatMap(({ token, after, delta }, i): Melt[] => {
    const [left, leftLater] = [asNumber(soon[i]), asNumber(late[i])]
    return token === null ? [] : [{ token, held: after, gained: delta, left, leftLater }]
  })
  return { melts, leftOut }
}
