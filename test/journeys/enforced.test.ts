import { encodeFunctionData, erc20Abi, parseAbi, type Hex } from 'viem'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { creation, FIXTURES } from '../../packages/simulator/catalogue/variant.ts'
import { openDesk, OTHER, RENT, until, type Body, type Desk, type Seat } from './mandateDesk.ts'

/** Batches that carry the outcome guard, over HTTP and on a real chain: the account runs its own batch code (EIP-7702). */
const ROUTER = parseAbi([
  'function swapExactTokensForETH(uint256 amount, uint256 min, address[] path, address to, uint256 deadline)',
  'function swapExactETHForTokens(uint256 min, address[] path, address to, uint256 deadline) payable',
])
const FOREVER = 2n ** 40n
const DOLLAR = 10n ** 6n
const WALLET = { kind: '7702' }
let desk: Desk
let seat: Seat
let code: Hex
beforeAll(async () => {
  desk = await openDesk('enforced')
  const [deployer] = desk.chain.accounts
  const hash = await desk.chain.rpc('eth_sendTransaction', [
    { from: deployer?.address, data: creation(FIXTURES, 'BatchAccount', []) },
  ])
  const mined = await minedOf(hash as Hex)
  code = `0xef0100${(mined['contractAddress'] as string).slice(2).toLowerCase()}`
})
afterAll(() => desk.close())
beforeEach(async () => {
  seat = await desk.open()
})

async function minedOf(hash: Hex): Promise<Record<string, unknown>> {
  let mined: Record<string, unknown> | null = null
  await until(async () => {
    mined = (await desk.chain.rpc('eth_getTransactionReceipt', [hash])) as typeof mined
    return mined !== null
  })
  return mined as unknown as Record<string, unknown>
}
const delegate = () => desk.chain.rpc('anvil_setCode', [seat.alice.address, code])
const addresses = () => desk.chain.addresses as unknown as Record<'usdc' | 'weth' | 'uniswapV2Router', Hex>
/** An approval of exactly so much, and the trade: what an agent sends. */
const swap = (dollars: bigint) => {
  const { usdc, weth, uniswapV2Router: router } = addresses()
  const data = encodeFunctionData({ abi: erc20Abi, functionName: 'approve', args: [router, dollars * DOLLAR] })
  // A fifth less than it is worth: more than the guard lets it lose.
  const min = (dollars * 10n ** 18n) / 3_100n
  const args = [dollars * DOLLAR, min, [usdc, weth], seat.alice.address, FOREVER] as const
  return [
    { to: usdc, value: '0', data },
    { to: router, value: '0', data: encodeFunctionData({ abi: ROUTER, functionName: 'swapExactTokensForETH', args }) },
  ]
}
/** Somebody sells many dollars first, so that the next ones buy less ether. */
async function tradeFirst(): Promise<void> {
  const [deployer] = desk.chain.accounts
  const { usdc, weth, uniswapV2Router: router } = addresses()
  const dollars = 400_000n * DOLLAR
  const approve = encodeFunctionData({ abi: erc20Abi, functionName: 'approve', args: [router, dollars] })
  const args = [dollars, 0n, [usdc, weth], deployer?.address as Hex, FOREVER] as const
  const sell = encodeFunctionData({ abi: ROUTER, functionName: 'swapExactTokensForETH', args })
  for (const [to, data] of [
    [usdc, approve],
    [router, sell],
  ] as const)
    expect(
      await minedOf(
        (await desk.chain.rpc('eth_sendTransaction', [{ from: deployer?.address, to, data, gas: '0x7a120' }])) as Hex,
      ),
    ).toMatchObject({ status: '0x1' })
}
const dollarsOf = async (): Promise<bigint> => {
  const data = encodeFunctionData({ abi: erc20Abi, functionName: 'balanceOf', args: [seat.alice.address] })
  return BigInt((await desk.chain.rpc('eth_call', [{ to: addresses().usdc, data }, 'latest'])) as string)
}
/** The owner confirms it on their page, and the agent's signer signs it. */
async function sign(proposed: Body): Promise<void> {
  const page = await seat.pageOf(seat.alice)
  await page.confirm(proposed.id, proposed.digest)
  const granted = await seat.grantOf(proposed.id)
  expect(granted.status, JSON.stringify(granted.body)).toBe(200)
  await seat.send(proposed.id, granted.body['nonce'] as number)
}
type Enforcement = { status: string; because: string | null; line: string; calls: { to: string }[]; bounds: object[] }
const enforcementOf = (body: Body): Enforcement => (body['report'] as { enforcement: Enforcement }).enforcement

