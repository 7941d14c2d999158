import { Address, Hex } from '@countersign/base'
import { refused } from '../GuardRefusedError.ts'
import type { FrozenCall } from '../Frozen.ts'
import type { Transaction } from '../codec/Transaction.ts'

/** Reads of foreign objects: each property once, and never again. */
export type Fields = Readonly<Record<string, unknown>>

/** A copy of an object's own and inherited values, read once each. */
export function copyFields(value: unknown, names: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null) throw refused('there is no transaction to judge')
  return Object.fromEntries(names.map((name) => [name, (value as Record<string, unknown>)[name]]))
}

export function readAddress(value: unknown, what: string): Address.Address | null {
  if (value === undefined || value === null || value === '') return null
  if (Address.isAddress(value)) return Address.parse(value)
  throw refused(`${what} is not an address`)
}

export function readAmount(value: unknown, what: string): bigint | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'bigint' && value >= 0n) return value
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value)
  if (typeof value === 'string' && /^(?:0x[0-9a-fA-F]+|\d+)$/.test(value)) return BigInt(value)
  throw refused(`${what} is not a whole, positive number`)
}

export function readData(value: unknown): Hex.Hex {
  if (value === undefined || value === null) return '0x'
  if (typeof value === 'string' && /^0x(?:[0-9a-fA-F]{2})*$/.test(value)) return Hex.parse(value)
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex')}`
  throw refused('its data is not bytes')
}

/** Fields of kinds of transactions that are not judged. */
const NOT_JUDGED = {
  blobs: 'blob transactions are not judged',
  blobVersionedHashes: 'blob transactions are not judged',
  sidecars: 'blob transactions are not judged',
  maxFeePerBlobGas: 'blob transactions are not judged',
  authorizationList: 'an EIP-7702 authorization hands the account to other code',
  feeCurrency: 'fees in another currency are not judged',
  paymaster: 'paymasters are not judged',
  customSignature: 'other signatures are not judged',
} as const
const TYPES: Readonly<Record<string, 0 | 1 | 2>> = {
  legacy: 0,
  eip2930: 1,
  eip1559: 2,
  ...{ '0': 0, '1': 1, '2': 2, '0x0': 0, '0x1': 1, '0x2': 2 },
}

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : typeof value

function typeOf(value: unknown): 0 | 1 | 2 | undefined {
  const name = textOf(value)
  return Object.hasOwn(TYPES, name) ? TYPES[name] : undefined
}

const NAMES = [
  ...['type', 'chainId', 'nonce', 'gas', 'gasLimit', 'gasPrice', 'maxFeePerGas', 'maxPriorityFeePerGas'],
  ...['to', 'value', 'data', 'input', 'accessList'],
  ...Object.keys(NOT_JUDGED),
]

/** A prepared transaction of a wallet library, as the bytes will say it. */
export function readPrepared(value: unknown): Transaction {
  const given = copyFields(value, NAMES)
  for (const [name, why] of Object.entries(NOT_JUDGED)) {
    const found = given[name]
    if (found !== undefined && found !== null && !(Array.isArray(found) && found.length === 0)) throw refused(why)
  }
  const { price, maxFee, tip } = readFees(given)
  const list = readAccessList(given['accessList'])
  const named = given['type'] === undefined || given['type'] === null ? null : typeOf(given['type'])
  if (named === undefined) throw refused(`transactions of the type ${textOf(given['type'])} are not judged`)
  const type = named ?? (maxFee !== null ? 2 : list.length > 0 ? 1 : 0)
  if (type === 2 ? price !== null && maxFee === null : maxFee !== null)
    throw refused('its fees are not those of its type')
  if (type === 0 && list.length > 0) throw refused('its access list is not of its type')
  const chainId = readAmount(given['chainId'], 'its chain id') ?? 0n
  if (chainId === 0n) throw refused('it names no chain, so it could be sent on every chain')
  const gas = readGas(given) ?? 0n
  const data = readInput(given)
  return {
    type,
    chainId: Number(chainId),
    nonce: Number(readAmount(given['nonce'], 'its nonce') ?? 0n),
    gas,
    maxFeePerGas: (type === 2 ? maxFee : price) ?? 0n,
    maxPriorityFeePerGas: type === 2 ? (tip ?? 0n) : null,
    to: readAddress(given['to'], 'its recipient'),
    value: readAmount(given['value'], 'its value') ?? 0n,
    data,
    accessList: list,
  }
}

/** Fees as they are stated. One kind of fee that is judged while another one is paid would be no judgement. */
function readFees(given: Fields): { price: bigint | null; maxFee: bigint | null; tip: bigint | null } {
  const price = readAmount(given['gasPrice'], 'its gas price')
  const maxFee = readAmount(given['maxFeePerGas'], 'its max fee')
  const tip = readAmount(given['maxPriorityFeePerGas'], 'its tip')
  if (price !== null && (maxFee !== null || tip !== null))
    throw refused('"gasPrice" beside "maxFeePerGas" or "maxPriorityFeePerGas": it is not clear which fee is paid')
  return { price, maxFee, tip }
}

function readGas(given: Fields): bigint | null {
  const [gas, gasLimit] = [given['gas'], given['gasLimit']].map((each) => readAmount(each, 'its gas limit'))
  if (gas != null && gasLimit != null && gas !== gasLimit) throw refused('"gas" and "gasLimit" differ')
  return gas ?? gasLimit ?? null
}

