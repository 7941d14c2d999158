import { expect, test } from 'vitest'
import { dependsOn, readable } from './Sentence.ts'

const ME = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const BOB = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'

test('writes wei as the coin', () => {
  const text = 'the account holds 8999716388678265814 wei, but needs 100000000000000000000000 for the payment'
  expect(readable(text.replace('000000 for', '000000 wei for'), { from: ME, coin: 'ETH' })).toBe(
    'the account holds 8.99972\u00a0ETH, but needs 100,000\u00a0ETH for the payment',
  )
})

test('writes opcodes in words', () => {
  expect(readable('It depends on TIMESTAMP, BASEFEE.', { from: ME, coin: 'ETH' })).toBe(
    'It depends on the time, the block’s fee.',
  )
  expect(dependsOn(['TIMESTAMP', 'COINBASE'])).toBe('the time and who builds the block')
  expect(dependsOn(['MYSTERY'])).toBe('the block')
})

test('calls the own address “your account” and shortens others only where that is asked for', () => {
  const text = `${BOB} could take all USDC of ${ME.toLowerCase()}`
  expect(readable(text, { from: ME, coin: 'ETH' })).toBe(`${BOB} could take all USDC of your account`)
  expect(readable(text, { from: ME, coin: 'ETH', isShort: true })).toBe(
    '0x3C44…93BC could take all USDC of your account',
  )
})

test('leaves symbols of tokens and words of people alone', () => {
  expect(readable('Send 5 USDC to “GASOLINE”', { from: ME, coin: 'ETH' })).toBe('Send 5 USDC to “GASOLINE”')
})
