/**
 * Laws about what a report rests on: it covers whatever is signed, each accepted field counts,
 * and the names that the simulator knows only choose words.
 */
import { join } from 'node:path'
import type { Hex } from '@countersign/base'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { CALL_FIELDS, parseCall, requestOf } from '../../src/wire/parseRequest.ts'
import { boundCallsOf } from '../../src/receipts/boundRequest.ts'
import type { Report } from '../../src/index.ts'
import { authorize, ETHER } from '../moves.ts'
import { ATTACKS } from '../index.ts'
import { openWorld } from '../openWorld.ts'
import { contractsOf, one } from '../blind/frame.ts'
import type { World } from '../World.ts'

/** The name that is taken out of every table: calls and events of it are not decoded. */
const unnamed = vi.hoisted(() => ({ names: new Set<string>() }))
vi.mock('../../src/decode/KnownAbi.ts', async (original) => {
  const real = await original<typeof import('../../src/decode/KnownAbi.ts')>()
  const isNamed = (text: string) => !unnamed.names.has(text.slice(0, text.indexOf('(')))
  const kept = <T>(found: T | null, textOf: (found: T) => string): T | null =>
    found === null || isNamed(textOf(found)) ? found : null
  return {
    ...real,
    decodeCall: (data: Hex.Hex) => kept(real.decodeCall(data), ({ signature }) => signature),
    decodeLog: (...args: Parameters<typeof real.decodeLog>) => kept(real.decodeLog(...args), ({ event }) => event),
  }
})

const RUN = { endOnFailure: true }
const { make, call } = contractsOf(join(import.meta.dirname, 'surroundings/contracts.json'))
const RANK = { allow: 0, warn: 1, block: 2 } as const

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const FACTORS = [
  ...['gas price', 'origin', 'code of the caller', 'builder', 'base fee', 'number', 'time', 'randomness', 'caller'],
  ...['chain', 'gas limit of the block'],
] as const

test('law: a contract sees the same surroundings when it is read as in the run', () =>
  fc.assert(
    fc.asyncProperty(fc.subarray([...FACTORS], { minLength: 1 }), async (drawn) => {
      const mask = drawn.reduce((all, factor) => all | (1n << BigInt(FACTORS.indexOf(factor))), 0n)
      const { report, card } = await world.play(async (at) => {
        const to = await make(at, 'Mirror', [mask])
        return one(call(to, 'Mirror', 'look'))
      })
      const own = report.tokenChanges.find(({ account, token }) => account === world.me && token !== null)
      // Who asks for a batch of answers lends the user code: of tokens that nobody vouches for a wallet's question is asked as well.
      const isTold = report.findings.some(({ rule, level }) => rule === 'effects-disagree' && level !== 'info')
      expect(own?.delta === 1_000n * ETHER || isTold, `${drawn.join()}\n${card}`).toBe(true)
    }),
    { ...RUN, numRuns: 12, seed: 26, examples: FACTORS.map((factor) => [[factor]] as [(typeof FACTORS)[number][]]) },
  ))

describe('law: mined at the limit that is bound, at the least that succeeds and at twice as much, the report covers what happens', () => {
  /** What the user's ether did, fees aside; null where the transaction fails. */
  async function minedAt(at: World, scene: { calls?: readonly Report.Report[] | readonly unknown[] }, gas: bigint) {
    const [each] = (scene.calls ?? []) as readonly { to: string; data: string; value: bigint }[]
    if (each === undefined) throw new Error('There is no call.')
    const { rpc } = at.chain
    const snapshot = await rpc<string>('evm_snapshot')
    const balance = async () => BigInt(await rpc<string>('eth_getBalance', [at.me, 'latest']))
    try {
      const before = await balance()
      const hash = await rpc<string>('eth_sendTransaction', [
        {
          from: at.me,
          to: each.to,
          data: each.data,
          value: `0x${each.value.toString(16)}`,
          gas: `0x${gas.toString(16)}`,
        },
      ])
      type Mined = { status: string; gasUsed: string; effectiveGasPrice: string } | null
      let mined: Mined = null
      while (mined === null) mined = await rpc<Mined>('eth_getTransactionReceipt', [hash])
      if (mined.status !== '0x1') return null
      return (await balance()) - before + BigInt(mined.gasUsed) * BigInt(mined.effectiveGasPrice)
    } finally {
      await rpc('evm_revert', [snapshot])
    }
  }
  const law = (build: Parameters<World['inside']>[0]) =>
    world.inside(build, async (scene) => {
      const { report, card } = await world.simulate(scene)
      const told = report.tokenChanges.find(({ account, token }) => account === world.me && token === null)?.delta ?? 0n
      const heard = report.findings.filter(({ level }) => level !== 'info').map(({ rule }) => rule)
      const bound = report.steps[0]?.gasLimit ?? 0n
      const [each] = scene.calls ?? []
      const least = BigInt(
        await world.chain.rpc<string>('eth_estimateGas', [
          { from: world.me, to: each?.to, data: each?.data, value: `0x${(each?.value ?? 0n).toString(16)}` },
        ]),
      )
      for (const gas of [bound, least, 2n * bound]) {
        const happened = await minedAt(world, scene, gas)
        const isCovered = happened === null || happened >= told || heard.length > 0
        expect(isCovered, `${gas} of ${bound}: ${happened} and not ${told}\n${card}`).toBe(true)
        if (gas === bound) expect(happened, card).toBe(told)
      }
    })
  test('a payment back while the gas that is left is between two numbers', () =>
    fc.assert(
      fc.asyncProperty(
        fc.bigInt({ min: 2_000n, max: 200_000n }),
        fc.bigInt({ min: 1_000n, max: 20_000_000n }),
        (low, width) =>
          law(async (at) => {
            const to = await make(at, 'Gate', [low, low + width])
            await at.enrich(to, 9n * ETHER)
            return one(call(to, 'Gate', 'enter', [], ETHER))
          }),
      ),
      { ...RUN, numRuns: 8, seed: 27 },
    ))
  test('a payment passed on by a call that may fail', () =>
    fc.assert(
      fc.asyncProperty(fc.bigInt({ min: 0n, max: 12n }), (work) =>
        law(async (at) => one(call(await make(at, 'Passing', [at.me, work]), 'Passing', 'pay', [], ETHER))),
      ),
      { ...RUN, numRuns: 5, seed: 28 },
    ))
})

