import type { ClearSigning, ClearField } from '../model/ClearSigning.ts'
import { Address, type Hex } from '@countersign/base'
import { safeText } from '../decode/safeText.ts'
import { decodeArguments, type Node } from './Abi.ts'
import type { DescriptorSet, Entry, FieldSpec } from './Descriptor.ts'
import { addressOf, follow, parsePath, type Found } from './Path.ts'
import {
  find,
  formatValue,
  literal,
  paramOf,
  rawOf,
  Unformattable,
  type Container,
  type Lookups,
  type Place,
} from './Values.ts'

export interface ClearContext {
  readonly descriptors: DescriptorSet
  readonly lookups: Lookups
  /** Whether the caller vouches for a token, so that descriptors of an interface (ERC-20) fit it. */
  isKnownToken(chainId: number, address: Address.Address): boolean
}

/** Longer texts are cut; a screen shows less of them still. */
const MAX_TEXT = 8_000
const MAX_LABEL = 80
const MAX_ROWS = 400
const MAX_NESTING = 4

/** A call's data in its descriptor's words; null where no descriptor fits, or where the data is not what it says. */
export function clearSignCall(
  context: ClearContext,
  call: { readonly to: Address.Address | null; readonly value: bigint; readonly data: Hex.Hex },
  at: { readonly chainId: number; readonly from: Address.Address | null },
  depth = 0,
): ClearSigning | null {
  if (call.to === null || call.data.length < 10) return null
  const container: Container = { ...at, to: call.to, value: call.value }
  const selector = call.data.slice(0, 10).toLowerCase()
  const exact = context.descriptors.calls.get(`${at.chainId}|${call.to.toLowerCase()}|${selector}`)
  const entries =
    exact !== undefined
      ? [exact]
      : context.isKnownToken(at.chainId, call.to)
        ? (context.descriptors.interfaces.get(selector) ?? [])
        : []
  for (const entry of entries) {
    try {
      const data = decodeArguments(entry.parameters, call.data)
      const shown = show(context, entry, container, data, depth)
      if (shown !== null) return shown
    } catch {
      // Data that does not decode is not what the descriptor speaks of.
    }
  }
  return null
}

/** A document's message in its descriptor's words. */
export function clearSignDocument(
  context: ClearContext,
  document: {
    readonly encodedType: string
    readonly domain: Readonly<Record<string, unknown>>
    readonly domainSeparator: Hex.Hex | null
    readonly message: Node
  },
  from: Address.Address | null,
): ClearSigning | null {
  const { chainId, verifyingContract, salt } = document.domain
  const to = typeof verifyingContract === 'string' ? Address.parse(verifyingContract.toLowerCase()) : null
  // Older documents carry the chain's id in the salt.
  const chain = Number(chainId ?? (typeof salt === 'string' ? BigInt(salt) : 0))
  const entries = context.descriptors.documents.get(document.encodedType) ?? []
  for (const entry of entries) {
    if (!isBound(context, entry, document, chain, to)) continue
    const shown = show(context, entry, { chainId: chain, from, to, value: 0n }, document.message, 0)
    if (shown !== null) return shown
  }
  return null
}

/** Everything that the descriptor asks of the domain must hold; one that asks nothing is for tokens that are known. */
function isBound(
  context: ClearContext,
  entry: Entry,
  { domain, domainSeparator }: { domain: Readonly<Record<string, unknown>>; domainSeparator: Hex.Hex | null },
  chainId: number,
  to: Address.Address | null,
): boolean {
  if (entry.deployments === null && entry.domain === null && entry.domainSeparator === null)
    return to !== null && context.isKnownToken(chainId, to)
  if (
    entry.deployments !== null &&
    !entry.deployments.some((each) => each.chainId === chainId && each.address === to?.toLowerCase())
  )
    return false
  if (entry.domainSeparator !== null && entry.domainSeparator.toLowerCase() !== domainSeparator?.toLowerCase())
    return false
  return Object.entries(entry.domain ?? {}).every(([key, value]) => plain(domain[key]) === plain(value))
}

interface Row extends ClearField {
  readonly path: string | null
}

