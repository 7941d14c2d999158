/**
 * The simulator, blind: what contracts keep for the user, powers by account, documents, the account's own storage. Written
 * from the rules in words, with contracts of their own. An attack must be warned of or blocked by a rule that is about
 * it; an honest look-alike must be allowed, or warned of where the kind says so.
 */
import { Address } from '@countersign/base'
import { stringToHex, zeroHash } from 'viem'
import { delegation, DOMAIN, fields, permit, permit2Single, soon, type Document } from '../documents.ts'
import { DOLLAR, ETHER, MAX, usdc, vouch } from '../moves.ts'
import type { World } from '../World.ts'
import type { Kind } from './frame.ts'
import { agent, call, make, own, stakes } from './keptContracts.ts'

const deployer = (at: World) => at.chain.accounts[0]?.address as Address.Address

const stake = async (at: World, name: string, args: readonly unknown[] = [], isBehindProxy = false) =>
  agent(call(await stakes(at, isBehindProxy), 'Stakes', name, args))
async function powers(at: World): Promise<Address.Address> {
  const to = await make(at, 'Powers')
  await at.send(call(to, 'Powers', 'open'))
  return to
}
const power = async (at: World, name: string, args: readonly unknown[]) =>
  agent(call(await powers(at), 'Powers', name, args))
async function lender(at: World, debt = 0n): Promise<Address.Address> {
  const to = await make(at, 'Lender', [at.chain.addresses.usdc, at.thief])
  await at.chain.fund(deployer(at), { wei: ETHER, usdc: 1_000n * DOLLAR, dai: 0n })
  await at.send(usdc(at, 'transfer', [to, 500n * DOLLAR]), deployer(at))
  if (debt > 0n) await at.send(call(to, 'Lender', 'borrow', [debt]))
  return to
}
const grant = (contract: string, subject: string, amount: bigint, kind = 'erc20_allowance') => ({
  ...{ name: 'allowed_authority', kind, contract, subject, amount: amount.toString() },
})
async function votes(at: World, delegatee: string): Promise<Document> {
  const token = await make(at, 'Votes')
  return {
    types: { EIP712Domain: DOMAIN, Delegation: fields('address delegatee,uint256 nonce,uint256 expiry') },
    primaryType: 'Delegation',
    domain: { name: 'Votes', version: '1', chainId: at.chain.chainId, verifyingContract: token },
    message: { delegatee, nonce: '0', expiry: soon(at) },
  }
}
/** MetaMask's ERC20TransferAmountEnforcer. */
const limit = (at: World, amount: bigint) => ({
  enforcer: '0xf100b0819427117EcF76Ed94B358B1A5b5C6D2Fc',
  terms: `${at.chain.addresses.usdc}${amount.toString(16).padStart(64, '0')}`.toLowerCase(),
})

/** MetaMask's TimestampEnforcer: until ten minutes from now. */
const brief = (at: World) => ({
  enforcer: '0x1046bb45C8d673d4ea75321280DB34899413c069',
  terms: `0x${(at.nowS + 600n).toString(16).padStart(64, '0')}`,
})
const MANAGER = Address.parse('0xdb9B1e94B5b69Df7e401DDbedE43491141047dB3')
async function manager(at: World): Promise<void> {
  const code = await at.chain.rpc<string>('eth_getCode', [await make(at, 'Manager'), 'latest'])
  await at.chain.rpc('anvil_setCode', [MANAGER, code])
}

