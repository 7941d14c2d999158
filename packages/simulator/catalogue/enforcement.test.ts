/** Enforced batches on the real chain: attacks that change between the preview and the block, and honest cases. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GUARD, isGuarded, simulateEnforced, type Call, type Simulator } from '../src/index.ts'
import { encodeFunctionData, formatEther } from 'viem'
import { accountBatch, ACCOUNT_ABI, readAccountBatch } from '../src/enforcement/shapes.ts'
import { environment } from './attacks/environment.ts'
import { toctou } from './attacks/toctou.ts'
import { buyDollars, delegateTo, DOLLAR, ETHER, FOREVER, nft, router, swapDollars, usdc } from './moves.ts'
import { openWorld } from './openWorld.ts'
import { deployMultiSend, openSafe } from './safe.ts'
import { tryEnforced, twentyBlocksLater } from './tryEnforced.ts'
import type { Attack } from './Catalogue.ts'
import type { World } from './World.ts'

let world: World
let simulator: Simulator
beforeAll(async () => {
  world = await openWorld()
  simulator = await world.open()
})
afterAll(async () => {
  await simulator.close()
  await world.close()
})

function attack(list: readonly Attack[], id: string): Attack {
  const found = list.find((each) => each.id === id)
  if (found === undefined) throw new Error(`no attack ${id}`)
  return found
}

test('a swap is enforced and passes, also 20 blocks later with the pool moved 0.3 %', async () => {
  const tried = await tryEnforced(world, simulator, (at) => ({ calls: swapDollars(at, 1_000n * DOLLAR, 0n) }))
  expect(tried.enforcement).toMatchObject({ status: 'enforced', because: null, route: '7702', notEnforced: [] })
  expect(isGuarded(tried.enforcement.calls)).toBe(true)
  expect(tried.enforcement.line).toMatch(
    /^Enforced on chain: .*at least 0\.39\d+ ETH arrives.*Otherwise nothing happens and you pay only the network fee\.$/,
  )
  expect(tried.isMined).toBe(true)
  const later = await tryEnforced(
    world,
    simulator,
    (at) => ({ calls: swapDollars(at, 1_000n * DOLLAR, 0n) }),
    twentyBlocksLater,
  )
  expect(later.isMined).toBe(true)
})

test('promise: B01: when the switch is turned before inclusion, nothing happens', async () => {
  let at = ''
  const tried = await tryEnforced(
    world,
    simulator,
    async (here) => {
      const scene = await attack(toctou, 'B01').stage(here)
      at = scene.calls?.[0]?.to ?? ''
      return scene
    },
    async (here) => here.send(here.call('Flip', at as `0x${string}`, 'set', [false]), here.chain.accounts[0]?.address),
  )
  expect(tried).toMatchObject({ enforcement: { status: 'enforced' }, isMined: false })
})

test('promise: B04: when somebody trades first, nothing happens', async () => {
  const tried = await tryEnforced(
    world,
    simulator,
    (here) => attack(toctou, 'B04').stage(here),
    async (here) => here.send(buyDollars(here, 100n * ETHER, 0n), here.chain.accounts[0]?.address),
  )
  expect(tried.isMined).toBe(false)
})

test('promise: A08: a batch that is included an hour late does nothing', async () => {
  const stage = attack(environment, 'A08').stage
  const tried = await tryEnforced(world, simulator, stage, async (here) => here.pass(3_600))
  expect(tried.isMined).toBe(false)
  const inTime = await tryEnforced(world, simulator, stage)
  expect(inTime.isMined).toBe(true)
})

test('promise: an intent is enforced where the preview is better than it', async () => {
  const tried = await tryEnforced(
    world,
    simulator,
    (here) => ({
      calls: [buyDollars(here, ETHER, 0n)],
      intent: [{ name: 'min_inflow', token: here.chain.addresses.usdc, amount: (2_480n * DOLLAR).toString() }],
    }),
    async (here) => here.send(buyDollars(here, 5n * ETHER, 0n), here.chain.accounts[0]?.address),
  )
  const bound = tried.enforcement.bounds.find(({ derivesFrom }) => derivesFrom === 'intent')
  expect(bound).toMatchObject({ op: 'rises_at_least', value: 2_480n * DOLLAR, text: 'At least 2480 USDC arrives' })
  expect(tried.isMined).toBe(false)
})

test('promise: what cannot be enforced is said: plain account, try mode, missing guard, other code', async () => {
  const because: string[] = []
  await world.inside(
    (here) => ({ calls: [here.pay(here.friend, ETHER)] }),
    async (scene) => {
      const request = await world.requestOf(scene)
      const ask = async (more: object = {}, options: object = {}): Promise<void> => {
        const { report } = await simulateEnforced(simulator, { ...request, ...more }, { route: '7702', ...options })
        expect(report.enforcement).toMatchObject({ status: 'none', calls: [], bounds: [], guard: null })
        because.push(report.enforcement?.line ?? '')
      }
      await ask()
      await delegateTo(world, world.me, await world.deploy('BatchAccount'))
      await world.pass(12)
      const good = accountBatch(world.me, [{ to: world.friend, value: ETHER, data: '0x' }])
      const { calls } = readAccountBatch(good.data) ?? { calls: [] }
      const mode = `0x0101${'00'.repeat(30)}` as const
      const tryMode = encodeFunctionData({
        abi: ACCOUNT_ABI,
        functionName: 'execute',
        args: [mode, `0x${good.data.slice(2 + 8 + 64 * 3, 2 + 8 + 64 * 3 + 64 * 9)}`],
      })
      expect(calls).toHaveLength(1)
      expect(readAccountBatch(tryMode)?.isAtomic).toBe(false)
      await ask({ calls: [{ ...request.calls[0], to: world.me, value: 0n, data: tryMode }] })
      await ask({}, { guard: world.stranger })
      await ask({}, { guard: world.chain.addresses.usdc })
      await ask({ calls: [{ ...request.calls[0], to: null, data: '0x00' }] })
    },
  )
  expect(
    because.map((line) =>
      line.replaceAll(world.stranger, '<stranger>').replaceAll(world.chain.addresses.usdc, '<usdc>'),
    ),
  ).toMatchInlineSnapshot(`
    [
      "Not enforced: this wallet sends one transaction at a time.",
      "Not enforced: the batch goes on when a call in it fails (try mode).",
      "Not enforced: the guard is not deployed at <stranger>.",
      "Not enforced: the code at <usdc> is not the guard’s.",
      "Not enforced: a contract creation is not a call of a batch.",
    ]
  `)
})

test('promise: a batch that does something else than its calls one by one is blocked, not left unguarded', async () => {
  const tried = await tryEnforced(world, simulator, async (here) => {
    const at = await here.deploy('LaterTransaction')
    return {
      calls: [
        here.call('LaterTransaction', at, 'deposit', [], { value: ETHER }),
        here.call('LaterTransaction', at, 'withdraw'),
      ],
    }
  })
  expect(tried.report.verdict).toBe('block')
  expect(tried.report.findings[0]).toMatchObject({ rule: 'enforcement-inconsistent', level: 'block' })
  expect(tried).toMatchObject({ enforcement: { status: 'none' }, isMined: null })
})

test('promise: an operator of a collection that does not move is bounded, and the report says how far', async () => {
  const scene = (isOperator: boolean) => async (at: World) => {
    const flip = await at.deploy('Flip')
    if (isOperator) await at.send(nft(at, 'setApprovalForAll', [flip, true]), at.me)
    return { calls: [at.call('Flip', flip, 'deposit', [], { value: ETHER })] }
  }
  const without = await tryEnforced(world, simulator, scene(false))
  expect(without.enforcement).toMatchObject({ status: 'enforced', notEnforced: [] })
  const { enforcement, isMined } = await tryEnforced(world, simulator, scene(true))
  const pieces = enforcement.bounds.filter(
    ({ target, op }) => target === world.chain.addresses.nft && op === 'falls_at_most',
  )
  expect(pieces).toMatchObject([{ value: 0n, stage: 'close' }])
  expect(enforcement.status).toBe('partly')
  expect(enforcement.notEnforced.map(({ why }) => why)).toContain('their number is bounded, not which they are')
  expect(isMined).toBe(true)
})

test('promise: where the provider lists no events, the report says that NFTs are not bounded', async () => {
  const reads = {
    ...simulator.reads,
    pass: async () => ({ ok: false, code: -32_005, message: '', data: null }) as const,
  }
  const deaf: Simulator = { ...simulator, reads }
  const tried = await tryEnforced(world, deaf, async (at) => ({
    calls: [at.call('Flip', await at.deploy('Flip'), 'deposit', [], { value: ETHER })],
  }))
  expect(tried.enforcement.status).toBe('partly')
  expect(tried.enforcement.line).toContain('Not enforced: NFTs that do not move')
})

test('promise: a piece that leaves takes no other piece with it', async () => {
  const tried = await tryEnforced(world, simulator, (at) => ({
    calls: [nft(at, 'transferFrom', [at.me, at.friend, 1n])],
  }))
  const pieces = tried.enforcement.bounds.filter(
    ({ target, op }) => target === world.chain.addresses.nft && op === 'falls_at_most',
  )
  expect(pieces).toMatchObject([{ value: 1n }])
  expect(tried.isMined).toBe(true)
})

test('a Safe’s batch is enforced: it passes, and does nothing when somebody trades first', async () => {
  const enforce = async (then: () => Promise<void>) =>
    world.inside(
      async (at) => {
        const safe = await openSafe(at)
        await deployMultiSend(at)
        const path = [at.chain.addresses.weth, at.chain.addresses.usdc]
        return { from: safe, calls: [router(at, 'swapExactETHForTokens', [0n, path, safe, FOREVER], ETHER)] }
      },
      async (scene) => {
        const { report, request } = await simulateEnforced(simulator, await world.requestOf(scene), { route: 'safe' })
        expect(report.enforcement).toMatchObject({ status: 'enforced', route: 'safe', because: null })
        await then()
        const held = usdc(world, 'balanceOf', [scene.from])
        const before = BigInt(await world.read(held))
        const sent = world.send(request.calls[0] as Call, world.me).then(
          () => true,
          () => false,
        )
        return { isMined: await sent, arrived: BigInt(await world.read(held)) - before }
      },
    )
  const calm = await enforce(async () => undefined)
  expect(calm.isMined).toBe(true)
  expect(calm.arrived).toBeGreaterThan(2_400n * DOLLAR)
  const late = await enforce(async () =>
    world.send(buyDollars(world, 100n * ETHER, 0n), world.chain.accounts[0]?.address),
  )
  expect(late).toEqual({ isMined: false, arrived: 0n })
})

test('no allowance that is not shown survives: a remainder is held at what was simulated', async () => {
  const tried = await tryEnforced(world, simulator, (here) => ({
    calls: [usdc(here, 'approve', [here.friend, 50n * DOLLAR])],
  }))
  const [right] = tried.enforcement.bounds.filter(({ op, stage }) => op === 'at_most' && stage === 'close')
  expect(right?.value).toBe(50n * DOLLAR)
  expect(tried.isMined).toBe(true)
  expect(GUARD.version).toBe(1)
})

test('bounds are left out in their order where they would cost too much gas, and the report names them', async () => {
  const enforce = (maxGas: number) =>
    world.inside(
      async (at) => {
        await delegateTo(at, at.me, await at.deploy('BatchAccount'))
        await at.pass(12)
        return { calls: swapDollars(at, 1_000n * DOLLAR, 0n) }
      },
      async (scene) =>
        (await simulateEnforced(simulator, await world.requestOf(scene), { route: '7702', maxGas })).report.enforcement,
    )
  const [all, some, least] = [await enforce(1_000_000), await enforce(60_000), await enforce(0)]
  expect(all).toMatchObject({ status: 'enforced', notEnforced: [] })
  expect(some?.notEnforced.map(({ what }) => what)).toEqual(['what you hold and does not move'])
  expect(Number(some?.gasOverhead)).toBeLessThanOrEqual(60_000)
  expect(least?.status).toBe('partly')
  // What the card promises of the account's own money is never left out.
  const own = (found: typeof all) => found?.bounds.filter(({ op }) => op === 'falls_at_most' || op === 'rises_at_least')
  expect(own(least)?.length).toBeGreaterThanOrEqual(2)
  expect(least?.bounds.some(({ source }) => source === 'code_hash')).toBe(true)
})

/** The bounds on what leaves, of a batch of an account that can batch. */
const leaving = async (stage: (at: World) => Promise<readonly Call[]>) =>
  world.inside(
    async (at) => {
      await delegateTo(at, at.me, await at.deploy('BatchAccount'))
      await at.pass(12)
      return { calls: await stage(at) }
    },
    async (scene) => {
      const { report } = await simulateEnforced(simulator, await world.requestOf(scene), { route: '7702' })
      const falls = report.enforcement?.bounds.filter(({ op }) => op === 'falls_at_most') ?? []
      const lost = (token: string | null) =>
        -(report.tokenChanges.find((each) => each.account === report.from && each.token === token)?.delta ?? 0n)
      return { falls, lost, line: report.enforcement?.line ?? '' }
    },
  )

