import type { Ahead } from '../../model/Evidence.ts'
import { Address } from '@countersign/base'
import type { BatchRun } from '../../model/Run.ts'
import type { Fork } from '../../evm/runBatch.ts'
import type { Effects } from '../../effects/readEffects.ts'
import type { AuthorityChange } from '../../model/Authority.ts'
import type { Log } from '../../model/Step.ts'
import type { SimulationRequest } from '../../model/Request.ts'
import type { AccessSet } from '../../model/Access.ts'
import { vouchedOf } from '../../model/KnownAddress.ts'
import type { Flow } from '../../model/ValueFlow.ts'
import { SWAP_SELECTORS } from '../../decode/swapMinimums.ts'
import { surviving } from '../../effects/Trace.ts'
import { tryExits } from './exits.ts'
import { readMelting } from './melting.ts'
import { tryMinimums } from './minimums.ts'
import { NextMoves } from './NextMoves.ts'
import { boughtTokens, sellBack } from './sellBack.ts'

/** The most actors and bought tokens that are followed. */
const MAX_MOVES = 12

/**
 * Plays the next move in the state that the batch leaves behind: whoever gained an authority tries to take all it can,
 * and the user tries to give back what was bought. Nothing is assumed about contracts: what moved is read from balances.
 */
export async function lookAhead(
  fork: Fork,
  access: AccessSet,
  {
    request,
    run,
    effects,
    flow,
    logs,
    touched,
  }: {
    request: SimulationRequest
    run: BatchRun
    effects: Effects
    flow: Flow
    logs: readonly Log[]
    touched: AccessSet
  },
): Promise<Ahead> {
  const next = new NextMoves({ fork, access, request, run, effects, logs, touched })
  const play = next.play.bind(next)
  const codeOf = next.codeOf.bind(next)
  const gained = effects.authorityChanges.filter(
    (change) => change.after > change.before && !Address.isEqual(change.subject, change.owner),
  )
  const chosen = new Set(strangersFirst(request, gained).slice(0, MAX_MOVES))
  const grown = gained.filter((change) => chosen.has(change))
  const played = await Promise.all(grown.map((change) => next.takeAll(change)))
  const moves = played.flatMap((canTake, i) => {
    const change = grown[i] as AuthorityChange
    return canTake === null
      ? []
      : [{ actor: change.subject, means: change.kind, canTake, change, isLasting: next.lasting.has(change) }]
  })
  const arrived = boughtTokens(request, { effects, logs, codeOf })
  const bought = await Promise.all(
    arrived.slice(0, MAX_MOVES).map((each) => sellBack({ play, from: request.from, env: fork.env, codeOf }, each)),
  )
  const { exits, leftOut, deposits } = await tryExits({ fork, access, request, run, effects, flow, touched })
  const melting = await readMelting(fork, access, { request, run, effects, mine: flow.mine, touched })
  const minimums = isSwappingWithin(run) ? await tryMinimums(fork, access, { request, run, effects, touched }) : []
  return {
    ...{ moves, sellBacks: bought, exits, melts: melting.melts, minimums, deposits },
    unplayed: grown.filter((_, i) => played[i] === null),
    leftOut: {
      ...{ grants: gained.length - grown.length, bought: arrived.length - bought.length },
      ...{ deposits: leftOut, balances: melting.leftOut },
    },
  }
}

/** Whether a contract swaps as part of its own work, so that its own call may say the least that is accepted. */
function isSwappingWithin(run: BatchRun): boolean {
  return run.steps.some(
    (step) =>
      !('refused' in step) &&
      !SWAP_SELECTORS.has((step.trace.input ?? '').slice(0, 10)) &&
      [...surviving(step.trace)].some(({ frame }) => SWAP_SELECTORS.has((frame.input ?? '').slice(0, 10))),
  )
}

/** Those who gained a power and whom nobody vouches for, then powers without a limit, then what is at risk at once. */
function strangersFirst(request: SimulationRequest, changes: readonly AuthorityChange[]): AuthorityChange[] {
  const known = vouchedOf(request)
  const rank = ({ subject, unlimited, valueAtRisk }: AuthorityChange): number =>
    (known.has(subject.toLowerCase()) ? 4 : 0) + (unlimited ? 0 : 2) + (valueAtRisk.length > 0 ? 0 : 1)
  return changes.toSorted((a, b) => rank(a) - rank(b))
}