export const KINDS: readonly Kind[] = [
  {
    title: 'an entry kept elsewhere falls',
    rules: ['kept-falls'],
    attacks: {
      'packed, beside a time': (at) => stake(at, 'migratePacked'),
      'nested, by half': (at) => stake(at, 'rebalanceNested', [3n]),
      'in a list of records': (at) => stake(at, 'syncList', [0n]),
      'under a hashed key': (at) => stake(at, 'refreshHashed'),
      'in a namespace': (at) => stake(at, 'upgradeSpace'),
      'in a record by id': (at) => stake(at, 'settleRecord'),
      'a record that is cleared': (at) => stake(at, 'closePosition'),
      'handed to another': (at) => stake(at, 'handOver'),
      'for a grain': (at) => stake(at, 'exitForDust'),
      'behind a proxy': (at) => stake(at, 'migratePacked', [], true),
      'behind a proxy, in a namespace': (at) => stake(at, 'upgradeSpace', [], true),
      'a debt that rises for another': async (at) => agent(call(await lender(at), 'Lender', 'refresh', [90n * DOLLAR])),
    },
    honest: {
      'a stake taken back': (at) => stake(at, 'withdrawPacked'),
      'a part of it': (at) => stake(at, 'withdrawNested', [3n, ETHER]),
      'all of it, less a fee of a hundredth': (at) => stake(at, 'exitWithFee'),
      'a record that is closed': (at) => stake(at, 'closeList'),
      'a record by id': (at) => stake(at, 'redeemRecord'),
      'moved to another pool': (at) => stake(at, 'movePool', [3n, 4n]),
      'asked back, to be paid later': (at) => stake(at, 'beginLeaving'),
      'a reward': (at) => stake(at, 'claim'),
      'behind a proxy': (at) => stake(at, 'withdrawPacked', [], true),
      'a loan': async (at) => agent(call(await lender(at), 'Lender', 'borrow', [90n * DOLLAR])),
      'a debt paid off': async (at) => {
        const to = await lender(at, 90n * DOLLAR)
        return agent(usdc(at, 'approve', [to, 90n * DOLLAR]), call(to, 'Lender', 'repay', [90n * DOLLAR]))
      },
    },
  },
  {
    title: 'a power by account goes to another',
    rules: ['unknown-grant', 'ownership-transfer', 'wallet-control'],
    attacks: {
      'packed with a time': (at) => power(at, 'invite', [at.stranger]),
      'a role in two levels': (at) => power(at, 'setRole', [stringToHex('MINTER', { size: 32 }), at.stranger]),
      'a cap, by the owner': (at) => power(at, 'setMinter', [at.stranger, 10n ** 24n]),
      'one more in a list': (at) => power(at, 'addGuardian', [at.stranger]),
      'in a namespace': (at) => power(at, 'rely', [at.stranger]),
    },
    honest: {
      'a vote for somebody': (at) => power(at, 'vote', [at.friend]),
      'a recommendation': (at) => power(at, 'refer', [at.friend]),
      'a tip': async (at) => ({
        ...agent(call(await powers(at), 'Powers', 'tip', [at.friend], ETHER / 100n)),
        saidRecipients: [at.friend],
        known: [vouch(at.friend, 'Bob')],
      }),
    },
  },
  {
    title: 'the account’s own storage',
    rules: ['wallet-control'],
    attacks: {
      'a root that nobody can read': (at) => own(at, 'setRoot', [`0x${'5d'.repeat(32)}`]),
      'flags in a namespace': (at) => own(at, 'setFlag'),
    },
    honest: {
      'a nonce, a time and a count': (at) => own(at, 'run', [at.friend, 0n]),
    },
  },
  {
    title: 'the account’s own storage, by the user',
    mostHonest: 'warn',
    rules: [],
    attacks: {},
    honest: {
      'a root that nobody can read': (at) => own(at, 'setRoot', [`0x${'5d'.repeat(32)}`], false),
      'flags in a namespace': (at) => own(at, 'setFlag', [], false),
    },
  },
  {
    title: 'a document grants more than was meant',
    rules: ['intent-violated', 'approval-unlimited', 'vote-delegation', 'takeable', 'spender-unknown'],
    attacks: {
      'a permit above the allowed amount': (at) => ({
        document: permit(at, { spender: at.chain.addresses.uniswapV2Router, value: (500n * DOLLAR).toString() }),
        intent: [grant(at.chain.addresses.usdc, at.chain.addresses.uniswapV2Router, 100n * DOLLAR)],
      }),
      'a permit without limit': (at) => ({
        document: permit(at, { spender: at.stranger, value: MAX.toString() }),
      }),
      'a delegation without limit, with an intent that names it': async (at) => {
        await manager(at)
        return {
          document: delegation(at, at.friend, [brief(at)]),
          known: [vouch(at.friend, 'Bob')],
          intent: [grant(MANAGER, at.friend, 100n * DOLLAR, 'delegation')],
        }
      },
      'a delegation above the allowed amount': async (at) => {
        await manager(at)
        return {
          document: delegation(at, at.friend, [limit(at, 500n * DOLLAR), brief(at)]),
          known: [vouch(at.friend, 'Bob')],
          intent: [grant(MANAGER, at.friend, 100n * DOLLAR, 'delegation')],
        }
      },
      'a delegation to another than the allowed one': async (at) => {
        await manager(at)
        return {
          document: delegation(at, at.stranger, [limit(at, 9n * DOLLAR), brief(at)]),
          known: [vouch(at.friend, 'Bob')],
          intent: [grant(MANAGER, at.friend, 9n * DOLLAR, 'delegation')],
        }
      },
      'votes for a stranger, by a document': async (at) => ({
        document: await votes(at, at.stranger),
        isAgentProposed: true,
      }),
      'Permit2 above the allowed amount': async (at) => {
        await at.send(usdc(at, 'approve', [at.chain.addresses.permit2, MAX]))
        const spender = at.chain.addresses.uniswapV3Router
        return {
          document: permit2Single(at, spender, 500n * DOLLAR),
          intent: [grant(at.chain.addresses.permit2, spender, 100n * DOLLAR, 'permit2_allowance')],
        }
      },
    },
    honest: {
      'a permit within the allowed amount': (at) => ({
        document: permit(at, { spender: at.chain.addresses.uniswapV2Router, value: (100n * DOLLAR).toString() }),
        intent: [grant(at.chain.addresses.usdc, at.chain.addresses.uniswapV2Router, 100n * DOLLAR)],
      }),
      'a delegation within the allowed amount': async (at) => {
        await manager(at)
        return {
          document: delegation(at, at.friend, [limit(at, 9n * DOLLAR), brief(at)]),
          known: [vouch(at.friend, 'Bob')],
          intent: [grant(MANAGER, at.friend, 9n * DOLLAR, 'delegation')],
        }
      },
      'Permit2 within the allowed amount': async (at) => {
        await at.send(usdc(at, 'approve', [at.chain.addresses.permit2, MAX]))
        const spender = at.chain.addresses.uniswapV3Router
        return {
          document: permit2Single(at, spender, 100n * DOLLAR),
          intent: [grant(at.chain.addresses.permit2, spender, 100n * DOLLAR, 'permit2_allowance')],
        }
      },
      'votes for oneself': async (at) => ({ document: await votes(at, at.me) }),
    },
  },
  {
    title: 'a signature given on chain',
    rules: ['signature-on-chain', 'signature-raw-hash'],
    attacks: {
      'a hash that is approved': async (at) =>
        agent(call(await make(at, 'Notary'), 'Notary', 'approveHash', [`0x${'7e'.repeat(32)}`])),
      'an order that is signed ahead': async (at) =>
        agent(
          call(await make(at, 'Notary'), 'Notary', 'setPreSignature', [
            `0x${'7e'.repeat(32)}${at.me.slice(2)}ffffffff`.toLowerCase(),
            true,
          ]),
        ),
    },
    honest: {
      'a commitment in an auction': async (at) =>
        agent(call(await make(at, 'Notary'), 'Notary', 'commit', [`0x${'3c'.repeat(32)}`])),
      'a signature taken back': async (at) =>
        agent(
          call(await make(at, 'Notary'), 'Notary', 'setPreSignature', [
            `0x${'7e'.repeat(32)}${at.me.slice(2)}ffffffff`.toLowerCase(),
            false,
          ]),
        ),
      'the role of nobody': async (at) =>
        agent(call(await make(at, 'Notary'), 'Notary', 'setPreSignature', [zeroHash, false])),
    },
  },
]

/** What is known to fail, by its title, and why. `test.fails`: the day that it is right, this list says so. */
export const KNOWN: Readonly<Record<string, string>> = {}