test('a batch that settles as shown is done, and its receipt binds the guard calls', async () => {
  await delegate()
  const { body: proposed } = await seat.proposeFrom(WALLET, ...swap(1_000n))
  expect(proposed.state, JSON.stringify((await seat.read(proposed.id))['reason'])).toBe('pending')
  const card = await seat.read(proposed.id)
  const enforcement = enforcementOf(card)
  expect(enforcement).toMatchObject({ status: 'enforced', because: null, route: '7702' })
  expect(enforcement.line).toMatch(/^Enforced on chain: .*ETH arrives.*Otherwise nothing happens/)
  const [only, ...others] = card['calls'] as { to: string; data: string }[]
  expect([only?.to, others]).toEqual([seat.alice.address, []])
  expect(enforcement.calls.map(({ to }) => to.toLowerCase())).toEqual(
    [...[enforcement.calls[0]?.to, addresses().usdc, addresses().uniswapV2Router, enforcement.calls[0]?.to]].map((to) =>
      String(to).toLowerCase(),
    ),
  )
  const bound = (card['report'] as { receipt: { bound: { calls: { to: string; data: string }[] } } }).receipt.bound
  expect(bound.calls).toMatchObject([{ to: only?.to, data: only?.data }])
  for (const { to, data } of enforcement.calls as { to: string; data: string }[])
    expect(only?.data.toLowerCase(), `the bytes hold the call to ${to}`).toContain(data.slice(2).toLowerCase())
  await sign(proposed)
  await until(async () => (await seat.read(proposed.id)).state === 'settled')
  expect((await seat.read(proposed.id))['settlement']).toMatchObject({ outcome: 'done' })
  expect(await dollarsOf()).toBe(9_000n * DOLLAR)
})

test('promise: when somebody trades first nothing happens, and the card says which bound refused it', async () => {
  await delegate()
  const { body: proposed } = await seat.proposeFrom(WALLET, ...swap(1_000n))
  const page = await seat.pageOf(seat.alice)
  await page.confirm(proposed.id, proposed.digest)
  const granted = await seat.grantOf(proposed.id)
  await tradeFirst()
  await seat.send(proposed.id, granted.body['nonce'] as number)
  await until(async () => (await seat.read(proposed.id)).state === 'settled')
  const after = await seat.read(proposed.id)
  expect(after).toMatchObject({ settlement: { outcome: 'refused', bound: expect.any(Number) } })
  expect(after['reason']).toMatch(/^Nothing happened: [\d.]+ ETH would have arrived instead of at least [\d.]+ ETH\./)
  expect(await dollarsOf()).toBe(10_000n * DOLLAR)
})

test('promise: the claim is only lowered: a plain account, another wallet’s address, a wallet that is not atomic', async () => {
  const lines: string[] = []
  const ask = async (wallet: object): Promise<void> => {
    const { body } = await seat.proposeFrom(wallet, seat.transfer(RENT, 1n))
    const card = await seat.read(body.id)
    expect(card['calls'], 'what is signed is what was asked for').toMatchObject([{ to: addresses().usdc }])
    lines.push(enforcementOf(card).line)
  }
  await ask(WALLET)
  await delegate()
  await ask({ ...WALLET, address: OTHER })
  await ask({ kind: 'eoa' })
  await ask({ kind: '5792', capabilities: {} })
  await ask({ kind: 'safe' })
  expect(lines).toMatchInlineSnapshot(`
    [
      "Not enforced: this wallet sends one transaction at a time.",
      "Not enforced: this wallet sends one transaction at a time.",
      "Not enforced: this wallet sends one transaction at a time.",
      "Not enforced: this wallet sends one transaction at a time.",
      "Not enforced: this version guards batches that an account runs by its own code, and no Safe’s or user operation’s.",
    ]
  `)
})

test('promise: a mandate with bound "enforced" counts what the guard lets leave, and refuses a batch without it', async () => {
  await delegate()
  await seat.grant(
    seat.policy({
      bound: 'enforced',
      limits: [{ id: 'usdc', token: 'USDC', per_day: '1000' }],
    }),
  )
  expect((await seat.propose(seat.transfer(RENT, 100n))).body).toMatchObject({
    state: 'blocked',
    code: 'mandates:rule:denied',
    reason: 'The batch does not carry the outcome guard.',
  })
  const { body } = await seat.proposeFrom(WALLET, seat.transfer(RENT, 100n))
  expect(body, JSON.stringify(body)).toMatchObject({ state: 'pending', decision: { answer: 'allow' } })
  const effects = (body['decision'] as { effects: { kind: string; grade: string; amount: string; contract: string }[] })
    .effects
  expect(effects.filter(({ kind }) => kind === 'outflow')).toMatchObject([
    { amount: '100', grade: 'enforced', counterparty: RENT },
  ])
  expect((await seat.proposeFrom(WALLET, seat.transfer(OTHER, 1n))).body).toMatchObject({
    code: 'mandates:effect:unnamed',
  })
})

test('promise: an app that requires enforcement signs nothing that is not enforced', async () => {
  const strict = await openDesk('enforced-strict', 'enforcement: { mode: required }\n')
  try {
    const strictly = await strict.open()
    const { body } = await strictly.propose(strictly.transfer(RENT, 1n))
    expect(body).toMatchObject({ state: 'blocked' })
    expect(body['reason'] ?? (await strictly.read(body.id))['reason']).toMatch(/signs only what the chain enforces/)
  } finally {
    await strict.close()
  }
})