function readInput(given: Fields): FrozenCall['data'] {
  const data = readData(given['data'] ?? given['input'])
  if (given['data'] != null && given['input'] != null && data !== readData(given['input']))
    throw refused('"data" and "input" differ')
  return data
}

/** What a wallet is asked to send, where nothing is signed yet; null is what it may choose itself. */
export interface Request {
  readonly call: FrozenCall
  readonly from: Address.Address | null
  readonly chainId: bigint | null
  readonly nonce: number | null
  readonly type: 0 | 1 | 2 | null
  readonly gasPrice: bigint | null
  readonly maxFeePerGas: bigint | null
  readonly maxPriorityFeePerGas: bigint | null
}

const REQUEST_NAMES = [
  ...['from', 'to', 'value', 'data', 'input', 'gas', 'gasLimit', 'gasPrice', 'maxFeePerGas', 'maxPriorityFeePerGas'],
  ...['nonce', 'type', 'chainId', 'accessList'],
]

/**
 * Reads a request to send. What is handed on is written from what this answers, and from nothing else.
 *
 * @throws {GuardRefusedError} that names the field which is not judged, or which contradicts another one.
 */
export function readRequest(value: unknown): Request {
  const given = copyFields(value, Object.keys((value ?? {}) as object))
  refuseOthers(given, REQUEST_NAMES)
  const { price, maxFee, tip } = readFees(given)
  // Without a max fee the wallet would add the tip to what the network asks for, whatever that comes to.
  if (tip !== null && maxFee === null) throw refused('"maxPriorityFeePerGas" without "maxFeePerGas" is not judged')
  const named = given['type'] === undefined || given['type'] === null ? null : typeOf(given['type'])
  if (named === undefined)
    throw refused(`transactions of the type ${textOf(given['type']).slice(0, 10)} are not judged`)
  if (named === 2 ? price !== null : named !== null && maxFee !== null)
    throw refused('its fees are not those of its type')
  const list = given['accessList']
  if (list !== undefined && list !== null && !(Array.isArray(list) && list.length === 0))
    throw refused('the field "accessList" is not judged: its gas is not known before the wallet signs')
  const nonce = readAmount(given['nonce'], 'its nonce')
  return {
    call: {
      to: readAddress(given['to'], 'its recipient'),
      value: readAmount(given['value'], 'its value') ?? 0n,
      data: readInput(given),
      gas: readGas(given),
      maxFeePerGas: maxFee ?? price,
    },
    from: readAddress(given['from'], 'the account'),
    chainId: readAmount(given['chainId'], 'its chain id'),
    nonce: nonce === null ? null : Number(nonce),
    ...{ type: named, gasPrice: price, maxFeePerGas: maxFee, maxPriorityFeePerGas: tip },
  }
}

/** @throws {GuardRefusedError} that names a field which is stated and not among those that are judged. */
export function refuseOthers(given: Fields, known: readonly string[]): void {
  const other = Object.keys(given).find(
    (name) => !known.includes(name) && given[name] !== undefined && given[name] !== null,
  )
  if (other !== undefined) throw refused(`the field "${other.slice(0, 40)}" is not judged`)
}

/**
 * The same request, written anew in the words of a wallet library.
 *
 * @param words.gas - What the library calls the gas limit.
 * @param words.amount - How it writes amounts.
 */
export function writeRequest(
  { call, nonce, type, gasPrice, maxFeePerGas, maxPriorityFeePerGas }: Request,
  { gas, amount }: { readonly gas: 'gas' | 'gasLimit'; readonly amount: (value: bigint) => unknown },
): Fields {
  const stated = { [gas]: call.gas, gasPrice, maxFeePerGas, maxPriorityFeePerGas }
  return {
    ...(call.to === null ? {} : { to: call.to }),
    ...{ value: amount(call.value), data: call.data },
    ...Object.fromEntries(
      Object.entries(stated).flatMap(([name, value]) => (value === null ? [] : [[name, amount(value)]])),
    ),
    ...(nonce === null ? {} : { nonce: gas === 'gas' ? amount(BigInt(nonce)) : nonce }),
    ...(type === null ? {} : { type: gas === 'gas' ? amount(BigInt(type)) : type }),
  }
}

function readAccessList(value: unknown): Transaction['accessList'] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw refused('its access list cannot be read')
  return value.map((entry: unknown) => {
    const { address, storageKeys } = copyFields(entry, ['address', 'storageKeys'])
    const found = readAddress(address, 'an address of its access list')
    if (found === null || !Array.isArray(storageKeys)) throw refused('its access list cannot be read')
    return { address: Hex.parse(found), storageKeys: storageKeys.map((key: unknown) => readData(key)) }
  })
}

/** The same transaction in the words of viem. */
export function toViem({ type, chainId, nonce, gas, to, value, data, accessList, ...fees }: Transaction): Fields {
  return {
    ...{ chainId, nonce, gas, value, data, type: (['legacy', 'eip2930', 'eip1559'] as const)[type] },
    ...(to === null ? {} : { to }),
    ...(type === 0 ? {} : { accessList }),
    ...(type === 2
      ? { maxFeePerGas: fees.maxFeePerGas, maxPriorityFeePerGas: fees.maxPriorityFeePerGas }
      : { gasPrice: fees.maxFeePerGas }),
  }
}
