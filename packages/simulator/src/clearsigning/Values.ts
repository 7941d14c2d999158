import { Address, Clock, Wei } from '@countersign/base'
import { chainName, chainOf } from '../chain/records.ts'
import * as Coin from '../model/Coin.ts'
import type { Node } from './Abi.ts'
import { isObject, lookUp, type Entry } from './Descriptor.ts'
import { addressOf, follow, parsePath, type Found } from './Path.ts'

/** What the caller knows about tokens, accounts and blocks. Nothing is fetched; what is not known is shown raw. */
export interface Lookups {
  token(chainId: number, address: Address.Address): TokenWords | undefined
  /** A name that somebody accountable gave, from one of the sources, where the descriptor names any. */
  addressName(address: Address.Address, of: NameQuery): string | undefined
  collection(chainId: number, address: Address.Address): string | undefined
  /** Seconds since 1970 of a block. */
  blockTimeS(chainId: number, block: bigint): bigint | undefined
}

export interface TokenWords {
  readonly symbol: string
  readonly decimals: number
  readonly name: string | null
}

export interface NameQuery {
  readonly chainId: number
  readonly types: readonly string[] | null
  readonly sources: readonly string[] | null
}

/** The transaction or document around the data: what `@.` paths lead to. */
export interface Container {
  readonly chainId: number
  readonly from: Address.Address | null
  readonly to: Address.Address | null
  readonly value: bigint
}

/** Where a field is formatted. */
export interface Place {
  readonly entry: Entry
  readonly container: Container
  readonly data: Node
  /** What paths without a root start from: the data, or an element of the group. */
  readonly base: Node
  readonly lookups: Lookups
}

/** A field's value cannot be shown as the descriptor asks; it is shown raw, and this is said. */
export class Unformattable extends Error {}

/** One value, as the format says. @throws {Unformattable} */
export function formatValue(
  format: string,
  { node, places }: Found,
  params: Readonly<Record<string, unknown>>,
  place: Place,
): string {
  const { container, lookups } = place
  const param = (name: string): Node | null => paramOf(params, name, place, places)
  switch (format) {
    case 'raw':
      return rawOf(node)
    case 'amount':
      return coin(integer(node), container.chainId)
    case 'tokenAmount': {
      const amount = integer(node)
      const chain = param('chainId')
      const chainId = chain === null ? container.chainId : Number(integer(chain))
      const given = param('token')
      const token = given === null ? null : addressOf(given)
      if (given !== null && token === null) throw new Unformattable('its token is no address')
      if (token !== null && isOneOf(params['nativeCurrencyAddress'], token, place)) return coin(amount, chainId)
      // What a descriptor says of a token's decimals is not believed: only what the caller knows.
      const words = token === null ? undefined : lookups.token(chainId, token)
      const threshold = params['threshold']
      const limit = threshold === undefined ? null : integer(literal(constant(threshold, place)))
      const isUnlimited = limit !== null && amount >= limit
      const message = typeof params['message'] === 'string' ? constantText(params['message'], place) : 'Unlimited'
      if (words === undefined) throw new Unformattable('its token is not known')
      return isUnlimited ? `${message} ${words.symbol}` : `${Wei.format(amount, words.decimals)} ${words.symbol}`
    }
    case 'addressName': {
      const address = addressOf(node)
      if (address === null) throw new Unformattable('it is no address')
      const { types, sources } = params
      if (isOneOf(params['senderAddress'], address, place)) return 'Sender'
      const query = { chainId: container.chainId, types: texts(types), sources: texts(sources) }
      return lookups.addressName(address, query) ?? address
    }
    case 'tokenTicker': {
      const address = addressOf(node)
      if (address === null) throw new Unformattable('it is no address')
      const chain = param('chainId')
      const chainId = chain === null ? container.chainId : Number(integer(chain))
      return lookups.token(chainId, address)?.symbol ?? address
    }
    case 'nftName': {
      const id = integer(node)
      const collection = param('collection')
      const address = collection === null ? container.to : addressOf(collection)
      const name = address === null ? undefined : lookups.collection(container.chainId, address)
      return name === undefined ? id.toString() : `${name} #${id}`
    }
    case 'date': {
      const number = integer(node)
      if (params['encoding'] !== 'blockheight') return date(number)
      const timeS = lookups.blockTimeS(container.chainId, number)
      return timeS === undefined ? `block ${number}` : date(timeS)
    }
    case 'duration':
      return duration(integer(node))
    case 'unit':
      return unit(integer(node), params, place)
    case 'enum': {
      const reference = params['$ref']
      const values = typeof reference === 'string' ? lookUp(place.entry.root, reference) : params['values']
      const key = keyOf(node)
      if (!isObject(values)) throw new Unformattable('its list of names is missing')
      const name = Object.hasOwn(values, key) ? values[key] : values[key.charAt(0).toUpperCase() + key.slice(1)]
      if (typeof name !== 'string') throw new Unformattable(`its list of names has no ${key}`)
      return name
    }
    case 'chainId': {
      const id = integer(node)
      return id > BigInt(Number.MAX_SAFE_INTEGER) ? id.toString() : (chainName(Number(id)) ?? id.toString())
    }
    default:
      throw new Unformattable(`the format "${format.slice(0, 40)}" is not known`)
  }
}

