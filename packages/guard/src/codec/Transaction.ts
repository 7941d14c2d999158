import { Address, type Hex } from '@countersign/base'
import * as Rlp from './Rlp.ts'

/**
 * A transaction as its bytes say it, of the types that are judged: 0 with a chain (EIP-155), 1 (EIP-2930), 2 (EIP-1559).
 * What is judged, what is signed and what was signed are compared by these bytes.
 */
export interface Transaction {
  readonly type: 0 | 1 | 2
  readonly chainId: number
  readonly nonce: number
  readonly gas: bigint
  /** The most one unit of gas may cost, in wei: `gasPrice` of types 0 and 1. */
  readonly maxFeePerGas: bigint
  readonly maxPriorityFeePerGas: bigint | null
  readonly to: Address.Address | null
  readonly value: bigint
  readonly data: Hex.Hex
  readonly accessList: readonly { readonly address: Hex.Hex; readonly storageKeys: readonly Hex.Hex[] }[]
}

/** Why bytes are not judged, for the end of a sentence. */
export type Fault = string

/** The bytes that are hashed and signed. */
export function unsigned(transaction: Transaction): Hex.Hex {
  return pack(transaction, null)
}

export interface Signature {
  readonly yParity: 0 | 1
  readonly r: bigint
  readonly s: bigint
}

function pack(transaction: Transaction, signature: Signature | null): Hex.Hex {
  const { type, chainId, nonce, gas, maxFeePerGas, maxPriorityFeePerGas, to, value, data } = transaction
  const tail: Rlp.Item[] = [number(gas), to ?? '0x', number(value), data]
  const rs = signature === null ? [] : [number(signature.r), number(signature.s)]
  if (type === 0) {
    const v = signature === null ? chainId : chainId * 2 + 35 + signature.yParity
    const end: Rlp.Item[] = signature === null ? [number(v), '0x', '0x'] : [number(v), ...rs]
    return Rlp.encode([number(nonce), number(maxFeePerGas), ...tail, ...end])
  }
  const list: Rlp.Item = transaction.accessList.map(({ address, storageKeys }) => [address, storageKeys])
  const fees = type === 1 ? [number(maxFeePerGas)] : [number(maxPriorityFeePerGas ?? 0n), number(maxFeePerGas)]
  const end = signature === null ? [] : [number(signature.yParity), ...rs]
  const body = Rlp.encode([number(chainId), number(nonce), ...fees, ...tail, list, ...end])
  return `0x0${type}${body.slice(2)}`
}

/**
 * Reads bytes that are a whole, canonical transaction, signed or not.
 *
 * @returns a sentence's end where they are none, or are of a kind that is not judged.
 */
export function parse(
  bytes: Hex.Hex,
): { readonly transaction: Transaction; readonly signature: Signature | null } | Fault {
  const kind = Number.parseInt(bytes.slice(2, 4), 16)
  if (kind === 3) return 'it is a blob transaction (type 3), which is not judged'
  if (kind === 4) return 'it is an EIP-7702 transaction (type 4), which hands the account to other code'
  const isTyped = kind === 1 || kind === 2
  if (!isTyped && kind < 0xc0) return 'the bytes are not a transaction that can be judged'
  const items = Rlp.decode(isTyped ? `0x${bytes.slice(4)}` : bytes)
  if (!Array.isArray(items)) return 'the bytes are not a whole transaction'
  const read = isTyped ? readTyped(kind, items) : readLegacy(items)
  if (typeof read === 'string') return read
  if (pack(read.transaction, read.signature) !== bytes.toLowerCase()) return 'its encoding is not canonical'
  return read
}

type Read = { readonly transaction: Transaction; readonly signature: Signature | null } | Fault

