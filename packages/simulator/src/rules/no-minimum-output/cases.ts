import { Address } from '@countersign/base'
import { encodeFunctionData, parseAbi, type Hex } from 'viem'
import { buyDollars, DOLLAR, ETHER, swapDollars, usdc } from '../../../catalogue/moves.ts'
import type { Scene, World } from '../../../catalogue/World.ts'
import type { EnforcedMinimum } from '../../model/Evidence.ts'
import type { CallFrame } from '../../model/Step.ts'
import type { TokenChange } from '../../model/TokenChange.ts'
import type { RuleContext } from '../Rule.ts'
import type { RuleCases } from '../RuleCases.ts'

const V3 = parseAbi([
  'function exactInputSingle((address tokenIn, address tokenOut, uint24 fee, address recipient, uint256 deadline, uint256 amountIn, uint256 amountOutMinimum, uint160 sqrtPriceLimitX96) params) payable returns (uint256)',
  'function unwrapWETH9(uint256 amountMinimum, address recipient) payable',
  'function multicall(bytes[] data) payable returns (bytes[])',
])

/** Dollars for ether on Uniswap V3 in two acts: the swap to the router, then the payout. */
const inTwoActs = (world: World, { swap, payout }: { swap: bigint; payout: bigint }): Scene => {
  const { uniswapV3Router: to, usdc: tokenIn, weth: tokenOut } = world.chain.addresses
  const params = {
    tokenIn: tokenIn as Hex,
    tokenOut: tokenOut as Hex,
    fee: 500,
    recipient: `0x${'00'.repeat(20)}` as Hex,
    deadline: 2n ** 40n,
    amountIn: 1_000n * DOLLAR,
    amountOutMinimum: swap,
    sqrtPriceLimitX96: 0n,
  }
  const data = encodeFunctionData({
    abi: V3,
    functionName: 'multicall',
    args: [
      [
        encodeFunctionData({ abi: V3, functionName: 'exactInputSingle', args: [params] }),
        encodeFunctionData({ abi: V3, functionName: 'unwrapWETH9', args: [payout, world.me as Hex] }),
      ],
    ],
  })
  return {
    calls: [
      usdc(world, 'approve', [to, 1_000n * DOLLAR]),
      { ...world.pay(world.friend, 0n), to: to as typeof world.me, data },
    ],
  }
}

const ME = Address.parse(`0x${'11'.repeat(20)}`)
const [DAI, BONUS] = [Address.parse(`0x${'d1'.repeat(20)}`), Address.parse(`0x${'b0'.repeat(20)}`)]
const gain = (token: Address.Address, delta: bigint) => ({ account: ME, token, tokenId: null, delta }) as TokenChange
/** A contract swaps without a minimum, for DAI, and gives a bonus; what it was tried to hold to is `held`. */
const swapping = (held: readonly EnforcedMinimum[], gains: readonly TokenChange[]): Partial<RuleContext> => {
  const args = [1n, 0n, [], ME, 2n ** 40n]
  const swap = { status: 'success', signature: SWAP, args, calls: [] } as unknown as CallFrame
  return {
    request: { chainId: 1, from: ME, calls: [], block: 'latest', known: [] },
    steps: [{ step: 1, status: 'success', calls: swap }] as unknown as RuleContext['steps'],
    tokenChanges: gains,
    ahead: { moves: [], sellBacks: [], exits: [], melts: [], minimums: held, unplayed: [] },
  }
}
const SWAP = 'swapExactTokensForTokens(uint256,uint256,address[],address,uint256)'

export const cases: RuleCases = {
  flagContext: {
    'a bonus that the call holds to, and a price that it does not': swapping(
      [{ step: 1, token: BONUS, amount: 10n ** 30n }],
      [gain(DAI, 1_000n), gain(BONUS, 10n ** 30n)],
    ),
    'a number of another step': swapping([{ step: 2, token: DAI, amount: 990n }], [gain(DAI, 1_000n)]),
    'less than half of it': swapping([{ step: 1, token: DAI, amount: 499n }], [gain(DAI, 1_000n)]),
  },
  leaveContext: {
    'the call holds to a number of its own': swapping([{ step: 1, token: DAI, amount: 990n }], [gain(DAI, 1_000n)]),
  },
  flag: {
    'any price': (world) => ({ calls: [buyDollars(world, ETHER, 0n)] }),
    'a tenth of the price': (world) => ({ calls: [buyDollars(world, ETHER, 249n * DOLLAR)] }),
    'any price, from a token': (world) => ({ calls: swapDollars(world, 1_000n * DOLLAR, 0n) }),
    'a minimum in name only, where the payment is made': (world) => inTwoActs(world, { swap: 0n, payout: 1n }),
    'no minimum in either act': (world) => inTwoActs(world, { swap: 0n, payout: 0n }),
  },
  leave: {
    'the payment at the end has the minimum': (world) => inTwoActs(world, { swap: 0n, payout: (39n * ETHER) / 100n }),
    'the swap has the minimum, the payment none': (world) =>
      inTwoActs(world, { swap: (39n * ETHER) / 100n, payout: 0n }),
    'half a percent below the price': (world) => ({ calls: [buyDollars(world, ETHER, 2_475n * DOLLAR)] }),
    'wrapping has no price': (world) => ({
      calls: [world.call('WETH9', world.chain.addresses.weth, 'deposit', [], { value: ETHER })],
    }),
  },
}
