import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startLocalChain } from '@countersign/chain'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSimulator } from '../src/index.ts'
import { openWorld } from './openWorld.ts'
import type { World } from './World.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

test('a chain that no local EVM models is said, and blocks', async () => {
  // Arbitrum One's id; its own node (here, the local chain) runs the batch.
  const chain = await startLocalChain({ chainId: 42_161, cacheDir: null })
  const simulator = await createSimulator({ chainId: 42_161, rpcUrls: [chain.rpcUrl] })
  try {
    const request = { chainId: 42_161, from: world.me, calls: [world.pay(world.friend, 1n)], known: [] }
    const report = await simulator.simulate({ ...request, block: 'latest' })
    expect(report.verdict).toBe('block')
    expect(report.findings.map(({ rule }) => rule)).toContain('chain-not-modelled')
  } finally {
    await simulator.close()
    await chain.close()
  }
})

test('F10: a provider that lies about a balance is caught by its own proofs', async () => {
  const truth = await world.chain.rpc<string>('eth_getBalance', [world.me, 'latest'])
  let isLying = false
  const proxy = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      void fetch(world.chain.rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
        .then((answer) => answer.json() as Promise<{ result?: { accountProof?: unknown } }[]>)
        .then((answers) => {
          const edit = (answer: (typeof answers)[number]) =>
            isLying && answer.result?.accountProof === undefined
              ? JSON.stringify(answer).replaceAll(truth, '0x43c33c1937564800000')
              : JSON.stringify(answer)
          response.end(Array.isArray(answers) ? `[${answers.map(edit).join()}]` : edit(answers))
        })
    })
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const { chainId } = world.chain
  const request = { chainId, from: world.me, calls: [world.pay(world.friend, 1n)], known: [], block: 'latest' as const }
  try {
    for (const lie of [false, true]) {
      isLying = lie
      const simulator = await createSimulator({ chainId, rpcUrls: [url], isProofVerified: true })
      const report = await simulator.simulate(request)
      expect(report.findings.filter(({ rule }) => rule === 'proof-mismatch').map(({ level }) => level)).toEqual(
        lie ? ['block'] : [],
      )
      await simulator.close()
    }
  } finally {
    proxy.closeAllConnections()
    proxy.close()
  }
})
