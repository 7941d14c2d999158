/** The law of no history: a report is a function of request, block and policy. `npm run history` tries 1,000 pairs. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Clock } from '@countersign/base'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSimulator } from '../src/index.ts'
import { alone, compareHistories, spelled, walk, type Broken } from './histories.ts'
import { SCENES } from './historyScenes.ts'
import { usdc } from './moves.ts'
import { openWorld } from './openWorld.ts'
import type { World } from './World.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const told = (broken: readonly Broken[]) =>
  broken.map(({ name, after, fields, fresh, used }) => ({ name, after, fields, fresh, used }))

describe('promise: what was simulated before changes no field of a report', () => {
  test.each(SCENES.map((scene) => [scene.name, scene] as const))('%s', async (name, { stage }) => {
    const broken = await world.inside(
      () => ({}),
      async () => {
        const staged = [await stage(world), await stage(world)]
        await world.pass(12)
        const requests = []
        for (const [copy, scene] of staged.entries()) {
          const request = await world.requestOf(scene)
          const small = {
            ...request,
            calls: (scene.calls ?? []).map((call) => ({
              ...call,
              value: call.value === 0n ? 0n : 1n,
              data: call.data.replace((10n ** 18n).toString(16).padStart(64, '0'), '7'.padStart(64, '0')) as never,
            })),
          }
          requests.push(
            { name: `${name} ${copy}`, request },
            { name: `${name} ${copy}, small, of another account`, request: { ...small, from: world.friend } },
          )
          // Each costs a simulator of its own; the first copy shows these.
          if (copy > 0) continue
          requests.push(
            { name: `${name} ${copy}, small`, request: small },
            { name: `${name} ${copy}, without look-ahead`, request: { ...request, isLookAhead: false } },
          )
        }
        const fresh = new Map()
        for (const each of requests) fresh.set(each, await alone(world, each.request))
        return [
          ...(await walk(world, [...requests, ...requests], fresh)),
          ...(await walk(world, requests.toReversed(), fresh)),
        ]
      },
    )
    expect(told(broken)).toEqual([])
  })

  test('random requests of the catalogue', async () => {
    const { pairs, broken } = await compareHistories(world, { seed: 1 })
    expect(pairs).toBeGreaterThan(30)
    expect(told(broken)).toEqual([])
  })
})

describe('promise: an answer that turned out to be wrong leaves the memory', () => {
  /** A provider in front of the chain, which edits its answers while it lies. */
  async function provider() {
    const state = { edit: null as ((text: string, request: string) => string) | null }
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString()
        void fetch(world.chain.rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
          .then((answer) => answer.text())
          .then((text) => response.end(state.edit?.(text, body) ?? text))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    return {
      url,
      state,
      close() {
        server.closeAllConnections()
        server.close()
      },
    }
  }
  const ask = () => ({
    ...{ chainId: world.chain.chainId, from: world.me, known: [], block: 'latest' as const, maxHeadAgeMs: 60_000 },
    calls: [usdc(world, 'transfer', [world.friend, 1n])],
  })

  test('a lie that a proof uncovers changes no later report of the same block', async () => {
    const lying = await provider()
    const word = (value: bigint) => value.toString(16).padStart(64, '0')
    // The balance is a slot of the token; the proofs are about the true one.
    const truth = word(BigInt(await world.read(usdc(world, 'balanceOf', [world.me]))))
    const open = () =>
      createSimulator({
        ...{ chainId: world.chain.chainId, rpcUrls: [lying.url], isProofVerified: true },
        clock: Clock.fixed(Number(world.nowS) * 1000),
      })
    const [fresh, used] = [await open(), await open()]
    try {
      const expected = spelled(await fresh.simulate(ask()))
      lying.state.edit = (text) => (text.includes('accountProof') ? text : text.replaceAll(truth, word(1n << 60n)))
      const first = await used.simulate(ask())
      expect(first.findings.map(({ rule }) => rule)).toContain('proof-mismatch')
      lying.state.edit = null
      expect(spelled(await used.simulate(ask()))).toEqual(expected)
    } finally {
      await fresh.close()
      await used.close()
      lying.close()
    }
  })
})

test('the second engine checks a share of requests that their digest chooses, and the report says when it did not', async () => {
  await world.inside(
    () => ({ calls: [world.pay(world.friend, 5n)] }),
    async (scene) => {
      const report = spelled((await world.simulate(scene)).report)
      expect(report['not_checked']).toContainEqual({ what: 'second engine', why: 'not sampled' })
    },
  )
})
