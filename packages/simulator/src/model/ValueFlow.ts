import { Address } from '@countersign/base'
import type { TokenChange } from './TokenChange.ts'

/** One movement of an asset, in the order in which it happened. The zero address stands for minting and burning. */
export interface Movement {
  /** 1-based. */
  readonly step: number
  readonly from: string
  readonly to: string
  /** Null for the chain's coin. */
  readonly token: string | null
  readonly tokenId: bigint | null
  readonly amount: bigint
}

/** A number or a name that a contract keeps for an account and that differs afterwards. */
export interface Entry {
  readonly contract: string
  readonly account: string
  /** What it did for whom it is kept: there is more of it, or the account newly stands there. */
  readonly direction: 'grew' | 'fell'
  /** How much, in a unit that only the contract knows; null where an account's name came or went. */
  readonly amount: bigint | null
  /** Somebody else is named in a record that the user sets up: beside the user, or under the id of what is the user's. */
  readonly isInUsersRecord?: true
}

/** What was to be the user's and ends with somebody else. */
export interface Proceeds {
  readonly account: Address.Address
  /** `entry`: it is written down for the account by `contract`, in a unit that only the contract knows. */
  readonly kind: 'coin' | 'entry'
  readonly token: Address.Address | null
  readonly tokenId: bigint | null
  readonly amount: bigint
  readonly contract: Address.Address | null
  /**
   * How much of the counter-value it is: `all`, the user's side gets nothing; `most`, of the same asset the user's side
   * gets less; `beside`, the user's side gets something else, which may be worth less.
   */
  readonly share: 'all' | 'most' | 'beside'
}

/** What one step, or the whole batch, did to everybody. */
export interface Unit {
  readonly changes: readonly Pick<TokenChange, 'account' | 'token' | 'tokenId' | 'delta' | 'decimals'>[]
  readonly entries: readonly Entry[]
  /** Movements that the balances bear out; an asset without one is followed by its balances alone. */
  readonly movements: readonly Movement[]
}

/** Who ends up with what of a batch, as rules, intents and the way out of a deposit ask. */
export interface Flow {
  readonly mine: ReadonlySet<string>
  readonly proceeds: readonly Proceeds[]
  /** The batch as a whole; then its steps, where they can be told apart. */
  readonly units: readonly Unit[]
  /** Contracts that each step calls, lower case. */
  readonly contracts: readonly ReadonlySet<string>[]
}

type Change = Unit['changes'][number]

/** What names an asset: a coin, a token, or one piece of a collection. */
export function assetOf({
  token,
  tokenId,
}: {
  readonly token: string | null
  readonly tokenId: bigint | null
}): string {
  return `${token?.toLowerCase() ?? ''}|${tokenId ?? ''}`
}

/** A millionth of a whole unit, or less, either way: nobody is paid with it. */
export function isGrain({ delta, decimals }: Pick<Change, 'delta' | 'decimals'>): boolean {
  const amount = delta < 0n ? -delta : delta
  return decimals !== null && decimals >= 6 && amount < 10n ** BigInt(decimals - 6)
}

/**
 * Splits a batch into its steps, each with its own movements, where events tell of every asset what balances bear out. A
 * batch of one step is one unit.
 *
 * @param contracts - Contracts that each step calls, lower case: an entry belongs to the steps that call its contract.
 */
