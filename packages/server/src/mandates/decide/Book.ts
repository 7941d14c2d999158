import { Address, type Hex } from '@countersign/base'
import type { ReportWire } from '@countersign/sdk'
import type { Asset, Grade, Moves } from './Moves.ts'

/** A call as it is to be signed. */
export interface AskedCall {
  readonly to: Address.Address | null
  readonly value: bigint
  readonly data: Hex.Hex
}

/** An allowance that stood before the request, read at the report's block. */
export interface Standing {
  readonly token: Address.Address
  readonly spender: Address.Address
  /** Null: it could not be read, and counts as unlimited. */
  readonly amount: bigint | null
}

export interface MovesInput {
  readonly owner: Address.Address
  readonly calls: readonly AskedCall[]
  /** The report of each prefix, in order; the last one is that of the whole request. A document has one. */
  readonly prefixes: readonly ReportWire[]
  readonly standing: readonly Standing[]
  /** What the registry says of tokens. */
  readonly token: (address: Address.Address) => { readonly symbol: string; readonly decimals: number } | null
  readonly coin: string
  /** Code hashes that the mandate trusts, by contract in lower case. */
  readonly trusts?: ReadonlyMap<string, string>
  /** What an outcome guard in the batch lets leave at most, by asset key (`native` or a token in lower case). */
  readonly enforced?: ReadonlyMap<string, bigint> | null
}

export const COUNTED = new Set(['erc20_allowance', 'permit2_allowance'])
export const NATIVE = 'native'
/** As far as an uint256 goes: more than any cap. */
export const ENDLESS = 2n ** 256n

export interface Right {
  readonly key: string
  readonly kind: string
  readonly token: Address.Address | null
  readonly contract: Address.Address
  readonly spender: Address.Address
  readonly before: bigint
  readonly after: bigint
  readonly isUnlimited: boolean
  readonly isExact: boolean
}

export function accountsOf({ owner }: MovesInput, report: ReportWire): ReadonlySet<string> {
  return new Set(
    [owner, ...(report.controlled ?? []).map(({ account }) => account)].map((account) => account.toLowerCase()),
  )
}

/** Balances and rights after a prefix, as differences from before the request. */
export interface Book {
  /** Of the owner's accounts, by account, asset and environment: what it lost since the start. */
  readonly losses: ReadonlyMap<string, ReadonlyMap<string, bigint>>
  /** What others gained, by asset and account. */
  readonly gains: ReadonlyMap<string, ReadonlyMap<string, bigint>>
  readonly assets: ReadonlyMap<
    string,
    {
      readonly token: Address.Address | null
      readonly standard: string
      readonly symbol: string | null
      readonly decimals: number | null
    }
  >
  readonly rights: ReadonlyMap<string, Right>
}
export const EMPTY: Book = { losses: new Map(), gains: new Map(), assets: new Map(), rights: new Map() }
export const EXPECTED = ''

export function bookOf(report: ReportWire, mine: ReadonlySet<string>): Book {
  const losses = new Map<string, Map<string, bigint>>()
  const gains = new Map<string, Map<string, bigint>>()
  const assets = new Map<
    string,
    { token: Address.Address | null; standard: string; symbol: string | null; decimals: number | null }
  >()
  // What happens only to simulators happens to nobody.
  const environments = [
    { name: EXPECTED, changes: report.token_changes },
    ...report.environments
      .filter(({ agrees, name }) => !agrees && !name.startsWith('simulator:'))
      .map(({ name, token_changes: changes }) => ({ name, changes })),
  ]
  for (const { name, changes } of environments) {
    for (const change of changes) {
      const key = assetKey(change)
      const account = change.account.toLowerCase()
      assets.set(key, {
        token: change.token === null ? null : Address.parse(change.token),
        standard: change.standard,
        symbol: change.symbol,
        decimals: change.decimals,
      })
      if (mine.has(account)) {
        const place = `${account} ${key}`
        losses.set(place, (losses.get(place) ?? new Map<string, bigint>()).set(name, -BigInt(change.delta)))
      } else if (name === EXPECTED)
        gains.set(key, (gains.get(key) ?? new Map<string, bigint>()).set(account, BigInt(change.delta)))
    }
  }
  const rights = report.authority_changes.filter(({ owner }) => mine.has(owner.toLowerCase())).map(rightOf)
  return { losses, gains, assets, rights: new Map(rights.map((right) => [right.key, right])) }
}

