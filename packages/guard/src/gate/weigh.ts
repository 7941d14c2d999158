import type { Address } from '@countersign/base'
import { Report } from '@countersign/simulator'
import type { Frozen } from '../Frozen.ts'
import { amountText, capIn, type Asset, type Limit } from '../Limits.ts'
import type { Account } from './Account.ts'

/** What a request would use up, by asset; null where it cannot be told. */
export interface Weight {
  readonly amounts: ReadonlyMap<Asset, bigint>
  readonly decimals: ReadonlyMap<Asset, number>
  /** Assets over which a power is given that no amount bounds. */
  readonly unbounded: ReadonlySet<Asset>
  /** A power over the account itself is given: it is over every limit. */
  readonly power: string | null
  /** Who receives what, by asset. */
  readonly receivers: ReadonlyMap<Asset, readonly Address.Address[]>
}

/** Balances that a report says the account ends up with, as what left it; negative where it gained. */
function leaving(report: Report.Report): Map<Asset, bigint> {
  const mine = new Set([report.from, ...report.controlled.map(({ account }) => account)].map(lower))
  const found = new Map<Asset, bigint>()
  const worlds = [
    report.tokenChanges,
    ...report.environments.filter(({ agrees }) => !agrees).map((each) => each.tokenChanges),
  ]
  for (const changes of worlds) {
    const sums = new Map<Asset, bigint>()
    for (const { account, standard, token, delta } of changes) {
      if (!mine.has(lower(account)) || (standard !== 'native' && standard !== 'erc20')) continue
      const asset = assetOf(token)
      sums.set(asset, (sums.get(asset) ?? 0n) - delta)
    }
    // The worst of all blocks that it may land in.
    for (const [asset, sum] of sums) if (sum > (found.get(asset) ?? sum - 1n)) found.set(asset, sum)
  }
  return found
}

/**
 * Weighs a request by the reports of each of its prefixes: what one step brings in never makes up for what another takes
 * out, because a batch may stop in between.
 *
 * @param reports - Of the first 1, 2, … n steps; of what stands before the request, `before`.
 */
export function weigh(
  request: Frozen,
  { before, reports }: { readonly before: Report.Report | null; readonly reports: readonly Report.Report[] },
): Weight {
  const amounts = new Map<Asset, bigint>()
  let earlier = before === null ? new Map<Asset, bigint>() : leaving(before)
  for (const report of reports) {
    const now = leaving(report)
    for (const asset of new Set([...now.keys(), ...earlier.keys()])) {
      const step = (now.get(asset) ?? 0n) - (earlier.get(asset) ?? 0n)
      if (step > 0n) amounts.set(asset, (amounts.get(asset) ?? 0n) + step)
    }
    earlier = now
  }
  const last = reports.at(-1)
  const decimals = new Map<Asset, number>([
    ['native', 18],
    ['fee', 18],
    ['calls', 0],
  ])
  const unbounded = new Set<Asset>()
  let power: string | null = null
  for (const each of last?.tokenChanges ?? [])
    if (each.decimals !== null && each.token !== null) decimals.set(assetOf(each.token), each.decimals)
  for (const change of last?.authorityChanges ?? []) {
    if (lower(change.owner) !== lower(request.from) || change.after <= change.before) continue
    if (change.kind !== 'erc20_allowance' && change.kind !== 'permit2_allowance') {
      power = change.kind
      continue
    }
    const asset = assetOf(change.contract)
    if (change.decimals !== null) decimals.set(asset, change.decimals)
    if (change.unlimited) unbounded.add(asset)
    // What somebody may take counts as taken.
    amounts.set(asset, (amounts.get(asset) ?? 0n) + change.after)
  }
  const fee = request.calls.length === 0 || last === undefined ? 0n : feeOf(request, last)
  amounts.set('fee', fee)
  amounts.set('calls', 1n)
  return { amounts, decimals, unbounded, power, receivers: receiversOf(request, last) }
}

/**
 * The most that the network may take: the bytes' own bounds where they state them, and the simulation's where they do not. Bytes that
 * state one of gas and price, and leave the other one to the wallet, bound nothing alone.
 */