export function unitsOf(whole: Unit, contracts: readonly ReadonlySet<string>[], mine: ReadonlySet<string>): Unit[] {
  if (contracts.length < 2) return [whole]
  const told = new Set(whole.movements.map(assetOf))
  if (whole.changes.some((change) => mine.has(change.account) && !told.has(assetOf(change)))) return [whole]
  const decimals = new Map(whole.changes.map((change) => [assetOf(change), change.decimals]))
  return [
    whole,
    ...contracts.map((called, i): Unit => {
      const movements = whole.movements.filter(({ step }) => step === i + 1)
      const sums = new Map<string, Change>()
      for (const { from, to, amount, token, tokenId } of movements)
        for (const [account, delta] of [
          [from, -amount],
          [to, amount],
        ] as const) {
          if (account === Address.ZERO) continue
          const key = `${account}|${assetOf({ token, tokenId })}`
          const asset = { token: token === null ? null : Address.parse(token), tokenId }
          const was = sums.get(key)?.delta ?? 0n
          const known = decimals.get(assetOf(asset)) ?? null
          sums.set(key, { account: Address.parse(account), ...asset, delta: was + delta, decimals: known })
        }
      return {
        changes: [...sums.values()].filter(({ delta }) => delta !== 0n),
        entries: whole.entries.filter(({ contract }) => called.has(contract)),
        movements,
      }
    }),
  ]
}

/** Entries that are not a token's own lists of who holds what: those say the same as its balances. */
function booksOf({ changes, entries }: Pick<Unit, 'changes' | 'entries'>): readonly Entry[] {
  const tokens = Map.groupBy(changes, ({ token }) => token?.toLowerCase() ?? '')
  // A token that counts may keep records beside: whoever is named in one holds no balance by it.
  const isRecord = ({ contract, amount }: Entry) =>
    amount === null && (tokens.get(contract) ?? []).every(({ tokenId }) => tokenId === null)
  return entries.filter((entry) => !tokens.has(entry.contract) || isRecord(entry))
}

/** What the user's side gives and gets in a unit. Pure amounts; who it is with is not asked. */
export function sidesOf({ changes, entries }: Unit, mine: ReadonlySet<string>) {
  const sums = new Map<string, Change>()
  for (const change of changes) {
    if (!mine.has(change.account)) continue
    const delta = (sums.get(assetOf(change))?.delta ?? 0n) + change.delta
    sums.set(assetOf(change), { ...change, delta })
  }
  const own = booksOf({ changes, entries }).filter(({ account }) => isOf(mine, account))
  return {
    gives: [...sums.values()].filter(({ delta }) => delta < 0n),
    gets: [...sums.values()].filter((change) => change.delta > 0n && !isGrain(change)),
    own,
  }
}

/**
 * Who ends up with the counter-value of what the user's side gives, in whatever asset. Sources are pools, vaults and
 * whoever else pays out; sinks are accounts that only gain. What passes through is followed to where it stays.
 */
export function proceedsOf(unit: Unit, mine: ReadonlySet<string>): Proceeds[] {
  const { gives, gets, own } = sidesOf(unit, mine)
  if (gives.length === 0 && own.length === 0) return []
  const given = new Set(gives.map(assetOf))
  const hasEntry = own.some(({ direction }) => direction === 'grew') && gives.length > 0
  const isNothing = gets.length === 0 && !hasEntry
  const losers = new Set(unit.changes.flatMap(({ account, delta }) => (delta < 0n ? [account as string] : [])))
  const sinks = unit.changes.filter(
    (change) =>
      change.delta > 0n && !mine.has(change.account) && !losers.has(change.account) && !given.has(assetOf(change)),
  )
  const coins = [...Map.groupBy(sinks, assetOf)].flatMap(([asset, group]) => {
    const got = gets.find((change) => assetOf(change) === asset)?.delta ?? 0n
    const from = sourcesOf(unit, asset, mine)
    const owned = group.map((change) => ({ change, amount: from.paidTo(change) })).filter(({ amount }) => amount > 0n)
    const total = owned.reduce((sum, { amount }) => sum + amount, 0n)
    const most = owned.reduce((max, { amount }) => (amount > max ? amount : max), 0n)
    return owned.flatMap(({ change, amount }): Proceeds[] => {
      // Less than half is a fee; where nobody has half, the largest share stands for them all.
      const isMain = amount * 2n >= total || amount === most
      const isMore = got > 0n ? from.isMostOfASource(change) : isMain
      if (!isMore) return []
      const share = isNothing ? 'all' : got > 0n ? 'most' : 'beside'
      const { account, token, tokenId } = change
      return [{ account, kind: 'coin', token, tokenId, amount, contract: null, share }]
    })
  })
  if (gets.length > 0) return coins
  const elsewhere = entriesElsewhere(unit, mine)
  return [...coins, ...(isNothing ? elsewhere : elsewhere.filter((each) => isPaidFor(each, gives, own)))]
}

