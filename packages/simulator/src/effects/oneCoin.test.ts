import { Address } from '@countersign/base'
import { spawnAnvil } from '../index.ts'
import { describe, expect, test } from 'vitest'
import { chainOf } from '../chain/records.ts'
import { coinOf } from '../chain/Chain.ts'
import { createSimulator } from '../createSimulator.ts'
import type { TokenChange } from '../model/TokenChange.ts'
import type { Movement } from '../model/ValueFlow.ts'
import { parseIntent } from '../intent/Intent.ts'
import { requestOf } from '../wire/parseRequest.ts'
import { announcedOf, asOneCoin, meantOf } from './oneCoin.ts'

const ME = Address.parse('0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266')
const FRIEND = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const arc = coinOf(chainOf(5042))
const FACE = Address.parse('0x3600000000000000000000000000000000000000')
const LOG = '0xfffffffffffffffffffffffffffffffffffffffe'
const SCALE = 10n ** 12n

const change = (account: Address.Address, delta: bigint, isFace: boolean): TokenChange => ({
  account,
  standard: isFace ? 'erc20' : 'native',
  token: isFace ? FACE : null,
  tokenId: null,
  symbol: 'USDC',
  decimals: isFace ? 6 : 18,
  before: 9_000_000n * (isFace ? 1n : SCALE),
  after: 9_000_000n * (isFace ? 1n : SCALE) + delta,
  delta,
  provenBy: 'call',
})
const move = (token: string | null, amount: bigint): Movement => ({
  ...{ step: 1, from: ME.toLowerCase(), to: FRIEND.toLowerCase(), tokenId: null },
  ...{ token, amount },
})

/**
 * A token that is the coin. Asked, it answers BALANCE of its first argument over 10^12. Paid, it passes the payment on to its
 * first argument and logs it as a transfer in its own unit.
 */
const TOKEN =
  '0x346018576004353164e8d4a51000900460005260206000f35b64e8d4a51000340460005260043533' +
  '7fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef60206000a3' +
  '600060006000600034600435' +
  '5af100'

describe('a coin that is a token as well', () => {
  test('promise: is counted once: the token’s rows are the coin’s', () => {
    const both = [ME, FRIEND].flatMap((account, i) => {
      const sign = i === 0 ? -1n : 1n
      return [change(account, sign * 5_000_000n * SCALE, false), change(account, sign * 5_000_000n, true)]
    })
    const seen = asOneCoin(arc, { tokenChanges: both, movements: [], announced: new Map([[`${FACE}|x`, 1n]]) })
    expect(seen.tokenChanges.map(({ account, token, delta }) => [account, token, delta])).toEqual([
      [ME, null, -5_000_000n * SCALE],
      [FRIEND, null, 5_000_000n * SCALE],
    ])
    expect(seen.announced.size).toBe(0)
  })

  test('promise: where only the token’s row is known, it is shown as the coin', () => {
    const seen = asOneCoin(arc, { tokenChanges: [change(ME, -5_000_000n, true)], movements: [], announced: new Map() })
    expect(seen.tokenChanges).toMatchObject([
      { standard: 'native', token: null, decimals: 18, symbol: 'USDC', delta: -5_000_000n * SCALE },
    ])
  })

  test.each([
    ['by the call and the token’s copy', [move(null, 5n * SCALE), move(FACE.toLowerCase(), 5n)]],
    [
      'by the chain’s own log and two copies',
      [move(null, 5n * SCALE), move(LOG, 5n * SCALE), move(FACE.toLowerCase(), 5n)],
    ],
    ['by the token alone', [move(FACE.toLowerCase(), 5n)]],
  ])('promise: one movement that is told %s is one', (_, movements) => {
    const seen = asOneCoin(arc, { tokenChanges: [], movements, announced: new Map() })
    expect(seen.movements).toEqual([move(null, 5n * SCALE)])
  })

  test('promise: two movements of which only one is a copy are two', () => {
    const movements = [move(null, 5n * SCALE), move(FACE.toLowerCase(), 5n), move(FACE.toLowerCase(), 5n)]
    expect(asOneCoin(arc, { tokenChanges: [], movements, announced: new Map() }).movements).toHaveLength(2)
  })

  test('promise: an intent that names the token means the coin', () => {
    const intent = parseIntent({
      version: 1,
      chain_id: 5042,
      account: ME,
      assertions: [
        { name: 'max_outflow', token: FACE, amount: '5000000' },
        { name: 'min_price', give: FACE, take: FRIEND, ratio: '2' },
        { name: 'min_price', give: FRIEND, take: FACE, ratio: '2' },
      ],
    })
    expect(meantOf(arc, intent).assertions).toMatchObject([
      { token: null, amount: 5_000_000n * SCALE },
      { give: null, take: FRIEND, ratio: { numerator: 2n, denominator: SCALE } },
      { give: FRIEND, take: null, ratio: { numerator: 2n * SCALE, denominator: 1n } },
    ])
  })

  test('promise: another chain’s token at the same address is a token', () => {
    const seen = { tokenChanges: [change(ME, -5n, true)], movements: [], announced: new Map([[`${LOG}|x`, 1n]]) }
    expect(asOneCoin(coinOf(chainOf(1)), seen)).toBe(seen)
    expect(announcedOf(coinOf(chainOf(1)), seen.announced, 'x')).toBe(0n)
  })

  test('a payment on a node of that kind has one row for each side', async () => {
    const anvil = await spawnAnvil({ args: ['--chain-id', '5042'] })
    const rpc = async (method: string, params: readonly unknown[]): Promise<void> => {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
      await fetch(anvil.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    }
    await rpc('anvil_setCode', [FACE, TOKEN])
    const simulator = await createSimulator({ chainId: 5042, rpcUrls: [anvil.url] })
    try {
      const data = `0xa9059cbb${FRIEND.slice(2).toLowerCase().padStart(64, '0')}` as const
      const call = { to: FACE, value: 5n * 10n ** 18n, data, gasLimit: null, maxFeePerGasWei: null }
      const report = await simulator.simulate(
        requestOf({
          ...{ signature: null, chainId: 5042, from: ME, block: 'latest', known: [] },
          calls: [{ ...call, label: null }],
        }),
      )
      expect(report.steps[0]?.logs).toHaveLength(1)
      expect(report.tokenChanges.map(({ account, token, symbol, delta }) => [account, token, symbol, delta])).toEqual([
        [ME, null, 'USDC', -5n * 10n ** 18n],
        [FRIEND, null, 'USDC', 5n * 10n ** 18n],
      ])
      expect(report.findings.map(({ rule }) => rule)).not.toContain('effects-disagree')
    } finally {
      await simulator.close()
      await anvil.close()
    }
  })
})