interface Work {
  readonly context: ClearContext
  readonly rows: Row[]
  readonly unformatted: { label: string; why: string }[]
  readonly leftOut: string[]
  readonly depth: number
}

class Mismatch extends Error {}

function show(
  context: ClearContext,
  entry: Entry,
  container: Container,
  data: Node,
  depth: number,
): ClearSigning | null {
  const work: Work = { context, rows: [], unformatted: [], leftOut: [], depth }
  const place: Place = { entry, container, data, base: data, lookups: context.lookups }
  try {
    showFields(work, entry.fields, place)
  } catch (error) {
    // A value that the descriptor says must be another one: it does not speak of this call.
    if (error instanceof Mismatch) return null
    throw error
  }
  if (work.rows.length > MAX_ROWS) {
    work.unformatted.push({
      label: 'further fields',
      why: `only the first ${MAX_ROWS} of ${work.rows.length} are shown`,
    })
    work.rows.length = MAX_ROWS
  }
  return {
    intent: safeText(entry.intent ?? entry.name, MAX_LABEL),
    interpolatedIntent: interpolate(entry, place, work.rows),
    owner: entry.owner === null ? null : safeText(entry.owner, MAX_LABEL),
    descriptor: safeText(entry.descriptor, 160),
    fields: work.rows.map(({ label, value, nested }) => ({ label, value, nested })),
    unformatted: work.unformatted,
    leftOut: work.leftOut,
  }
}

function showFields(work: Work, fields: readonly FieldSpec[], place: Place): void {
  for (const field of fields) {
    if (work.rows.length > MAX_ROWS) return
    if (field.fields === null) showField(work, field, place)
    else showGroup(work, field, field.fields, place)
  }
}

function showGroup(work: Work, group: FieldSpec, fields: readonly FieldSpec[], place: Place): void {
  if (group.path === null) {
    if (group.isBundled) showBundled(work, fields, place)
    else showFields(work, fields, place)
    return
  }
  for (const { node } of found(work, group, place)) showFields(work, fields, { ...place, base: node })
}

/** Lists side by side: the first of each, then the second of each. */
function showBundled(work: Work, fields: readonly FieldSpec[], place: Place): void {
  const columns = fields.map((field) => {
    const part: Work = { ...work, rows: [] }
    showFields(part, [field], place)
    return part.rows
  })
  const length = Math.max(0, ...columns.map((column) => column.length))
  for (let i = 0; i < length; i += 1)
    for (const column of columns) {
      const row = column[i]
      if (row !== undefined) work.rows.push(row)
    }
}

/** What a field's path leads to; said, and nothing, where it leads nowhere. */
function found(work: Work, field: FieldSpec, place: Place): readonly Found[] {
  try {
    if (field.path !== null) return find(field.path, place)
    if (field.value !== undefined) return [{ node: valueOf(field.value, place), places: [] }]
    return []
  } catch (error) {
    if (!(error instanceof Unformattable)) throw error
    work.unformatted.push({ label: labelOf(field), why: safeText(error.message, MAX_TEXT) })
    return []
  }
}

