import { startLocalChain, type LocalChain } from '@countersign/chain'
import { Address } from '@countersign/base'
import { encodeFunctionData, erc20Abi, parseAbi } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  Chain,
  chainOf,
  createSimulator,
  renderReport,
  spawnAnvil,
  type AnvilProcess,
  type Simulator,
} from './index.ts'
import { requestOf } from './wire/parseRequest.ts'
import type { Call } from './model/Call.ts'
import * as Report from './Report.ts'

const ME = Address.parse('0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266')
const FRIEND = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const ETHER = 10n ** 18n

let chain: LocalChain
let local: Simulator
let node: Simulator
beforeAll(async () => {
  chain = await startLocalChain({})
  await chain.fund(ME, { wei: 10n * ETHER, usdc: 5_000n * 10n ** 6n, dai: 1_000n * ETHER })
  local = await createSimulator({ chainId: chain.chainId, rpcUrls: [chain.rpcUrl] })
  const record: Chain.Chain = {
    ...chainOf(chain.chainId),
    engine: { kind: 'node', profile: null, accept: null, why: 'its record says so' },
  }
  node = await createSimulator({ chainId: chain.chainId, chain: record, rpcUrls: [chain.rpcUrl] })
})
afterAll(async () => {
  await node.close()
  await local.close()
  await chain.close()
})

const call = (to: Address.Address, value: bigint, data: `0x${string}` = '0x'): Call => ({
  to,
  value,
  data,
  gasLimit: null,
  maxFeePerGasWei: null,
  label: null,
})
const known = () => [
  ...chain.tokens.map(({ address, symbol, name, decimals }) => ({
    address,
    symbol,
    name,
    decimals,
    kind: 'token' as const,
  })),
  ...chain.contracts.map(({ address, name, kind }) => ({ address, name, kind })),
]
const simulate = (by: Simulator, calls: readonly Call[], block: bigint | 'latest' = 'latest') =>
  by.simulate(requestOf({ signature: null, chainId: chain.chainId, from: ME, calls, block, known: known() }))

function journeys(): Readonly<Record<string, readonly Call[]>> {
  const { usdc, weth, uniswapV2Router } = chain.addresses as Record<
    'usdc' | 'weth' | 'uniswapV2Router',
    Address.Address
  >
  const deadline = BigInt(Math.floor(Date.now() / 1000) + 7_200)
  const router = parseAbi([
    'function swapExactETHForTokens(uint256 amountOutMin, address[] path, address to, uint256 deadline) payable returns (uint256[] amounts)',
    'function swapExactTokensForETH(uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline) returns (uint256[] amounts)',
  ])
  const erc20 = (functionName: 'approve' | 'transfer', args: readonly [Address.Address, bigint]) =>
    encodeFunctionData({ abi: erc20Abi, functionName, args })
  return {
    'a payment': [call(FRIEND, ETHER)],
    'a token payment': [call(usdc, 0n, erc20('transfer', [FRIEND, 5_000_000n]))],
    'an unlimited approval of a stranger': [call(usdc, 0n, erc20('approve', [FRIEND, 2n ** 256n - 1n]))],
    'a swap': [
      call(
        uniswapV2Router,
        ETHER,
        encodeFunctionData({
          abi: router,
          functionName: 'swapExactETHForTokens',
          args: [1n, [weth, usdc], ME, deadline],
        }),
      ),
    ],
    'approve and swap': [
      call(usdc, 0n, erc20('approve', [uniswapV2Router, 100_000_000n])),
      call(
        uniswapV2Router,
        0n,
        encodeFunctionData({
          abi: router,
          functionName: 'swapExactTokensForETH',
          args: [100_000_000n, 1n, [usdc, weth], ME, deadline],
        }),
      ),
    ],
    'a payment that the account cannot make': [call(FRIEND, 1_000_000n * ETHER)],
    'a call that fails': [call(usdc, 0n, erc20('transfer', [FRIEND, 10n ** 30n]))],
  }
}

