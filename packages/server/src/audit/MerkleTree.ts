import { hash } from 'node:crypto'

/**
 * The Merkle tree of RFC 6962 §2.1 over the entries of one record, grown at its right edge. A tree of any size is
 * kept as the roots of its complete subtrees, largest first: 20 hashes for a million entries.
 */
export interface Frontier {
  readonly size: number
  readonly roots: readonly Buffer[]
}

export const EMPTY: Frontier = { size: 0, roots: [] }

/** What is hashed, written anew each time: a record of a million rows has two million nodes. */
const LEAF = Buffer.alloc(33)
const NODE = Buffer.alloc(65, 1)

/** `SHA-256(0x00 || entry)`; an entry has 32 bytes at most, as the hashes of the record do. */
export function leafHash(entry: Uint8Array): Buffer {
  LEAF.set(entry, 1)
  return sha256(LEAF.subarray(0, entry.length + 1))
}

/** `SHA-256(0x01 || left || right)`, both of 32 bytes. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  NODE.set(left, 1)
  NODE.set(right, 33)
  return sha256(NODE)
}

/** The tree with one more leaf. */
export function append(tree: Frontier, entry: Uint8Array): Frontier {
  let kept = tree.roots.length
  let node = leafHash(entry)
  // A binary counter: every subtree that is now complete is folded into the next larger one.
  for (let size = tree.size; size % 2 === 1; size = (size - 1) / 2) {
    kept -= 1
    node = nodeHash(tree.roots[kept] as Buffer, node)
  }
  return { size: tree.size + 1, roots: [...tree.roots.slice(0, kept), node] }
}

/** The root: the complete subtrees folded from the smallest up. Of nothing, the hash of nothing. */
export function root(tree: Frontier): Buffer {
  const [last, ...larger] = tree.roots.toReversed()
  if (last === undefined) return sha256(Buffer.alloc(0))
  return larger.reduce((right, left) => nodeHash(left, right), last)
}

export function toJson(tree: Frontier): string {
  return JSON.stringify(tree.roots.map((each) => each.toString('hex')))
}

export function fromJson(size: number, text: string): Frontier {
  return { size, roots: (JSON.parse(text) as string[]).map((each) => Buffer.from(each, 'hex')) }
}

/** By way of a string of bytes: asking `hash` for a buffer costs three times as much, as each gets memory of its own. */
function sha256(bytes: Uint8Array): Buffer {
  return Buffer.from(hash('sha256', bytes, 'binary'), 'binary')
}
