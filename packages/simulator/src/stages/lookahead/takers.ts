import { Address } from '@countersign/base'
import { hasCode } from '../../effects/codesOf.ts'
import type { Effects } from '../../effects/readEffects.ts'
import { dealtWith } from '../../effects/reach.ts'
import * as Overlay from '../../evm/Overlay.ts'
import type { Deposit, DepositTrial, Opening } from '../../model/Evidence.ts'
import { vouchedOf } from '../../model/KnownAddress.ts'
import type { SimulationRequest } from '../../model/Request.ts'
import type { Flow } from '../../model/ValueFlow.ts'
import { holdingsOf } from './holdings.ts'
import { BENEFICIARY } from './sellBack.ts'
import { tryTaking, type Ground, type Taken } from './trials.ts'

/** The most deposits, people of a contract, and contracts named by calls, that are followed. */
const MAX_DEPOSITS = 2
const MAX_PEOPLE = 2
const MAX_OPENINGS = 3
const ANYBODY = BENEFICIARY.toLowerCase()

interface Scene {
  readonly request: SimulationRequest
  readonly effects: Effects
  readonly flow: Flow
}

interface Held {
  readonly token: string | null
  readonly amount: bigint
}

/**
 * Whether somebody else can take out what the batch puts into a contract: anybody at all, and the people whose names stand in
 * the contract's code and words, its owner and its keeper. They call every function of it right after the batch; the deposit is
 * gone where less than half of it is left in the contract, and whoever called has the rest: a vault that anybody may tell to put
 * its money to work gives nothing away by it. A person has no functions: what is paid to one is no deposit.
 */
export function tryTakers(
  ground: Ground,
  { flow, deposits }: { readonly flow: Flow; readonly deposits: readonly Deposit[] },
): Promise<readonly DepositTrial[]> {
  const { fork, run, touched } = ground
  const inCode = deposits.filter(({ contract }) => hasCode(fork, run, { address: contract, touched }))
  return Promise.all(
    inCode.map(async ({ contract, given, isUnwritten }, i): Promise<DepositTrial> => {
      const of = { contract: Address.parse(contract), isWritten: isUnwritten !== true }
      if (i >= MAX_DEPOSITS) return { ...of, isWhole: false, takers: [] }
      const people = peopleOf(ground, { contract, flow })
      const actors = [ANYBODY, ...people.slice(0, MAX_PEOPLE)]
      const tried = await Promise.all(actors.map((actor) => takeAll(ground, { actor, contract, held: given })))
      const takers = tried.flatMap((taken, at) => {
        const gone = goneOf(taken ?? [], given)
        const actor = actors[at] ?? ANYBODY
        return gone === undefined
          ? []
          : [{ actor: Address.parse(actor), isAnybody: actor === ANYBODY, token: gone.token, amount: gone.amount }]
      })
      return { ...of, isWhole: people.length <= MAX_PEOPLE && !tried.includes(null), takers }
    }),
  )
}

/** An account tries to take from a contract what it holds. */
function takeAll(
  ground: Ground,
  { actor, contract, held, start }: { actor: string; contract: string; held: readonly Held[]; start?: Overlay.Overlay },
): Promise<readonly Taken[] | null> {
  return tryTaking(ground, {
    ...{ actor, contract, holders: [contract], afterS: 0n },
    lists: listsOf(held, actor),
    tokens: [...new Set(held.map(({ token }) => token))],
    ...(start === undefined ? {} : { start }),
  })
}

/** What is gone, and with whoever called. */
function goneOf(taken: readonly Taken[], held: readonly Held[]): Taken | undefined {
  return taken.find(({ token, left, gained }) =>
    held.some((each) => each.token === token && left * 2n < each.amount && gained * 2n >= each.amount),
  )
}

/** People, and no contracts, whom a contract knows. */
function peopleOf({ fork, run, touched }: Ground, { contract, flow }: { contract: string; flow: Flow }): string[] {
  return dealtWith(fork, run, contract).filter(
    (address) =>
      address !== contract &&
      !flow.mine.has(Address.parse(address)) &&
      BigInt(address) > MAX_PRECOMPILE &&
      !hasCode(fork, run, { address, touched }),
  )
}
const MAX_PRECOMPILE = 0xffffn

