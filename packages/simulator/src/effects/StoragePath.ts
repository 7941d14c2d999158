import type { Hex } from '@countersign/base'
import { word } from '../model/Access.ts'

/** keccak256 preimages that a run hashed, by hash: what turns a storage slot back into "mapping, key, key". A fact stays one, so they are kept. */
export type Preimages = Map<Hex.Hex, Hex.Hex>

/** How a slot is reached: the mapping's own slot, the keys from the outside in, and the offset inside a struct. */
export interface StoragePath {
  /** The slot the path starts at; null where the layout is not Solidity's or Vyper's. */
  readonly base: bigint | null
  /** Mapping keys as 32-byte words, outermost first. */
  readonly keys: readonly Hex.Hex[]
  /** Everything that was hashed on the way, for layouts of their own (addresses are looked for in it). */
  readonly hashed: string
}

/** The largest struct whose fields are still found behind a mapping value. */
const MAX_STRUCT_SLOTS = 16n
/** Solidity and Vyper number their variables from zero; nobody has this many. */
const MAX_VARIABLE = 2n ** 32n
const MAX_DEPTH = 6

/**
 * The path of a slot, or null for a plain variable or one whose preimage the run did not hash.
 *
 * Solidity: keccak256(key ‖ slot) (docs.soliditylang.org, "Layout of State Variables in Storage"); Vyper: keccak256(slot ‖ key).
 */
export function pathOf(slot: Hex.Hex, preimages: Preimages): StoragePath | null {
  let current = BigInt(slot)
  const keys: Hex.Hex[] = []
  let hashed = ''
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    const preimage = preimageNear(current, preimages)
    if (preimage === null) return depth === 0 ? null : { base: current < MAX_VARIABLE ? current : null, keys, hashed }
    hashed += preimage.slice(2)
    if (preimage.length !== 130) return { base: null, keys, hashed }
    const first: Hex.Hex = `0x${preimage.slice(2, 66)}`
    const second: Hex.Hex = `0x${preimage.slice(66)}`
    const isSolidity = isBase(second, preimages) || !isBase(first, preimages)
    keys.unshift(isSolidity ? first : second)
    current = BigInt(isSolidity ? second : first)
  }
  return { base: null, keys, hashed }
}

/** What a mapping stands at: a variable's number, or another mapping's entry. */
function isBase(value: Hex.Hex, preimages: Preimages): boolean {
  return BigInt(value) < MAX_VARIABLE || preimages.has(value)
}

function preimageNear(slot: bigint, preimages: Preimages): Hex.Hex | null {
  if (slot < MAX_VARIABLE) return null
  for (let offset = 0n; offset < MAX_STRUCT_SLOTS && offset <= slot; offset += 1n) {
    const preimage = preimages.get(word(`0x${(slot - offset).toString(16)}`))
    if (preimage !== undefined) return preimage
  }
  return null
}

/** An address that a word holds and nothing else; null for zero, small numbers and packed words. */
export function addressIn(value: Hex.Hex): string | null {
  // Sixteen leading zero bytes more than an address has would be a number, not an account (precompiles included).
  return /^0x0{24}(?!0{16})[0-9a-f]{40}$/.test(value) ? `0x${value.slice(26)}` : null
}