/** Whether somebody's entry counts just what the user's side pays, and none of the user's own counts half as much. */
function isPaidFor(
  { amount }: Proceeds,
  gives: readonly Pick<Change, 'delta'>[],
  own: readonly Pick<Entry, 'direction' | 'amount'>[],
): boolean {
  const isNear = (paid: bigint) => amount * 20n >= paid * 19n && amount * 19n <= paid * 20n
  return (
    gives.some(({ delta }) => isNear(-delta)) &&
    !own.some((entry) => entry.direction === 'grew' && (entry.amount ?? 0n) * 2n >= amount)
  )
}

/**
 * The same over a batch: as a whole, and step by step, so that what one step gives away is not hidden by what another
 * brings. What a contract got in one step and answers in another is no proceeds of its own.
 *
 * @param contracts - Contracts that each step calls, lower case.
 */
export function proceedsOfBatch(
  whole: Unit,
  contracts: readonly ReadonlySet<string>[],
  mine: ReadonlySet<string>,
): Proceeds[] {
  const [all, ...steps] = unitsOf(whole, contracts, mine)
  if (all === undefined) return []
  const found = new Map<string, Proceeds>()
  const keyOf = (each: Proceeds) => `${each.kind}|${each.account}|${assetOf(each)}|${each.contract ?? ''}`
  const note = (each: Proceeds): void => {
    const key = keyOf(each)
    const known = found.get(key)
    if (known === undefined || SHARES.indexOf(each.share) < SHARES.indexOf(known.share)) found.set(key, each)
  }
  for (const each of proceedsOf(all, mine)) note(each)
  for (const unit of steps) {
    for (const each of proceedsOf(unit, mine)) {
      if (each.kind === 'entry' || !isKept(whole, each) || isAnswered(each.account, { steps, contracts, unit, mine }))
        continue
      note(each)
    }
  }
  return [...found.values()]
}

const SHARES: readonly Proceeds['share'][] = ['all', 'most', 'beside']

/** Whether over the whole batch the account still has the larger part of it. */
function isKept({ changes }: Unit, { account, token, tokenId, amount }: Proceeds): boolean {
  const net = changes.find((change) => change.account === account && assetOf(change) === assetOf({ token, tokenId }))
  return net !== undefined && net.delta * 2n >= amount
}

/** Whether a contract is called in another step in which the user's side gets something. */
export function isAnswered(
  account: string,
  {
    steps,
    contracts,
    unit,
    mine,
  }: {
    steps: readonly Unit[]
    contracts: readonly ReadonlySet<string>[]
    unit: Unit
    mine: ReadonlySet<string>
  },
): boolean {
  return steps.some((other, i) => {
    if (other === unit || contracts[i]?.has(account.toLowerCase()) !== true) return false
    const { gets, own } = sidesOf(other, mine)
    return gets.length > 0 || own.some(({ direction }) => direction === 'grew')
  })
}

/** What is written down for somebody else while the user's side, which gives something, gets nothing. */
function entriesElsewhere({ entries: all, changes }: Unit, mine: ReadonlySet<string>): Proceeds[] {
  const entries = booksOf({ changes, entries: all })
  const falls = new Set(
    entries
      .filter(({ account, direction }) => isOf(mine, account) && direction === 'fell')
      .map((each) => each.contract),
  )
  const payers = new Set(changes.flatMap(({ account, delta }) => (mine.has(account) && delta < 0n ? [account] : [])))
  return entries.flatMap(({ account, contract, amount }): Proceeds[] => {
    if (isOf(mine, account) || (payers.size === 0 && !falls.has(contract))) return []
    const at = Address.parse(contract)
    return [
      {
        ...{ account: Address.parse(account), kind: 'entry', token: null, tokenId: null },
        ...{ amount: amount ?? 0n, contract: at, share: 'all' },
      },
    ]
  })
}