/** Lists of names are keyed by numbers; a byte or two that was cut out of bytes is one. */
function keyOf(node: Node): string {
  const raw = rawOf(node)
  return /^0x(?:[0-9a-fA-F]{2}){1,4}$/.test(raw) ? BigInt(raw).toString() : raw
}

/** The natural form of a value. */
export function rawOf(node: Node): string {
  switch (node.kind) {
    case 'atom':
      return typeof node.value === 'bigint' || typeof node.value === 'boolean' ? String(node.value) : node.value
    case 'list':
      return `[${node.items.map(rawOf).join(', ')}]`
    case 'struct':
      return `{${[...node.fields].map(([name, value]) => `${name}: ${rawOf(value)}`).join(', ')}}`
  }
}

function integer(node: Node): bigint {
  if (node.kind === 'atom') {
    if (typeof node.value === 'bigint') return node.value
    if (typeof node.value === 'string' && /^(?:-?\d{1,100}|0x[0-9a-fA-F]{1,64})$/.test(node.value))
      return BigInt(node.value)
  }
  throw new Unformattable('it is no number')
}

function coin(amount: bigint, chainId: number): string {
  const { coin: own } = chainOf(chainId)
  return own === null || !own.isNamed ? `${Wei.format(amount, 18)} of the chain’s coin` : Coin.text(own, amount)
}

/** The last second that `Date` can spell (ECMA-262, "Time Values and Time Range"). */
const LAST_SECOND = 8_640_000_000_000n

/** RFC 3339 without the T, as the registry's vectors have it. */
function date(seconds: bigint): string {
  if (seconds < 0n || seconds > LAST_SECOND) throw new Unformattable('it is beyond any date')
  return Clock.iso(Number(seconds) * 1000)
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z')
}

function duration(seconds: bigint): string {
  if (seconds < 0n) throw new Unformattable('it is negative')
  const two = (value: bigint): string => value.toString().padStart(2, '0')
  return `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}`
}

const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P', 'E']

function unit(value: bigint, params: Readonly<Record<string, unknown>>, place: Place): string {
  const base = typeof params['base'] === 'string' ? constantText(params['base'], place) : ''
  const given = constant(params['decimals'] ?? 0, place)
  const decimals = typeof given === 'string' ? Number(given) : given
  if (typeof decimals !== 'number' || !Number.isInteger(decimals) || decimals < 0 || decimals > 255)
    throw new Unformattable('its decimals are no number')
  if (params['prefix'] !== true) return `${Wei.format(value, decimals)}${base}`
  const size = (value < 0n ? -value : value).toString().length - decimals - 1
  const step = Math.max(0, Math.min(PREFIXES.length - 1, Math.floor(size / 3)))
  return `${Wei.format(value, decimals + 3 * step)}${PREFIXES[step]}${base}`
}