describe('law: each field of a call that is accepted is bound by the receipt, or the call is refused', () => {
  /** Another value for each field; a field that is new has to come with one. */
  const OTHER: Readonly<Record<string, unknown>> = {
    to: '0x00000000000000000000000000000000000000a2',
    value: '7',
    ...{ data: '0x01', input: '0x01' },
    ...{ gas: '90000', gas_limit: '90000', gasLimit: '90000' },
    ...{ max_fee_per_gas: '9', maxFeePerGas: '9', max_priority_fee_per_gas: '2', maxPriorityFeePerGas: '2' },
    ...{ gas_price: '9', gasPrice: '9' },
    nonce: '3',
    type: '0x2',
    ...Object.fromEntries(
      ['access_list', 'accessList'].map((name) => [
        name,
        [{ address: '0x00000000000000000000000000000000000000a3', storageKeys: [`0x${'00'.repeat(32)}`] }],
      ]),
    ),
    ...{ chain_id: '5', chainId: '5', from: '0x00000000000000000000000000000000000000a4' },
    label: 'another',
  }
  const BASE = { to: '0x00000000000000000000000000000000000000a1', value: '1' }
  const boundOf = (fields: Record<string, unknown>): string => {
    const request = requestOf({ chainId: 1, from: world.me, calls: [parseCall(fields, 'calls[0]')], block: 'latest' })
    return JSON.stringify(boundCallsOf(request, []))
  }
  test.each([...CALL_FIELDS].filter((name) => !name.startsWith('authorization')))('%s', (name) => {
    expect(Object.keys(OTHER)).toContain(name)
    let changed: string | null
    try {
      changed = boundOf({ ...BASE, [name]: OTHER[name] })
    } catch {
      changed = null
    }
    expect(changed).not.toBe(boundOf(BASE))
  })
  test.each(['authorization_list', 'authorizationList'])('%s', async (name) => {
    const [list] = [await authorize(world, world.chain.addresses.weth)]
    const wire = { ...list, chainId: `${list.chainId}`, nonce: `${list.nonce}`, r: `${list.r}`, s: `${list.s}` }
    const changed = boundOf({ ...BASE, [name]: [wire] })
    expect(changed).not.toBe(boundOf(BASE))
    expect(boundOf({ ...BASE, [name]: [{ ...wire, nonce: '77' }] })).not.toBe(changed)
  })
})

test('law: with one name less in the tables, no verdict gets milder', () =>
  fc.assert(
    fc.asyncProperty(
      // What is false in an event is found by the event alone.
      fc.constantFrom(...ATTACKS.filter(({ id, rules }) => !/^[AB]/.test(id) && !rules.includes('event-unbacked'))),
      fc.nat(),
      async ({ id, title, stage }, chance) => {
        unnamed.names.clear()
        const plain = await world.play(stage)
        const names = new Set<string>()
        const walk = (frame: Report.Report['steps'][number]['calls']): void => {
          if (frame === null) return
          if (frame.signature !== null) names.add(frame.signature.split('(')[0] ?? '')
          for (const inner of frame.calls) walk(inner)
        }
        for (const { calls, logs } of plain.report.steps) {
          walk(calls)
          for (const { event } of logs) if (event !== null) names.add(event.split('(')[0] ?? '')
        }
        const all = [...names].sort()
        const name = all[chance % Math.max(1, all.length)]
        if (name === undefined) return
        unnamed.names.add(name)
        try {
          const less = await world.play(stage)
          expect(RANK[less.report.verdict], `${id} ${title} without ${name}\n${less.card}`).toBeGreaterThanOrEqual(
            RANK[plain.report.verdict],
          )
        } finally {
          unnamed.names.clear()
        }
      },
    ),
    { ...RUN, numRuns: Number(process.env['COUNTERSIGN_LAWS'] ?? 14), seed: 29 },
  ))
