/**
 * Base, Arbitrum, Optimism and Polygon by what is shipped alone: each is an anvil under its id with real contracts at the
 * addresses of its record, and the operator says only where the node is.
 */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { send } from '@countersign/chain'
import { createClient, type Client, type Proposal } from '@countersign/sdk'
import { launch, type Launched } from 'countersign'
import { encodeFunctionData, erc20Abi, type Address, type Hex } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DOLLARS_PER_COIN, placeChain, type PlacedChain } from './placedChain.ts'

/** The third of anvil's accounts: it has coins, and nothing was deployed by it. */
const ALICE = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const BOB = '0x90F79bf6EB2c4f870365E785982E1f101E93b906'
const IDS = [8453, 42161, 10, 137] as const
const ETHER = 10n ** 18n

const dataDir = mkdtempSync(join(tmpdir(), 'countersign-chains-'))
const chains = new Map<number, PlacedChain>()
let server: Launched

beforeAll(async () => {
  for (const id of IDS) chains.set(id, await placeChain(id))
  const env = Object.fromEntries([...chains].map(([id, { rpcUrl }]) => [`COUNTERSIGN_RPC_${id}`, rpcUrl]))
  server = await launch({ port: 0, dataDir, env, logLevel: 'silent' })
})
afterAll(async () => {
  await server.close()
  for (const chain of chains.values()) await chain.close()
  rmSync(dataDir, { recursive: true, force: true })
})

function chainOf(id: number): PlacedChain {
  const chain = chains.get(id)
  if (chain === undefined) throw new Error(`chain ${id} was not started`)
  return chain
}

/** Says it in a session whose wallet is on that chain, and waits for the end of the turn. */
async function say(client: Client, id: number, words: string): Promise<string> {
  await client.chat(words, { address: ALICE, chain_id: id, is_connected: true })
  for (;;) {
    const state = await client.state()
    if (!state.is_processing) return state.messages?.findLast(({ sender }) => sender === 'agent')?.content ?? ''
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
const open = (): Client => createClient({ baseUrl: server.url, sessionId: randomUUID() })

async function proposed(id: number, words: string): Promise<Proposal> {
  const client = open()
  const answer = await say(client, id, words)
  const [proposal] = await client.proposals()
  if (proposal === undefined || proposal.chain_id === null) throw new Error(`nothing was proposed: ${answer}`)
  return proposal
}

/** Does on the chain what the owner's wallet would do. */
async function carryOut(id: number, { calls }: Proposal): Promise<void> {
  for (const { to, value, data } of calls)
    await send(chainOf(id).rpc, { from: ALICE, to: to as Address, data: data as Hex, value: BigInt(value) })
}

async function balance(id: number, token: Address, account: string = ALICE): Promise<bigint> {
  const data = encodeFunctionData({ abi: erc20Abi, functionName: 'balanceOf', args: [account as Address] })
  return BigInt(await chainOf(id).rpc<Hex>('eth_call', [{ to: token, data }, 'latest']))
}

describe.each(IDS)('on chain %i', (id) => {
  const coin = id === 137 ? 'POL' : 'ETH'

  test('promise: a swap goes over the exchange that has the pool, and brings at least what was said', async () => {
    for (const [symbol, token, unit] of [
      ['USDC', chainOf(id).usdc, 10n ** 6n],
      ['DAI', chainOf(id).dai, ETHER],
    ] as const) {
      const proposal = await proposed(id, `swap 1 ${coin} for ${symbol}`)
      expect(proposal.report?.verdict, `${symbol}: ${JSON.stringify(proposal.report?.findings)}`).not.toBe('block')
      const before = await balance(id, token)
      await carryOut(id, proposal)
      const got = (await balance(id, token)) - before
      // A coin of 2,500 dollars, less the pool's part and what the trade moves.
      expect(got).toBeGreaterThan((DOLLARS_PER_COIN * unit * 99n) / 100n)
      expect(got).toBeLessThan(DOLLARS_PER_COIN * unit)
    }
  })

  test('promise: a token goes back to the coin, over either exchange', async () => {
    for (const symbol of ['USDC', 'DAI']) {
      const proposal = await proposed(id, `swap 500 ${symbol} for ${coin}`)
      expect(proposal.report?.verdict, JSON.stringify(proposal.report?.findings)).not.toBe('block')
      const before = BigInt(await chainOf(id).rpc<Hex>('eth_getBalance', [ALICE, 'latest']))
      await carryOut(id, proposal)
      const after = BigInt(await chainOf(id).rpc<Hex>('eth_getBalance', [ALICE, 'latest']))
      expect(after - before).toBeGreaterThan((ETHER * 19n) / 100n)
    }
  })

  test('promise: it says prices and balances, and sends', async () => {
    const client = open()
    expect(await say(client, id, `price of ${coin} in USDC`)).toMatch(/2[,.]?4\d\d/)
    // USDT is in the record and has no code on this anvil: that hides no other balance, and is said.
    const balances = await say(client, id, 'what is my balance')
    expect(balances).toMatch(new RegExp(`^You hold [\\d.]+ ${coin}, .*USDC`))
    expect(balances).toMatch(/Not read, as they do not answer: .*USDT/)
    const before = await balance(id, chainOf(id).usdc, BOB)
    const payment = await proposed(id, `send 25 USDC to ${BOB}`)
    expect(payment.report?.verdict, JSON.stringify(payment.report?.findings)).not.toBe('block')
    await carryOut(id, payment)
    expect((await balance(id, chainOf(id).usdc, BOB)) - before).toBe(25n * 10n ** 6n)
  })

  test('promise: a report names the coin, the engine that ran and whether the chain proved itself', async () => {
    const { report } = await proposed(id, `send 0.5 ${coin} to ${BOB}`)
    // Arbitrum's rules run in no EVM here, so its own node runs it and the report warns. The others replayed what was mined.
    const ran = id === 42161 ? { engine: 'node', modelled: false } : { engine: 'local', probe: 'conforms' }
    expect(report?.chain).toMatchObject({ id, coin, record: 'shipped', ...ran })
    expect(report?.verdict).toBe(id === 42161 ? 'warn' : 'allow')
    if (coin !== 'ETH') expect(JSON.stringify(report)).not.toMatch(/\bETH\b/)
  })
})