/**
 * Contracts that the user's calls name, from which anybody can take what nobody could take before: a button, a role or a flag
 * that is everybody's now.
 */
export async function tryOpenings(
  ground: Ground,
  { request, effects, flow }: Scene,
  done: readonly string[],
): Promise<{ readonly openings: readonly Opening[]; readonly untried: readonly Address.Address[] }> {
  const user = request.from.toLowerCase()
  const known = vouchedOf(request)
  const named = request.calls.flatMap(({ to, data }) => [
    ...(to === null ? [] : [to.toLowerCase()]),
    ...(data.slice(10).match(/.{64}/g) ?? []).flatMap((text) =>
      /^0{24}(?!0{16})/.test(text) ? [`0x${text.slice(24)}`.toLowerCase()] : [],
    ),
  ])
  const { fork, run, touched } = ground
  if (!isSomethingSet(run, effects)) return { openings: [], untried: [] }
  const isOpen = (address: string) =>
    !known.has(address) &&
    !flow.mine.has(Address.parse(address)) &&
    !done.includes(address) &&
    hasCode(fork, run, { address, touched })
  const all = [...new Set(named)].filter(isOpen)
  const contracts = all.slice(0, MAX_OPENINGS)
  const holdings = await holdingsOf(ground, { request, effects, contracts, user })
  if (holdings === null) return { openings: [], untried: all.map(Address.parse) }
  const tried = await Promise.all(
    contracts.map(async (contract, i) => {
      // What the batch itself puts there is a deposit.
      const held = heldBefore(effects, contract, holdings[i]?.held ?? [])
      return held.length === 0 ? [] : await tryOpening(ground, contract, held)
    }),
  )
  return {
    openings: tried.flatMap((each) => each ?? []),
    untried: all.filter((_, i) => i >= MAX_OPENINGS || tried[i] === null).map(Address.parse),
  }
}

/** Whether the batch wrote any word but in tokens that move: nothing is opened without one. */
function isSomethingSet({ after }: Ground['run'], { tokenChanges }: Effects): boolean {
  const moving = new Set(tokenChanges.map(({ token }) => token?.toLowerCase()))
  return [...after.slots].some(([contract, slots]) => slots.size > 0 && !moving.has(contract))
}

/** Null where it could not be tried. */
async function tryOpening(ground: Ground, contract: string, held: readonly Held[]): Promise<readonly Opening[] | null> {
  const taken = await takeAll(ground, { actor: ANYBODY, contract, held })
  if (taken === null) return null
  const most = goneOf(taken, held)
  if (most === undefined) return []
  // What anybody could take before is not the batch's doing.
  const before = await takeAll(ground, { actor: ANYBODY, contract, held, start: Overlay.empty() })
  const was = before?.find(({ token }) => token === most.token)?.amount ?? 0n
  return was * 2n >= most.amount ? [] : [{ contract: Address.parse(contract), token: most.token, amount: most.amount }]
}

/** Of what a contract holds, how much it held before the batch. */
function heldBefore({ tokenChanges }: Effects, contract: string, held: readonly Held[]): readonly Held[] {
  return held.flatMap(({ token, amount }) => {
    const came = tokenChanges
      .filter((change) => change.account.toLowerCase() === contract && (change.token?.toLowerCase() ?? null) === token)
      .reduce((sum, { delta }) => sum + delta, 0n)
    const was = amount - came
    return was <= 0n ? [] : [{ token, amount: was < amount ? was : amount }]
  })
}

/** Arguments with which an account asks for amounts for itself. */
function listsOf(held: readonly Held[], actor: string): readonly (readonly (bigint | string)[])[] {
  return [
    [],
    [actor, actor, actor, actor],
    ...held.flatMap(({ token, amount }) => [
      [amount, actor, actor, actor],
      [actor, amount, actor, actor],
      ...(token === null
        ? []
        : [
            [token, actor, amount, actor],
            [token, amount, actor, actor],
          ]),
    ]),
  ]
}
