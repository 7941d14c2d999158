import { Address, Clock, type Hex } from '@countersign/base'
import { knownFunction } from '@countersign/simulator'
import { decodeFunctionData, toFunctionSignature, type AbiFunction } from 'viem'
import type { Effect, Moves, StepMoves } from '../decide/Moves.ts'
import * as Amount from '../policy/Amount.ts'
import type { Past } from './replay.ts'

/** A kind of thing that the account did again and again: one payee and asset, one function, or one spender. */
interface Group {
  readonly key: string
  readonly when: Readonly<Record<string, unknown>>
  readonly name: string
  /** Payments of one asset share a rule. */
  readonly merge: string | null
}

export interface Proposed {
  /** As in a file; `valid` and the name are the caller's to change. */
  readonly policy: Readonly<Record<string, unknown>>
  /** The share of groups that were seen once: of what comes later, about so much will ask (Good–Turing). */
  readonly expectedAskShare: number
  readonly leftOut: readonly string[]
}

/** How long a proposed mandate holds, in milliseconds. */
const VALID_MS = 30 * 86_400_000
const DAY_MS = 86_400_000
/** Room above what was seen: a quarter more. */
const ROOM = { of: 5n, by: 4n }

/**
 * The narrowest policy under which at most a share of a history would have asked: rules for what happened more than once, payees
 * by address, and caps a quarter above what was seen. Null where nothing happened twice.
 *
 * @param past - Oldest first, of one owner.
 * @param of.askShare - How much of it may ask: 0.05 is one in twenty.
 */
export function proposePolicy(
  past: readonly Past[],
  { owner, askShare, nowMs }: { owner: Address.Address; askShare: number; nowMs: number },
): Proposed | null {
  const actions = past.map((each) => ({ past: each, groups: groupsOf(each.moves) }))
  const seen = new Map<string, { group: Group; at: (typeof actions)[number][] }>()
  let count = 0
  for (const action of actions)
    for (const group of action.groups ?? []) {
      count += 1
      const found = seen.get(group.key) ?? { group, at: [] }
      seen.set(group.key, found)
      found.at.push(action)
    }
  const once = [...seen.values()].filter(({ at }) => at.length === 1)
  const kept = new Map([...seen].filter(([, { at }]) => at.length > 1))
  const asks = (): number =>
    actions.filter(({ groups }) => groups === null || groups.some(({ key }) => !kept.has(key))).length
  // The riskiest first, as long as few enough actions ask.
  const byRisk = [...kept.values()].toSorted((a, b) => riskOf(b.at) / b.at.length - riskOf(a.at) / a.at.length)
  const risky: string[] = []
  for (const { group } of byRisk) {
    const found = kept.get(group.key)
    kept.delete(group.key)
    if (found !== undefined && asks() > askShare * actions.length) kept.set(group.key, found)
    else risky.push(group.name)
  }
  const inside = actions.filter(({ groups }) => groups !== null && groups.every(({ key }) => kept.has(key)))
  if (inside.length === 0) return null
  const moves = inside.map(({ past: { atMs, moves: each } }) => ({ atMs, moves: each }))
  return {
    policy: {
      ...{ mandate: 'proposed', owner, otherwise: 'ask', bound: boundOf(moves.map((each) => each.moves)) },
      chains: [...new Set(moves.map((each) => each.moves.chainId))].toSorted((a, b) => a - b),
      valid: { until: Clock.iso(nowMs + VALID_MS) },
      rules: rulesOf([...kept.values()], owner),
      limits: limitsOf(moves),
    },
    expectedAskShare: count === 0 ? 1 : once.length / count,
    leftOut: [...once.map(({ group }) => group.name), ...risky].toSorted(),
  }
}