describe('a chain that only its node can run', () => {
  const names = Object.keys({
    'a payment': 0,
    'a token payment': 0,
    'an unlimited approval of a stranger': 0,
    'a swap': 0,
    'approve and swap': 0,
    'a payment that the account cannot make': 0,
    'a call that fails': 0,
  })
  test.each(names)('%s has the facts that the local engine finds, and no milder verdict', async (name) => {
    const calls = journeys()[name] ?? []
    const mine = await simulate(local, calls)
    const theirs = await simulate(node, calls, mine.block.number)
    expect(theirs.chain).toMatchObject({ engine: 'node', modelled: false })
    const facts = (report: Report.Report): unknown => ({
      changes: report.tokenChanges,
      authority: report.authorityChanges,
      status: report.steps.map(({ status, gasUsed }) => [status, gasUsed]),
      calls: report.contractCalls,
      reads: report.environmentReads,
      lookahead: report.lookahead,
      environments: report.environments.map(({ name: environment }) => environment),
    })
    expect(facts(theirs)).toEqual(facts(mine))
    const rank = { allow: 0, warn: 1, block: 2 }
    expect(rank[theirs.verdict]).toBeGreaterThanOrEqual(rank[mine.verdict])
    expect(theirs.verdict).toBe(mine.verdict === 'block' ? 'block' : 'warn')
    const rules = (report: Report.Report): string[] =>
      report.findings.map(({ rule }) => rule).filter((rule) => rule !== 'chain-not-modelled')
    expect(rules(theirs)).toEqual(rules(mine))
  })

  test('a preview assumes what the request says, in the node as well', async () => {
    const poor = Address.parse('0x1234567890123456789012345678901234567890')
    const usdc = chain.addresses.usdc as Address.Address
    const data = encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args: [FRIEND, 5_000_000n] })
    const overrides = [{ address: poor, balance: ETHER, tokens: [{ token: usdc, amount: 9_000_000n }] }]
    const at = { signature: null, chainId: chain.chainId, from: poor, block: 'latest' as const, known: known() }
    const report = await node.simulate(requestOf({ ...at, calls: [call(usdc, 0n, data)], overrides }))
    expect(report.willRevert).toBe(false)
    expect(report.tokenChanges.find(({ account }) => account === poor)).toMatchObject({
      before: 9_000_000n,
      after: 4_000_000n,
    })
  })

  test('the finding says that nothing else could check it', async () => {
    const report = await simulate(node, [call(FRIEND, ETHER)])
    expect(report.findings.find(({ rule }) => rule === 'chain-not-modelled')).toMatchObject({
      level: 'warn',
      because: expect.stringMatching(/^Run by the chain’s own node: nothing else could check it/) as string,
      evidence: { balances: true, storage: true },
    })
    expect(renderReport(report, { nowMs: Date.now() })).toContain('CAUTION')
  })
})

describe('a chain without a coin of its own, which refuses native payments', () => {
  const token = Address.parse('0x20c0000000000000000000000000000000000000')
  let anvil: AnvilProcess
  let tempo: Simulator
  beforeAll(async () => {
    anvil = await spawnAnvil({ args: ['--network', 'tempo', '--chain-id', '4217'] })
    tempo = await createSimulator({ chainId: 4217, rpcUrls: [anvil.url] })
  })
  afterAll(async () => {
    await tempo.close()
    await anvil.close()
  })
  const run = (calls: readonly Call[]) =>
    tempo.simulate(requestOf({ signature: null, chainId: 4217, from: ME, calls, block: 'latest', known: [] }))

  test('promise: a native payment blocks in the chain’s own words', async () => {
    const report = await run([call(FRIEND, 1n)])
    expect(report.verdict).toBe('block')
    const card = renderReport(report, { nowMs: Date.now() })
    expect(card).toContain('value transfer not allowed')
    expect(card + JSON.stringify(Report.toWire(report))).not.toMatch(/\bETH\b|ether\b/i)
  })

  test('a token payment is a caution with the token’s rows and no native row', async () => {
    const data = encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args: [FRIEND, 5_000_000n] })
    const report = await run([call(token, 0n, data)])
    expect(report.verdict).toBe('warn')
    expect(report.chain).toEqual({
      id: 4217,
      name: 'Tempo',
      coin: null,
      engine: 'node',
      modelled: false,
      probe: 'not-asked',
      record: 'shipped',
    })
    expect(report.tokenChanges.map(({ standard, delta }) => [standard, delta])).toEqual([
      ['erc20', -5_000_000n],
      ['erc20', 5_000_000n],
    ])
    expect(report.gasEstimate.expectedFeeWei).toBeGreaterThan(0n)
    const card = renderReport(report, { nowMs: Date.now() })
    expect(card).toMatch(/at most 0\.\d+ USD, expected 0\.\d+ USD/)
    expect(card + JSON.stringify(Report.toWire(report))).not.toMatch(/\bETH\b|ether\b/i)
  })
})
