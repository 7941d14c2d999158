/** Attacks, written from the kinds in words. Each ends with somebody else having what was the user's, or with it gone. */
import { Address, type Hex } from '@countersign/base'
import { concatHex, encodeAbiParameters, keccak256, pad, parseSignature, toHex } from 'viem'
import { fields, permit, permit2Single } from '../../documents.ts'
import { abi, DOLLAR, delegateTo, ETHER, keyOf, MAX, usdc, vouch } from '../../moves.ts'
import { deployMultiSend, execute, openSafe, safe } from '../../safe.ts'
import type { Scene, World } from '../../World.ts'
import { agent, allow, AMOUNT, call, deployerOf, make, never, stated, takes, type Make } from './frame.ts'
import * as open from './places.ts'

/** The surroundings that decide: a good outcome where one looks, the other where it is mined. */
const chameleon =
  (
    kind: bigint,
    edge: (at: World) => bigint | Promise<bigint>,
    surround?: (at: World) => Promise<void>,
    tries = 1,
  ): Make =>
  async (at) => {
    const good = await make(at, 'Good')
    const bad = await make(at, 'Bad')
    const to = await make(at, 'Chameleon', [good, bad, kind, await edge(at)])
    await at.enrich(to, 10n * ETHER)
    const journey = await takes(at, agent(call(to, 'Good', 'swap', [], ETHER)), at.thief, { of: null })
    return { ...journey, tries, ...(surround === undefined ? {} : { surround: () => surround(at) }) }
  }

const own = async (at: World, name: string, args: readonly unknown[], extra: Scene = {}): Promise<Scene> => {
  const code = await make(at, 'OwnAccount')
  await delegateTo(at, at.me, code)
  return { ...agent(call(at.me, 'OwnAccount', name, args)), ...extra }
}
const signed = async (at: World, document: { types: object; primaryType: string; domain: object; message: object }) =>
  parseSignature(await keyOf(at, at.me).signTypedData(document as never))

const inSafe = async (at: World, data: (safe: Address.Address) => Hex.Hex | Promise<Hex.Hex>): Promise<Scene> => {
  const to = await openSafe(at)
  return agent(execute(at, to, { ...at.pay(to, 0n), data: await data(to) }))
}
const keyHash = (who: string) => keccak256(encodeAbiParameters([{ type: 'address' }], [who as Hex.Hex]))