/** What a request is made of; null where a part of it no rule can name. */
function groupsOf(moves: Moves): readonly Group[] | null {
  if (moves.tool !== null || moves.document !== null || moves.unreadable.length > 0) return null
  const groups = moves.steps.map((step) =>
    groupOf(
      moves,
      step,
      moves.effects.filter((effect) => effect.step === step.step),
    ),
  )
  return groups.length === 0 || groups.includes(null) ? null : (groups as Group[])
}

function groupOf({ chainId }: Moves, step: StepMoves, effects: readonly Effect[]): Group | null {
  const outflows = effects.filter(({ kind }) => kind === 'outflow')
  const rights = effects.filter(({ kind }) => kind === 'authority')
  const names = [...new Set([...outflows, ...rights].map((effect) => nameOf(effect)))]
  // An asset that the registry does not have stands in no policy, and what has no amount is never allowed.
  if (names.includes(null) || rights.some(({ isUnlimited }) => isUnlimited)) return null
  const [asset = ''] = names as string[]
  const assets = (names as string[]).toSorted(byText)
  const [pay] = outflows
  const [right] = rights
  if (step.isSingle && pay?.counterparty != null)
    return {
      key: `pay ${chainId} ${asset} ${pay.counterparty}`.toLowerCase(),
      when: { recipients: [pay.counterparty], tokens: [asset] },
      ...{ name: `${asset} to ${pay.counterparty}`, merge: `pay ${asset}` },
    }
  if (step.isSingle && right?.counterparty != null)
    return {
      key: `approve ${chainId} ${asset} ${right.counterparty}`.toLowerCase(),
      when: { spenders: [right.counterparty], tokens: [asset], allowance: 'bounded' },
      ...{ name: `allowance of ${asset} for ${right.counterparty}`, merge: null },
    }
  const selector = effects.find(({ kind }) => kind === 'call')?.selector ?? null
  if (step.to === null || selector === null || rights.length > 0) return null
  const known = knownFunction(selector)
  return {
    key: `call ${chainId} ${step.to} ${selector} ${assets.join()}`.toLowerCase(),
    when: {
      contracts: [step.to],
      selectors: [known === null ? selector : toFunctionSignature(known)],
      ...(assets.length === 0 ? {} : { out: assets }),
    },
    ...{ name: `${known?.name ?? selector} of ${step.to}`, merge: null },
  }
}

function nameOf({ asset, isNative }: Effect): string | null {
  return isNative ? 'native' : asset
}

function rulesOf(
  kept: readonly { readonly group: Group; readonly at: readonly { readonly past: Past }[] }[],
  owner: Address.Address,
): readonly object[] {
  const merged = new Map<string, { when: Record<string, unknown>; at: Past[] }>()
  for (const { group, at } of kept) {
    const key = group.merge ?? group.key
    const found = merged.get(key) ?? { when: { ...group.when }, at: [] }
    if (merged.has(key))
      found.when['recipients'] = [...(found.when['recipients'] as string[]), ...(group.when['recipients'] as string[])]
    found.at.push(...at.map(({ past }) => past))
    merged.set(key, found)
  }
  return [...merged.values()].map(({ when, at }, i) => {
    const own = ownArguments(when, at, owner)
    return {
      id: `rule-${i + 1}`,
      answer: 'allow',
      when: own.length === 0 ? when : { ...when, arguments: own },
    }
  })
}

/** Parameters of a function that were the owner's own address every time: they stay so. */
function ownArguments(
  when: Readonly<Record<string, unknown>>,
  at: readonly Past[],
  owner: Address.Address,
): readonly object[] {
  const [contract] = (when['contracts'] ?? []) as string[]
  if (contract === undefined) return []
  const datas = at.flatMap(({ moves }) =>
    moves.steps.filter(({ to }) => to !== null && Address.isEqual(to, contract)).map(({ data }) => data),
  )
  const [first] = datas
  const known = first === undefined ? null : knownFunction(first.slice(0, 10) as Hex.Hex)
  if (known === null) return []
  return known.inputs.flatMap(({ type, name }, i) =>
    type === 'address' && datas.every((data) => isOwn(known, data, i, owner))
      ? [{ at: `/${name === undefined || name === '' ? i : name}`, is: 'own' }]
      : [],
  )
}

