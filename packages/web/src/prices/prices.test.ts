/** What an amount is worth in dollars: said where a price can be relied on, and left out everywhere else. */
import { chainOf } from '@countersign/simulator'
import { toFunctionSelector } from 'viem'
import { expect, test } from 'vitest'
import { ORACLE_CHAINS } from './OracleChains.ts'
import { cents, readPrice, SELECTORS } from './readPrice.ts'

const NOW_S = 1_800_000_000
const FEED = '0x5f4ec3df9cbd43714fe2740f5e3616155c5b8419'
const word = (value: bigint | number): string => BigInt(value).toString(16).padStart(64, '0')
const round = (answer: bigint, updatedAtS: number): string =>
  `0x${[1n, answer, BigInt(updatedAtS), BigInt(updatedAtS), 1n].map(word).join('')}`

/** An oracle that says 2,480.12345678 dollars, an hour ago; `other` are other answers, by signature. */
function oracle(other: Partial<Record<keyof typeof SELECTORS, unknown>> = {}) {
  const price = 248_012_345_678n
  const answers: Record<keyof typeof SELECTORS, unknown> = {
    'BASE_CURRENCY()': `0x${word(0)}`,
    'BASE_CURRENCY_UNIT()': `0x${word(10n ** 8n)}`,
    'getAssetPrice(address)': `0x${word(price)}`,
    'getSourceOfAsset(address)': `0x${word(BigInt(FEED))}`,
    'latestRoundData()': round(price, NOW_S - 3_600),
    'decimals()': `0x${word(8)}`,
    ...other,
  }
  const asked: string[] = []
  const call = (to: string, data: string): Promise<unknown> => {
    asked.push(`${to.toLowerCase()} ${data}`)
    const name = (Object.keys(SELECTORS) as (keyof typeof SELECTORS)[]).find((each) => data.startsWith(SELECTORS[each]))
    return Promise.resolve(name === undefined ? null : answers[name])
  }
  return { asked, read: (chainId = 1, token: string | null = null) => readPrice(call, { chainId, token, nowS: NOW_S }) }
}

test('the selectors are those of their signatures, and the addresses are addresses', () => {
  for (const [signature, selector] of Object.entries(SELECTORS))
    expect([signature, toFunctionSelector(`function ${signature}`)]).toEqual([signature, selector])
  for (const { oracle: address, wrapped } of Object.values(ORACLE_CHAINS))
    for (const each of [address, wrapped]) expect(each).toMatch(/^0x[0-9a-fA-F]{40}$/)
})

test('the coin is priced by its wrapped token, with the time of the feed', async () => {
  const { read, asked } = oracle()
  expect(await read()).toEqual({ usd: 248_012_345_678n, atS: NOW_S - 3_600 })
  expect(asked.some((each) => each.includes('c02aaa39b223fe8d0a0e5c4f27ead9083c756cc2'))).toBe(true)
})

test.each([
  ['a chain without an oracle', {}, 31_337],
  ['a token that the oracle does not know', { 'getSourceOfAsset(address)': `0x${word(0)}` }, 1],
  ['a price of zero', { 'getAssetPrice(address)': `0x${word(0)}`, 'latestRoundData()': round(0n, NOW_S) }, 1],
  ['a call that fails', { 'getAssetPrice(address)': null }, 1],
  ['another unit than dollars', { 'BASE_CURRENCY()': `0x${word(1)}` }, 1],
  ['another number of decimals', { 'BASE_CURRENCY_UNIT()': `0x${word(10n ** 18n)}` }, 1],
  ['a feed whose age is not known', { 'latestRoundData()': null }, 1],
  ['a feed that stands still', { 'latestRoundData()': round(248_012_345_678n, NOW_S - 26 * 3_600) }, 1],
  ['a feed of the future', { 'latestRoundData()': round(248_012_345_678n, NOW_S + 3_600) }, 1],
  ['a price that is not the answer of the feed', { 'latestRoundData()': round(248_012_345_677n, NOW_S) }, 1],
  ['a feed with other decimals', { 'decimals()': `0x${word(18)}` }, 1],
] as const)('promise: %s gives no price, and never zero', async (_, other, chainId) => {
  expect(await oracle(other).read(chainId)).toBeNull()
})

test('promise: rounding to cents flatters nothing', () => {
  const price = { usd: 248_012_345_678n, atS: NOW_S }
  expect(cents(10n ** 18n, 18, price, 'down')).toBe(248_012n)
  expect(cents(-(10n ** 18n), 18, price, 'up')).toBe(248_013n)
  expect(cents(-1n, 18, price, 'up')).toBe(1n)
  expect(cents(1n, 18, price, 'down')).toBe(0n)
  expect(cents(5n, 0, { usd: 10n ** 8n, atS: NOW_S }, 'down')).toBe(500n)
})

test('promise: oracles and wrapped coins of the page are those of the shipped records', () => {
  for (const [id, { oracle, wrapped }] of Object.entries(ORACLE_CHAINS)) {
    const chain = chainOf(Number(id))
    expect(chain.prices.oracle?.address, id).toBe(oracle)
    expect(chain.coin?.wrapped, id).toBe(wrapped)
  }
})
