import { encodeAbiParameters, encodeFunctionData, parseAbi, zeroHash, type Hex } from 'viem'
import type { Address } from '@countersign/base'
import type { Benign } from './Catalogue.ts'
import { daiPermit, order, payment, permit, permit2Single, safeTx, userOperation } from './documents.ts'
import {
  abi,
  authorize,
  batch,
  buyDollars,
  dai,
  delegateTo,
  DOLLAR,
  ETHER,
  FOREVER,
  keyOf,
  MAX,
  nft,
  openPool,
  permit2Approve,
  router,
  swapDollars,
  usdc,
  vouch,
  weth,
} from './moves.ts'
import { openDelegations, openErc777, openSeaport } from './places.ts'
import { execute, openSafe, safe } from './safe.ts'
import type { World } from './World.ts'

const friend = (world: World) => vouch(world.friend, 'Friend')

/** Honest transactions and documents, at least one for every family of attack; none of them may be blocked. */
export const BENIGN: readonly Benign[] = [
  // A: they read the environment, and nothing changes for the user.
  {
    family: 'A',
    title: 'a vesting contract releases what is due',
    async stage(world) {
      const at = await world.deploy('Vesting')
      await world.enrich(at, 10n * ETHER)
      await world.pass(500)
      return { calls: [world.call('Vesting', at, 'release')] }
    },
  },
  {
    family: 'A',
    title: 'OpenZeppelin’s vesting wallet releases',
    async stage(world) {
      const at = await world.deploy('VestingWallet', [world.me, world.nowS - 86_400n, 30n * 86_400n])
      await world.enrich(at, 30n * ETHER)
      return { calls: [abi(at, 'function release()')] }
    },
  },
  {
    family: 'A',
    title: 'a Dutch auction, with room for the price',
    async stage(world) {
      const token = await world.deploy('PlainToken')
      const at = await world.deploy('DutchAuction', [token, 5n * ETHER])
      await world.send(world.call('PlainToken', token, 'mint', [at, 5n * ETHER]))
      await world.pass(3_600)
      return { calls: [world.call('DutchAuction', at, 'buy', [], { value: 2n * ETHER })], known: [named(token, 'LOT')] }
    },
  },
  {
    family: 'A',
    title: 'an oracle that writes the time down while it trades',
    async stage(world) {
      const at = await world.deploy('TwapOracle', [world.chain.addresses.usdc])
      await world.chain.fund(at, { usdc: 100_000n * DOLLAR })
      return { calls: [world.call('TwapOracle', at, 'sell', [2_500n * DOLLAR], { value: ETHER })] }
    },
  },
  {
    family: 'A',
    title: 'a swap with a deadline of twenty minutes',
    stage: (world) => {
      const { weth: wrapped, usdc: dollar } = world.chain.addresses
      const args = [2_475n * DOLLAR, [wrapped, dollar], world.me, world.nowS + 1_200n]
      return { calls: [router(world, 'swapExactETHForTokens', args, ETHER)] }
    },
  },
  {
    family: 'A',
    title: 'a contract that counts',
    async stage(world) {
      return { calls: [world.call('Counter', await world.deploy('Counter'), 'increment')] }
    },
  },
  {
    family: 'A',
    title: 'a market that accrues interest by the second',
    async stage(world) {
      const token = await world.deploy('RebasingToken')
      await world.pass(86_400)
      return {
        calls: [world.call('RebasingToken', token, 'supply', [], { value: ETHER })],
        known: [named(token, 'stETHER')],
      }
    },
  },
  // B: what happens in between would not hurt.
  {
    family: 'B',
    title: 'exact approval and swap with a minimum',
    stage: (world) => ({ calls: swapDollars(world, 1_000n * DOLLAR, (39n * ETHER) / 100n) }),
  },
  {
    family: 'B',
    title: 'ether for dollars with half a percent of room',
    stage: (world) => ({ calls: [buyDollars(world, ETHER, 2_475n * DOLLAR)] }),
  },
  {
    family: 'B',
    title: 'a swap over two pools with a minimum',
    stage: (world) => {
      const { weth: wrapped, usdc: dollar, dai: other } = world.chain.addresses
      const args = [2_450n * ETHER, [wrapped, dollar, other], world.me, FOREVER]
      return { calls: [router(world, 'swapExactETHForTokens', args, ETHER)] }
    },
  },
  {
    family: 'B',
    title: 'a Uniswap V3 swap with a minimum',
    stage: (world) => ({ calls: [v3(world, ETHER, 2_470n * DOLLAR)] }),
  },
  {
    family: 'B',
    title: 'an allowance is set to zero first, then anew',
    async stage(world) {
      const spender = world.chain.addresses.uniswapV2Router
      await world.send(usdc(world, 'approve', [spender, 100n * DOLLAR]))
      return { calls: [usdc(world, 'approve', [spender, 0n]), usdc(world, 'approve', [spender, 50n * DOLLAR])] }
    },
  },
  {
    family: 'B',
    title: 'an exact amount out, with a most to pay',
    stage: (world) => {
      const { weth: wrapped, usdc: dollar } = world.chain.addresses
      return {
        calls: [router(world, 'swapETHForExactTokens', [1_000n * DOLLAR, [wrapped, dollar], world.me, FOREVER], ETHER)],
      }
    },
  },
  {
    family: 'B',
    title: 'liquidity is added with minimums',
    stage: (world) => {
      const { usdc: dollar, uniswapV2Router } = world.chain.addresses
      const args = [dollar, 2_500n * DOLLAR, 2_400n * DOLLAR, (96n * ETHER) / 100n, world.me, FOREVER]
      return {
        calls: [
          usdc(world, 'approve', [uniswapV2Router, 2_500n * DOLLAR]),
          router(world, 'addLiquidityETH', args, ETHER),
        ],
      }
    },
  },
  {
    family: 'B',
    title: 'a proxy is used that somebody else could upgrade',
    stage: (world) => ({ calls: [usdc(world, 'transfer', [world.friend, 5n * DOLLAR])], known: [friend(world)] }),
  },
  // C: authority that is exact, known, asked for, or taken back.
  {
    family: 'C',
    title: 'an exact approval to a router',
    stage: (world) => ({ calls: [usdc(world, 'approve', [world.chain.addresses.uniswapV2Router, 250n * DOLLAR])] }),
  },
  {
    family: 'C',
    title: 'an approval is taken back from a thief',
    async stage(world) {
      await world.send(usdc(world, 'approve', [world.thief, MAX]))
      return { calls: [usdc(world, 'approve', [world.thief, 0n])] }
    },
  },
  {
    family: 'C',
    title: 'an operator is taken back',
    async stage(world) {
      await world.send(nft(world, 'setApprovalForAll', [world.thief, true]))
      return { calls: [nft(world, 'setApprovalForAll', [world.thief, false])] }
    },
  },
  {
    family: 'C',
    title: 'three approvals are taken back at once',
    async stage(world) {
      await world.send(usdc(world, 'approve', [world.thief, 5n]))
      await world.send(dai(world, 'approve', [world.thief, 5n]))
      await world.send(weth(world, 'approve', [world.thief, 5n]))
      return { calls: [usdc, dai, weth].map((token) => token(world, 'approve', [world.thief, 0n])) }
    },
  },
  {
    family: 'C',
    title: 'an exact allowance of Permit2 for a router, for half an hour',
    async stage(world) {
      const { permit2, usdc: dollar, uniswapV3Router } = world.chain.addresses
      await world.send(usdc(world, 'approve', [permit2, MAX]))
      return { calls: [permit2Approve(world, dollar, uniswapV3Router, 100n * DOLLAR, world.nowS + 1_800n)] }
    },
  },
  {
    family: 'C',
    title: 'an exact Permit2 signature for a router',
    async stage(world) {
      await world.send(usdc(world, 'approve', [world.chain.addresses.permit2, MAX]))
      return { document: permit2Single(world, world.chain.addresses.uniswapV3Router, 100n * DOLLAR) }
    },
  },
  {
    family: 'C',
    title: 'an exact permit for a router, good for ten minutes',
    stage: (world) => ({
      document: permit(world, {
        spender: world.chain.addresses.uniswapV2Router,
        value: (100n * DOLLAR).toString(),
      }),
    }),
  },
  {
    family: 'C',
    title: 'DAI’s permit takes an allowance back',
    async stage(world) {
      await world.send(dai(world, 'approve', [world.chain.addresses.uniswapV2Router, MAX]))
      return { document: daiPermit(world, { spender: world.chain.addresses.uniswapV2Router, allowed: false }) }
    },
  },
  {
    family: 'C',
    title: 'one token of a collection is listed for a fair price',
    async stage(world) {
      await openSeaport(world)
      const asks = [
        { wei: ETHER, recipient: world.me },
        { wei: ETHER / 40n, recipient: world.friend },
      ]
      return { document: order(world, [1n], asks) }
    },
  },
  {
    family: 'C',
    title: 'a token is bought on Seaport',
    async stage(world) {
      const { abi: seaport } = await openSeaport(world)
      const { nft: collection } = world.chain.addresses
      const deployer = world.chain.accounts[0]?.address as Address.Address
      await world.send(nft(world, 'mint', [world.friend]), deployer)
      await world.send(
        nft(world, 'setApprovalForAll', ['0x0000000000000068F116a894984e2DB1123eB395', true]),
        world.friend,
      )
      const listing = order(
        { ...world, me: world.friend, nowS: world.nowS } as World,
        [3n],
        [{ wei: ETHER, recipient: world.friend }],
      )
      const signature = await keyOf(world, world.friend).signTypedData(listing as never)
      const data = encodeFunctionData({
        abi: seaport,
        functionName: 'fulfillOrder',
        args: [
          { parameters: { ...listing.message, totalOriginalConsiderationItems: 1n } as never, signature },
          zeroHash,
        ] as never,
      })
      const to = '0x0000000000000068F116a894984e2DB1123eB395' as Address.Address
      return {
        calls: [{ ...world.pay(to, ETHER), data }],
        known: [vouch(to, 'Seaport', 'spender'), vouch(collection, 'Local collection', 'infrastructure')],
      }
    },
  },
  {
    family: 'C',
    title: 'a signed payment to a shop that the intent names',
    stage: (world) => ({
      document: payment(world, world.friend, 3n * DOLLAR),
      known: [friend(world)],
      intent: [
        { name: 'max_outflow', token: world.chain.addresses.usdc, amount: '3000000' },
        { name: 'recipient_receives', account: world.friend, token: world.chain.addresses.usdc, amount: '3000000' },
      ],
    }),
  },
  {
    family: 'C',
    title: 'an owner is added to the user’s Safe, as the user asked',
    async stage(world) {
      const at = await openSafe(world)
      const data = safe('addOwnerWithThreshold', [world.friend, 1n])
      return {
        calls: [execute(world, at, { to: at, value: 0n, data })],
        intent: [{ name: 'allowed_authority', kind: 'module', contract: at, subject: world.friend }],
      }
    },
  },
  {
    family: 'C',
    title: 'the Safe pays dollars to a contact',
    async stage(world) {
      const at = await openSafe(world)
      return {
        calls: [execute(world, at, usdc(world, 'transfer', [world.friend, 5n * DOLLAR]))],
        known: [friend(world)],
      }
    },
  },
  {
    family: 'C',
    title: 'a Safe transaction is signed: dollars to a contact',
    async stage(world) {
      const at = await openSafe(world)
      const { data } = usdc(world, 'transfer', [world.friend, 5n * DOLLAR])
      return {
        document: safeTx(world, at, world.chain.addresses.usdc, data),
        known: [friend(world), vouch(at, 'My Safe', 'infrastructure')],
      }
    },
  },
  {
    family: 'C',
    title: 'supply to a market that the app knows',
    async stage(world) {
      const { dai: token } = world.chain.addresses
      const pool = await world.deploy('LendingPool', [token])
      return {
        calls: [
          dai(world, 'approve', [pool, 100n * ETHER]),
          world.call('LendingPool', pool, 'supply', [100n * ETHER, world.me]),
        ],
        known: [vouch(pool, 'Lending pool', 'spender')],
      }
    },
  },
  {
    family: 'C',
    title: 'a deposit by a standing allowance, credited to the user',
    async stage(world) {
      const pool = await world.deploy('Staking', [world.chain.addresses.dai])
      await world.send(dai(world, 'approve', [pool, 100n * ETHER]))
      return { calls: [world.call('Staking', pool, 'stake', [40n * ETHER])] }
    },
  },
  {
    family: 'C',
    title: 'what was staked comes back',
    async stage(world) {
      const pool = await world.deploy('Staking', [world.chain.addresses.dai])
      await world.send(dai(world, 'approve', [pool, 100n * ETHER]))
      await world.send(world.call('Staking', pool, 'stake', [40n * ETHER]))
      return { calls: [world.call('Staking', pool, 'unstake', [40n * ETHER])] }
    },
  },
  {
    family: 'C',
    title: 'ether is deposited under the user’s own name',
    async stage(world) {
      const at = await world.deploy('QuietGrant')
      return { calls: [world.call('QuietGrant', at, 'deposit', [], { value: ETHER })] }
    },
  },
  {
    family: 'C',
    title: 'a multicall of two reads and a deposit',
    stage: (world) => {
      const { multicall3, weth: wrapped, usdc: dollar } = world.chain.addresses
      const balance = usdc(world, 'balanceOf', [world.me]).data
      return {
        calls: [
          abi(
            multicall3,
            'function aggregate3((address target, bool allowFailure, bytes callData)[] calls) payable returns ((bool success, bytes returnData)[])',
            [
              [
                { target: dollar, allowFailure: false, callData: balance },
                { target: wrapped, allowFailure: false, callData: weth(world, 'totalSupply', []).data },
              ],
            ],
          ),
        ],
      }
    },
  },
  {
    family: 'C',
    title: 'an operator of the user’s ERC-777 token is taken back',
    async stage(world) {
      const token = await openErc777(world)
      await world.send(world.call('ERC777PresetFixedSupply', token, 'authorizeOperator', [world.thief]))
      return { calls: [world.call('ERC777PresetFixedSupply', token, 'revokeOperator', [world.thief])] }
    },
  },
  // D: account code that is meant.
  {
    family: 'D',
    title: 'the account is upgraded to the delegate that the intent allows',
    async stage(world) {
      const delegate = await world.deploy('Batch')
      return {
        calls: [{ ...world.pay(world.me, 0n), authorizationList: [await authorize(world, delegate)] }],
        intent: [{ name: 'allowed_delegate', delegate, chain_id: world.chain.chainId }],
      }
    },
  },
  {
    family: 'D',
    title: 'the account gives its code back',
    async stage(world) {
      await delegateTo(world, world.me, await world.deploy('Batch'))
      const nobody = '0x0000000000000000000000000000000000000000'
      return { calls: [{ ...world.pay(world.me, 0n), authorizationList: [await authorize(world, nobody)] }] }
    },
  },
  {
    family: 'D',
    title: 'a batch of the account’s own: approve and swap in one',
    async stage(world) {
      await delegateTo(world, world.me, await world.deploy('Batch'))
      return { calls: [batch(world, swapDollars(world, 1_000n * DOLLAR, (39n * ETHER) / 100n))] }
    },
  },
  {
    family: 'D',
    title: 'a batch of the account’s own: two payments',
    async stage(world) {
      await delegateTo(world, world.me, await world.deploy('Batch'))
      return {
        calls: [batch(world, [world.pay(world.friend, ETHER), usdc(world, 'transfer', [world.friend, DOLLAR])])],
        known: [friend(world)],
      }
    },
  },
  {
    family: 'D',
    title: 'ether comes into an account that runs code',
    async stage(world) {
      await delegateTo(world, world.me, await world.deploy('Batch'))
      return { calls: [weth(world, 'withdraw', [ETHER])] }
    },
  },
  {
    family: 'D',
    title: 'an operation of the account pays a contact',
    async stage(world) {
      await openDelegations(world)
      const { data } = usdc(world, 'transfer', [world.friend, DOLLAR])
      await world.send(
        abi('0x0000000071727De22E5E9d8BAf0edAc6f37da032', 'function depositTo(address account) payable', [world.me], {
          value: ETHER,
        }),
      )
      return {
        document: userOperation(world, {
          callData: encodeFunctionData({
            abi: parseAbi(['function execute(bytes32 mode, bytes executionCalldata)']),
            args: [zeroHash, `${world.chain.addresses.usdc}${'0'.repeat(64)}${data.slice(2)}`.toLowerCase() as Hex],
          }),
        }),
        known: [friend(world)],
      }
    },
  },
  // E: tokens with a nature of their own, and plain ones.
  {
    family: 'E',
    title: 'ether is wrapped',
    stage: (world) => ({ calls: [weth(world, 'deposit', [], { value: ETHER })] }),
  },
  {
    family: 'E',
    title: 'and unwrapped',
    stage: (world) => ({ calls: [weth(world, 'withdraw', [ETHER])] }),
  },
  {
    family: 'E',
    title: 'wrapped and unwrapped in one batch',
    stage: (world) => ({ calls: [weth(world, 'deposit', [], { value: ETHER }), weth(world, 'withdraw', [ETHER])] }),
  },
  {
    family: 'E',
    title: 'a rebasing token is sent',
    async stage(world) {
      const token = await world.deploy('RebasingToken')
      await world.send(world.call('RebasingToken', token, 'mint', [world.me, 10n * ETHER]))
      await world.pass(86_400)
      return {
        calls: [world.call('RebasingToken', token, 'transfer', [world.friend, 3n * ETHER])],
        known: [friend(world)],
      }
    },
  },
  {
    family: 'E',
    title: 'a token with a fee that the intent states',
    async stage(world) {
      const token = await world.deploy('FeeToken')
      await world.send(world.call('FeeToken', token, 'mint', [world.me, 10_000n]))
      return {
        calls: [world.call('FeeToken', token, 'transfer', [world.friend, 1_000n])],
        intent: [
          { name: 'max_outflow', token, amount: '1000' },
          { name: 'recipient_receives', account: world.friend, token, amount: '700' },
        ],
      }
    },
  },
  {
    family: 'E',
    title: 'a token that returns nothing is approved exactly',
    stage: (world) => ({
      calls: [
        world.call('Usdt', world.chain.addresses.usdt, 'approve', [world.chain.addresses.uniswapV2Router, 5n * DOLLAR]),
      ],
    }),
  },
  {
    family: 'E',
    title: '0x’s token that returns nothing is sent to a contact',
    async stage(world) {
      const token = await world.deploy('DummyNoReturnERC20Token', ['Tether', 'USDT', 6n, 0n])
      await world.send(world.call('DummyNoReturnERC20Token', token, 'mint', [1_000n]))
      return {
        calls: [world.call('DummyNoReturnERC20Token', token, 'transfer', [world.friend, 400n])],
        known: [friend(world)],
      }
    },
  },
  {
    family: 'E',
    title: 'an NFT is minted for its price',
    async stage(world) {
      return { calls: [world.call('Minter', await world.deploy('Minter'), 'mint', [], { value: ETHER / 20n })] }
    },
  },
  {
    family: 'E',
    title: 'an NFT is given to a contact',
    stage: (world) => ({
      calls: [nft(world, 'transferFrom', [world.me, world.friend, 1n])],
      known: [friend(world)],
    }),
  },
  {
    family: 'E',
    title: 'a fresh token is bought that can be sold again',
    async stage(world) {
      const token = await world.deploy('PlainToken')
      const { weth: wrapped } = world.chain.addresses
      await openPool(world, token, 1_000_000n * ETHER, 100n * ETHER)
      return {
        calls: [router(world, 'swapExactETHForTokens', [9_800n * ETHER, [wrapped, token], world.me, FOREVER], ETHER)],
      }
    },
  },
  {
    family: 'E',
    title: 'a shop refunds when its inner call fails',
    async stage(world) {
      const shop = await world.deploy('Refunder')
      return { calls: [world.call('Refunder', shop, 'buy', [true], { value: ETHER })] }
    },
  },
  {
    family: 'E',
    title: 'work that is caught, with the gas it needs',
    async stage(world) {
      const shop = await world.deploy('TryCatch')
      return { calls: [world.call('TryCatch', shop, 'claim', [], { value: ETHER, gasLimit: 2_000_000n })] }
    },
  },
  {
    family: 'E',
    title: 'a large contract is deployed',
    stage: (world) => ({
      calls: [
        { ...world.pay(world.me, 0n), to: null, data: world.creationOf('UniswapV2Router02', [world.me, world.me]) },
      ],
    }),
  },
  {
    family: 'E',
    title: 'a token of the user’s own is deployed',
    stage: (world) => ({
      calls: [
        { ...world.pay(world.me, 0n), to: null, data: world.creationOf('ERC20PresetMinterPauser', ['Mine', 'MINE']) },
      ],
    }),
  },
  {
    family: 'E',
    title: 'a proxy of the user’s own is deployed',
    async stage(world) {
      const implementation = await world.deploy('ImplGood')
      const data = world.creationOf('TransparentUpgradeableProxy', [implementation, world.me, '0x'])
      return { calls: [{ ...world.pay(world.me, 0n), to: null, data }] }
    },
  },
  {
    family: 'E',
    title: 'ERC-1155 tokens are sent to a contact',
    async stage(world) {
      const deployer = world.chain.accounts[0]?.address as Address.Address
      const { multiToken } = world.chain.addresses
      const multi = 'ERC1155PresetMinterPauser'
      await world.send(world.call(multi, multiToken, 'mint', [world.me, 5n, 10n, '0x']), deployer)
      return {
        calls: [world.call(multi, multiToken, 'safeTransferFrom', [world.me, world.friend, 5n, 4n, '0x'])],
        known: [friend(world)],
      }
    },
  },
  // F: recipients that are named, and first times.
  {
    family: 'F',
    title: 'a bridged dollar that says it is one is sent to a contact',
    async stage(world) {
      const token = await world.deploy('TalkingToken', ['USDC.e'])
      await world.send(world.call('TalkingToken', token, 'mint', [world.me, 1_000n]))
      return { calls: [world.call('TalkingToken', token, 'transfer', [world.friend, 5n])], known: [friend(world)] }
    },
  },
  {
    family: 'F',
    title: 'a shop is paid',
    async stage(world) {
      const shop = await world.deploy('Refunder')
      return { calls: [world.call('Refunder', shop, 'buy', [false], { value: 5n })], known: [friend(world)] }
    },
  },
  {
    family: 'F',
    title: 'ether to a contact',
    stage: (world) => ({ calls: [world.pay(world.friend, ETHER)], known: [friend(world)] }),
  },
  {
    family: 'F',
    title: 'ether to somebody new, by the user’s own hand',
    stage: (world) => ({ calls: [world.pay(world.stranger, ETHER / 100n)] }),
  },
  {
    family: 'F',
    title: 'dollars to whom the user named as the recipient, by the agent',
    stage: (world) => ({
      calls: [usdc(world, 'transfer', [world.stranger, 5n * DOLLAR])],
      saidRecipients: [world.stranger],
      isAgentProposed: true,
    }),
  },
  {
    family: 'F',
    title: 'ten payments in one call',
    async stage(world) {
      const at = await world.deploy('Multisend')
      const to = Array.from(
        { length: 10 },
        (_, i) => `0x${(0x1234567890abcdef1234567890abcdefn * BigInt(i + 7)).toString(16).padStart(40, '7')}`,
      )
      return {
        calls: [world.call('Multisend', at, 'pay', [to, to.map(() => ETHER / 100n)], { value: ETHER / 10n })],
      }
    },
  },
  {
    family: 'F',
    title: 'ten payments in one batch',
    stage: (world) => ({
      calls: Array.from({ length: 10 }, (_, i) => usdc(world, 'transfer', [world.friend, BigInt(i + 1) * DOLLAR])),
      known: [friend(world)],
    }),
  },
  {
    family: 'F',
    title: 'a bridge to the user’s own account, as meant',
    async stage(world) {
      const { dai: token } = world.chain.addresses
      const bridge = await world.deploy('Bridge', [token])
      const recipient = encodeAbiParameters([{ type: 'address' }], [world.me])
      return {
        calls: [
          dai(world, 'approve', [bridge, 10n * ETHER]),
          world.call('Bridge', bridge, 'bridge', [10n * ETHER, 10n, recipient]),
        ],
        known: [vouch(bridge, 'Bridge', 'spender')],
        intent: [
          { name: 'max_outflow', token, amount: (10n * ETHER).toString() },
          { name: 'bridge_recipient', recipient: world.me, chain_id: 10 },
        ],
      }
    },
  },
  {
    family: 'F',
    title: 'a sign-in',
    stage: (world) => ({
      document: {
        message: `shop.example wants you to sign in with your Ethereum account:\n${world.me}\n\nWelcome.\n\nURI: https://shop.example/login\nVersion: 1\nChain ID: ${world.chain.chainId}\nNonce: a1b2c3d4e5\nIssued At: 2035-01-01T00:00:00.000Z`,
      },
    }),
  },
  {
    family: 'F',
    title: 'a text that is a text',
    stage: () => ({ document: { message: 'I have read the terms of 1 January and agree to them.' } }),
  },
  {
    family: 'F',
    title: 'exactly what was meant, with every assertion',
    stage: (world) => ({
      calls: swapDollars(world, 1_000n * DOLLAR, (39n * ETHER) / 100n),
      intent: [
        { name: 'max_outflow', token: world.chain.addresses.usdc, amount: '1000000000' },
        { name: 'min_inflow', token: null, amount: ((39n * ETHER) / 100n).toString() },
        { name: 'no_new_authority' },
        { name: 'max_fee', amount: (ETHER / 100n).toString() },
      ],
    }),
  },
]

/** A token that the app knows. */
function named(address: Address.Address, symbol: string) {
  return { address, name: symbol, kind: 'token' as const, symbol, decimals: 18 }
}

/** Ether for dollars on Uniswap V3. */
function v3(world: World, value: bigint, minimum: bigint) {
  const { weth: tokenIn, usdc: tokenOut, uniswapV3Router } = world.chain.addresses
  return world.call(
    'SwapRouter',
    uniswapV3Router,
    'exactInputSingle',
    [
      {
        ...{ tokenIn, tokenOut, fee: 500, recipient: world.me, deadline: FOREVER },
        ...{ amountIn: value, amountOutMinimum: minimum, sqrtPriceLimitX96: 0n },
      },
    ],
    { value },
  )
}
