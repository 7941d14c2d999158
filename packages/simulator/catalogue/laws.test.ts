/** Laws that hold for any batch, on chance batches: bounded, so that they take seconds. */
import type { Address, Hex } from '@countersign/base'
import { Wei } from '@countersign/base'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Report, type Call } from '../src/index.ts'
import { abi, buyDollars, dai, DOLLAR, ETHER, FOREVER, router, usdc, weth } from './moves.ts'
import { openWorld } from './openWorld.ts'
import type { World } from './World.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

/** The local chain's block builder. */
const BUILDER = '0x95222290DD7278Aa3Ddd389Cc1E1d165CC4BAfe5'

type Step = (world: World, share: number) => readonly Call[]
/** Steps that any batch may hold; `share` is how much of it, in thousandths. */
const STEPS: Readonly<Record<string, Step>> = {
  'ether to a friend': ({ pay, friend }, share) => [pay(friend, BigInt(share) * 10n ** 15n + 7n)],
  'ether to itself': ({ pay, me }, share) => [pay(me, BigInt(share))],
  dollars: (at, share) => [usdc(at, 'transfer', [at.friend, BigInt(share) * DOLLAR + 1n])],
  'dollars to somebody new': (at, share) => [usdc(at, 'transfer', [at.stranger, BigInt(share)])],
  DAI: (at, share) => [dai(at, 'transfer', [at.friend, BigInt(share) * ETHER + 3n])],
  wrap: (at, share) => [weth(at, 'deposit', [], { value: BigInt(share) * 10n ** 12n })],
  unwrap: (at, share) => [weth(at, 'withdraw', [BigInt(share) * 10n ** 12n + 1n])],
  'ether for dollars': (at, share) => [buyDollars(at, BigInt(share) * 10n ** 14n + 1n, 1n)],
  'dollars for DAI': (at, share) => {
    const { uniswapV2Router, usdc: from, dai: to } = at.chain.addresses
    const amount = BigInt(share) * DOLLAR + 1n
    return [
      usdc(at, 'approve', [uniswapV2Router, amount]),
      router(at, 'swapExactTokensForTokens', [amount, 1n, [from, to], at.me, FOREVER]),
    ]
  },
}
const batches = fc.array(fc.tuple(fc.constantFrom(...Object.keys(STEPS)), fc.integer({ min: 1, max: 1000 })), {
  minLength: 1,
  maxLength: 4,
})

const balanceOf = async (token: Address.Address | null, account: Address.Address): Promise<bigint> =>
  token === null
    ? BigInt(await world.chain.rpc<Hex.Hex>('eth_getBalance', [account, 'latest']))
    : BigInt(await world.read(abi(token, 'function balanceOf(address account) view returns (uint256)', [account])))

test('law: what a report says of every balance is what mining the batch does to it, to the unit', () =>
  fc.assert(
    fc.asyncProperty(batches, (steps) =>
      world.inside(
        (at) => ({ calls: steps.flatMap(([name, share]) => (STEPS[name] as Step)(at, share)) }),
        async (scene) => {
          const { report } = await world.simulate(scene)
          expect(report.willRevert, JSON.stringify(steps)).toBe(false)
          const { usdc: dollar, dai: other, weth: wrapped } = world.chain.addresses
          const accounts = new Set([
            world.me,
            world.friend,
            world.stranger,
            wrapped,
            ...report.tokenChanges.map(({ account }) => account),
          ])
          const pairs = [null, dollar, other, wrapped].flatMap((token) =>
            [...accounts].map((account) => ({ token, account })),
          )
          const before = await Promise.all(pairs.map(({ token, account }) => balanceOf(token, account)))
          let feesWei = 0n
          for (const call of scene.calls ?? []) {
            const value = `0x${call.value.toString(16)}`
            const hash = await world.chain.rpc<Hex.Hex>('eth_sendTransaction', [
              { from: world.me, to: call.to, data: call.data, value, gas: '0xf4240' },
            ])
            type Mined = { status: string; gasUsed: Hex.Hex; effectiveGasPrice: Hex.Hex } | null
            let mined: Mined = null
            while (mined === null) mined = await world.chain.rpc<Mined>('eth_getTransactionReceipt', [hash])
            expect(mined.status).toBe('0x1')
            feesWei += BigInt(mined.gasUsed) * BigInt(mined.effectiveGasPrice)
          }
          const after = await Promise.all(pairs.map(({ token, account }) => balanceOf(token, account)))
          for (const [i, { token, account }] of pairs.entries()) {
            // The builder is paid tips, which are not the batch's doing.
            if (account === BUILDER) continue
            const fee = token === null && account === world.me ? feesWei : 0n
            const told = report.tokenChanges
              .filter((change) => change.token === token && change.account === account)
              .reduce((sum, change) => sum + change.delta, 0n)
            expect(told, `${token ?? 'ether'} of ${account}`).toBe((after[i] ?? 0n) - (before[i] ?? 0n) + fee)
          }
          // Nothing is made and nothing is lost: ether, dollars and DAI only change hands.
          for (const token of [null, dollar, other])
            expect(
              report.tokenChanges
                .filter((change) => change.token === token)
                .reduce((sum, { delta }) => sum + delta, 0n),
            ).toBe(0n)
          for (const change of report.tokenChanges) expect(change.after - change.before).toBe(change.delta)
        },
      ),
    ),
    { numRuns: 12, seed: 20_350_101 },
  ))

