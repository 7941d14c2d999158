import type { Effects } from '../../effects/readEffects.ts'
import { asNumber, balanceOf } from '../../effects/probes.ts'
import { playAs, type Fork } from '../../evm/runBatch.ts'
import type { AccessSet } from '../../model/Access.ts'
import type { Melt } from '../../model/Evidence.ts'
import { vouchedOf } from '../../model/KnownAddress.ts'
import type { SimulationRequest } from '../../model/Request.ts'
import type { BatchRun } from '../../model/Run.ts'

const HOUR_S = 3_600n
const HOUR_BLOCKS = 300n
/** The most tokens that are looked at. */
const MAX_TOKENS = 8

/** What is left an hour later of fungible tokens that arrive and that nobody vouches for: some balances only shrink. */
export async function readMelting(
  fork: Fork,
  access: AccessSet,
  {
    request,
    run,
    effects,
    touched,
  }: { request: SimulationRequest; run: BatchRun; effects: Effects; touched: AccessSet },
): Promise<readonly Melt[]> {
  const vouched = vouchedOf(request)
  const gained = effects.tokenChanges
    .filter(
      ({ account, token, delta, standard }) =>
        account === request.from &&
        token !== null &&
        delta > 0n &&
        standard === 'erc20' &&
        !vouched.has(token.toLowerCase()),
    )
    .slice(0, MAX_TOKENS)
  if (gained.length === 0) return []
  const { env } = fork
  const later = { ...env, timestampS: env.timestampS + HOUR_S, number: env.number + HOUR_BLOCKS }
  const from = request.from.toLowerCase()
  const calls = gained.map(({ token }) => balanceOf(token ?? '', from))
  const answers = await playAs({ ...fork, env: later }, access, run.after, { from, calls, touched })
  return gained.flatMap(({ token, after, delta }, i) => {
    const left = asNumber(answers[i])
    return token === null || left === null ? [] : [{ token, held: after, gained: delta, left }]
  })
}