describe('promise: what leaves is bounded by what was shown, and by a little more only where the calls leave the price open', () => {
  test('an exact amount out: half a percent more, and never more than the calls carry', async () => {
    const buy = (valueWei: bigint) => async (at: World) => {
      const { weth, usdc } = at.chain.addresses
      const args = [1_000n * DOLLAR, [weth, usdc], at.me, FOREVER]
      return [router(at, 'swapETHForExactTokens', args, valueWei)]
    }
    const wide = await leaving(buy(ETHER))
    const coin = wide.falls.find(({ source }) => source === 'balance')
    const shownWei = wide.lost(null)
    expect(coin?.value).toBe(shownWei + (shownWei * 50n) / 10_000n)
    // The card says this number, and not what was shown.
    expect(wide.line).toContain(`at most ${formatEther(coin?.value ?? 0n)} ETH leaves`)
    const tight = await leaving(buy(shownWei + 1_000n))
    expect(tight.falls.find(({ source }) => source === 'balance')?.value).toBe(shownWei + 1_000n)
  })

  test('an exact amount in: not a wei more', async () => {
    const { falls, lost } = await leaving(async (at) => swapDollars(at, 1_000n * DOLLAR, 0n))
    const { usdc } = world.chain.addresses
    expect(lost(usdc)).toBe(1_000n * DOLLAR)
    expect(falls.find(({ target }) => target === usdc)?.value).toBe(1_000n * DOLLAR)
  })

  test('a token that keeps shares: two units of rounding', async () => {
    const { falls, lost } = await leaving(async (at) => {
      const token = await at.deploy('RebasingToken')
      await at.send(at.call('RebasingToken', token, 'mint', [at.me, 10n * ETHER]))
      await at.pass(86_400)
      return [at.call('RebasingToken', token, 'transfer', [at.friend, 3n * ETHER])]
    })
    const bound = falls.find(({ target, value }) => target !== null && value > 0n)
    expect(bound?.value).toBe(lost(bound?.target ?? null) + 2n)
  })
})
