import { createHmac, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** What a key string says about itself before anything is looked up. */
export interface ParsedKey {
  readonly app: string
  readonly text: string
}

/** An app's name: what stands between `sk-` and the last hyphen. */
export const APP_NAME = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/

/**
 * Writes a key: `sk-{app}-{40 hex random}{8 hex checksum}`. 160 random bits; the CRC-32 over everything before it
 * lets a mistyped or made-up key be refused without a look-up (GitHub's token format, with hex for Aomi's pattern).
 *
 * @param random - 20 bytes from a cryptographic source.
 */
export function format(app: string, random: Uint8Array): string {
  const head = `sk-${app}-${Buffer.from(random).toString('hex')}`
  return head + checksum(head)
}

/** Reads a key strictly, from its last hyphen; null when the shape or the checksum is wrong. */
export function parse(text: string): ParsedKey | null {
  const match = /^sk-([a-z0-9-]{1,40})-([0-9a-f]{40})([0-9a-f]{8})$/.exec(text)
  if (match === null) return null
  const [, app = '', , sum = ''] = match
  if (!APP_NAME.test(app) || checksum(text.slice(0, -8)) !== sum) return null
  return { app, text }
}

/**
 * How a key is kept: HMAC-SHA-256 under the server's pepper, hex. A fast hash is right for 160 random bits, and
 * the pepper lives outside the database, so that a stolen database alone checks nothing.
 */
export function digest(text: string, pepper: Uint8Array): string {
  return createHmac('sha256', pepper).update(text).digest('hex')
}

/** Compares two digests in constant time. */
export function isSameDigest(a: string, b: string): boolean {
  const left = Buffer.from(a, 'hex')
  const right = Buffer.from(b, 'hex')
  return left.length === right.length && timingSafeEqual(left, right)
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}
