import { BlockList, isIP } from 'node:net'

/**
 * Addresses that a tool may reach only where its operator says so: loopback, private, link-local and every other range
 * that is not the public internet (IANA's special-purpose registries for IPv4 and IPv6).
 */
const SPECIAL_V4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const

/** Within 2000::/3, the only part that is the public internet. What holds an IPv4 address (6to4, Teredo) is not. */
const SPECIAL_V6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['2620:4f:8000::', 48],
] as const

const special = new BlockList()
for (const [net, prefix] of SPECIAL_V4) special.addSubnet(net, prefix, 'ipv4')
for (const [net, prefix] of SPECIAL_V6) special.addSubnet(net, prefix, 'ipv6')
const global = new BlockList()
global.addSubnet('2000::', 3, 'ipv6')

/** Whether an address is not the public internet's. What is no address at all counts as private. */
export function isPrivate(address: string): boolean {
  const plain = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '')
  if (isIP(plain) === 4) return special.check(plain, 'ipv4')
  if (isIP(plain) !== 6) return true
  // 2000::/3 holds no IPv4-mapped address, so ::ffff:127.0.0.1 and its other spellings are outside of it.
  return !global.check(plain, 'ipv6') || special.check(plain, 'ipv6')
}
