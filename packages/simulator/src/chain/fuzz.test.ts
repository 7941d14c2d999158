import { Address, BaseError } from '@countersign/base'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { encodeFunctionData, parseAbi } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lieAbout, startHostileProvider, type HostileProvider } from '../../../../test/hostileProvider.ts'
import { createSimulator } from '../index.ts'
import { requestOf } from '../wire/parseRequest.ts'

const ME = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const OTHER = Address.parse('0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC')
const MARKER = 'PROVIDER-TEXT-9d1c'

let chain: LocalChain
let provider: HostileProvider
beforeAll(async () => {
  chain = await startLocalChain()
  await chain.fund(ME, { usdc: 10_000n * 10n ** 6n })
  provider = await startHostileProvider(chain.rpcUrl)
})
afterAll(async () => {
  await provider.close()
  await chain.close()
})

/** A fixed sequence, so that what fails fails again. */
function sequence(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state % below
  }
}

const VALUES: readonly unknown[] = [null, {}, [], MARKER, '', '0x', '0x0', '0xzz', 12, -1, true, [null], { pre: null }]

/** Puts one strange value somewhere into an answer, or takes something away. */
function mutate(value: unknown, random: (below: number) => number, depth = 0): unknown {
  const isLeaf = typeof value !== 'object' || value === null || random(4) === 0 || depth > 6
  if (isLeaf) return VALUES[random(VALUES.length)]
  if (Array.isArray(value)) {
    const at = random(Math.max(1, value.length))
    return value.map((each: unknown, i) => (i === at ? mutate(each, random, depth + 1) : each))
  }
  const entries = Object.entries(value)
  const at = random(Math.max(1, entries.length))
  if (random(5) === 0) return Object.fromEntries(entries.filter((_, i) => i !== at))
  return Object.fromEntries(entries.map(([key, each], i) => [key, i === at ? mutate(each, random, depth + 1) : each]))
}

/** Simulations for each of two chains; COUNTERSIGN_FUZZ=1000 looks longer. */
const TRIES = Number(process.env['COUNTERSIGN_FUZZ'] ?? 25)

test('promise: simulations on garbage end in a report or in an error of ours, without its text', async () => {
  const random = sequence(6_10)
  const abi = parseAbi(['function transfer(address to, uint256 amount)'])
  const data = encodeFunctionData({ abi, functionName: 'transfer', args: [OTHER, 5n] })
  const call = {
    to: Address.parse(chain.addresses.usdc),
    data,
    value: 0n,
    gasLimit: null,
    maxFeePerGasWei: null,
    label: null,
  }
  const bugs: string[] = []
  let failed = 0
  for (const chainId of [31_337, 42_161]) {
    for (let i = 0; i < TRIES; i += 1) {
      provider.behave = lieAbout({ eth_chainId: `0x${chainId.toString(16)}` })
      const simulator = await createSimulator({
        chainId,
        rpcUrls: [provider.url],
        isProofVerified: i % 3 === 0,
        upstreamTimeoutMs: 5_000,
      })
      // One answer in a simulation is strange, so that the others lead as far as they can.
      const at = random(60)
      let count = 0
      provider.behave = async (asked, honest) => {
        if (asked.method === 'eth_chainId') return { result: `0x${chainId.toString(16)}` }
        const answer = await honest()
        count += 1
        if (count - 1 !== at) return answer
        if (random(6) === 0)
          return random(2) === 0 ? {} : { error: mutate({ code: -32000, message: MARKER, data: '0x' }, random) }
        return { result: mutate(answer['result'], random) }
      }
      try {
        const report = await simulator.simulate(
          requestOf({ signature: null, chainId, from: ME, calls: [call], block: 'latest', known: [], maxHeadAgeMs: 0 }),
        )
        const text = JSON.stringify(report, (_key, value: unknown) =>
          typeof value === 'bigint' ? String(value) : value,
        )
        expect(text).not.toContain(MARKER)
      } catch (error) {
        failed += 1
        if (!(error instanceof BaseError)) bugs.push((error as Error).stack?.slice(0, 300) ?? String(error))
        else expect(JSON.stringify(error) + error.message).not.toContain(MARKER)
      }
      await simulator.close()
    }
  }
  expect(bugs).toEqual([])
  expect(failed).toBeGreaterThan(0)
})
