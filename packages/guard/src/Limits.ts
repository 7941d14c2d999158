import { Address, Wei } from '@countersign/base'
import { OptionsError } from './OptionsError.ts'

/** What may leave, in whole units: `{ native: true, per_call: '1', per_day: '3' }`. */
export interface LimitOption {
  readonly native?: true
  readonly token?: string
  /** The network's fee; without such a limit the fee counts as native. */
  readonly fee?: true
  /** How often something is signed; amounts are whole numbers. */
  readonly calls?: true
  readonly per_call?: string
  readonly per_hour?: string
  readonly per_day?: string
  readonly per_week?: string
  readonly lifetime?: string
  /** A window of any length, such as `6h`, with its `cap`. */
  readonly per?: string
  readonly cap?: string
  /** Whom this token may go to; every other recipient of it is over the limit. */
  readonly payees?: readonly string[]
  readonly over?: 'deny' | 'ask' | 'step-up'
}

/** What a limit counts. */
export type Asset = 'native' | 'fee' | 'calls' | Address.Address

export interface Window {
  readonly name: string
  /** Null: for a single call; infinite: for as long as this process lives. */
  readonly ms: number | null
  readonly cap: string
}

export interface Limit {
  readonly asset: Asset
  readonly windows: readonly Window[]
  readonly payees: readonly Address.Address[] | null
  readonly over: 'deny' | 'ask'
}

const WINDOWS = {
  per_call: null,
  per_hour: 3_600_000,
  per_day: 86_400_000,
  per_week: 604_800_000,
  lifetime: Number.POSITIVE_INFINITY,
} as const
const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const KNOWN = new Set([...Object.keys(WINDOWS), 'native', 'token', 'fee', 'calls', 'per', 'cap', 'payees', 'over'])

/** @throws {OptionsError} for what is not understood: a limit that is ignored is none. */
export function parse(value: unknown): readonly Limit[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw new OptionsError('"limits" is not a list')
  return value.map((entry: unknown, i) => parseOne(entry, `limits[${i}]`))
}

function parseOne(entry: unknown, where: string): Limit {
  if (typeof entry !== 'object' || entry === null) throw new OptionsError(`${where} is not an object`)
  const given = entry as Readonly<Record<string, unknown>>
  const unknown = Object.keys(given).find((name) => !KNOWN.has(name))
  if (unknown !== undefined) throw new OptionsError(`${where} has the unknown field "${unknown.slice(0, 40)}"`)
  const assets = (['native', 'fee', 'calls'] as const).filter((name) => given[name] !== undefined)
  if (assets.some((name) => given[name] !== true)) throw new OptionsError(`${where}: "${assets[0]}" must be true`)
  if (assets.length + (given['token'] === undefined ? 0 : 1) !== 1)
    throw new OptionsError(`${where} must name exactly one of native, token, fee, calls`)
  // Lower case, as what reports name is compared.
  const asset = assets[0] ?? (address(given['token'], `${where}.token`).toLowerCase() as Address.Address)
  const windows: Window[] = Object.entries(WINDOWS).flatMap(([name, ms]) =>
    given[name] === undefined ? [] : [{ name, ms, cap: amount(given[name], `${where}.${name}`) }],
  )
  if ((given['per'] === undefined) !== (given['cap'] === undefined))
    throw new OptionsError(`${where} needs "per" and "cap" together`)
  if (given['per'] !== undefined)
    windows.push({
      name: `per ${typeof given['per'] === 'string' ? given['per'] : '?'}`,
      ms: duration(given['per'], `${where}.per`),
      cap: amount(given['cap'], `${where}.cap`),
    })
  const payees = given['payees']
  if (windows.length === 0 && payees === undefined) throw new OptionsError(`${where} limits nothing`)
  if (payees !== undefined && (!Array.isArray(payees) || assets.some((name) => name !== 'native')))
    throw new OptionsError(`${where}.payees must be a list of addresses, for a token or native`)
  const over = given['over'] ?? 'deny'
  if (over !== 'deny' && over !== 'ask' && over !== 'step-up')
    throw new OptionsError(`${where}.over must be deny, ask or step-up`)
  return {
    ...{ asset, windows },
    payees: payees === undefined ? null : payees.map((each: unknown) => address(each, `${where}.payees`)),
    over: over === 'deny' ? 'deny' : 'ask',
  }
}

function amount(value: unknown, where: string): string {
  if (typeof value === 'string' && /^\d{1,60}(?:\.\d{1,77})?$/.test(value)) return value
  throw new OptionsError(`${where} must be a decimal text in whole units, such as '0.5'`)
}

function address(value: unknown, where: string): Address.Address {
  if (Address.isAddress(value)) return Address.parse(value)
  throw new OptionsError(`${where} must be an address`)
}

function duration(value: unknown, where: string): number {
  const [, count, unit = 's'] = /^([1-9]\d{0,6})([smhd])$/.exec(String(value)) ?? []
  if (count === undefined) throw new OptionsError(`${where} must be a duration such as 6h`)
  return Number(count) * UNITS[unit as keyof typeof UNITS]
}

/** A cap in the smallest unit; what is finer than that is cut off, which only lowers it. */
export function capIn({ cap }: Window, decimals: number): bigint {
  const [whole = '0', fraction = ''] = cap.split('.')
  return BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, '0'))
}

export function amountText(amountInUnits: bigint, decimals: number): string {
  return Wei.format(amountInUnits, decimals)
}
