/**
 * Laws about how reports of two requests relate: the same deed in another form, a larger amount, a table with a name
 * less. Each is tried on chance or on the catalogue's own scenes, on one chain.
 */
import { Address, type Hex } from '@countersign/base'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Call, Report } from '../src/index.ts'
import { WRITTEN_AWAY } from './attribution.ts'
import { permit } from './documents.ts'
import { ATTACKS } from './index.ts'
import {
  abi,
  batch,
  buyDollars,
  dai,
  delegateTo,
  DOLLAR,
  ETHER,
  MAX,
  nft,
  permit2Approve,
  router,
  swapDollars,
  usdc,
  weth,
} from './moves.ts'
import { openWorld } from './openWorld.ts'
import { execute, openSafe } from './safe.ts'
import type { Scene, World } from './World.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const RANK = { info: 0, note: 0, allow: 0, warn: 1, block: 2 } as const
const levelOf = (report: Report.Report) => RANK[report.verdict]
const heard = (report: Report.Report) =>
  [
    ...new Set(report.findings.filter(({ level }) => level !== 'info').map(({ rule, level }) => `${level} ${rule}`)),
  ].sort()
const changesOf = (report: Report.Report, accounts: readonly string[]) =>
  report.tokenChanges
    .filter(({ account }) => accounts.includes(account))
    .map(({ account, token, delta }) => `${account}|${token ?? ''}|${delta}`)
    .sort()

type Act = (at: World, share: bigint) => readonly Call[]
const ACTS: Readonly<Record<string, Act>> = {
  'ether to somebody new': (at, share) => [at.pay(at.stranger, share * 10n ** 15n)],
  'dollars to somebody': (at, share) => [usdc(at, 'transfer', [at.thief, share * DOLLAR])],
  'a piece to somebody': (at) => [nft(at, 'transferFrom', [at.me, at.stranger, 1n])],
  'an allowance for a person': (at, share) => [dai(at, 'approve', [at.thief, share * ETHER])],
  'an allowance for a router': (at, share) => [dai(at, 'approve', [at.chain.addresses.uniswapV2Router, share * ETHER])],
  'a boundless allowance': (at) => [weth(at, 'approve', [at.thief, MAX])],
  'an operator': (at) => [nft(at, 'setApprovalForAll', [at.thief, true])],
  'a swap': (at, share) => swapDollars(at, share * DOLLAR, (share * 4n * ETHER) / 11_000n),
  'a swap for whoever is first': (at, share) => [buyDollars(at, share * 10n ** 15n, 0n)],
  'a swap for somebody else': (at) => [
    router(
      at,
      'swapExactETHForTokens',
      [1n, [at.chain.addresses.weth, at.chain.addresses.usdc], at.thief, 2n ** 40n],
      ETHER,
    ),
  ],
  wrap: (at, share) => [weth(at, 'deposit', [], { value: share * 10n ** 12n })],
}

test('law: calls sent one after another and the same in one batch of the account have the same effects and findings', () =>
  fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.constantFrom(...Object.keys(ACTS)), { minLength: 1, maxLength: 3 }),
      fc.bigInt({ min: 1n, max: 900n }),
      (names, share) =>
        world.inside(
          async (at) => {
            await delegateTo(at, at.me, await at.deploy('Batch'))
            return {}
          },
          async () => {
            const calls = names.flatMap((name) => (ACTS[name] as Act)(world, share))
            const [apart, together] = [
              (await world.simulate({ calls, isAgentProposed: true })).report,
              (await world.simulate({ calls: [batch(world, calls)], isAgentProposed: true })).report,
            ]
            const accounts = [world.me, world.thief, world.stranger]
            expect(changesOf(together, accounts)).toEqual(changesOf(apart, accounts))
            const powers = (report: Report.Report) =>
              report.authorityChanges.map(({ kind, subject, after }) => `${kind}|${subject}|${after}`).sort()
            expect(powers(together)).toEqual(powers(apart))
            expect(levelOf(together), `${heard(apart).join()} / ${heard(together).join()}`).toBeGreaterThanOrEqual(
              levelOf(apart),
            )
          },
        ),
    ),
    { numRuns: 10, seed: 11 },
  ))

