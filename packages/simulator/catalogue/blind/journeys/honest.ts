/** What ordinary users do, written from the kinds in words: nobody loses what they did not mean to give. */
import { Address } from '@countersign/base'
import { pad, parseSignature, toHex, keccak256 } from 'viem'
import { payment, permit, permit2Single } from '../../documents.ts'
import { abi, DOLLAR, delegateTo, ETHER, keyOf, swapDollars, usdc, vouch, weth } from '../../moves.ts'
import { execute, openSafe } from '../../safe.ts'
import type { World } from '../../World.ts'
import { agent, allow, AMOUNT, balance, call, deployerOf, keeps, make, stated, type Make } from './frame.ts'
import * as open from './places.ts'

const FEES = ETHER / 100n
const stake = async (at: World) => make(at, 'LiquidStake', [at.chain.addresses.usdc, deployerOf(at)])
/** After the chain said so itself. */
const holds = (check: () => Promise<string>) => async () => BigInt(await check()) !== 0n

export const HONEST: Readonly<Record<string, Make>> = {
  'a stake with a receipt token': async (at) => {
    const to = await stake(at)
    return keeps(at, agent(allow(at, to, AMOUNT), call(to, 'LiquidStake', 'stake', [AMOUNT])), 0n, {
      steps: [[at.me, call(to, 'LiquidStake', 'unstake', [AMOUNT])]],
    })
  },
  'a receipt is given back': async (at) => {
    const to = await stake(at)
    await at.send(allow(at, to, AMOUNT))
    await at.send(call(to, 'LiquidStake', 'stake', [AMOUNT]))
    return keeps(at, agent(call(to, 'LiquidStake', 'unstake', [AMOUNT])), AMOUNT)
  },
  'a stake with a permit of just so much': async (at) => {
    const to = await stake(at)
    const document = permit(at, { spender: to, value: AMOUNT.toString() })
    const { v, r, s } = parseSignature(await keyOf(at, at.me).signTypedData(document as never))
    const args = [AMOUNT, AMOUNT, BigInt(document.message['deadline'] as string), v ?? 27n, r, s]
    return keeps(at, agent(call(to, 'LiquidStake', 'stakeWithPermit', args)), 0n, {
      steps: [[at.me, call(to, 'LiquidStake', 'unstake', [AMOUNT])]],
    })
  },
  'a bid that outbids': async (at) => {
    const to = await make(at, 'Auction', [open.PEOPLE[2]])
    await at.send(call(to, 'Auction', 'bid', [], ETHER), at.friend)
    return keeps(at, agent(call(to, 'Auction', 'bid', [], 2n * ETHER)), -FEES, {
      of: null,
      steps: [[at.friend, call(to, 'Auction', 'bid', [], 3n * ETHER)]],
    })
  },
  'a first bid': async (at) => {
    const to = await make(at, 'Auction', [open.PEOPLE[2]])
    return keeps(at, agent(call(to, 'Auction', 'bid', [], ETHER)), -FEES, {
      of: null,
      steps: [[at.friend, call(to, 'Auction', 'bid', [], 3n * ETHER)]],
    })
  },
  'an airdrop is claimed': async (at) =>
    keeps(at, agent(call(await open.claims(at, 'Claims'), 'Claims', 'claim')), AMOUNT),
  'an airdrop is claimed, for a small fee': async (at) =>
    keeps(at, agent(call(await open.claims(at, 'Claims'), 'Claims', 'claimWithFee', [], ETHER / 1000n)), AMOUNT),
  'what vested is released': async (at) =>
    keeps(at, agent(call(await open.vesting(at), 'Vesting2', 'release', [0n])), 300n * DOLLAR),
  'a lock of votes': async (at) => {
    const to = await make(at, 'Escrow', [at.chain.addresses.usdc])
    const scene = agent(allow(at, to, AMOUNT), call(to, 'Escrow', 'create_lock', [AMOUNT, at.nowS + 2_000_000n]))
    return keeps(at, scene, 0n, { waitS: 2_000_100, steps: [[at.me, call(to, 'Escrow', 'withdraw')]] })
  },
  'a lock of votes that ended': async (at) => {
    const to = await make(at, 'Escrow', [at.chain.addresses.usdc])
    await at.send(allow(at, to, AMOUNT))
    await at.send(call(to, 'Escrow', 'create_lock', [AMOUNT, at.nowS + 2_000n]))
    await at.pass(2_100)
    return keeps(at, agent(call(to, 'Escrow', 'withdraw')), AMOUNT)
  },
  'liquidity in a range (V3)': async (at) => {
    const [scene, token] = await open.v3Mint(at, at.me)
    return keeps(at, scene, 1n, { of: token })
  },
  'a position is closed (V3)': async (at) => {
    const { manager, inner } = await open.v3Close(at, at.me)
    return keeps(at, agent(at.call('NonfungiblePositionManager', manager, 'multicall', [inner])), 2_000n * DOLLAR)
  },
  'dollars for ether, unwrapped (V3 multicall)': async (at) =>
    keeps(at, agent(await open.v3Sell(at, at.me)), (39n * ETHER) / 100n - FEES, { of: null }),
  'dollars exactly, what is left over comes back (V3)': async (at) =>
    keeps(at, agent(...open.v3Exact(at, ETHER, true)), 2_000n * DOLLAR),
  'a bridge with a fee for the relayer': async (at) => {
    const to = await make(at, 'Crossing', [at.chain.addresses.usdc])
    const send = call(to, 'Crossing', 'send', [pad(at.me as `0x${string}`), 10n, AMOUNT, DOLLAR])
    const scene = { ...agent(allow(at, to, AMOUNT), send), known: [vouch(to, 'Crossing', 'spender')] }
    return keeps(at, scene, -AMOUNT)
  },
  'three pieces are minted, a royalty to the artist': async (at) => {
    const to = await make(at, 'Piece', [open.PEOPLE[0]])
    return keeps(at, agent(call(to, 'Piece', 'mint', [3n], (3n * ETHER) / 20n)), 3n, { of: to })
  },
  'a piece is bought, with royalty and fee': async (at) => {
    const [to, piece] = await open.shop(at)
    return keeps(at, agent(call(to, 'Shop', 'buy', [2n], ETHER)), 1n, { of: piece })
  },
  'a piece is listed in escrow': async (at) => {
    const [to, piece] = await open.shop(at)
    await at.send(call(piece, 'Piece', 'mint', [1n], ETHER / 20n))
    const scene = agent(call(piece, 'Piece', 'approve', [to, 3n]), call(to, 'Shop', 'list', [3n]))
    return keeps(at, scene, 0n, { of: piece, steps: [[at.me, call(to, 'Shop', 'unlist', [3n])]] })
  },
  'a listing is taken back': async (at) => {
    const [to, piece] = await open.shop(at)
    await at.send(call(piece, 'Piece', 'mint', [1n], ETHER / 20n))
    await at.send(call(piece, 'Piece', 'approve', [to, 3n]))
    await at.send(call(to, 'Shop', 'list', [3n]))
    return keeps(at, agent(call(to, 'Shop', 'unlist', [3n])), 1n, { of: piece })
  },
  'items are crafted (ERC-1155)': async (at) => {
    const to = await open.items(at)
    return {
      scene: agent(call(to, 'Items', 'craft', [1n, 3n])),
      truth: async () => BigInt(await at.read(call(to, 'Items', 'balanceOf', [at.me, 3n]))) === 1n,
    }
  },
  'items go to a contact (ERC-1155)': async (at) => {
    const to = await open.items(at)
    const send = call(to, 'Items', 'safeBatchTransferFrom', [at.me, at.friend, [1n], [1n], '0x'])
    return {
      scene: { ...agent(send), known: [vouch(at.friend, 'Bob')] },
      truth: async () => BigInt(await at.read(call(to, 'Items', 'balanceOf', [at.friend, 1n]))) === 1n,
    }
  },
  'ether for a rebasing share': async (at) => {
    const to = await make(at, 'Steth')
    await at.send(call(to, 'Steth', 'submit', [], 3n * ETHER), at.friend)
    await at.enrich(to, (31n * ETHER) / 10n)
    return keeps(at, agent(call(to, 'Steth', 'submit', [], ETHER)), ETHER - 10n, { of: to })
  },
  'a rebasing share is sold back': async (at) => {
    const to = await make(at, 'Steth')
    await at.send(call(to, 'Steth', 'submit', [], 3n * ETHER), at.friend)
    await at.send(call(to, 'Steth', 'submit', [], ETHER))
    await at.enrich(to, (41n * ETHER) / 10n)
    return keeps(at, agent(call(to, 'Steth', 'withdraw', [ETHER])), ETHER - FEES, { of: null })
  },
  'coins at a fixed price, a twentieth to a referrer': async (at) => {
    const to = await make(at, 'Sale', [deployerOf(at)])
    const coin = Address.fromWord((await at.read(call(to, 'Sale', 'coin'))).slice(2))
    return keeps(at, agent(call(to, 'Sale', 'buy', [open.PEOPLE[1]], ETHER)), 900n * ETHER, { of: coin })
  },
  'ether in a time vault': async (at) => {
    const to = await make(at, 'TimeVault')
    return keeps(at, agent(call(to, 'TimeVault', 'put', [], ETHER)), -FEES, {
      ...{ of: null, waitS: 31 * 86_400, steps: [[at.me, call(to, 'TimeVault', 'withdraw', [0n])]] },
    })
  },
  'a time vault is opened': async (at) => {
    const to = await make(at, 'TimeVault')
    await at.send(call(to, 'TimeVault', 'put', [], ETHER))
    await at.pass(31 * 86_400)
    return keeps(at, agent(call(to, 'TimeVault', 'withdraw', [0n])), ETHER - FEES, { of: null })
  },
  'a payroll': async (at) =>
    keeps(
      at,
      {
        ...agent(...open.PEOPLE.map((who) => usdc(at, 'transfer', [who, 200n * DOLLAR]))),
        known: open.PEOPLE.map((who, i) => vouch(who, `Worker ${i}`)),
      },
      -600n * DOLLAR,
    ),
  'a payroll of people that the user named': async (at) =>
    keeps(
      at,
      {
        ...agent(...open.PEOPLE.map((who) => usdc(at, 'transfer', [who, 200n * DOLLAR]))),
        saidRecipients: open.PEOPLE,
      },
      -600n * DOLLAR,
    ),
  'coins are deposited (ERC-6909)': async (at) => {
    const to = await make(at, 'Multi', [at.chain.addresses.usdc])
    return keeps(at, agent(allow(at, to, AMOUNT), call(to, 'Multi', 'deposit', [7n, AMOUNT, at.me])), 0n, {
      steps: [[at.me, call(to, 'Multi', 'withdraw', [7n, AMOUNT, at.me])]],
    })
  },
  'coins are withdrawn (ERC-6909)': async (at) => {
    const to = await open.multi(at)
    return keeps(at, agent(call(to, 'Multi', 'withdraw', [7n, AMOUNT, at.me])), AMOUNT)
  },
  'coins go to a contact (ERC-6909)': async (at) => {
    const to = await open.multi(at)
    const scene = agent(call(to, 'Multi', 'transfer', [at.friend, 7n, 10n * DOLLAR]))
    return {
      scene: { ...scene, known: [vouch(at.friend, 'Bob')] },
      truth: holds(async () => at.read(call(to, 'Multi', 'balanceOf', [at.friend, 7n]))),
    }
  },
  'an operator is taken back (ERC-6909)': async (at) => {
    const to = await open.multi(at)
    await at.send(call(to, 'Multi', 'setOperator', [at.thief, true]))
    return {
      scene: agent(call(to, 'Multi', 'setOperator', [at.thief, false])),
      truth: async () => BigInt(await at.read(call(to, 'Multi', 'isOperator', [at.me, at.thief]))) === 0n,
    }
  },
  'shares of a vault (ERC-4626)': async (at) => {
    const to = await open.vault(at)
    return keeps(at, agent(allow(at, to, AMOUNT), call(to, 'Vault4626', 'deposit', [AMOUNT, at.me])), -2n * DOLLAR, {
      steps: [[at.me, call(to, 'Vault4626', 'redeem', [AMOUNT, at.me, at.me])]],
    })
  },
  'shares are redeemed (ERC-4626)': async (at) => {
    const to = await open.vault(at, AMOUNT)
    return keeps(at, agent(call(to, 'Vault4626', 'redeem', [AMOUNT, at.me, at.me])), 998n * DOLLAR)
  },
  'a supply to a lender': async (at) => {
    const to = await make(at, 'Bank', [at.chain.addresses.usdc])
    return keeps(at, agent(allow(at, to, AMOUNT), call(to, 'Bank', 'supply', [AMOUNT, at.me])), 0n, {
      steps: [[at.me, call(to, 'Bank', 'withdraw', [AMOUNT])]],
    })
  },
  'a loan against it': async (at) =>
    keeps(at, agent(call(await open.bank(at), 'Bank', 'borrow', [300n * DOLLAR, at.me])), 300n * DOLLAR),
  'a loan is paid back': async (at) => {
    const to = await open.bank(at)
    await at.send(call(to, 'Bank', 'borrow', [300n * DOLLAR, at.me]))
    const scene = agent(allow(at, to, 300n * DOLLAR), call(to, 'Bank', 'repay', [300n * DOLLAR]))
    return keeps(at, scene, 700n * DOLLAR, { steps: [[at.me, call(to, 'Bank', 'withdraw', [AMOUNT])]] })
  },
  'a stream of pay to a contact': async (at) => {
    const to = await make(at, 'Streams', [at.chain.addresses.usdc])
    const scene = agent(allow(at, to, AMOUNT), call(to, 'Streams', 'start', [at.friend, AMOUNT, 100n]))
    return keeps(at, { ...scene, known: [vouch(at.friend, 'Bob')] }, 0n, {
      steps: [[at.me, call(to, 'Streams', 'stop', [at.friend])]],
    })
  },
  'a deposit that is booked by a hash': async (at) => {
    const to = await make(at, 'Margin', [at.chain.addresses.usdc])
    return keeps(at, agent(allow(at, to, AMOUNT), call(to, 'Margin', 'deposit', [3n, AMOUNT])), 0n, {
      steps: [[at.me, call(to, 'Margin', 'withdraw', [3n, AMOUNT])]],
    })
  },
  'from one own account to another, by hashes': async (at) => {
    const to = await make(at, 'Margin', [at.chain.addresses.usdc])
    await at.send(allow(at, to, AMOUNT))
    await at.send(call(to, 'Margin', 'deposit', [3n, AMOUNT]))
    const into = await at.read(call(to, 'Margin', 'idOf', [at.me, 4n]))
    return keeps(at, agent(call(to, 'Margin', 'rebalance', [3n, into, AMOUNT])), AMOUNT, {
      steps: [[at.me, call(to, 'Margin', 'withdraw', [4n, AMOUNT])]],
    })
  },
  'a name is registered, what is left over comes back': async (at) => {
    const to = await make(at, 'Names')
    return {
      scene: agent(call(to, 'Names', 'register', ['bob'], ETHER / 10n)),
      truth: async () =>
        BigInt(await at.read(call(to, 'Names', 'ownerOf', [keccak256(toHex('bob'))]))) === BigInt(at.me),
    }
  },
  'a name points to its owner': async (at) => {
    const to = await open.names(at)
    return {
      scene: agent(call(to, 'Names', 'setAddr', [keccak256(toHex('alice')), at.me])),
      truth: holds(async () => at.read(call(to, 'Names', 'addr', [keccak256(toHex('alice'))]))),
    }
  },
  'a plan of buying for oneself': async (at) => {
    const to = await make(at, 'DollarCost', [at.chain.addresses.usdc])
    const who = pad(at.me as `0x${string}`)
    return keeps(at, agent(allow(at, to, AMOUNT), call(to, 'DollarCost', 'open', [who, AMOUNT])), 0n, {
      steps: [[at.me, call(to, 'DollarCost', 'close', [0n])]],
    })
  },
  'a campaign that pays back': async (at) => {
    const to = await make(at, 'Campaign', [50n * ETHER, open.PEOPLE[0]])
    return keeps(at, agent(call(to, 'Campaign', 'contribute', [], ETHER)), -FEES, {
      ...{ of: null, waitS: 4 * 86_400, steps: [[at.me, call(to, 'Campaign', 'refund')]] },
    })
  },
  'a purse of one’s own is deployed and filled': async (at) => {
    const nonce = await at.chain.rpc<string>('eth_getTransactionCount', [at.me, 'latest'])
    const to = open.created(at.me, BigInt(nonce))
    const code = open.creationOf('Purse')
    return keeps(at, agent({ ...at.pay(at.me, 0n), to: null, data: code }, at.pay(to, ETHER)), -FEES, {
      ...{ of: null, steps: [[at.me, call(to, 'Purse', 'withdraw')]] },
    })
  },
  'ether into a purse by origin': async (at) => {
    const to = await make(at, 'OriginPurse')
    return keeps(at, agent(call(to, 'OriginPurse', 'put', [], ETHER)), -FEES, {
      ...{ of: null, steps: [[at.me, call(to, 'OriginPurse', 'payOut', [at.me, ETHER])]] },
    })
  },
  'the user’s own code pays a contact (7702)': async (at) => {
    await delegateTo(at, at.me, await make(at, 'OwnAccount'))
    const scene = agent(call(at.me, 'OwnAccount', 'run', [at.friend, ETHER, '0x']))
    return keeps(at, { ...scene, known: [vouch(at.friend, 'Bob')] }, -ETHER - FEES, { of: null })
  },
  'a Safe swaps dollars for itself': async (at) => {
    const to = await openSafe(at)
    const [approve, swap] = swapDollars(at, 500n * DOLLAR, 0n)
    const { usdc: dollar, weth: wrapped, uniswapV2Router } = at.chain.addresses
    const trade = at.call('UniswapV2Router02', uniswapV2Router, 'swapExactTokensForETH', [
      500n * DOLLAR,
      ETHER / 10n,
      [dollar, wrapped],
      to,
      2n ** 40n,
    ])
    const before = await balance(at, to, null)
    return {
      scene: agent(execute(at, to, approve ?? swap ?? trade), execute(at, to, trade)),
      truth: async () => (await balance(at, to, null)) > before,
    }
  },
  'the second vote for a payment to a contact': async (at) => {
    const to = await make(at, 'TwoOfThree', [at.me, at.friend])
    await at.enrich(to, 5n * ETHER)
    await at.send(call(to, 'TwoOfThree', 'submit', [open.PEOPLE[0], 4n * ETHER, '0x']), at.friend)
    const scene = agent(call(to, 'TwoOfThree', 'confirmTransaction', [0n]))
    return {
      scene: { ...scene, known: [vouch(open.PEOPLE[0], 'Ann')] },
      truth: async () => (await balance(at, open.PEOPLE[0], null)) >= 4n * ETHER,
    }
  },
  'ether is wrapped': async (at) =>
    keeps(at, agent(weth(at, 'deposit', [], { value: ETHER })), ETHER, { of: at.chain.addresses.weth }),
  'an old permission of Permit2 is taken back': async (at) => {
    const { permit2, usdc: dollar } = at.chain.addresses
    const give = abi(permit2, 'function approve(address token, address spender, uint160 amount, uint48 expiration)', [
      dollar,
      at.thief,
      AMOUNT,
      Number(at.nowS + 9_999n),
    ])
    await at.send(give)
    const lock = abi(permit2, 'function lockdown((address token, address spender)[] approvals)', [
      [{ token: dollar, spender: at.thief }],
    ])
    return keeps(at, agent(lock), 0n)
  },
  'a withdrawal to oneself is signed': async (at) => {
    const to = await open.desk(at)
    const document = open.withdrawal(at, to, at.me)
    const { v, r, s } = parseSignature(await keyOf(at, at.me).signTypedData(document as never))
    return keeps(at, { document, isAgentProposed: true }, AMOUNT, {
      steps: [[at.friend, call(to, 'Desk', 'withdrawSigned', [at.me, at.me, AMOUNT, v ?? 27n, r, s])]],
    })
  },
  'an order of CoW for oneself': async (at) => ({
    scene: { document: open.cow(at, at.me, (AMOUNT * ETHER) / (2_520n * DOLLAR)), isAgentProposed: true },
    truth: stated,
  }),
  'a payment by signature to a contact': async (at) => ({
    scene: { document: payment(at, at.friend, 5n * DOLLAR), known: [vouch(at.friend, 'Shop')], isAgentProposed: true },
    truth: stated,
  }),
  'Permit2 for a router, as the intent says': async (at) => {
    const spender = at.chain.addresses.uniswapV3Router
    await at.send(usdc(at, 'approve', [at.chain.addresses.permit2, 2n ** 256n - 1n]))
    const document = permit2Single(at, spender, 100n * DOLLAR)
    const contract = at.chain.addresses.permit2
    const amount = (100n * DOLLAR).toString()
    const intent = [{ name: 'allowed_authority', kind: 'permit2_allowance', contract, subject: spender, amount }]
    return { scene: { document, intent, isAgentProposed: true }, truth: stated }
  },
}
