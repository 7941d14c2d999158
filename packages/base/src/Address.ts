import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { BaseError } from './BaseError.ts'

/** A 20-byte account in EIP-55 spelling. */
export type Address = `0x${string}`

/** The zero address; also how ABI data says "nobody". */
export const ZERO = '0x0000000000000000000000000000000000000000' as Address

/**
 * Reads an address strictly. All-lower-case and all-upper-case digits carry no checksum and are accepted; mixed
 * case must match EIP-55, because a wrong capital is how a mistyped address shows itself.
 *
 * @throws {AddressError} `base:address:unreadable` or `base:address:checksum`.
 * @example
 * Address.parse('0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2') // '0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2'
 */
export function parse(text: string): Address {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) throw new AddressError('unreadable')
  const digits = text.slice(2)
  const checksummed = checksum(digits.toLowerCase())
  const isMixed = digits !== digits.toLowerCase() && digits !== digits.toUpperCase()
  if (isMixed && text !== checksummed) throw new AddressError('checksum')
  return checksummed
}

/** Whether `parse` would accept the text. */
export function isAddress(text: unknown): text is string {
  if (typeof text !== 'string') return false
  try {
    parse(text)
    return true
  } catch {
    return false
  }
}

/** Whether two spellings name the same account. */
export function isEqual(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

/** The last 20 bytes of a 32-byte word, as an address. */
export function fromWord(word: string): Address {
  return checksum(word.slice(-40).toLowerCase())
}

const seen = new Map<string, Address>()

/** EIP-55: a letter is a capital where the hash of the lower-case digits has a nibble of 8 or more. */
function checksum(digits: string): Address {
  const known = seen.get(digits)
  if (known !== undefined) return known
  const hash = bytesToHex(keccak_256(utf8ToBytes(digits)))
  let out = '0x'
  for (let i = 0; i < 40; i++) {
    const digit = digits[i] as string
    out += Number.parseInt(hash[i] as string, 16) >= 8 ? digit.toUpperCase() : digit
  }
  // A bounded memo: hashing dominates report building, and the same few addresses come back all the time.
  if (seen.size >= 10_000) seen.clear()
  seen.set(digits, out as Address)
  return out as Address
}

export class AddressError extends BaseError {
  override readonly name = 'base.AddressError'
  constructor(reason: 'unreadable' | 'checksum') {
    super(
      reason === 'checksum'
        ? 'The address has a wrong EIP-55 checksum: at least one character is mistyped.'
        : 'The address cannot be read.',
      {
        code: `base:address:${reason}`,
        kind: 'invalid',
        hint: 'Copy the address again from its source: 0x and 40 hexadecimal digits, capitals as they stand there.',
      },
    )
  }
}
