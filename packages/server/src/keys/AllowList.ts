import { BlockList, isIP } from 'node:net'
import { BaseError } from '@countersign/base'

/** How many blocks one key may have. */
export const MAX_BLOCKS = 100

/**
 * Reads CIDR blocks and single addresses, IPv4 and IPv6, into one spelling: always with a prefix length.
 *
 * @throws {NetworkError} `keys:network:unreadable`.
 * @example
 * AllowList.parse(['203.0.113.7', '2001:db8::/32']) // ['203.0.113.7/32', '2001:db8::/32']
 */
export function parse(blocks: readonly string[]): string[] {
  if (blocks.length > MAX_BLOCKS) throw new NetworkError()
  return blocks.map((block) => {
    const [, address = '', length] = /^([0-9a-fA-F:.]{2,45})(?:\/(0|[1-9]\d{0,2}))?$/.exec(block.trim()) ?? []
    const version = isIP(address)
    const bits = version === 4 ? 32 : 128
    const prefix = length === undefined ? bits : Number(length)
    if (version === 0 || prefix > bits) throw new NetworkError()
    return `${address.toLowerCase()}/${prefix}`
  })
}

/** The parsed blocks as something that addresses can be held against; null admits everybody. */
export function compile(blocks: readonly string[]): BlockList | null {
  if (blocks.length === 0) return null
  const list = new BlockList()
  for (const block of blocks) {
    const [address = '', prefix] = block.split('/')
    list.addSubnet(address, Number(prefix), isIP(address) === 6 ? 'ipv6' : 'ipv4')
  }
  return list
}

/** Whether a client address is in a list. IPv4 written inside IPv6 (`::ffff:…`) counts as IPv4. */
export function admits(list: BlockList | null, address: string): boolean {
  if (list === null) return true
  const plain = plainAddress(address)
  const version = isIP(plain)
  return version !== 0 && list.check(plain, version === 6 ? 'ipv6' : 'ipv4')
}

/** Remembers the last answer: one client sends many requests, and both are asked at each of them. */
function remembering(compute: (address: string) => string): (address: string) => string {
  let last: string | undefined
  let answer = ''
  return (address) => {
    if (address === last) return answer
    answer = compute(address)
    last = address
    return answer
  }
}

/** An address without zone, and without the IPv6 wrapping that a dual-stack socket puts around IPv4. */
export const plainAddress = remembering((address) => {
  const [bare = ''] = address.split('%')
  const [, mapped] = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(bare) ?? []
  return mapped ?? bare
})

/** The network somebody calls from: /24 of IPv4, /48 of IPv6. */
export const networkOf = remembering((address) => {
  const plain = plainAddress(address)
  if (isIP(plain) === 4) return `${plain.split('.').slice(0, 3).join('.')}.0/24`
  return `${groups(plain, 3)}::/48`
})

/** Whose budget an address draws on: the address itself, and for IPv6 the /64 that one household or server gets. */
export const budgetOf = remembering((address) => {
  const plain = plainAddress(address)
  return isIP(plain) === 6 ? `${groups(plain, 4)}::/64` : plain
})

function groups(address: string, count: number): string {
  const [head = '', tail] = address.toLowerCase().split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const all =
    tail === undefined
      ? left
      : [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
  return all
    .slice(0, count)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}

export class NetworkError extends BaseError {
  override readonly name = 'keys.NetworkError'
  constructor() {
    super('A network cannot be read.', {
      code: 'keys:network:unreadable',
      kind: 'invalid',
      hint: `Write addresses or CIDR blocks, such as 203.0.113.0/24 or 2001:db8::/32, at most ${MAX_BLOCKS}.`,
    })
  }
}
