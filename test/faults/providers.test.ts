import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { createClient, type Client, type Proposal } from '@countersign/sdk'
import { launch, type Launched } from 'countersign'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lieAbout, startHostileProvider, type HostileProvider } from '../hostileProvider.ts'
import { call, NO_CAPS, print } from './calls.ts'
import { percentile } from './spawnGate.ts'

/**
 * Two providers that must agree, one of which is slow, wrong, lying, flapping or gone, under a load of simulations of which the right
 * verdict is known; then a chain that is reorganised under a settled payment. What each lie does to each verb is in
 * `test/journeys/providers.test.ts`. `COUNTERSIGN_FAULT_S`: how long each lasts, default 10 s.
 */
const FAULT_MS = Number(process.env['COUNTERSIGN_FAULT_S'] ?? 10) * 1_000
const alice = privateKeyToAccount('0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d')
const BOB = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
/** More than the account has: every honest verdict blocks it. */
const TOO_MUCH = 10n ** 30n
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-faulty-'))
let chain: LocalChain
let honest: HostileProvider
let faulty: HostileProvider
let server: Launched

beforeAll(async () => {
  chain = await startLocalChain()
  honest = await startHostileProvider(chain.rpcUrl)
  faulty = await startHostileProvider(chain.rpcUrl)
  server = await launch({
    ...{ port: 0, dataDir, logLevel: 'silent', limits: { key: [], ip: [], poll: [], flood: [], failures: [] } },
    env: {
      ...NO_CAPS,
      [`COUNTERSIGN_RPC_${chain.chainId}`]: [faulty.url, honest.url].join(','),
      COUNTERSIGN_QUORUM: '2',
    },
  })
})
afterAll(async () => {
  await server.close()
  for (const each of [honest, faulty, chain]) await each.close()
  rmSync(dataDir, { recursive: true, force: true })
})

/** What the faulty one does. Each begins from an honest one. */
const FAULTS: Readonly<Record<string, () => void>> = {
  honest: () => undefined,
  slow: () => {
    faulty.behave = async (_, ask) => {
      await sleep(1_500)
      return ask()
    }
  },
  wrong: () => {
    faulty.answer = (response) => response.setHeader('content-type', 'text/html').end('<html>welcome</html>')
  },
  'lying about balances': () => {
    faulty.behave = lieAbout({ eth_getBalance: `0x${(10n ** 40n).toString(16)}` })
  },
  'lying about nonces and code': () => {
    faulty.behave = lieAbout({ eth_getTransactionCount: '0x0', eth_getCode: '0x6001' })
  },
  flapping: () => {
    let count = 0
    faulty.behave = async (_, ask) => {
      count += 1
      if (count % 3 === 0) throw new TypeError('the connection is dropped')
      return ask()
    }
  },
  'of another chain': () => {
    faulty.behave = lieAbout({ eth_chainId: '0x1' })
  },
}

test.each(Object.keys(FAULTS))('promise: no verdict is ever wrong while one of two providers is %s', async (name) => {
  faulty.behave = null
  faulty.answer = null
  FAULTS[name]?.()
  const counts = { right: 0, refused: 0, wrong: 0 }
  const statuses = new Set<number>()
  const tookMs: number[] = []
  const endMs = performance.now() + FAULT_MS
  await Promise.all(
    Array.from({ length: 6 }, async (_, k) => {
      for (let i = 0; performance.now() < endMs || counts.right + counts.refused + counts.wrong < 12; i += 1) {
        const isTooMuch = (i + k) % 2 === 0
        const value = isTooMuch ? TOO_MUCH : BigInt(1 + i)
        const body = {
          chain_id: chain.chainId,
          from: alice.address,
          transactions: [{ to: BOB, value: value.toString() }],
        }
        const startMs = performance.now()
        const reply = await call('POST', `${server.url}/api/simulate`, { body: { ...body, format: 'report' } })
        statuses.add(reply.status)
        if (reply.status !== 200) {
          counts.refused += 1
          await sleep(50)
          continue
        }
        tookMs.push(performance.now() - startMs)
        const { verdict } = reply.body['result'] as { verdict: string }
        counts[(verdict === 'block') === isTooMuch ? 'right' : 'wrong'] += 1
      }
    }),
  )
  print(`provider ${name}`, {
    ...counts,
    statuses: [...statuses],
    p50Ms: Math.round(percentile(tookMs, 0.5)),
    p99Ms: Math.round(percentile(tookMs, 0.99)),
  })
  expect(counts.wrong).toBe(0)
  expect([...statuses].filter((status) => ![200, 502, 503].includes(status))).toEqual([])
  if (name === 'honest') expect(counts.right).toBeGreaterThan(0)
})

test('promise: a payment whose block is replaced again and again is settled by the last one, and asked for once', async () => {
  faulty.behave = null
  faulty.answer = null
  const client = createClient({ baseUrl: server.url, sessionId: randomUUID() })
  const proposal = await propose(client)
  const isAsked = async (window: string): Promise<boolean> => {
    for (;;) {
      try {
        return (await client.recheck(proposal.id, alice.address, chain.chainId, window)).signable
      } catch (error) {
        const { status } = error as { status?: number }
        if (status === 409) return false
        // The provider is not asked yet after what it did before.
        if (status !== 502 && status !== 503) throw error
        await sleep(200)
      }
    }
  }
  expect(await isAsked('one')).toBe(true)
  const [step] = proposal.calls
  const raw = await alice.signTransaction({
    ...{ type: 'eip1559', chainId: chain.chainId, gas: 200_000n, to: BOB, value: BigInt(step?.value ?? 0) },
    ...{ maxFeePerGas: 101_000_000_000n, maxPriorityFeePerGas: 1_000_000_000n },
    nonce: Number(BigInt(await chain.rpc<string>('eth_getTransactionCount', [alice.address, 'latest']))),
  })
  const states: string[] = []
  let asked = 0
  for (let reorg = 0; reorg < 3; reorg += 1) {
    const snapshot = await chain.rpc('evm_snapshot')
    await chain.rpc('eth_sendRawTransaction', [raw])
    states.push(await stateOf(client, proposal, 'settled'))
    await chain.rpc('evm_revert', [snapshot])
    await chain.rpc('anvil_mine', [`0x${(3 + reorg).toString(16)}`])
    states.push(await stateOf(client, proposal, 'submitted'))
    if (await isAsked(`after ${reorg}`)) asked += 1
  }
  await chain.rpc('eth_sendRawTransaction', [raw])
  states.push(await stateOf(client, proposal, 'settled'))
  print('reorganisations', { states, askedAgain: asked })
  expect(asked).toBe(0)
})

async function propose(client: Client): Promise<Proposal> {
  const wallet = { address: alice.address, chain_id: chain.chainId, is_connected: true }
  for (;;) {
    await client.chat(`send 0.0017 ETH to ${BOB}`, wallet)
    while ((await client.state()).is_processing) await sleep(25)
    const pending = ((await client.proposals()) as readonly Proposal[]).find(({ state }) => state === 'pending')
    if (pending !== undefined) return pending
    // The provider is left alone for up to a minute after what it did before.
    await sleep(5_000)
  }
}

async function stateOf(client: Client, { id }: Proposal, wanted: string): Promise<string> {
  for (;;) {
    const { state } = await client.proposal(id)
    if (state === wanted) return state
    await sleep(50)
  }
}
