import { keccak_256 } from '@noble/hashes/sha3.js'
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import canonicalize from 'canonicalize'
import { assert } from './assert.ts'
import type { Hex } from './Hex.ts'

/** A 32-byte hash, 0x-hex. */
export type Digest = Hex

/**
 * RFC 8785 (JSON Canonicalization Scheme) text of a value: the one spelling that every implementation agrees on.
 * Bigints are refused; say them as decimal strings first.
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value)
  assert(text !== undefined, 'only JSON values are hashed')
  return text
}

/** SHA-256 of UTF-8 text or bytes. */
export function sha256(data: string | Uint8Array): Digest {
  return `0x${bytesToHex(nobleSha256(typeof data === 'string' ? utf8ToBytes(data) : data))}`
}

/** Keccak-256 of bytes, as Ethereum hashes. */
export function keccak256(data: Hex | Uint8Array): Digest {
  return `0x${bytesToHex(keccak_256(typeof data === 'string' ? hexToBytes(data.slice(2)) : data))}`
}

/** SHA-256 of a value's canonical JSON. Two equal values have equal digests, whatever their key order. */
export function ofJson(value: unknown): Digest {
  return sha256(canonicalJson(value))
}