test('law: the order of steps that do not touch each other does not matter', () => {
  const independent = ['ether to a friend', 'dollars', 'DAI', 'wrap', 'dollars to somebody new']
  const orders = fc.tuple(
    fc.shuffledSubarray(independent, { minLength: 2 }),
    fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 5, maxLength: 5 }),
    fc.infiniteStream(fc.nat()),
  )
  const summary = (report: Report.Report) => ({
    verdict: report.verdict,
    changes: report.tokenChanges.map(({ account, token, delta }) => `${account}|${token ?? ''}|${delta}`).sort(),
    authority: report.authorityChanges.map(({ kind, subject, after }) => `${kind}|${subject}|${after}`).sort(),
    findings: report.findings.map(({ rule, level, subject }) => `${rule}|${level}|${subject ?? ''}`).sort(),
    gas: report.gasEstimate.gasUsed > 0n,
  })
  return fc.assert(
    fc.asyncProperty(orders, ([names, shares, chance]) =>
      world.inside(
        () => ({}),
        async () => {
          const steps = names.map((name) => (STEPS[name] as Step)(world, shares[independent.indexOf(name)] ?? 1))
          const keyed = steps.map((calls) => ({ calls, at: chance.next().value }))
          const other = keyed.toSorted((a, b) => a.at - b.at).map(({ calls }) => calls)
          const [first, second] = [
            await world.simulate({ calls: steps.flat() }),
            await world.simulate({ calls: other.flat() }),
          ]
          expect(summary(second.report)).toEqual(summary(first.report))
        },
      ),
    ),
    { numRuns: 8, seed: 7 },
  )
})

test('law: no amount loses a unit between the chain, the report, the wire and the card', () =>
  fc.assert(
    fc.asyncProperty(fc.bigInt({ min: 1n, max: 2n ** 256n - 1n }), (amount) =>
      world.inside(
        async (at) => {
          const token = await at.deploy('PlainToken')
          await at.send(at.call('PlainToken', token, 'mint', [at.me, amount]))
          return {
            calls: [at.call('PlainToken', token, 'transfer', [at.friend, amount])],
            known: [{ address: token, name: 'Any', kind: 'token', symbol: 'ANY', decimals: 18 }],
          }
        },
        async (scene) => {
          const { report, card } = await world.simulate(scene)
          const own = report.tokenChanges.find((change) => change.account === world.me && change.token !== null)
          expect(own?.delta).toBe(-amount)
          const wire = JSON.parse(JSON.stringify(Report.toWire(report))) as { token_changes: Record<string, string>[] }
          const told = wire.token_changes.find((change) => change['account'] === world.me && change['token'] !== null)
          expect(told?.['delta']).toBe((-amount).toString())
          expect(told?.['before']).toBe(amount.toString())
          const text = /-([\d.]+) ANY/.exec(card)?.[1] ?? ''
          const [whole = '', fraction = ''] = text.split('.')
          expect(BigInt(whole + fraction.padEnd(18, '0'))).toBe(amount)
          expect(text).toBe(Wei.format(amount, 18))
        },
      ),
    ),
    { numRuns: 12, seed: 3 },
  ))
