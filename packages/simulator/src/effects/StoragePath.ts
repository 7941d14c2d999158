import type { Hex } from '@countersign/base'
import { keccak256 } from 'viem'
import { word } from '../model/Access.ts'
import { holds, positionsOf } from './Word.ts'

/** keccak256 preimages that a run hashed, by hash: what turns a storage slot back into "mapping, key, key". A fact stays one, so they are kept. */
export type Preimages = Map<Hex.Hex, Hex.Hex>

/** How a slot is reached: the mapping's own slot, the keys from the outside in, and everything that was hashed. */
export interface StoragePath {
  /** The slot the path starts at; null where the layout is not Solidity's or Vyper's. */
  readonly base: bigint | null
  /** Where the path starts, whatever the layout: a variable's number, or the place of a namespace. */
  readonly root: bigint
  /** Mapping keys as 32-byte words, outermost first. */
  readonly keys: readonly Hex.Hex[]
  /** Where in a list it stands, in words behind the list's start; null for anything else. */
  readonly at: bigint | null
  /** Every preimage on the way, however deep, each behind the one that holds its hash. No 0x. */
  readonly hashed: readonly string[]
}

/** The largest struct whose fields are still found behind a mapping value. */
const MAX_STRUCT_SLOTS = 16n
/** How far behind its start an element of a list is still found. */
const MAX_ELEMENTS = 2n ** 40n
/** Solidity and Vyper number their variables from zero; nobody has this many. */
const MAX_VARIABLE = 2n ** 32n
/** Preimages that one slot is opened into: more than any honest layout nests. */
const MAX_OPENED = 24
const WORD_DIGITS = 64

/**
 * The path of a slot, or null for a plain variable or one whose preimage the run did not hash.
 *
 * Solidity: keccak256(key ‖ slot), a list's elements behind keccak256(slot) (docs.soliditylang.org, "Layout of State
 * Variables in Storage"); Vyper: keccak256(slot ‖ key). A key that is itself a hash, and a hash inside anything else that
 * was hashed, are opened in turn.
 */
export function pathOf(slot: Hex.Hex, preimages: Preimages): StoragePath | null {
  const preimage = preimageNear(BigInt(slot), preimages)
  if (preimage === null) return null
  const hashed = opened(preimage, preimages)
  let current = BigInt(slot)
  // Only a list hashes a single word.
  const at = preimage.length === 2 + WORD_DIGITS ? current - BigInt(keccak256(preimage)) : null
  const keys: Hex.Hex[] = []
  for (let depth = 0; depth < MAX_OPENED; depth += 1) {
    const next = preimageNear(current, preimages)
    if (next === null)
      return { base: depth > 0 && current < MAX_VARIABLE ? current : null, root: current, keys, at, hashed }
    if (next.length === 2 + WORD_DIGITS) {
      // A list: its number or its own path is what was hashed.
      current = BigInt(next)
      continue
    }
    if (next.length !== 2 + 2 * WORD_DIGITS) return { base: null, root: current, keys, at, hashed }
    const first: Hex.Hex = `0x${next.slice(2, 66)}`
    const second: Hex.Hex = `0x${next.slice(66)}`
    const isSolidity = isBase(second, preimages) || !isBase(first, preimages)
    keys.unshift(isSolidity ? first : second)
    current = BigInt(isSolidity ? second : first)
  }
  return { base: null, root: current, keys, at, hashed }
}

/** Whether an account was hashed into the slot, at any byte and depth. */
export function isKeyedBy(path: StoragePath, account: string): boolean {
  return path.hashed.some((text) => holds(text, account))
}

/**
 * Those of some accounts that were hashed into a slot, at any byte, in their order. What only overlaps with an earlier one is
 * none: call data that is not cut at words holds windows of zeros and of a part of an address.
 */
export function keyedAmong({ hashed }: StoragePath, accounts: Iterable<string>): string[] {
  const taken = hashed.map((): number[] => [])
  return [...new Set(accounts)].filter((account) => {
    const free = hashed.map((text, i) =>
      positionsOf(text, account).filter((at) => taken[i]?.every((other) => Math.abs(other - at) >= ADDRESS_DIGITS)),
    )
    for (const [i, positions] of free.entries()) taken[i]?.push(...positions)
    return free.some((positions) => positions.length > 0)
  })
}

const ADDRESS_DIGITS = 40

/** Words of what was hashed that stand at a word's place: ids, accounts, numbers of variables. */
export function wordsOf(path: StoragePath): Hex.Hex[] {
  return path.hashed.flatMap((text) =>
    (text.match(/.{64}/g) ?? []).filter(() => text.length % WORD_DIGITS === 0).map((each): Hex.Hex => `0x${each}`),
  )
}