export function rightOf(change: ReportWire['authority_changes'][number]): Right {
  const risk = change.value_at_risk[0]
  const contract = Address.parse(change.contract)
  const token = change.kind === 'erc20_allowance' ? contract : risk?.token == null ? null : Address.parse(risk.token)
  const after = BigInt(change.after)
  return {
    key: [
      change.kind,
      change.owner,
      change.contract,
      change.subject,
      change.kind === 'permit2_allowance' ? String(token) : '',
    ]
      .join(' ')
      .toLowerCase(),
    kind: change.kind,
    token,
    contract,
    spender: Address.parse(change.subject),
    before: BigInt(change.before),
    after,
    isUnlimited: change.unlimited,
    isExact: !change.unlimited && after <= BigInt(risk?.amount ?? 0),
  }
}

export function assetKey(change: { readonly token: string | null; readonly token_id: string | null }): string {
  return change.token === null
    ? NATIVE
    : `${change.token.toLowerCase()}${change.token_id === null ? '' : `#${change.token_id}`}`
}

export interface StepInput {
  readonly call: AskedCall
  readonly step: number
  readonly report: ReportWire
  readonly book: Book
  readonly before: Book
}

/** What leaves and arrives in a step, net within it, in the environment that is worst for each asset. */
export function flowsOf({ book, before }: StepInput): { leaves: readonly Asset[]; arrives: readonly Asset[] } {
  const leaves = new Map<string, bigint>()
  const arrives = new Map<string, bigint>()
  for (const place of new Set([...book.losses.keys(), ...before.losses.keys()])) {
    const [now, then] = [book.losses.get(place), before.losses.get(place)]
    const names = new Set([EXPECTED, ...(now?.keys() ?? []), ...(then?.keys() ?? [])])
    // Where an environment says nothing of its own, it is as expected.
    const at = (of: ReadonlyMap<string, bigint> | undefined, name: string): bigint =>
      of?.get(name) ?? of?.get(EXPECTED) ?? 0n
    const lost = [...names].map((name) => at(now, name) - at(then, name))
    const worst = lost.reduce((a, b) => (a > b ? a : b))
    const key = place.slice(place.indexOf(' ') + 1)
    if (worst > 0n) add(leaves, key, worst)
    else if (worst < 0n) add(arrives, key, -worst)
  }
  const list = (of: ReadonlyMap<string, bigint>): readonly Asset[] =>
    [...of].map(([key, amount]) => {
      const asset = book.assets.get(key) ?? before.assets.get(key)
      return {
        token: asset?.token ?? null,
        isNative: key === NATIVE,
        amount,
        decimals: asset?.standard === 'erc20' || key === NATIVE ? (asset?.decimals ?? null) : null,
      }
    })
  return { leaves: list(leaves), arrives: list(arrives) }
}

export function keyOf({
  token,
  isNative,
}: {
  readonly token: Address.Address | null
  readonly isNative: boolean
}): string {
  return isNative || token === null ? NATIVE : token.toLowerCase()
}

export function add(to: Map<string, bigint>, key: string, amount: bigint): void {
  to.set(key, (to.get(key) ?? 0n) + amount)
}
export const GRADES: readonly Grade[] = ['simulated', 'declared', 'proven', 'enforced']
export function weakest(grades: readonly Grade[]): Grade {
  return GRADES[Math.min(...grades.map((grade) => GRADES.indexOf(grade)), GRADES.length - 1)] ?? 'simulated'
}

export function frame(
  input: MovesInput,
  whole: ReportWire,
): Omit<Moves, 'steps' | 'effects' | 'totals' | 'arrivals' | 'unreadable'> {
  const { max_fee_wei: maxFee, l1_fee_wei: l1 } = whole.gas_estimate
  return {
    chainId: whole.chain_id,
    owner: input.owner,
    // What the report calls the highest fee has the fee below in it once.
    feeWei: BigInt(maxFee) + BigInt(l1 ?? 0),
    document: null,
    tool: null,
    verdict: whole.verdict,
    findings: whole.findings.map(({ rule, level, subject, because }) => ({ rule, level, subject, because })),
    isEnforced: input.enforced != null,
  }
}

/** What the report itself says was not seen of an owner's assets. */
export function unreadableOf(report: ReportWire): readonly string[] {
  const named = new Set(['effects-truncated', 'effects-unreadable', 'effects-disagree'])
  return [
    ...report.findings.filter(({ rule }) => named.has(rule)).map(({ because }) => because),
    ...report.not_checked
      .filter(({ what }) => /^(?:balances?|allowances?|authority|effects|token changes)\b/i.test(what))
      .map(({ what, why }) => `${what}: ${why}`),
  ]
}