describe('law: one act has one level, whether it is called, signed, batched or done by a Safe', () => {
  type Form = (at: World) => Scene | Promise<Scene>
  const byCall =
    (act: (at: World) => Call): Form =>
    (at) => ({ calls: [act(at)] })
  const byBatch =
    (act: (at: World) => Call): Form =>
    async (at) => {
      await delegateTo(at, at.me, await at.deploy('Batch'))
      return { calls: [batch(at, [act(at)])] }
    }
  const bySafe =
    (act: (at: World) => Call): Form =>
    async (at) => {
      const safe = await openSafe(at)
      return { calls: [execute(at, safe, act(at))] }
    }
  const approve = (amount: bigint, to: (at: World) => string) => (at: World) => usdc(at, 'approve', [to(at), amount])
  const signed =
    (amount: bigint, to: (at: World) => string): Form =>
    (at) => ({ document: permit(at, { spender: to(at), value: amount.toString() }) })
  const thief = (at: World) => at.thief
  const known = (at: World) => at.chain.addresses.uniswapV2Router
  test.each<[string, readonly Form[]]>([
    [
      'everything for a person',
      [byCall(approve(MAX, thief)), byBatch(approve(MAX, thief)), bySafe(approve(MAX, thief)), signed(MAX, thief)],
    ],
    [
      'an amount for a person',
      [byCall(approve(5n * DOLLAR, thief)), byBatch(approve(5n * DOLLAR, thief)), signed(5n * DOLLAR, thief)],
    ],
    [
      'an amount for a router',
      [
        byCall(approve(5n * DOLLAR, known)),
        byBatch(approve(5n * DOLLAR, known)),
        bySafe(approve(5n * DOLLAR, known)),
        signed(5n * DOLLAR, known),
      ],
    ],
    [
      'dollars to somebody',
      [byCall, byBatch, bySafe].map((form) => form((at) => usdc(at, 'transfer', [at.thief, 50n * DOLLAR]))),
    ],
  ])('%s', async (_, forms) => {
    const levels = []
    for (const form of forms)
      levels.push((await world.play(async (at) => ({ ...(await form(at)), isAgentProposed: true }))).report.verdict)
    expect(new Set(levels).size, levels.join()).toBe(1)
  })
})

describe('law: a larger amount is never judged more mildly', () => {
  const AMOUNTS = [1n, 10n ** 3n, 10n ** 6n, 10n ** 8n, 10n ** 10n, 99n * 10n ** 9n] as const
  test.each<[string, (at: World, amount: bigint) => readonly Call[], readonly bigint[]]>([
    [
      'an allowance',
      (at, amount) => [usdc(at, 'approve', [at.chain.addresses.uniswapV2Router, amount])],
      [...AMOUNTS, 10n ** 12n, 2n ** 90n, 2n ** 200n, MAX],
    ],
    [
      'an allowance of Permit2',
      (at, amount) => [permit2Approve(at, at.chain.addresses.usdc, at.chain.addresses.uniswapV3Router, amount)],
      [...AMOUNTS, 10n ** 12n, 2n ** 90n, 2n ** 160n - 1n],
    ],
    ['a payment', (at, amount) => [usdc(at, 'transfer', [at.stranger, amount])], AMOUNTS],
    ['a swap', (at, amount) => swapDollars(at, amount, 1n), AMOUNTS],
    ['ether for a contract that keeps it', (at, amount) => [at.pay(at.chain.addresses.usdc, amount)], AMOUNTS],
  ])('%s', async (_, act, amounts) => {
    const levels: number[] = []
    for (const amount of amounts)
      levels.push(levelOf((await world.play((at) => ({ calls: act(at, amount), isAgentProposed: true }))).report))
    expect(levels, amounts.map((amount, i) => `${amount}: ${levels[i]}`).join()).toEqual(
      levels.toSorted((a, b) => a - b),
    )
  })
})

describe('law: with the user in the place of the one who gains, nothing is warned of', () => {
  const TWINS = ['C01', 'C02', 'C04', 'C06', 'C08', 'C18d', 'C21', 'C22', 'F02b']
  const scenes: [string, (at: World) => Scene | Promise<Scene>][] = [
    ...ATTACKS.filter(({ id }) => TWINS.includes(id)).map(
      ({ id, title, stage }): [string, (at: World) => Promise<Scene>] => [`${id} ${title}`, async (at) => stage(at)],
    ),
    ...Object.entries(WRITTEN_AWAY)
      .filter(([name]) => /^(a right under|an heir|the holder|an element|a role|a ward|an owner)/.test(name))
      .map(([name, build]): [string, (at: World) => Promise<Scene>] => [name, async (at) => build(at)]),
  ]
  test.each(scenes)('%s', async (_, build) => {
    const { report, card } = await world.play((at) =>
      build(
        new Proxy(at, {
          get: (target, key, receiver): unknown =>
            key === 'thief' || key === 'stranger' ? target.me : (Reflect.get(target, key, receiver) as unknown),
        }),
      ),
    )
    if (report.willRevert) return
    expect(heard(report), card).toEqual([])
  })
})

/** Pushes one factor's word and asks whether it is zero, by opcode (execution-specs, Cancun). */
const ZERO_IF: Readonly<Record<string, string>> = {
  COINBASE: '4115',
  BASEFEE: '4815',
  GASPRICE: '3a15',
  PREVRANDAO: '4415',
}