/** Where what an account gained of an asset came from. */
function sourcesOf(unit: Unit, asset: string, mine: ReadonlySet<string>) {
  const movements = unit.movements.filter((each) => assetOf(each) === asset)
  const ends = movements.length > 0 ? follow(movements) : poolOf(unit.changes.filter((each) => assetOf(each) === asset))
  const foreign = [...ends].filter(([source]) => !isOf(mine, source))
  return {
    /** What did not come from the user's side itself. */
    paidTo: ({ account, delta }: Change): bigint => {
      const paid = foreign.reduce((sum, [, to]) => sum + (to.get(account.toLowerCase()) ?? 0n), 0n)
      return paid < delta ? paid : delta
    },
    /**
     * Whether somebody who also pays the user's side, or nobody else, pays the account the larger part. Of what is minted
     * it is one from more than half of all on, less than which is a fee; of what is paid from a tenth on.
     */
    isMostOfASource: ({ account }: Change): boolean => {
      const all = foreign.reduce((sum, [, to]) => [...to.values()].reduce((more, amount) => more + amount, sum), 0n)
      return foreign.some(([source, to]) => {
        const theirs = to.get(account.toLowerCase()) ?? 0n
        const ours = [...to].reduce((sum, [who, amount]) => (isOf(mine, who) ? sum + amount : sum), 0n)
        const least = source === Address.ZERO ? all / 2n + 1n : (all + 9n) / 10n
        return theirs > ours && theirs >= least
      })
    },
  }
}

/** Without movements: everything that anybody lost, to everybody who gained, as one source. */
function poolOf(changes: readonly Change[]): ReadonlyMap<string, ReadonlyMap<string, bigint>> {
  const gained = changes.filter(({ delta }) => delta > 0n)
  return new Map([['pool', new Map(gained.map(({ account, delta }) => [account.toLowerCase(), delta]))]])
}

/**
 * From whose own holding what each account ends with was paid, through everybody who only passes it on: by source, then
 * by where it ends. What an account got is sent on first, in the parts in which it came.
 */
function follow(movements: readonly Movement[]): ReadonlyMap<string, ReadonlyMap<string, bigint>> {
  const held = new Map<string, Map<string, bigint>>()
  for (const { from, to, amount } of movements) {
    if (from === to) continue
    const parts = held.get(from) ?? new Map<string, bigint>()
    const all = [...parts.values()].reduce((sum, part) => sum + part, 0n)
    const sent = new Map<string, bigint>()
    if (all <= amount) {
      for (const [source, part] of parts) sent.set(source, part)
      if (amount > all) sent.set(from, (sent.get(from) ?? 0n) + amount - all)
      held.set(from, new Map())
    } else {
      let left = amount
      for (const [source, part] of parts) {
        const share = (part * amount) / all
        sent.set(source, share)
        left -= share
      }
      const [first] = parts.keys()
      if (first !== undefined) sent.set(first, (sent.get(first) ?? 0n) + left)
      held.set(from, new Map([...parts].map(([source, part]) => [source, part - (sent.get(source) ?? 0n)])))
    }
    const target = held.get(to) ?? new Map<string, bigint>()
    for (const [source, part] of sent) target.set(source, (target.get(source) ?? 0n) + part)
    held.set(to, target)
  }
  const ends = new Map<string, Map<string, bigint>>()
  for (const [account, parts] of held)
    for (const [source, part] of parts) {
      const to = ends.get(source) ?? new Map<string, bigint>()
      if (part > 0n) to.set(account, part)
      ends.set(source, to)
    }
  return ends
}

function isOf(mine: ReadonlySet<string>, account: string): boolean {
  return [...mine].some((own) => own.toLowerCase() === account.toLowerCase())
}
