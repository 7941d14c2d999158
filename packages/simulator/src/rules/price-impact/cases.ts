import { swapDollars, usdc, weth, ETHER } from '../../../catalogue/moves.ts'
import type { Scene, World } from '../../../catalogue/World.ts'
import type { Call } from '../../index.ts'
import type { RuleCases } from '../RuleCases.ts'

const DOLLAR = 1_000_000n
const MILLION = 1_000_000n * DOLLAR
const FOREVER = 2n ** 40n

/** Dollars for ether on Uniswap V2, whose pool holds 5 million dollars; 1 % is accepted as a minimum. */
const swap = async (world: World, amount: bigint): Promise<Scene> => {
  await world.chain.fund(world.me, { usdc: amount })
  return { calls: swapDollars(world, amount, (amount * ETHER) / DOLLAR / 6_000n) }
}
const v3 = async (world: World, amount: bigint): Promise<Scene> => {
  await world.chain.fund(world.me, { usdc: amount })
  const { uniswapV3Router, usdc: tokenIn, weth: tokenOut } = world.chain.addresses
  const params = {
    tokenIn,
    tokenOut,
    fee: 500,
    recipient: world.me,
    deadline: FOREVER,
    amountIn: amount,
    amountOutMinimum: 1n,
    sqrtPriceLimitX96: 0n,
  }
  return {
    calls: [
      usdc(world, 'approve', [uniswapV3Router, amount]),
      world.call('SwapRouter', uniswapV3Router as NonNullable<Call['to']>, 'exactInputSingle', [params]),
    ],
  }
}
/** A numbered pool that holds 100,000 dollars and as many DAI. */
const numbered = async (world: World, amount: bigint): Promise<Scene> => {
  const { usdc: dollar, dai } = world.chain.addresses
  const pool = await world.deploy('NumberedPool', [dollar, dai])
  await world.chain.fund(pool, { usdc: 100_000n * DOLLAR, dai: 100_000n * ETHER })
  return {
    calls: [usdc(world, 'approve', [pool, amount]), world.call('NumberedPool', pool, 'exchange', [0n, 1n, amount, 1n])],
  }
}
/** One of many pools in one contract, with 100,000 of each token at a price of one to one in smallest units. */
const single = async (world: World, amount: bigint): Promise<Scene> => {
  const { weth: zero, dai: one } = world.chain.addresses
  const manager = await world.deploy('SinglePoolManager', [zero, one])
  await world.chain.fund(manager, { dai: 1_000n * ETHER })
  const id = `0x${'ab'.repeat(32)}` as const
  await world.send(world.call('SinglePoolManager', manager, 'open', [id, 2n ** 96n, 1_000n * ETHER]))
  return {
    calls: [
      weth(world, 'approve', [manager, amount]),
      world.call('SinglePoolManager', manager, 'sellZero', [id, amount]),
    ],
  }
}

export const cases: RuleCases = {
  flag: {
    'V2: two million dollars into a pool of five': (world) => swap(world, 2n * MILLION),
    'V2: four hundred thousand': (world) => swap(world, MILLION / 2n - 100_000n * DOLLAR),
    'V2: seventy thousand': (world) => swap(world, 70_000n * DOLLAR),
    'V3: a million dollars into a pool of two and a half': (world) => v3(world, MILLION),
    'coins by number: half of the pool': (world) => numbered(world, 50_000n * DOLLAR),
    'many pools in one contract: a tenth of the pool': (world) => single(world, 50n * ETHER),
    'V2: two million dollars, with a minimum that the user named': async (world) => ({
      ...(await swap(world, 2n * MILLION)),
      intent: [{ name: 'min_inflow', token: null, amount: (500n * ETHER).toString() }],
    }),
  },
  leave: {
    'V2: a thousand dollars': (world) => swap(world, 1_000n * DOLLAR),
    'V3: a thousand dollars': (world) => v3(world, 1_000n * DOLLAR),
    'coins by number: a thousandth of the pool': (world) => numbered(world, 100n * DOLLAR),
    'many pools in one contract: a thousandth of the pool': (world) => single(world, ETHER),
    wrapping: (world) => ({ calls: [weth(world, 'deposit', [], { value: ETHER })] }),
    'a payment': (world) => ({ calls: [usdc(world, 'transfer', [world.friend, 5n])] }),
  },
}