export function feeOf({ calls, feeWei }: Frozen, { gasEstimate }: Pick<Report.Report, 'gasEstimate'>): bigint {
  const { gasLimit, maxFeeWei, l1FeeWei } = gasEstimate
  const onL1Wei = (l1FeeWei ?? 0n) * 2n
  if (feeWei !== null) return feeWei + onL1Wei
  if (calls.every(({ gas, maxFeePerGas }) => gas === null && maxFeePerGas === null)) return maxFeeWei + onL1Wei
  if (calls.every(({ gas, maxFeePerGas }) => gas !== null && maxFeePerGas !== null))
    return calls.reduce((sum, { gas, maxFeePerGas }) => sum + (gas ?? 0n) * (maxFeePerGas ?? 0n), onL1Wei)
  const found = gasLimit === 0n ? 0n : maxFeeWei / gasLimit + 1n
  // The simulation's gas is that of all calls; each is counted with it that states none.
  const gas = calls.reduce((sum, each) => sum + (each.gas ?? gasLimit), 0n)
  const price = calls.reduce((most, { maxFeePerGas }) => {
    const each = maxFeePerGas ?? found
    return each > most ? each : most
  }, 0n)
  return gas * price + onL1Wei
}

function receiversOf({ from }: Frozen, report: Report.Report | undefined): Map<Asset, readonly Address.Address[]> {
  const found = new Map<Asset, Address.Address[]>()
  for (const { account, token, delta } of report?.tokenChanges ?? [])
    if (delta > 0n && lower(account) !== lower(from)) {
      const asset = assetOf(token)
      found.set(asset, [...(found.get(asset) ?? []), account])
    }
  for (const { contract, subject, owner, after, before } of report?.authorityChanges ?? [])
    if (lower(owner) === lower(from) && after > before) {
      const asset = assetOf(contract)
      found.set(asset, [...(found.get(asset) ?? []), subject])
    }
  return found
}

/** The first limit that a request is over, with the sentence that says so; the strictest first. */
export function exceeded(
  limits: readonly Limit[],
  { weight, account, nowMs }: { readonly weight: Weight; readonly account: Account; readonly nowMs: number },
): { readonly over: 'deny' | 'ask'; readonly because: string } | null {
  const found = limits.flatMap((limit) => {
    const because = faultOf(limit, limits, { weight, account, nowMs })
    return because === null ? [] : [{ over: limit.over, because }]
  })
  return found.find(({ over }) => over === 'deny') ?? found[0] ?? null
}

function faultOf(
  { asset, windows, payees }: Limit,
  limits: readonly Limit[],
  { weight, account, nowMs }: { readonly weight: Weight; readonly account: Account; readonly nowMs: number },
): string | null {
  if (weight.power !== null) return `it gives away a power that no limit can count (${weight.power})`
  const name = asset === 'native' ? 'the native coin' : asset === 'fee' ? 'the network fee' : asset
  if (weight.unbounded.has(asset)) return `it lets somebody take an unlimited amount of ${name}`
  // The fee is native money, unless a limit of its own counts it.
  const withFee = asset === 'native' && !limits.some((each) => each.asset === 'fee')
  const amount = (weight.amounts.get(asset) ?? 0n) + (withFee ? (weight.amounts.get('fee') ?? 0n) : 0n)
  const stranger =
    payees === null
      ? undefined
      : (weight.receivers.get(asset) ?? []).find((to) => !payees.some((each) => lower(each) === lower(to)))
  if (stranger !== undefined) return `${stranger} is not a payee of the limit for ${name}`
  if (amount === 0n) return null
  const decimals = weight.decimals.get(asset)
  if (decimals === undefined) return `the decimals of ${name} are not known, so its limit cannot be counted`
  for (const window of windows) {
    const used =
      window.ms === null
        ? 0n
        : account.spentSince(asset, nowMs - window.ms) + (withFee ? account.spentSince('fee', nowMs - window.ms) : 0n)
    if (used + amount <= capIn(window, decimals)) continue
    const text = `${amountText(amount, decimals)} of ${name}${withFee ? ', the network fee included,' : ''}`
    const before = used === 0n ? '' : ` after ${amountText(used, decimals)} before it`
    return `${text}${before} is over the limit ${window.name} of ${window.cap}`
  }
  return null
}

function assetOf(token: Address.Address | null): Asset {
  return token === null ? 'native' : (token.toLowerCase() as Asset)
}

function lower(text: string): string {
  return text.toLowerCase()
}