/** What is found out about one set of preimages once, however many slots are opened with it. */
interface Index {
  /** Where lists start, ascending, with what was hashed for each. */
  readonly lists: readonly { readonly start: bigint; readonly preimage: Hex.Hex }[]
  /** By the first and by the last bytes of a hash, of which the others may have been cut or written over. */
  readonly parts: ReadonlyMap<string, Hex.Hex>
  readonly opened: Map<Hex.Hex, readonly string[]>
}

const indexes = new WeakMap<Preimages, Index>()

/** Variables whose lists are known although no run hashes their number: compilers do it beforehand. */
const NUMBERED = 256
let numberedLists: readonly (readonly [Hex.Hex, Hex.Hex])[] | undefined
function numbered(): readonly (readonly [Hex.Hex, Hex.Hex])[] {
  numberedLists ??= Array.from({ length: NUMBERED }, (_, i) => {
    const preimage: Hex.Hex = `0x${i.toString(16).padStart(WORD_DIGITS, '0')}`
    return [keccak256(preimage), preimage] as const
  })
  return numberedLists
}

function indexOf(preimages: Preimages): Index {
  const known = indexes.get(preimages)
  if (known !== undefined) return known
  const lists = [...numbered(), ...preimages]
    .filter(([, preimage]) => preimage.length === 2 + WORD_DIGITS)
    .map(([hash, preimage]) => ({ start: BigInt(hash), preimage }))
    .sort((a, b) => (a.start < b.start ? -1 : 1))
  const parts = new Map(
    [...preimages]
      .filter(([, preimage]) => preimage.length > 2 + WORD_DIGITS)
      .flatMap(([hash, preimage]) => partsOf(hash.slice(2)).map((part) => [part, preimage] as const)),
  )
  const index = { lists, parts, opened: new Map<Hex.Hex, readonly string[]>() }
  indexes.set(preimages, index)
  return index
}

function opened(preimage: Hex.Hex, preimages: Preimages): readonly string[] {
  const { opened: all } = indexOf(preimages)
  let hashed = all.get(preimage)
  if (hashed === undefined) {
    const found: string[] = []
    open(preimage, preimages, found)
    all.set(preimage, (hashed = found))
  }
  return hashed
}

function open(preimage: Hex.Hex, preimages: Preimages, hashed: string[]): void {
  const text = preimage.slice(2)
  if (hashed.length >= MAX_OPENED || hashed.includes(text)) return
  hashed.push(text)
  for (let at = 0; at + WORD_DIGITS <= text.length; at += 2) {
    const value: Hex.Hex = `0x${text.slice(at, at + WORD_DIGITS)}`
    // Behind a struct's start only where words stand: any byte else would be chance.
    const inner =
      preimages.get(value) ?? (at % WORD_DIGITS === 0 ? preimageNear(BigInt(value), preimages) : null) ?? null
    if (inner !== null) open(inner, preimages, hashed)
  }
}

/** What a mapping stands at: a variable's number, or another mapping's entry. */
function isBase(value: Hex.Hex, preimages: Preimages): boolean {
  return BigInt(value) < MAX_VARIABLE || preimageNear(BigInt(value), preimages) !== null
}

function preimageNear(slot: bigint, preimages: Preimages): Hex.Hex | null {
  if (slot < MAX_VARIABLE) return null
  for (let offset = 0n; offset < MAX_STRUCT_SLOTS && offset <= slot; offset += 1n) {
    const preimage = preimages.get(word(`0x${(slot - offset).toString(16)}`))
    if (preimage !== undefined) return preimage
  }
  const { lists, parts } = indexOf(preimages)
  // A hash of which a byte tells a version, or that was cut to fit in beside something else.
  for (const part of partsOf(slot.toString(16).padStart(WORD_DIGITS, '0'))) {
    const preimage = parts.get(part)
    if (preimage !== undefined) return preimage
  }
  let [low, high] = [0, lists.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((lists[middle]?.start ?? 0n) <= slot) low = middle + 1
    else high = middle
  }
  const list = lists[low - 1]
  return list !== undefined && slot - list.start < MAX_ELEMENTS ? list.preimage : null
}

/** Three quarters of a hash: what has as many bytes in common with one is made of it. */
const PART_DIGITS = 48
const partsOf = (digits: string): readonly string[] => [
  `${digits.slice(0, PART_DIGITS)}…`,
  `…${digits.slice(-PART_DIGITS)}`,
]

/** An address that a word holds and nothing else; null for zero, small numbers and packed words. */
export function addressIn(value: Hex.Hex): string | null {
  // Eight leading zero bytes more than an address has would be a number, not an account (precompiles included), and so would
  // eight at its end: an amount that stands further left.
  return /^0x0{24}(?!0{16})[0-9a-f]{40}$/.test(value) && !value.endsWith('0'.repeat(16)) ? `0x${value.slice(26)}` : null
}