/** Code that gives back twice the value where all of `off` are as in a simulator and no other of `read` is. */
function bait(read: readonly string[], off: readonly string[]): Hex.Hex {
  const asks = read.map((factor) => `${ZERO_IF[factor] ?? ''}${off.includes(factor) ? '' : '15'}`)
  const all = `${asks.join('')}${'16'.repeat(asks.length - 1)}`
  const hex = (value: number) => value.toString(16).padStart(2, '0')
  // PUSH1 dest JUMPI STOP JUMPDEST, then CALL(gas, caller, 2 * callvalue).
  const runtime = `${all}60${hex(all.length / 2 + 4)}57005b6000600060006000348001335af100`
  // Copies what is behind itself and returns it.
  return `0x60${hex(runtime.length / 2)}8060093d393df3${runtime}`
}

test('law: bait in any subset of the factors that a run reads is found', () => {
  const factors = Object.keys(ZERO_IF)
  const pairs = fc
    .subarray(factors, { minLength: 1 })
    .chain((read) => fc.tuple(fc.constant(read), fc.subarray(read, { minLength: 1 })))
  return fc.assert(
    fc.asyncProperty(pairs, async ([read, off]) => {
      const { report, card } = await world.play(async (at) => {
        const to = await at.deployCode('Bait', bait(read, off))
        await at.enrich(to, 50n * ETHER)
        return { calls: [at.pay(to, ETHER)], isAgentProposed: true }
      })
      expect(report.tokenChanges.find(({ account, token }) => account === world.me && token === null)?.delta).toBe(
        -ETHER,
      )
      expect(heard(report).join(), `${read.join()}: ${off.join()}\n${card}`).toContain('environment-dependent')
    }),
    { numRuns: 14, seed: 5 },
  )
})

describe('law: what is granted, used and taken back in any order leaves what the getters say', () => {
  const MOVES = ['grant', 'use', 'end', 'more'] as const
  type Move = (typeof MOVES)[number]
  const SPENDER = { usdc: 'Sweep' } as const
  const erc20 = (at: World, spender: Address.Address) => (move: Move) =>
    ({
      grant: usdc(at, 'approve', [spender, 40n * DOLLAR]),
      use: at.call(SPENDER.usdc, spender, 'claim', [at.chain.addresses.usdc, at.me]),
      end: usdc(at, 'approve', [spender, 0n]),
      more: usdc(at, 'increaseAllowance', [spender, 7n * DOLLAR]),
    })[move]
  test('an allowance', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...MOVES), { minLength: 1, maxLength: 5 }), (moves) =>
        world.inside(
          async (at) => {
            const spender = await at.deploy('Sweep')
            return { calls: moves.map(erc20(at, spender)), known: [{ address: spender, name: 'S', kind: 'spender' }] }
          },
          async (scene) => {
            const spender = scene.known?.[0]?.address as Address.Address
            const { report } = await world.simulate(scene)
            for (const call of scene.calls ?? []) await world.send(call, world.me)
            const asked = abi(
              world.chain.addresses.usdc,
              'function allowance(address,address) view returns (uint256)',
              [world.me, spender],
            )
            const left = BigInt(await world.read(asked))
            const told = report.authorityChanges.find(({ subject }) => Address.isEqual(subject, spender))
            expect(told?.after ?? 0n, moves.join()).toBe(left)
          },
        ),
      ),
      { numRuns: 8, seed: 2 },
    ))
  test('an operator and one piece', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('all', 'none', 'one', 'not one', 'send'), { minLength: 1, maxLength: 5 }),
        (moves) =>
          world.inside(
            (at) => ({
              calls: moves
                .filter((move, i) => move !== 'send' || i === moves.indexOf('send'))
                .filter((move, i) => !move.includes('one') || move === 'none' || !moves.slice(0, i).includes('send'))
                .map((move) =>
                  move === 'send'
                    ? nft(at, 'transferFrom', [at.me, at.friend, 1n])
                    : move === 'all' || move === 'none'
                      ? nft(at, 'setApprovalForAll', [at.thief, move === 'all'])
                      : nft(at, 'approve', [
                          move === 'one' ? at.thief : '0x0000000000000000000000000000000000000000',
                          1n,
                        ]),
                ),
            }),
            async (scene) => {
              const { report } = await world.simulate(scene)
              for (const call of scene.calls ?? []) await world.send(call, world.me)
              const all = BigInt(await world.read(nft(world, 'isApprovedForAll', [world.me, world.thief]))) === 1n
              const one = Address.fromWord((await world.read(nft(world, 'getApproved', [1n]))).slice(2))
              const owner = Address.fromWord((await world.read(nft(world, 'ownerOf', [1n]))).slice(2))
              const told = report.authorityChanges.filter(
                ({ after, subject }) => after > 0n && Address.isEqual(subject, world.thief),
              )
              expect(
                told.some(({ unlimited }) => unlimited),
                moves.join(),
              ).toBe(all)
              expect(
                told.some(({ unlimited }) => !unlimited),
                moves.join(),
              ).toBe(Address.isEqual(one, world.thief) && Address.isEqual(owner, world.me))
            },
          ),
      ),
      { numRuns: 8, seed: 4 },
    ))
})
