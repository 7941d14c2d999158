import type { Hex } from '@countersign/base'

/** Bytes as lower-case hex. Node's own encoder: a call trace is mostly this. */
export function hexOf(bytes: Uint8Array): Hex.Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`
}

/** Hex as bytes, in memory of their own. An odd number of digits gets a leading zero. */
export function bytesOf(hex: string): Uint8Array {
  const digits = hex.slice(2)
  return Uint8Array.from(Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex'))
}

/** A quantity as JSON-RPC writes it: no leading zeros. */
export function hexOfNumber(value: bigint): string {
  return `0x${value.toString(16)}`
}

/** The significant bytes of a word: storage values are kept without leading zeros, and zero is nothing. */
export function trimmed(hex: string): Uint8Array {
  return bytesOf(`0x${hex.slice(2).replace(/^0+/, '')}`)
}