function isOwn(known: AbiFunction, data: Hex.Hex, i: number, owner: Address.Address): boolean {
  try {
    const value = decodeFunctionData({ abi: [known], data }).args?.[i]
    return typeof value === 'string' && Address.isEqual(value, owner)
  } catch {
    return false
  }
}

/** `proven` where everything that was seen is bounded by itself. */
function boundOf(all: readonly Moves[]): 'proven' | 'simulated' {
  return all.some(({ effects }) => effects.some(({ kind, grade }) => kind === 'outflow' && grade === 'simulated'))
    ? 'simulated'
    : 'proven'
}

interface Point {
  readonly atMs: number
  readonly amount: bigint
}

function limitsOf(inside: readonly { readonly atMs: number; readonly moves: Moves }[]): readonly object[] {
  const points = new Map<string, { decimals: number; points: Point[] }>()
  const note = (name: string, decimals: number, point: Point): void => {
    const found = points.get(name) ?? { decimals, points: [] }
    found.points.push(point)
    points.set(name, found)
  }
  for (const { atMs, moves } of inside) {
    for (const total of moves.totals) {
      const effect = moves.effects.find(
        ({ kind, token, isNative }) =>
          (kind === 'outflow' || kind === 'authority') &&
          isNative === total.isNative &&
          (total.isNative || (token !== null && Address.isEqual(token, total.token ?? ''))),
      )
      const name = effect === undefined ? null : nameOf(effect)
      // What is predicted counts with 1 % more.
      const amount = total.grade === 'simulated' ? (total.amount * 101n + 99n) / 100n : total.amount
      if (name !== null && amount > 0n) note(name, total.isNative ? 18 : (total.decimals ?? 0), { atMs, amount })
    }
    note('fee', 18, { atMs, amount: moves.feeWei })
  }
  return [...points].map(([name, { decimals, points: of }]) => {
    const cap = (amount: bigint): string =>
      Amount.format(roundUp((amount * ROOM.of + ROOM.by - 1n) / ROOM.by), decimals)
    const most = of.reduce((max, { amount }) => (amount > max ? amount : max), 0n)
    const caps = { per_call: cap(most), per_day: cap(mostIn(of, DAY_MS)), per_week: cap(mostIn(of, 7 * DAY_MS)) }
    const unit = name === 'fee' ? { fee: true } : name === 'native' ? { native: true } : { token: name }
    return { id: name.toLowerCase().replace(/[^a-z0-9]+/g, '-'), ...unit, ...caps, over: 'ask' }
  })
}

/** The most within any window of a length, by two pointers. */
function mostIn(points: readonly Point[], ms: number): bigint {
  let [most, sum, first] = [0n, 0n, 0]
  for (const { atMs, amount } of points) {
    sum += amount
    for (let old = points[first]; old !== undefined && old.atMs <= atMs - ms; old = points[first]) {
      sum -= old.amount
      first += 1
    }
    if (sum > most) most = sum
  }
  return most
}

/** Up to two digits that count. */
function roundUp(amount: bigint): bigint {
  const unit = 10n ** BigInt(Math.max(0, amount.toString().length - 2))
  return ((amount + unit - 1n) / unit) * unit
}

/** The most of its asset that left in a day, as a share of all that left of it: the same for every asset, without prices. */
function riskOf(at: readonly { readonly past: Past }[]): number {
  const points = at.flatMap(({ past: { atMs, moves } }) => moves.totals.map(({ amount }) => ({ atMs, amount })))
  const all = points.reduce((sum, { amount }) => sum + amount, 0n)
  return all === 0n ? 0 : Number((mostIn(points, DAY_MS) * 1_000_000n) / all) / 1_000_000
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1
}
