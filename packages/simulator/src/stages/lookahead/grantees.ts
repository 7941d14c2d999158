import type { Hex } from '@countersign/base'
import { holds } from '../../effects/Word.ts'
import type { Effects } from '../../effects/readEffects.ts'
import type { AuthorityChange } from '../../model/Authority.ts'
import type { GrantTrial } from '../../model/Evidence.ts'
import type { SimulationRequest } from '../../model/Request.ts'
import { holdingsOf } from './holdings.ts'
import { tryEntry, type Ground, type Taken, type Trial } from './trials.ts'

/** The most entries whose grantees try all that they can. */
const MAX_GRANTS = 3
/** Now, and when every lock has ended. */
const LATER_S = [0n, 400n * 86_400n] as const
/** Up to here a number is a level or a role. */
const MAX_LEVEL = 255n
/** A whole unit of most coins with few decimals: what asks for a least amount takes it. */
const UNIT = 1_000_000n

/**
 * What an account can do by an entry that nothing explains: it calls every function of the contract, now and when every lock has
 * ended. An entry is `harmless` if nothing of the user's or of the contract's moves by it, and `bounded` if exactly the number
 * that the user's own call wrote moves, and one more does not.
 */
export async function tryGrants(
  ground: Ground,
  { request, effects }: { request: SimulationRequest; effects: Effects },
): Promise<{ readonly grants: readonly GrantTrial[]; readonly untried: readonly AuthorityChange[] }> {
  const open = effects.authorityChanges.filter(
    ({ kind, contract, before, after }) =>
      kind === 'unknown_grant' &&
      after > before &&
      effects.reach.has(contract.toLowerCase()) &&
      !effects.lent.has(contract.toLowerCase()),
  )
  if (open.length > MAX_GRANTS) return { grants: [], untried: open }
  const tried = await Promise.all(open.map((change) => tryGrant(ground, { request, effects, change })))
  return { grants: tried.filter((each) => each !== null), untried: open.filter((_, i) => tried[i] === null) }
}

async function tryGrant(
  ground: Ground,
  { request, effects, change }: { request: SimulationRequest; effects: Effects; change: AuthorityChange },
): Promise<GrantTrial | null> {
  const slot = effects.grantSlots.get(change)
  const [contract, actor, user] = [change.contract, change.subject, change.owner].map((each) => each.toLowerCase()) as [
    string,
    string,
    string,
  ]
  if (slot === undefined) return null
  const number = numberIn(ground.run.after.slots.get(contract)?.get(slot), { actor, request })
  const [holdings] = (await holdingsOf(ground, { request, effects, contracts: [contract], user })) ?? []
  if (holdings === undefined) return null
  const { tokens, holders, held } = holdings
  const most = held.reduce((max, { amount }) => (amount > max ? amount : max), 0n)
  const token = held.find((each) => each.token !== null)?.token ?? null
  // The number first: less would leave less than all of it.
  const amounts = [...(number === null ? [] : [number, number + 1n]), most, UNIT, 1n].filter((amount) => amount > 0n)
  const lists = listsFor({ user, actor, amounts, token, ids: idsIn(request, [user, actor]) })
  const trials = await Promise.all(
    LATER_S.map((afterS) =>
      tryEntry(ground, { actor, contract, lists, holders, tokens, afterS }, { user, slot, ownSlots: effects.ownSlots }),
    ),
  )
  const whole = trials.filter((trial) => trial !== null)
  if (whole.length < trials.length) return null
  const isBounded = whole.every((trial) => isBoundedBy(trial, number))
  const [worst] = whole.flatMap(({ taken }) => taken).toSorted((a, b) => (a.amount < b.amount ? 1 : -1))
  // A bound that no try came up to was not seen to hold.
  const isReached = worst !== undefined && worst.amount === number
  const isOpen = whole.some(({ isRenamed, isUnresolved }) => isRenamed || isUnresolved)
  return {
    ...{ contract: change.contract, subject: change.subject, slot, functions: whole[0]?.functions ?? 0 },
    outcome: isOpen || !isBounded ? 'open' : worst === undefined ? 'harmless' : isReached ? 'bounded' : 'open',
    most: worst === undefined ? null : { token: worst.token, amount: worst.amount },
  }
}

/** Whether what was taken is nothing, or no more than the number that bounds it while there was more to take. */
function isBoundedBy({ taken, fell }: Trial, number: bigint | null): boolean {
  const isWithin = ({ amount, left }: Taken) => number !== null && amount <= number && left > 0n
  return taken.every(isWithin) && fell.every((each) => number !== null && each <= number)
}

/** The number of an entry, where a call of the user's names it; null for a level, a role or an account. */
function numberIn(
  word: Hex.Hex | undefined,
  { actor, request }: { actor: string; request: SimulationRequest },
): bigint | null {
  if (word === undefined || holds(word, actor) || BigInt(word) <= MAX_LEVEL) return null
  const text = word.slice(2).padStart(64, '0')
  return request.calls.some(({ data }) => data.toLowerCase().includes(text)) ? BigInt(word) : null
}

/** The most words of the user's calls that are tried as numbers of a piece, a position or an order. */
const MAX_IDS = 3

function idsIn({ calls }: SimulationRequest, accounts: readonly string[]): readonly bigint[] {
  const words = calls.flatMap(({ data }) => data.slice(10).match(/.{64}/g) ?? [])
  const isOther = (text: string) => accounts.every((account) => !text.toLowerCase().endsWith(account.slice(2)))
  return [...new Set(words.filter(isOther).map((text) => BigInt(`0x${text}`)))]
    .filter((value) => value > 1n)
    .slice(0, MAX_IDS)
}

/**
 * Arguments that a function which takes something from the user may want: whom from, whom to, how much of what, under which
 * number. The first list is nothing but zeros.
 */
function listsFor({
  user,
  actor,
  amounts,
  token,
  ids,
}: {
  user: string
  actor: string
  amounts: readonly bigint[]
  token: string | null
  ids: readonly bigint[]
}): readonly (readonly (bigint | string)[])[] {
  return [
    [],
    [actor, actor, actor, actor],
    [user, actor, user, actor],
    ...[...new Set(amounts)].flatMap((amount) => [
      [amount, actor, actor, actor],
      [actor, amount, actor, actor],
      [user, amount, actor, actor],
      [user, actor, amount, actor],
      ...(token === null
        ? []
        : [
            [token, actor, amount, actor],
            [token, amount, actor, actor],
            [token, user, actor, amount],
          ]),
    ]),
    ...[...new Set(ids)].flatMap((id) => [
      [id, actor, actor, actor],
      [user, id, actor, actor],
      [user, actor, id, 1n],
    ]),
  ]
}