function valueOf(value: unknown, place: Place): Node {
  if (typeof value === 'string' && /^[$@#]\./.test(value)) {
    const [first] = find(value, place)
    if (first === undefined) throw new Unformattable(`"${value.slice(0, 60)}" leads nowhere`)
    return first.node
  }
  return literal(value)
}

function showField(work: Work, field: FieldSpec, place: Place): void {
  const all = found(work, field, place).flatMap(flatten)
  const { visible } = field
  if (visible === 'never') {
    if (all.length > 0) work.leftOut.push(labelOf(field))
    return
  }
  for (const each of all) {
    if (typeof visible === 'object') {
      const isListed = ('ifNotIn' in visible ? visible.ifNotIn : visible.mustMatch).some((value) =>
        isSame(each.node, value),
      )
      if ('mustMatch' in visible) {
        if (!isListed) throw new Mismatch()
        work.leftOut.push(labelOf(field))
        continue
      }
      if (isListed) {
        work.leftOut.push(labelOf(field))
        continue
      }
    }
    work.rows.push({ label: labelOf(field), path: field.path, ...formatted(work, field, each, place) })
  }
}

/** A field of a list shows each of its entries. */
function flatten({ node, places }: Found): Found[] {
  return node.kind === 'list'
    ? node.items.flatMap((item, i) => flatten({ node: item, places: [...places, i] }))
    : [{ node, places }]
}

function isSame(node: Node, value: unknown): boolean {
  const raw = rawOf(node).toLowerCase()
  const text = String(value).toLowerCase()
  if (raw === text) return true
  return /^(?:\d+|0x[0-9a-f]+)$/.test(raw) && /^(?:\d+|0x[0-9a-f]+)$/.test(text) && BigInt(raw) === BigInt(text)
}

function formatted(
  work: Work,
  field: FieldSpec,
  each: Found,
  place: Place,
): { value: string; nested: ClearSigning | null } {
  try {
    if (field.format === 'calldata') {
      const nested = showCalldata(work, field, each, place)
      return { value: nested === null ? safeText(rawOf(each.node), MAX_TEXT) : nested.intent, nested }
    }
    return { value: safeText(formatValue(field.format, each, field.params, place), MAX_TEXT), nested: null }
  } catch (error) {
    if (!(error instanceof Unformattable)) throw error
    work.unformatted.push({ label: labelOf(field), why: safeText(error.message, MAX_TEXT) })
    return { value: safeText(rawOf(each.node), MAX_TEXT), nested: null }
  }
}

function showCalldata(work: Work, field: FieldSpec, { node, places }: Found, place: Place): ClearSigning | null {
  const param = (name: string): Node | null => paramOf(field.params, name, place, places)
  const callee = param('callee')
  const to = callee === null ? null : addressOf(callee)
  if (node.kind !== 'atom' || typeof node.value !== 'string' || to === null || work.depth >= MAX_NESTING)
    throw new Unformattable('it is no call that can be shown')
  const selector = param('selector')
  const data = selector === null ? node.value : `${rawOf(selector)}${node.value.slice(2)}`
  const [amount, spender] = [param('amount'), param('spender')]
  const value = amount?.kind === 'atom' && typeof amount.value === 'bigint' ? amount.value : 0n
  const from = spender === null ? place.container.to : addressOf(spender)
  const call = { to, value, data: data as Hex.Hex }
  const nested = clearSignCall(work.context, call, { chainId: place.container.chainId, from }, work.depth + 1)
  if (nested === null && data.length > 2)
    work.unformatted.push({ label: labelOf(field), why: 'no descriptor speaks of the call in it' })
  return nested
}

function labelOf(field: FieldSpec): string {
  return safeText(field.label ?? field.path ?? 'value', MAX_LABEL)
}

/** `Swap {amountIn} for {path}`: each place is the formatted value of the field with that path. Null where one is missing. */
function interpolate(entry: Entry, place: Place, rows: readonly Row[]): string | null {
  if (entry.interpolatedIntent === null) return null
  let isWhole = true
  const text = entry.interpolatedIntent.replace(/\{\{|\}\}|\{([^{}]*)\}/g, (whole, path: string | undefined) => {
    if (path === undefined) return whole.slice(1)
    const values = rows.filter((row) => row.path !== null && isSamePath(row.path, path)).map(({ value }) => value)
    if (values.length > 0) return values.join(' and ')
    const parsed = parsePath(path)
    const raw = parsed === null ? [] : parsed.root === '' ? follow(place.data, parsed.steps) : findQuietly(path, place)
    if (raw.length === 0) isWhole = false
    return raw.map(({ node }) => rawOf(node)).join(' and ')
  })
  return isWhole ? safeText(text, MAX_TEXT) : null
}

function findQuietly(path: string, place: Place): readonly Found[] {
  try {
    return find(path, place)
  } catch (error) {
    if (error instanceof Unformattable) return []
    throw error
  }
}

/** `#.a` and `a` are the same place. */
function isSamePath(a: string, b: string): boolean {
  const plain = (path: string) => path.replace(/^#\./, '')
  return plain(a) === plain(b)
}

/** A field of a domain as text; what is no text or number is never equal to one. */
function plain(value: unknown): string {
  if (typeof value === 'string') return value.toLowerCase()
  return typeof value === 'number' || typeof value === 'bigint' ? `${value}` : (JSON.stringify(value) ?? '')
}
