import { Address, Hex } from '@countersign/base'
import { refused } from '../GuardRefusedError.ts'
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
  const price = readAmount(given['gasPrice'], 'its gas price')
  const maxFee = readAmount(given['maxFeePerGas'], 'its max fee')
  const list = readAccessList(given['accessList'])
  const named = given['type'] === undefined || given['type'] === null ? null : typeOf(given['type'])
  if (named === undefined) throw refused(`transactions of the type ${textOf(given['type'])} are not judged`)
  const type = named ?? (maxFee !== null ? 2 : list.length > 0 ? 1 : 0)
  if (type === 2 ? price !== null && maxFee === null : maxFee !== null)
    throw refused('its fees are not those of its type')
  if (type === 0 && list.length > 0) throw refused('its access list is not of its type')
  const chainId = readAmount(given['chainId'], 'its chain id') ?? 0n
  if (chainId === 0n) throw refused('it names no chain, so it could be sent on every chain')
  const gas = readAmount(given['gas'] ?? given['gasLimit'], 'its gas limit') ?? 0n
  const data = readData(given['data'] ?? given['input'])
  if (given['data'] != null && given['input'] != null && data !== readData(given['input']))
    throw refused('"data" and "input" differ')
  return {
    type,
    chainId: Number(chainId),
    nonce: Number(readAmount(given['nonce'], 'its nonce') ?? 0n),
    gas,
    maxFeePerGas: (type === 2 ? maxFee : price) ?? 0n,
    maxPriorityFeePerGas: type === 2 ? (readAmount(given['maxPriorityFeePerGas'], 'its tip') ?? 0n) : null,
    to: readAddress(given['to'], 'its recipient'),
    value: readAmount(given['value'], 'its value') ?? 0n,
    data,
    accessList: list,
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
