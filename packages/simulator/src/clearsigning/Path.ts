import { Address } from '@countersign/base'
import type { Node } from './Abi.ts'

type Step =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'all' }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'slice'; readonly from: number | null; readonly to: number | null }

/** A path into structured data (`#.` or nothing), into what contains it (`@.`), or into the descriptor (`$.`). */
export interface Path {
  readonly root: '#' | '@' | '$' | ''
  readonly steps: readonly Step[]
}

const paths = new Map<string, Path | null>()

/** ERC-7730, "Path references": names, `[]`, `[1]`, `[-1]`, `[a:b]`. Null for anything else. */
export function parsePath(text: string): Path | null {
  const known = paths.get(text)
  if (known !== undefined) return known
  const path = text.length > 1_000 ? null : parse(text)
  if (paths.size >= 10_000) paths.clear()
  paths.set(text, path)
  return path
}

function parse(text: string): Path | null {
  const [first = '', ...others] = text
    .trim()
    .replace(/([^.])\[/g, '$1.[')
    .split('.')
  const isRooted = first === '#' || first === '@' || first === '$'
  const steps: Step[] = []
  for (const part of isRooted ? others : [first, ...others]) {
    const selector = /^\[(-?\d*)(:?)(-?\d*)\]$/.exec(part)
    if (selector === null) {
      if (!/^[\w$:]+$/.test(part)) return null
      steps.push({ kind: 'name', name: part })
      continue
    }
    const [, from = '', colon, to = ''] = selector
    const number = (digits: string): number | null => (digits === '' ? null : Number(digits))
    if (colon === ':') steps.push({ kind: 'slice', from: number(from), to: number(to) })
    else if (from === '') steps.push({ kind: 'all' })
    else steps.push({ kind: 'index', index: Number(from) })
  }
  return { root: isRooted ? (first as Path['root']) : '', steps }
}

/** A value that a path leads to, with the places it took in the lists on its way. */
export interface Found {
  readonly node: Node
  readonly places: readonly number[]
}

const MAX_FOUND = 1_000

/** Everything that a path's steps lead to from a node; empty where the data has no such place. */
export function follow(node: Node, steps: readonly Step[]): Found[] {
  let found: Found[] = [{ node, places: [] }]
  for (const step of steps) {
    found = found.flatMap((each) => take(each, step)).slice(0, MAX_FOUND)
    if (found.length === 0) return []
  }
  return found
}

function take({ node, places }: Found, step: Step): Found[] {
  const at = (next: Node | undefined, ...place: readonly number[]): Found[] =>
    next === undefined ? [] : [{ node: next, places: [...places, ...place] }]
  switch (step.kind) {
    case 'name':
      return node.kind === 'struct' ? at(node.fields.get(step.name)) : []
    case 'all':
      return node.kind === 'list' ? node.items.flatMap((item, i) => at(item, i)) : []
    case 'index':
      if (node.kind === 'list') return at(node.items.at(step.index))
      return at(sliceAtom(node, step.index, step.index === -1 ? null : step.index + 1))
    case 'slice':
      if (node.kind === 'list')
        return node.items.slice(step.from ?? 0, step.to ?? undefined).flatMap((item, i) => at(item, i))
      return at(sliceAtom(node, step.from, step.to))
  }
}

/** Bytes of a value: of bytes themselves, of an address, of a number in as many bytes as its type has. */
function sliceAtom(node: Node, from: number | null, to: number | null): Node | undefined {
  if (node.kind !== 'atom') return undefined
  const bytes = bytesOf(node)
  return bytes === null
    ? undefined
    : {
        kind: 'atom',
        type: 'bytes',
        value: `0x${Buffer.from(bytes.slice(from ?? 0, to ?? undefined)).toString('hex')}`,
      }
}

/** A value as bytes; null for texts that are none. */
export function bytesOf(node: Extract<Node, { kind: 'atom' }>): Uint8Array | null {
  if (typeof node.value === 'string') {
    if (!/^0x(?:[0-9a-fA-F]{2})*$/.test(node.value)) return null
    return Uint8Array.from(Buffer.from(node.value.slice(2), 'hex'))
  }
  if (typeof node.value === 'bigint') {
    const size = Number(/\d+$/.exec(node.type)?.[0] ?? 256) / 8
    const digits = BigInt.asUintN(8 * size, node.value)
      .toString(16)
      .padStart(2 * size, '0')
    return Uint8Array.from(Buffer.from(digits, 'hex'))
  }
  return null
}

/** A value as an address: its own, or the last 20 bytes of a number or of bytes. */
export function addressOf(node: Node): Address.Address | null {
  if (node.kind !== 'atom') return null
  if (node.type === 'address' && typeof node.value === 'string') return Address.parse(node.value.toLowerCase())
  const bytes = bytesOf(node)
  return bytes === null || bytes.length < 20 ? null : Address.fromWord(Buffer.from(bytes.slice(-20)).toString('hex'))
}