/** A parameter that is a constant, a path, or a map over a path: `token`, `tokenPath`. Null where it is not given. */
export function paramOf(
  params: Readonly<Record<string, unknown>>,
  name: string,
  place: Place,
  places: readonly number[] = [],
): Node | null {
  const path = params[`${name}Path`]
  if (typeof path === 'string') {
    const found = find(path, place)
    // The same place in the other list, where both run over lists of one length.
    const same = found.find((each) => each.places.join() === places.slice(0, each.places.length).join())
    const chosen = found.length === 1 ? found[0] : same
    if (chosen === undefined) throw new Unformattable(`"${path.slice(0, 60)}" leads nowhere`)
    return chosen.node
  }
  const value = params[name]
  return value === undefined ? null : literal(constant(value, place))
}

/** A literal of a descriptor, with `$.` paths and maps resolved. */
function constant(value: unknown, place: Place): unknown {
  if (typeof value === 'string' && value.startsWith('$.')) {
    const found = lookUp(place.entry.root, value)
    if (found === undefined) throw new Unformattable(`"${value.slice(0, 60)}" is not defined`)
    return found
  }
  if (isObject(value) && typeof value['map'] === 'string' && typeof value['keyPath'] === 'string') {
    const map = lookUp(place.entry.root, value['map'])
    const [key] = find(value['keyPath'], place)
    const values = isObject(map) && isObject(map['values']) ? map['values'] : map
    if (key === undefined || !isObject(values)) throw new Unformattable('its map is not defined')
    return values[rawOf(key.node)] ?? values[rawOf(key.node).toLowerCase()]
  }
  return value
}

export function constantText(value: string, place: Place): string {
  const found = constant(value, place)
  return typeof found === 'string' ? found : String(found)
}

export function literal(value: unknown): Node {
  if (typeof value === 'number' && Number.isSafeInteger(value))
    return { kind: 'atom', type: 'int256', value: BigInt(value) }
  if (typeof value === 'boolean' || typeof value === 'string') {
    const isAddress = typeof value === 'string' && /^0x[0-9a-fA-F]{40}$/.test(value)
    return { kind: 'atom', type: isAddress ? 'address' : 'string', value }
  }
  throw new Unformattable('a parameter is missing')
}

/** Everything a path leads to from where a field stands. */
export function find(text: string, place: Place): readonly Found[] {
  const path = parsePath(text)
  if (path === null) throw new Unformattable(`"${text.slice(0, 60)}" is no path`)
  switch (path.root) {
    case '$':
      return [{ node: literal(lookUp(place.entry.root, text)), places: [] }]
    case '@':
      return follow(containerNode(place.container), path.steps)
    case '#':
      return follow(place.data, path.steps)
    case '':
      return follow(place.base, path.steps)
  }
}

function containerNode({ chainId, from, to, value }: Container): Node {
  const fields = new Map<string, Node>([
    ['chainId', { kind: 'atom', type: 'uint256', value: BigInt(chainId) }],
    ['value', { kind: 'atom', type: 'uint256', value }],
  ])
  if (from !== null) fields.set('from', { kind: 'atom', type: 'address', value: from })
  if (to !== null) fields.set('to', { kind: 'atom', type: 'address', value: to })
  return { kind: 'struct', fields }
}

/** Whether an address is one of those that a parameter lists, each a literal or a path. */
function isOneOf(listed: unknown, address: Address.Address, place: Place): boolean {
  const list = Array.isArray(listed) ? (listed as readonly unknown[]) : listed === undefined ? [] : [listed]
  return list.some((each) => {
    if (typeof each !== 'string') return false
    const found = /^[@#]\./.test(each) ? find(each, place)[0]?.node : literal(constant(each, place))
    const other = found === undefined ? null : addressOf(found)
    return other !== null && Address.isEqual(other, address)
  })
}

function texts(value: unknown): readonly string[] | null {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : null
}
