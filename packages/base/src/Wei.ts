import { BaseError } from './BaseError.ts'

declare const unit: unique symbol

/** An amount in wei, the smallest unit of ether. */
export type Wei = bigint & { readonly [unit]: 'wei' }

/** 2^256 - 1: the largest word, and what "unlimited" approvals use. */
export const MAX_UINT256 = 2n ** 256n - 1n

/**
 * Reads a decimal amount of ether as wei. Refuses what is finer than one wei instead of rounding it: people
 * approve the amount they read.
 *
 * @param text - Ether in decimal, at most 78 digits before the point and 18 after. No sign, no exponent.
 * @returns Wei; 1 ether = 10^18 wei (Ethereum Yellow Paper, §2.1 "Value").
 * @throws {AmountError} `base:amount:unreadable`.
 * @example
 * Wei.fromEther('1.5') // 1500000000000000000n
 */
export function fromEther(text: string): Wei {
  return fromUnits(text, 18) as Wei
}

/**
 * Reads a decimal amount of a token in its smallest unit. Refuses what is finer than the token can hold.
 *
 * @param decimals - The token's own decimals, 0 to 77.
 * @throws {AmountError} `base:amount:unreadable`.
 * @example
 * Wei.fromUnits('2.5', 6) // 2500000n
 */
export function fromUnits(text: string, decimals: number): bigint {
  const [, whole, fraction = ''] = /^(\d{1,78})(?:\.(\d{1,77}))?$/.exec(text) ?? []
  if (whole === undefined || fraction.length > decimals) throw new AmountError(decimals)
  const amount = BigInt(whole + fraction.padEnd(decimals, '0'))
  if (amount > MAX_UINT256) throw new AmountError(decimals)
  return amount
}

/**
 * Reads a whole, non-negative number of the smallest unit, as JSON carries it: a decimal string or 0x-hex.
 * Numbers are accepted only while exact. Signs, fractions and exponents are refused.
 *
 * @throws {AmountError} `base:amount:unreadable`.
 */
export function parse(value: unknown): Wei {
  if (typeof value === 'bigint' && value >= 0n && value <= MAX_UINT256) return value as Wei
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value) as Wei
  if (typeof value === 'string' && /^(?:\d{1,78}|0x[0-9a-fA-F]{1,64})$/.test(value)) {
    const amount = BigInt(value)
    if (amount <= MAX_UINT256) return amount as Wei
  }
  throw new AmountError(0)
}

/**
 * Writes an amount in its smallest unit as an exact decimal, without trailing zeros and without rounding.
 *
 * @example
 * Wei.format(1500000000000000000n, 18) // '1.5'
 */
export function format(amount: bigint, decimals: number): string {
  const sign = amount < 0n ? '-' : ''
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '')
  return fraction === '' ? sign + whole : `${sign}${whole}.${fraction}`
}

export class AmountError extends BaseError {
  override readonly name = 'base.AmountError'
  constructor(decimals: number) {
    // The text is not echoed: people paste private keys into the wrong box.
    super('The amount cannot be read.', {
      code: 'base:amount:unreadable',
      kind: 'invalid',
      hint:
        decimals === 0
          ? 'Write a whole, non-negative number of the smallest unit, such as "1000000".'
          : `Write digits with at most ${decimals} decimal places, such as "0.25".`,
    })
  }
}
