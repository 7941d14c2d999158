import { Hex, Json, type Address } from '@countersign/base'

/** One call, as it is judged. */
export interface FrozenCall {
  readonly to: Address.Address | null
  readonly value: bigint
  readonly data: Hex.Hex
  readonly gas: bigint | null
  readonly maxFeePerGas: bigint | null
}

/**
 * What somebody wants signed, copied once: what is judged here is what is signed, whatever happens to the object it came
 * from. Exactly one of `calls` (not empty), `typedData` and `message`.
 */
export interface Frozen {
  readonly chainId: number
  readonly from: Address.Address
  readonly calls: readonly FrozenCall[]
  /** Where the bytes state one. */
  readonly nonce: number | null
  readonly typedData: TypedData | null
  readonly message: string | null
  /** The most that its bytes may pay in fees, in wei, where the calls do not say it: that of a user operation. */
  readonly feeWei: bigint | null
  /** What a purchase names beside the bytes: a payee that the limits allow is no stranger. */
  readonly label: string | null
}

/** An EIP-712 document as JSON. */
export interface TypedData {
  readonly domain: Readonly<Record<string, unknown>>
  readonly types: Readonly<Record<string, readonly { readonly name: string; readonly type: string }[]>>
  readonly primaryType: string
  readonly message: Readonly<Record<string, unknown>>
}

type Place = Pick<Frozen, 'chainId' | 'from'>

export function ofCalls(place: Place, calls: readonly FrozenCall[], nonce: number | null): Frozen {
  return { ...place, calls, nonce, typedData: null, message: null, feeWei: null, label: null }
}

export function ofMessage(place: Place, message: string): Frozen {
  return { ...place, calls: [], nonce: null, typedData: null, message, feeWei: null, label: null }
}

export function ofTypedData(place: Place, typedData: TypedData): Frozen {
  return { ...place, calls: [], nonce: null, typedData, message: null, feeWei: null, label: null }
}

/**
 * Copies typed data to JSON: bigints as decimal text, bytes as 0x-hex. Getters and later changes are left behind with the
 * object they belong to, because each property is read once.
 *
 * @returns null for what is no typed data.
 */
export function copyTypedData(value: unknown): TypedData | null {
  let copy: unknown
  try {
    copy = Json.parse(typeof value === 'string' ? value : JSON.stringify(value, plain))
  } catch {
    return null
  }
  if (typeof copy !== 'object' || copy === null) return null
  const { domain, types, primaryType, message, ...rest } = copy as Record<string, unknown>
  const isWhole =
    isRecord(types) && typeof primaryType === 'string' && isRecord(message) && Object.keys(rest).length === 0
  if (!isWhole) return null
  return { domain: isRecord(domain) ? domain : {}, types: types as TypedData['types'], primaryType, message }
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Uint8Array) return Hex.parse(`0x${Buffer.from(value).toString('hex')}`)
  return value
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The chain a document is for; null where it names none. */
export function chainOf({ domain }: TypedData): number | null {
  const { chainId } = domain
  if (chainId === undefined || chainId === null) return null
  const read = typeof chainId === 'string' || typeof chainId === 'number' ? Number(chainId) : Number.NaN
  return Number.isSafeInteger(read) && read > 0 ? read : Number.NaN
}

/**
 * Bytes that a person could read: valid UTF-8 without control characters, and neither 32 nor 64 bytes, which is how long
 * hashes and signatures are. Libraries hand plain text over as bytes, so refusing all bytes would refuse text.
 *
 * @returns null for everything else.
 */
export function readAsText(bytes: Uint8Array): string | null {
  if (bytes.length === 32 || bytes.length === 64) return null
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return /^[^\p{Cc}\p{Cs}\p{Co}]*$/u.test(text.replace(/[\n\r\t]/g, ' ')) ? text : null
  } catch {
    return null
  }
}

/** The bytes of 0x-hex; null for text that is none. */
export function bytesOf(value: unknown): Uint8Array | null {
  if (value instanceof Uint8Array) return Uint8Array.from(value)
  if (typeof value !== 'string' || !/^0x(?:[0-9a-fA-F]{2})*$/.test(value)) return null
  return Uint8Array.from(Buffer.from(value.slice(2), 'hex'))
}
