import { BaseError } from './BaseError.ts'

/** Bytes as lower-case, even-length, 0x-prefixed hexadecimal. */
export type Hex = `0x${string}`

/**
 * Reads bytes strictly: `0x`, then an even number of hexadecimal digits. Odd digits, a missing prefix or white
 * space are refused, because wallets and nodes disagree on how to mend them (simulation.md, case E15).
 *
 * @throws {HexError} `base:hex:unreadable`.
 */
export function parse(text: string): Hex {
  if (!/^0x(?:[0-9a-fA-F]{2})*$/.test(text)) throw new HexError()
  return text.toLowerCase() as Hex
}

/** Whether two byte strings are the same bytes, whatever their letter case. */
export function isEqual(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

/** Number of bytes. */
export function size(hex: Hex): number {
  return (hex.length - 2) / 2
}

export class HexError extends BaseError {
  override readonly name = 'base.HexError'
  constructor() {
    super('The bytes cannot be read as hexadecimal.', {
      code: 'base:hex:unreadable',
      kind: 'invalid',
      hint: 'Write 0x followed by an even number of hexadecimal digits, such as "0x095ea7b3".',
    })
  }
}
