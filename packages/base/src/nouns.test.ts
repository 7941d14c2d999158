import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Address, BaseError, Digest, Hex, Redacted, Wei } from './index.ts'

const code = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof BaseError) return error.code
    throw error
  }
  return 'accepted'
}

test('addresses are read strictly: EIP-55 or no capitals at all', () => {
  expect(Address.parse('0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2')).toBe('0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2')
  expect(code(() => Address.parse('0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756CC2'))).toBe('base:address:checksum')
  for (const text of [
    '',
    '0x',
    '0x12',
    'c02aaa39b223fe8d0a0e5c4f27ead9083c756cc2',
    ' 0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2',
  ]) {
    expect(code(() => Address.parse(text))).toBe('base:address:unreadable')
  }
})

test('bytes are even, prefixed hexadecimal and nothing else', () => {
  expect(Hex.parse('0xAbCd')).toBe('0xabcd')
  for (const text of ['0x1', '0x95ea7b', 'abcd', '0xzz', '0x12 ']) {
    expect(code(() => Hex.parse(text))).toBe(text === '0x95ea7b' ? 'accepted' : 'base:hex:unreadable')
  }
})

test('amounts: finer than the unit, signs, exponents and fractions of wei are refused, not rounded', () => {
  expect(Wei.fromEther('1.5')).toBe(1500000000000000000n)
  for (const text of ['-1', '+1', '1e18', '1.0000000000000000001', '', '.5', '1.', '0x10', '1,000', '٣']) {
    expect(code(() => Wei.fromEther(text))).toBe('base:amount:unreadable')
  }
  for (const value of [-1, 1.5, '1.5', '-1', 'abc', 2 ** 60, null, undefined, {}, '0x', -1n, 2n ** 256n]) {
    expect(code(() => Wei.parse(value))).toBe('base:amount:unreadable')
  }
  expect(Wei.parse('0xff')).toBe(255n)
})

test('law: an amount that is written and read again never loses a unit', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 200n }), fc.integer({ min: 0, max: 30 }), (amount, decimals) => {
      expect(Wei.fromUnits(Wei.format(amount, decimals), decimals)).toBe(amount)
    }),
  )
})

test('promise: a secret does not print, whatever prints it', () => {
  const secret = Redacted.of('hunter2')
  expect(`${String(secret)} ${JSON.stringify({ secret })}`).not.toContain('hunter2')
  expect(Redacted.reveal(secret)).toBe('hunter2')
  expect(Redacted.url('https://user:pw@rpc.example.invalid/v2/apikey?x=1')).toBe('https://rpc.example.invalid')
})

test('pin: the digest of a value does not depend on key order', () => {
  expect(Digest.ofJson({ b: 1, a: [2, '3'] })).toBe(Digest.ofJson({ a: [2, '3'], b: 1 }))
  expect(Digest.sha256('')).toBe('0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})
