import type { Hex } from '@countersign/base'
import { holds } from '../../effects/Word.ts'
import { asNumber, balanceOf } from '../../effects/probes.ts'
import type { Effects } from '../../effects/readEffects.ts'
import { dealtWith } from '../../effects/reach.ts'
import { playAs } from '../../evm/runBatch.ts'
import { EMPTY_CODE_HASH } from '../../model/Access.ts'
import type { AuthorityChange } from '../../model/Authority.ts'
import type { GrantTrial } from '../../model/Evidence.ts'
import type { SimulationRequest } from '../../model/Request.ts'
import { etherOf, READER, READER_CODE } from './reader.ts'
import { BENEFICIARY } from './sellBack.ts'
import { listsFor, tryAll, type Ground, type Taken, type Trial } from './trials.ts'

/** The most entries whose grantees try all that they can. */
const MAX_GRANTS = 3
export const MAX_TOKENS = 6
const MAX_HOLDERS = 3
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
): Promise<readonly GrantTrial[]> {
  const open = effects.authorityChanges.filter(
    ({ kind, contract, before, after }) =>
      kind === 'unknown_grant' &&
      after > before &&
      effects.reach.has(contract.toLowerCase()) &&
      !effects.lent.has(contract.toLowerCase()),
  )
  if (open.length > MAX_GRANTS) return []
  const tried = await Promise.all(open.map((change) => tryGrant(ground, { request, effects, change })))
  return tried.filter((each) => each !== null)
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
  const { tokens, holders, held } = await holdingsOf(ground, { request, effects, contract, user })
  const most = held.reduce((max, { amount }) => (amount > max ? amount : max), 0n)
  const token = held.find((each) => each.token !== null)?.token ?? null
  // The number first: less would leave less than all of it.
  const amounts = [...(number === null ? [] : [number, number + 1n]), most, UNIT, 1n].filter((amount) => amount > 0n)
  const lists = listsFor({ user, actor, amounts, token, ids: idsIn(request, [user, actor]) })
  const trials = await Promise.all(
    LATER_S.map((afterS) =>
      tryAll(ground, {
        ...{ actor, contract, lists, holders, tokens, user, slot, afterS },
        ownSlots: effects.ownSlots,
      }),
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

/** The coins and tokens that may be taken from a contract, from the user or from what the contract deals with. */
export async function holdingsOf(
  { fork, access, run, touched }: Ground,
  {
    request,
    effects,
    contract,
    user,
  }: { request: SimulationRequest; effects: Pick<Effects, 'tokenChanges'>; contract: string; user: string },
): Promise<{
  readonly tokens: readonly (string | null)[]
  readonly holders: readonly string[]
  /** What the contract itself has. */
  readonly held: readonly { readonly token: string | null; readonly amount: bigint }[]
}> {
  const hasCode = (address: string) => {
    touched.set(address, touched.get(address) ?? new Set())
    const hash = fork.cache.accounts.get(address)?.codeHash ?? EMPTY_CODE_HASH
    return hash !== EMPTY_CODE_HASH || run.after.accounts.get(address)?.code !== undefined
  }
  const others = dealtWith(fork, run, contract).filter((each) => each !== contract && each !== user && hasCode(each))
  const named = [
    ...request.known.flatMap(({ kind, address }) => (kind === 'token' ? [address.toLowerCase()] : [])),
    ...effects.tokenChanges.flatMap(({ token, standard }) =>
      token === null || standard !== 'erc20' ? [] : [token.toLowerCase()],
    ),
  ]
  const asked = [...new Set([...others.filter((each) => named.includes(each)), ...named, ...others])].slice(
    0,
    2 * MAX_TOKENS,
  )
  const probes = [etherOf(contract), ...asked.map((token) => balanceOf(token, contract))]
  const after = { ...run.after, accounts: new Map(run.after.accounts).set(READER, { code: READER_CODE }) }
  const answers = await playAs(fork, access, after, { from: BENEFICIARY.toLowerCase(), calls: probes, touched })
  const held = [null, ...asked].flatMap((token, i) => {
    const amount = asNumber(answers[i])
    return amount === null ? [] : [{ token, amount }]
  })
  const tokens = [
    ...held.filter(({ amount }) => amount > 0n),
    ...held.filter(({ token, amount }) => token === null || amount === 0n),
  ].map(({ token }) => token)
  return {
    tokens: [...new Set(tokens)].slice(0, MAX_TOKENS),
    holders: [contract, user, ...others.filter((each) => !asked.includes(each)).slice(0, MAX_HOLDERS)],
    held: held.filter(({ amount }) => amount > 0n),
  }
}