function readTyped(type: 1 | 2, items: readonly Rlp.Item[]): Read {
  const offset = type === 2 ? 1 : 0
  const plain = 8 + offset
  if (items.length !== plain && items.length !== plain + 3) return 'it does not have the fields of its type'
  const texts = items.map((item, i) => (i === 7 + offset ? '0x' : item))
  if (texts.some((item) => typeof item !== 'string')) return 'it does not have the fields of its type'
  const [chainId = '0x', nonce = '0x', fee = '0x', ...rest] = texts as Hex.Hex[]
  const maxFee = type === 2 ? (rest[0] ?? '0x') : fee
  const [gas = '0x', to = '0x', value = '0x', data = '0x'] = rest.slice(offset)
  const accessList = readAccessList(items[7 + offset] ?? [])
  const recipient = addressOf(to)
  if (accessList === null || recipient === undefined) return 'it does not have the fields of its type'
  const end = items.slice(plain) as Hex.Hex[]
  return {
    transaction: {
      type,
      ...{ chainId: small(chainId), nonce: small(nonce), gas: big(gas), maxFeePerGas: big(maxFee) },
      maxPriorityFeePerGas: type === 2 ? big(fee) : null,
      ...{ to: recipient, value: big(value), data, accessList },
    },
    signature: end.length === 0 ? null : signatureOf(small(end[0] ?? '0x'), end[1], end[2]),
  }
}

function readLegacy(items: readonly Rlp.Item[]): Read {
  if (items.length !== 9 && items.length !== 6) return 'it does not have the fields of a transaction'
  if (items.some((item) => typeof item !== 'string')) return 'it does not have the fields of a transaction'
  const [nonce, gasPrice, gas, to, value, data, v, r, s] = items as Hex.Hex[]
  const recipient = addressOf(to ?? '0x')
  if (recipient === undefined) return 'it does not have the fields of a transaction'
  const last = small(v ?? '0x')
  const isUnsigned = r === '0x' && s === '0x'
  if (items.length === 6 || last === 27 || last === 28 || last === 0)
    return 'it names no chain, so it could be sent on every chain'
  const chainId = isUnsigned ? last : Math.floor((last - 35) / 2)
  return {
    transaction: {
      type: 0,
      ...{ chainId, nonce: small(nonce), gas: big(gas), maxFeePerGas: big(gasPrice), maxPriorityFeePerGas: null },
      ...{ to: recipient, value: big(value), data: data ?? '0x', accessList: [] },
    },
    signature: isUnsigned ? null : signatureOf((last - 35) % 2, r, s),
  }
}

function signatureOf(yParity: number, r: Hex.Hex | undefined, s: Hex.Hex | undefined): Signature {
  return { yParity: yParity === 1 ? 1 : 0, r: big(r), s: big(s) }
}

function readAccessList(item: Rlp.Item): Transaction['accessList'] | null {
  if (!Array.isArray(item)) return null
  const entries: Transaction['accessList'][number][] = []
  for (const entry of item as readonly Rlp.Item[]) {
    const [address, keys, ...more] = Array.isArray(entry) ? (entry as readonly Rlp.Item[]) : []
    if (typeof address !== 'string' || address.length !== 42 || !Array.isArray(keys) || more.length > 0) return null
    if (keys.some((key) => typeof key !== 'string' || key.length !== 66)) return null
    entries.push({ address, storageKeys: keys as Hex.Hex[] })
  }
  return entries
}

/** Null for a deployment; undefined where it is no address. */
function addressOf(item: Hex.Hex): Address.Address | null | undefined {
  if (item === '0x') return null
  return item.length === 42 ? Address.parse(item) : undefined
}

function number(value: number | bigint): Hex.Hex {
  if (BigInt(value) === 0n) return '0x'
  const digits = value.toString(16)
  return `0x${digits.length % 2 === 0 ? digits : `0${digits}`}`
}

function big(item: Hex.Hex | undefined): bigint {
  return item === undefined || item === '0x' ? 0n : BigInt(item)
}

function small(item: Hex.Hex | undefined): number {
  return Number(big(item))
}