export const ATTACKS: Readonly<Record<string, Make>> = {
  // Permissions
  'a permit inside of a stake leaves an allowance without limit': async (at) => {
    const to = await make(at, 'LiquidStake', [at.chain.addresses.usdc, at.thief])
    const document = permit(at, { spender: to, value: MAX.toString() })
    const { v, r, s } = await signed(at, document)
    const deadline = BigInt(document.message['deadline'] as string)
    const args = [10n * DOLLAR, MAX, deadline, v ?? 27n, r, s]
    return takes(at, agent(call(to, 'LiquidStake', 'stakeWithPermit', args)), at.thief, {
      steps: [[at.thief, call(to, 'LiquidStake', 'sync', [at.me])]],
    })
  },
  'Permit2 for a stranger, by a signature in call data': async (at) => {
    const { permit2, usdc: dollar } = at.chain.addresses
    await at.send(usdc(at, 'approve', [permit2, MAX]))
    const document = permit2Single(at, at.thief, 5_000n * DOLLAR)
    const signature = await keyOf(at, at.me).signTypedData(document as never)
    const { message } = document
    const give = abi(
      permit2,
      'function permit(address owner, ((address token, uint160 amount, uint48 expiration, uint48 nonce) details, address spender, uint256 sigDeadline) permitSingle, bytes signature)',
      [at.me, message, signature],
    )
    const take = abi(permit2, 'function transferFrom(address from, address to, uint160 amount, address token)', [
      at.me,
      at.thief,
      5_000n * DOLLAR,
      dollar,
    ])
    return takes(at, agent(give), at.thief, { steps: [[at.thief, take]] })
  },
  'an operator of all coins (ERC-6909)': async (at) => {
    const to = await open.multi(at)
    const take = call(to, 'Multi', 'transferFrom', [at.me, at.thief, 7n, AMOUNT])
    return takes(at, agent(call(to, 'Multi', 'setOperator', [at.thief, true])), at.thief, {
      steps: [
        [at.thief, take],
        [at.thief, call(to, 'Multi', 'withdraw', [7n, AMOUNT, at.thief])],
      ],
    })
  },
  'an allowance for one coin, in a multicall (ERC-6909)': async (at) => {
    const to = await open.multi(at)
    const inner = call(to, 'Multi', 'approve', [at.thief, 7n, MAX]).data
    return takes(at, agent(call(to, 'Multi', 'multicall', [[inner]])), at.thief, {
      steps: [
        [at.thief, call(to, 'Multi', 'transferFrom', [at.me, at.thief, 7n, AMOUNT])],
        [at.thief, call(to, 'Multi', 'withdraw', [7n, AMOUNT, at.thief])],
      ],
    })
  },
  'coins go to a stranger (ERC-6909)': async (at) => {
    const to = await open.multi(at)
    return takes(at, agent(call(to, 'Multi', 'transfer', [at.stranger, 7n, AMOUNT])), at.stranger, {
      steps: [[at.stranger, call(to, 'Multi', 'withdraw', [7n, AMOUNT, at.stranger])]],
    })
  },
  'approve and call, without limit (ERC-1363)': async (at) => {
    const coin = await make(at, 'Coin', ['CALL'])
    await at.send(call(coin, 'Coin', 'mint', [at.me, 500n * ETHER]), deployerOf(at))
    const spender = await make(at, 'Purse')
    await at.chain.rpc('anvil_setBalance', [spender, '0xde0b6b3a7640000'])
    return takes(at, agent(call(coin, 'Coin', 'approveAndCall', [spender, MAX, '0x']), at.pay(at.me, 0n)), at.thief, {
      of: coin,
      steps: [[spender, call(coin, 'Coin', 'transferFrom', [at.me, at.thief, 500n * ETHER])]],
    })
  },
  'one piece is approved, in a multicall': async (at) => {
    const to = await open.pieces(at, 2n)
    const scene = agent(call(to, 'Piece', 'multicall', [[call(to, 'Piece', 'approve', [at.thief, 2n]).data]]))
    return takes(at, scene, at.thief, {
      of: to,
      steps: [[at.thief, call(to, 'Piece', 'transferFrom', [at.me, at.thief, 2n])]],
    })
  },
  'a manager of all pieces under a hash, without an event': async (at) => {
    const to = await open.pieces(at, 2n)
    // The high bits are noise.
    const manager = BigInt(at.thief) + (9n << 170n)
    return takes(at, agent(call(to, 'Piece', 'authorizeManager', [manager])), at.thief, {
      of: to,
      steps: [[at.thief, call(to, 'Piece', 'transferFrom', [at.me, at.thief, 1n])]],
    })
  },
  'a claimer under a packed hash': async (at) => {
    const to = await open.claims(at, 'ClaimAndTake')
    return takes(at, agent(call(to, 'ClaimAndTake', 'register', [pad(at.thief as Hex.Hex)])), at.thief, {
      steps: [[at.thief, call(to, 'ClaimAndTake', 'manage', [at.me])]],
    })
  },
  'credit for a stranger under a packed hash': async (at) => {
    const to = await open.bank(at)
    return takes(at, agent(call(to, 'Bank', 'openLine', [at.thief, 400n * DOLLAR])), at.thief, {
      steps: [[at.thief, call(to, 'Bank', 'borrow', [400n * DOLLAR, at.me])]],
    })
  },
  'a flow operator with all rights': async (at) => {
    const to = await open.streams(at)
    return takes(at, agent(call(to, 'Streams', 'updateFlowPermissions', [at.thief, 7n])), at.thief, {
      steps: [[at.thief, call(to, 'Streams', 'pull', [at.me, AMOUNT])]],
    })
  },

  // Recipients
  'shares of a vault for a stranger (ERC-4626)': async (at) => {
    const to = await open.vault(at)
    return takes(
      at,
      agent(allow(at, to, AMOUNT), call(to, 'Vault4626', 'deposit', [AMOUNT, at.stranger])),
      at.stranger,
      { of: to },
    )
  },
  'shares redeemed to a stranger (ERC-4626)': async (at) => {
    const to = await open.vault(at, AMOUNT)
    return takes(at, agent(call(to, 'Vault4626', 'redeem', [AMOUNT, at.stranger, at.me])), at.stranger)
  },
  'a deposit that rounds to no shares (ERC-4626)': async (at) => {
    const to = await make(at, 'Vault4626', [at.chain.addresses.usdc])
    await at.chain.fund(at.thief, { usdc: 5_000n * DOLLAR })
    await at.send(usdc(at, 'approve', [to, 1n]), at.thief)
    await at.send(call(to, 'Vault4626', 'deposit', [1n, at.thief]), at.thief)
    await at.send(usdc(at, 'transfer', [to, 3_000n * DOLLAR]), at.thief)
    const scene = agent(allow(at, to, AMOUNT), call(to, 'Vault4626', 'deposit', [AMOUNT, at.me]))
    return takes(at, scene, at.thief, {
      steps: [[at.thief, call(to, 'Vault4626', 'redeem', [1n, at.thief, at.thief])]],
      least: 3_900n * DOLLAR,
    })
  },
  'a lock of votes for a stranger': async (at) => {
    const to = await make(at, 'Escrow', [at.chain.addresses.usdc])
    const endS = at.nowS + 2_000_000n
    return takes(
      at,
      agent(allow(at, to, AMOUNT), call(to, 'Escrow', 'create_lock_for', [at.stranger, AMOUNT, endS])),
      at.stranger,
      { waitS: 2_000_100, steps: [[at.stranger, call(to, 'Escrow', 'withdraw')]], least: AMOUNT },
    )
  },
  'a receipt, most of it for the owner': async (at) => {
    const to = await make(at, 'ReceiptElsewhere', [at.chain.addresses.usdc, at.thief])
    const scene = agent(allow(at, to, AMOUNT), call(to, 'LiquidStake', 'stake', [AMOUNT]))
    return takes(at, scene, at.thief, {
      steps: [[at.thief, call(to, 'LiquidStake', 'unstake', [900n * DOLLAR])]],
    })
  },
  'a bid that is written down for the seller': async (at) => {
    const to = await make(at, 'BidElsewhere', [at.thief])
    const scene = agent(call(to, 'Auction', 'bid', [], ETHER))
    return takes(at, scene, at.thief, { of: null, steps: [[at.friend, call(to, 'Auction', 'bid', [], 2n * ETHER)]] })
  },
  'an airdrop is claimed to a stranger': async (at) => {
    const to = await open.claims(at, 'Claims')
    return takes(at, agent(call(to, 'Claims', 'claimTo', [at.stranger])), at.stranger)
  },
  'a harvest that uses an old allowance': async (at) => {
    const to = await open.claims(at, 'ClaimAndTake')
    await at.send(allow(at, to, 5_000n * DOLLAR))
    return takes(at, agent(call(to, 'ClaimAndTake', 'harvest', [5_000n * DOLLAR])), at.thief)
  },
  'a plan of vesting gets another beneficiary': async (at) => {
    const to = await open.vesting(at)
    return takes(at, agent(call(to, 'Vesting2', 'reassign', [0n, at.thief])), at.thief, {
      waitS: 100 * 86_400,
      steps: [[at.thief, call(to, 'Vesting2', 'release', [0n])]],
    })
  },
  'a piece is bought for whom the high bits name': async (at) => {
    const [to, piece] = await open.shop(at)
    const packed = (BigInt(at.stranger) << 96n) | 1n
    return takes(at, agent(call(to, 'Shop', 'purchase', [packed], ETHER)), at.stranger, { of: piece })
  },
  'items go to a stranger (ERC-1155)': async (at) => {
    const to = await open.items(at)
    const scene = agent(call(to, 'Items', 'safeBatchTransferFrom', [at.me, at.stranger, [1n, 2n], [4n, 1n], '0x']))
    return {
      scene,
      truth: async () => BigInt(await at.read(call(to, 'Items', 'balanceOf', [at.stranger, 1n]))) === 4n,
    }
  },
  'a bridge pays a stranger on the other side': async (at) => {
    const to = await make(at, 'Crossing', [at.chain.addresses.usdc])
    const send = call(to, 'Crossing', 'send', [pad(at.stranger as Hex.Hex), 10n, AMOUNT, DOLLAR])
    const scene = { ...agent(allow(at, to, AMOUNT), send), known: [vouch(to, 'Crossing', 'spender')] }
    return takes(at, scene, to)
  },
  'a referrer gets nineteen in twenty': async (at) => {
    const to = await make(at, 'Sale', [deployerOf(at)])
    const coin = Address.fromWord((await at.read(call(to, 'Sale', 'coin'))).slice(2))
    const scene = agent(call(to, 'Sale', 'buyShared', [BigInt(at.thief) | (5n << 200n)], ETHER))
    return takes(at, scene, at.thief, { of: coin })
  },
  'a payroll with a line for a stranger': async (at) => {
    const people = open.PEOPLE
    return takes(
      at,
      {
        ...agent(...[...people, at.stranger].map((who) => usdc(at, 'transfer', [who, 200n * DOLLAR]))),
        known: people.map((who, i) => vouch(who, `Worker ${i}`)),
      },
      at.stranger,
    )
  },
  'a supply for a stranger': async (at) => {
    const to = await open.bank(at)
    return takes(at, agent(allow(at, to, AMOUNT), call(to, 'Bank', 'supply', [AMOUNT, at.stranger])), at.stranger, {
      steps: [[at.stranger, call(to, 'Bank', 'withdraw', [AMOUNT])]],
    })
  },
  'a stream of pay to a stranger': async (at) => {
    const to = await make(at, 'Streams', [at.chain.addresses.usdc])
    const scene = agent(allow(at, to, AMOUNT), call(to, 'Streams', 'start', [at.stranger, AMOUNT, 100n]))
    return takes(at, scene, to)
  },
  'a book by hashed accounts is moved': async (at) => {
    const to = await make(at, 'Margin', [at.chain.addresses.usdc])
    await at.send(allow(at, to, AMOUNT))
    await at.send(call(to, 'Margin', 'deposit', [3n, AMOUNT]))
    const id = keccak256(concatHex([at.thief as Hex.Hex, toHex(0n, { size: 32 })]))
    return takes(at, agent(call(to, 'Margin', 'rebalance', [3n, id, AMOUNT])), at.thief, {
      steps: [[at.thief, call(to, 'Margin', 'withdraw', [0n, AMOUNT])]],
    })
  },
  'a name gets another owner': async (at) => {
    const to = await open.names(at)
    const node = keccak256(toHex('alice'))
    return {
      scene: agent(call(to, 'Names', 'reclaim', [node, BigInt(at.thief)])),
      truth: async () => BigInt(await at.read(call(to, 'Names', 'ownerOf', [node]))) === BigInt(at.thief),
    }
  },
  'a plan of buying for whom a word names': async (at) => {
    const to = await make(at, 'DollarCost', [at.chain.addresses.usdc])
    const scene = agent(allow(at, to, AMOUNT), call(to, 'DollarCost', 'open', [pad(at.thief as Hex.Hex), AMOUNT]))
    return takes(at, scene, at.thief, { steps: [[at.thief, call(to, 'DollarCost', 'close', [0n])]] })
  },
  'a position of liquidity for a stranger (V3)': async (at) => {
    const [scene, token] = await open.v3Mint(at, at.stranger)
    return takes(at, scene, at.stranger, { of: token })
  },
  'a position is closed to a stranger, in a multicall (V3)': async (at) => {
    const { manager, inner } = await open.v3Close(at, at.stranger)
    return takes(at, agent(at.call('NonfungiblePositionManager', manager, 'multicall', [inner])), at.stranger)
  },
  'proceeds unwrapped for a stranger (V3 multicall)': async (at) =>
    takes(at, agent(await open.v3Sell(at, at.stranger)), at.stranger, { of: null, least: ETHER / 10n }),
  'what is left over stays in the router (V3)': async (at) => {
    const router = at.chain.addresses.uniswapV3Router
    const sweep = at.call('SwapRouter', router, 'refundETH')
    return takes(at, agent(...open.v3Exact(at, 5n * ETHER, false)), at.thief, {
      of: null,
      steps: [[at.thief, sweep]],
      least: 3n * ETHER,
    })
  },

  // What does not come out, or not for long
  'a lock that never ends': async (at) => {
    const to = await make(at, 'EndlessEscrow', [at.chain.addresses.usdc])
    const scene = agent(allow(at, to, AMOUNT), call(to, 'Escrow', 'create_lock', [AMOUNT, at.nowS + 2_000_000n]))
    return never(at, scene, AMOUNT, { waitS: 2_000_100, steps: [[at.me, call(to, 'Escrow', 'withdraw')]] })
  },
  'a receipt that redeems nothing': async (at) => {
    const to = await make(at, 'ReceiptOfNothing', [at.chain.addresses.usdc, at.thief])
    const scene = agent(allow(at, to, AMOUNT), call(to, 'LiquidStake', 'stake', [AMOUNT]))
    return takes(at, scene, at.thief, { steps: [[at.thief, call(to, 'LiquidStake', 'unstake', [AMOUNT])]] })
  },
  'a fee of all that begins in two hours': async (at) => {
    const to = await make(at, 'FeeLater', [at.chain.addresses.usdc, at.thief])
    const scene = agent(allow(at, to, AMOUNT), call(to, 'LiquidStake', 'stake', [AMOUNT]))
    return takes(at, scene, at.thief, { waitS: 9_000, steps: [[at.me, call(to, 'LiquidStake', 'unstake', [AMOUNT])]] })
  },
  'a vault that only a vote opens': async (at) => {
    const to = await make(at, 'VoteVault', [at.thief])
    const scene = agent(call(to, 'TimeVault', 'put', [], ETHER))
    return takes(at, scene, at.thief, { of: null, steps: [[at.thief, call(to, 'VoteVault', 'rescue')]] })
  },
  'a campaign whose goal anything meets': async (at) => {
    const to = await make(at, 'Campaign', [1n, at.thief])
    const scene = agent(call(to, 'Campaign', 'contribute', [], ETHER))
    return takes(at, scene, at.thief, { of: null, steps: [[at.thief, call(to, 'Campaign', 'collect')]] })
  },
  'a program that earns by itself is deployed, paid and started': async (at) => {
    const nonce = await at.chain.rpc<string>('eth_getTransactionCount', [at.me, 'latest'])
    const to = open.created(at.me, BigInt(nonce))
    const code = open.creationOf('EarnBot')
    return takes(
      at,
      agent({ ...at.pay(at.me, 0n), to: null, data: code }, at.pay(to, ETHER), call(to, 'EarnBot', 'start')),
      at.thief,
      { of: null },
    )
  },
  'a program that earns by itself is paid': async (at) => {
    const to = await make(at, 'EarnBot')
    return takes(at, agent(at.pay(to, ETHER)), at.thief, { of: null, steps: [[at.thief, call(to, 'EarnBot', 'stop')]] })
  },
  'a gift that uses the purse of whoever started it': async (at) => {
    const purse = await make(at, 'OriginPurse')
    await at.send(call(purse, 'OriginPurse', 'put', [], 2n * ETHER))
    const to = await make(at, 'FreeGift', [purse, at.thief])
    return takes(at, agent(call(to, 'FreeGift', 'claimGift')), at.thief, { of: null })
  },

  // Surroundings
  'other code after five minutes': chameleon(
    0n,
    (at) => at.nowS + 300n,
    (at) => at.pass(400),
  ),
  'other code some blocks later': chameleon(
    1n,
    async (at) => BigInt(await at.chain.rpc<string>('eth_blockNumber', [])) + 30n,
    async (at) => void (await at.chain.rpc('anvil_mine', ['0x40'])),
  ),
  'other code where gas costs anything': chameleon(2n, () => 0n),
  'other code where the base fee is higher': chameleon(
    3n,
    () => 30n * 10n ** 9n,
    async (at) => void (await at.chain.rpc('anvil_setNextBlockBaseFeePerGas', [`0x${(40n * 10n ** 9n).toString(16)}`])),
  ),
  'other code for half of the builders': chameleon(
    4n,
    () => 0n,
    async (at) => void (await at.chain.rpc('anvil_setCoinbase', ['0x4838b106fce9647bdf1e7877bf73ce8b0bad5f96'])),
  ),
  'other code for one draw in eight': chameleon(
    5n,
    () => 5n,
    // Until the lot falls: what matters is that it can.
    async (at) => void (await at.chain.rpc('anvil_mine', ['0x1'])),
    100,
  ),
  'other code for an account without code': chameleon(6n, () => 0n),
  'other code below so much gas': chameleon(7n, () => 20_000_000n),
  'other code in most of an hour': chameleon(8n, () => 3_500n),

  // Accounts
  'a key for a stranger, by its hash (7702)': async (at) =>
    takes(at, await own(at, 'allow', [keyHash(at.thief), 1n]), at.thief, {
      of: null,
      steps: [[at.thief, call(at.me, 'OwnAccount', 'runAs', [at.thief, ETHER, '0x'])]],
    }),
  'a recovery by a hash (7702)': async (at) => {
    const hash = keyHash(at.thief)
    const scene = await own(at, 'recoverBy', [hash])
    const slot = BigInt(keccak256(toHex('own.account.storage'))) + 2n
    return {
      scene,
      truth: async () => (await at.chain.rpc('eth_getStorageAt', [at.me, toHex(slot), 'latest'])) === hash,
    }
  },
  'a module in a Safe': async (at) => {
    const module = await make(at, 'Purse')
    await at.enrich(module, ETHER)
    const scene = await inSafe(at, () => safe('enableModule', [module]))
    const vault = scene.calls?.[0]?.to as Address.Address
    const take = { ...at.pay(vault, 0n), data: safe('execTransactionFromModule', [at.thief, ETHER, '0x', 0]) }
    return takes(at, scene, at.thief, { of: null, steps: [[module, take]] })
  },
  'an owner is swapped, in a batch of a Safe': async (at) => {
    await deployMultiSend(at)
    const scene = await inSafe(at, () =>
      safe('swapOwner', ['0x0000000000000000000000000000000000000001', at.me, at.thief]),
    )
    const vault = scene.calls?.[0]?.to as Address.Address
    return {
      scene,
      truth: async () => (await at.read({ ...at.pay(vault, 0n), data: safe('isOwner', [at.thief]) })).endsWith('1'),
    }
  },
  'the second vote for a payment to a stranger': async (at) => {
    const to = await make(at, 'TwoOfThree', [at.me, at.friend])
    await at.enrich(to, 5n * ETHER)
    await at.send(call(to, 'TwoOfThree', 'submit', [at.stranger, 4n * ETHER, '0x']), at.friend)
    return takes(at, agent(call(to, 'TwoOfThree', 'confirmTransaction', [0n])), at.stranger, { of: null })
  },

  // Documents
  'a withdrawal to a stranger is signed': async (at) => {
    const to = await open.desk(at)
    const document = open.withdrawal(at, to, at.stranger)
    const { v, r, s } = await signed(at, document)
    const args = [at.me, at.stranger, AMOUNT, v ?? 27n, r, s]
    return takes(at, { document, isAgentProposed: true }, at.stranger, {
      steps: [[at.friend, call(to, 'Desk', 'withdrawSigned', args)]],
    })
  },
  'an order of CoW for a stranger': async (at) => {
    const document = open.cow(at, at.stranger, (AMOUNT * ETHER) / (2_600n * DOLLAR))
    return { scene: { document, isAgentProposed: true }, truth: stated }
  },
  'Permit2 with a witness, for a stranger': async (at) => {
    const { permit2, usdc: dollar } = at.chain.addresses
    await at.send(usdc(at, 'approve', [permit2, MAX]))
    const document = {
      types: {
        EIP712Domain: fields('string name,uint256 chainId,address verifyingContract'),
        PermitWitnessTransferFrom: fields(
          'TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,Ticket witness',
        ),
        TokenPermissions: fields('address token,uint256 amount'),
        Ticket: fields('string memo'),
      },
      primaryType: 'PermitWitnessTransferFrom',
      domain: { name: 'Permit2', chainId: at.chain.chainId, verifyingContract: permit2 },
      message: {
        permitted: { token: dollar, amount: AMOUNT.toString() },
        ...{ spender: at.thief, nonce: '3', deadline: (at.nowS + 600n).toString(), witness: { memo: 'airdrop' } },
      },
    }
    const signature = await keyOf(at, at.me).signTypedData(document as never)
    const witness = keccak256(
      encodeAbiParameters(
        [{ type: 'bytes32' }, { type: 'bytes32' }],
        [keccak256(toHex('Ticket(string memo)')), keccak256(toHex('airdrop'))],
      ),
    )
    const { permitted, nonce, deadline } = document.message
    const take = abi(
      permit2,
      'function permitWitnessTransferFrom(((address token, uint256 amount) permitted, uint256 nonce, uint256 deadline) permit, (address to, uint256 requestedAmount) details, address owner, bytes32 witness, string witnessTypeString, bytes signature)',
      [
        { permitted, nonce, deadline },
        { to: at.thief, requestedAmount: AMOUNT },
        at.me,
        witness,
        'Ticket witness)Ticket(string memo)TokenPermissions(address token,uint256 amount)',
        signature,
      ],
    )
    return takes(at, { document, isAgentProposed: true }, at.thief, { steps: [[at.thief, take]] })
  },
}
