import { Address } from '@countersign/base'
import type { Attack, Staged } from '../Catalogue.ts'
import { daiPermit, order, payment, permit, permit2BatchTransfer, soon } from '../documents.ts'
import { delta, grants, says, takeable } from '../facts.ts'
import { abi, batch, dai, delegateTo, DOLLAR, ETHER, keyOf, MAX, nft, permit2Approve, usdc, vouch } from '../moves.ts'
import { openErc777, openSeaport } from '../places.ts'
import { execute, guard, openSafe, safe } from '../safe.ts'
import type { World } from '../World.ts'

const ALL_DOLLARS = 100_000n * DOLLAR

/** A grant to the thief at the dollar, with everything at risk. */
function everyDollar(world: World, calls: Staged['calls'] & object): Staged {
  const { usdc: dollar } = world.chain.addresses
  return {
    calls,
    harm: { grants: [{ contract: dollar, subject: world.thief }] },
    shows: (report, card) => ({
      'who gains it, without limit': grants(report, 'erc20_allowance', world.thief, { unlimited: true }),
      'value at risk': takeable(report, world.thief, dollar) === ALL_DOLLARS,
      'that it is no contract': says(report, 'spender-unknown', 'has no code'),
      'UNLIMITED on the card': card.includes('UNLIMITED USDC') && card.includes('at risk now: 100000 USDC'),
    }),
  }
}

export const authority: readonly Attack[] = [
  {
    id: 'C01',
    title: 'an unlimited approval to a person',
    verdict: 'block',
    rules: ['approval-unlimited', 'spender-unknown', 'takeable'],
    stage: (world) => everyDollar(world, [usdc(world, 'approve', [world.thief, MAX])]),
  },
  {
    id: 'C02',
    title: 'the same by increaseAllowance',
    verdict: 'block',
    rules: ['approval-unlimited', 'spender-unknown', 'takeable'],
    stage: (world) => everyDollar(world, [usdc(world, 'increaseAllowance', [world.thief, MAX])]),
  },
  {
    id: 'C03',
    title: 'an unlimited approval to a known contract that would let anybody take it',
    verdict: 'warn',
    rules: ['approval-unlimited'],
    async stage(world) {
      const at = await world.deploy('Sweep')
      return {
        calls: [usdc(world, 'approve', [at, MAX])],
        known: [vouch(at, 'An old router', 'spender')],
        harm: { grants: [{ contract: world.chain.addresses.usdc, subject: at }] },
        shows: (report) => ({
          'the spender by name': says(report, 'approval-unlimited', 'An old router'),
          'what it could take next': takeable(report, at, world.chain.addresses.usdc) === ALL_DOLLARS,
        }),
      }
    },
  },
  {
    id: 'C04',
    title: 'an operator for a whole collection',
    verdict: 'block',
    rules: ['operator-approval', 'takeable'],
    stage: (world) => ({
      calls: [nft(world, 'setApprovalForAll', [world.thief, true])],
      harm: { grants: [{ contract: world.chain.addresses.nft, subject: world.thief }] },
      shows: (report) => ({
        'every token': says(report, 'operator-approval', 'every token'),
        'three of them now': takeable(report, world.thief, world.chain.addresses.nft) === 3n,
      }),
    }),
  },
  {
    id: 'C05',
    title: 'an approval hidden in a batch of the user’s own account, behind a gain',
    verdict: 'block',
    rules: ['approval-unlimited'],
    async stage(world) {
      await delegateTo(world, world.me, await world.deploy('Batch'))
      const gift = await world.deploy('PlainToken')
      return {
        calls: [
          batch(world, [
            world.call('PlainToken', gift, 'mint', [world.me, 1_000n * ETHER]),
            usdc(world, 'approve', [world.thief, MAX]),
          ]),
        ],
        harm: { grants: [{ contract: world.chain.addresses.usdc, subject: world.thief }] },
        shows: (report) => ({
          'the gain': delta(report, world.me, gift) === 1_000n * ETHER,
          'and the approval beside it': grants(report, 'erc20_allowance', world.thief, { unlimited: true }),
        }),
      }
    },
  },
  {
    id: 'C06',
    title: 'everything that Permit2 may move, for ever',
    verdict: 'block',
    rules: ['approval-unlimited', 'takeable'],
    async stage(world) {
      const { permit2, usdc: dollar } = world.chain.addresses
      await world.send(usdc(world, 'approve', [permit2, MAX]))
      return {
        calls: [permit2Approve(world, dollar, world.thief)],
        harm: { grants: [{ contract: permit2, subject: world.thief }] },
        shows: (report) => ({
          'Permit2, without limit': grants(report, 'permit2_allowance', world.thief, { unlimited: true }),
          'its spender could take all': takeable(report, world.thief, dollar) === ALL_DOLLARS,
          'its expiry': report.authorityChanges.every((change) => change.expiresMs === null || change.expiresMs > 0),
        }),
      }
    },
  },
  {
    id: 'C08',
    title: 'an operator of an ERC-777 token',
    verdict: 'block',
    rules: ['operator-approval', 'takeable'],
    async stage(world) {
      const token = await openErc777(world)
      return {
        calls: [world.call('ERC777PresetFixedSupply', token, 'authorizeOperator', [world.thief])],
        harm: { grants: [{ contract: token, subject: world.thief }] },
        shows: (report) => ({
          'the operator': grants(report, 'operator', world.thief),
          'all 1,000 units at risk': takeable(report, world.thief, token) === 1_000n,
        }),
      }
    },
  },
  {
    id: 'C10',
    title: 'a permit signed off the chain',
    verdict: 'block',
    rules: ['approval-unlimited', 'takeable'],
    stage: (world) => ({
      document: permit(world, { spender: world.thief, value: MAX.toString() }),
      harm: { grants: [{ contract: world.chain.addresses.usdc, subject: world.thief }] },
      shows: (report) => ({
        'the allowance that its holder would make': grants(report, 'erc20_allowance', world.thief, { unlimited: true }),
        'all that could be taken with it': takeable(report, world.thief, world.chain.addresses.usdc) === ALL_DOLLARS,
        'that anybody may present it': report.steps.length > 0,
      }),
    }),
  },
  {
    id: 'C11',
    title: 'DAI’s permit, which only says yes',
    verdict: 'block',
    rules: ['approval-unlimited', 'takeable'],
    stage: (world) => ({
      document: daiPermit(world, { spender: world.thief }),
      harm: { grants: [{ contract: world.chain.addresses.dai, subject: world.thief }] },
      shows: (report) => ({
        unlimited: grants(report, 'erc20_allowance', world.thief, { unlimited: true }),
        'all of it at risk': takeable(report, world.thief, world.chain.addresses.dai) === 100_000n * ETHER,
      }),
    }),
  },
  {
    id: 'C12',
    title: 'Permit2’s batch transfer, to whoever holds it',
    verdict: 'block',
    rules: ['signature-taker-chooses'],
    async stage(world) {
      const { permit2, usdc: dollar, dai: other } = world.chain.addresses
      await world.send(usdc(world, 'approve', [permit2, MAX]))
      await world.send(dai(world, 'approve', [permit2, MAX]))
      const permitted = [
        { token: dollar, amount: (500n * DOLLAR).toString() },
        { token: other, amount: (7n * ETHER).toString() },
      ]
      return {
        document: permit2BatchTransfer(world, world.thief, permitted),
        harm: {
          loses: [
            [dollar, 500n * DOLLAR],
            [other, 7n * ETHER],
          ],
        },
        shows: (report) => ({
          'the dollars that would leave': delta(report, world.me, dollar) === -500n * DOLLAR,
          'and the DAI': delta(report, world.me, other) === -7n * ETHER,
        }),
      }
    },
  },
  {
    id: 'C14',
    title: 'an order that gives a collection for nothing',
    verdict: 'block',
    rules: ['signature-gives-for-nothing'],
    async stage(world) {
      await openSeaport(world)
      const { nft: collection } = world.chain.addresses
      return {
        document: order(world, [0n, 1n, 2n], [{ wei: 1n, recipient: world.thief }]),
        harm: { loses: [[collection, 3n]] },
        shows: (report) => ({
          'three tokens would leave': delta(report, world.me, collection) === -3n,
          'you receive 0': says(report, 'signature-gives-for-nothing', 'you receive 0'),
          'no ether arrives': delta(report, world.me, null) === 0n,
        }),
      }
    },
  },
  {
    id: 'C15',
    title: 'a payment by signature to somebody who was not meant',
    verdict: 'block',
    rules: ['intent-violated'],
    stage: (world) => ({
      document: payment(world, world.thief, 10n * DOLLAR),
      intent: [
        { name: 'max_outflow', token: world.chain.addresses.usdc, amount: '10000000' },
        { name: 'allowed_recipients', recipients: [world.friend] },
      ],
      harm: { loses: [[world.chain.addresses.usdc, 10n * DOLLAR]] },
      shows: (report) => ({
        'ten dollars would leave': delta(report, world.me, world.chain.addresses.usdc) === -10n * DOLLAR,
        'to the thief': delta(report, world.thief, world.chain.addresses.usdc) === 10n * DOLLAR,
        'who was not meant': says(report, 'intent-violated', 'allowed_recipients'),
      }),
    }),
  },
  {
    id: 'C15b',
    title: 'the same where only the payee may collect',
    verdict: 'block',
    rules: ['intent-violated'],
    async stage(world) {
      const token = await world.deploy('Authorized')
      await world.send(world.call('Authorized', token, 'mint', [world.me, 1_000n]))
      return {
        document: payment(world, world.thief, 10n, 'Receive', token),
        intent: [
          { name: 'max_outflow', token, amount: '10' },
          { name: 'recipient_receives', account: world.friend, token, amount: '10' },
        ],
        harm: { loses: [[token, 10n]] },
        shows: (report) => ({ 'what the thief collects': delta(report, world.thief, token) === 10n }),
      }
    },
  },
  {
    id: 'C16',
    title: 'an approval where the drainer is put later',
    verdict: 'block',
    rules: ['spender-unknown'],
    async stage(world) {
      const later = await world.deploy('Later')
      const salt = `0x${'5a'.repeat(32)}`
      const spender = Address.fromWord((await world.read(world.call('Later', later, 'addressOf', [salt]))).slice(2))
      return {
        calls: [usdc(world, 'approve', [spender, 500n * DOLLAR])],
        harm: { grants: [{ contract: world.chain.addresses.usdc, subject: spender }] },
        shows: (report) => ({
          'that nothing is there yet': says(report, 'spender-unknown', 'may be put there later'),
          'what it could take': takeable(report, spender, world.chain.addresses.usdc) === 500n * DOLLAR,
        }),
      }
    },
  },
  {
    id: 'C17',
    title: 'what an old allowance lets a contract take',
    verdict: 'block',
    rules: ['old-allowance-used'],
    async stage(world) {
      const at = await world.deploy('Sweep')
      const { usdc: dollar } = world.chain.addresses
      await world.send(usdc(world, 'approve', [at, 500n * DOLLAR]))
      return {
        calls: [world.call('Sweep', at, 'claim', [dollar, world.me])],
        harm: { loses: [[dollar, 500n * DOLLAR]] },
        shows: (report, card) => ({
          'what leaves': delta(report, world.me, dollar) === -500n * DOLLAR,
          'the old allowance': says(report, 'old-allowance-used', 'allowance that you gave it earlier'),
          'on the card': card.includes('-500 USDC'),
        }),
      }
    },
  },
  {
    id: 'C17b',
    title: 'the same beside a worthless gift',
    verdict: 'warn',
    rules: ['old-allowance-used'],
    async stage(world) {
      const at = await world.deploy('Airdrop')
      const gift = await world.deploy('PlainToken')
      const { usdc: dollar } = world.chain.addresses
      await world.send(world.call('PlainToken', gift, 'mint', [at, 5n]))
      await world.send(usdc(world, 'approve', [at, 500n * DOLLAR]))
      return {
        calls: [world.call('Airdrop', at, 'claim', [gift, dollar])],
        harm: { loses: [[dollar, 500n * DOLLAR]] },
        shows: (report) => ({ 'what leaves': delta(report, world.me, dollar) === -500n * DOLLAR }),
      }
    },
  },
  {
    id: 'C18a',
    title: 'a module on the user’s Safe',
    verdict: 'block',
    rules: ['wallet-control', 'takeable'],
    async stage(world) {
      const at = await openSafe(world)
      return {
        calls: [execute(world, at, { to: at, value: 0n, data: safe('enableModule', [world.thief]) })],
        harm: { grants: [{ contract: at, subject: world.thief }] },
        shows: (report, card) => ({
          'the module': grants(report, 'module', world.thief, { contract: at }),
          'all the ether of the Safe': takeable(report, world.thief, null) === 5n * ETHER,
          'and its dollars': takeable(report, world.thief, world.chain.addresses.usdc) === 1_000n * DOLLAR,
          'on the card': card.includes('gains control in the wallet'),
        }),
      }
    },
  },
  {
    id: 'C18b',
    title: 'the Safe’s owner is exchanged',
    verdict: 'block',
    rules: ['wallet-control'],
    async stage(world) {
      const at = await openSafe(world)
      const sentinel = '0x0000000000000000000000000000000000000001'
      const data = safe('swapOwner', [sentinel, world.me, world.thief])
      return {
        calls: [execute(world, at, { to: at, value: 0n, data })],
        harm: { grants: [{ contract: at, subject: world.thief }] },
        shows: (report) => ({ 'the new owner': grants(report, 'module', world.thief, { contract: at }) }),
      }
    },
  },
  {
    id: 'C18c',
    title: 'the guard that protects the Safe is removed',
    verdict: 'block',
    rules: ['wallet-control'],
    async stage(world) {
      const at = await openSafe(world)
      await guard(world, at)
      const data = safe('setGuard', ['0x0000000000000000000000000000000000000000'])
      return {
        calls: [execute(world, at, { to: at, value: 0n, data })],
        harm: { grants: [{ contract: at, subject: at }] },
        shows: (report) => ({
          'the guard that is gone': report.authorityChanges.some(
            (change) => change.kind === 'module' && change.contract === at && change.after === 0n,
          ),
        }),
      }
    },
  },
  {
    id: 'C18d',
    title: 'the ownership of a contract is handed over',
    verdict: 'block',
    rules: ['ownership-transfer'],
    async stage(world) {
      const at = await world.deploy('Owned')
      await world.send(world.call('Owned', at, 'transferOwnership', [world.me]), world.chain.accounts[0]?.address)
      return {
        calls: [world.call('Owned', at, 'transferOwnership', [world.thief])],
        harm: { grants: [{ contract: at, subject: world.thief }] },
        shows: (report) => ({ 'the new owner': grants(report, 'ownership', world.thief, { contract: at }) }),
      }
    },
  },
  {
    id: 'C20a',
    title: 'a permit hidden in a multicall',
    verdict: 'block',
    rules: ['approval-unlimited', 'takeable'],
    async stage(world) {
      const { usdc: dollar, multicall3 } = world.chain.addresses
      const document = permit(world, { spender: world.thief, value: MAX.toString(), deadline: soon(world) })
      const signature = await keyOf(world, world.me).signTypedData(document as never)
      const [r, s, v] = [signature.slice(0, 66), `0x${signature.slice(66, 130)}`, BigInt(`0x${signature.slice(130)}`)]
      const inner = usdc(world, 'permit', [world.me, world.thief, MAX, BigInt(soon(world)), Number(v), r, s])
      return {
        calls: [aggregate(multicall3, [{ target: dollar, data: inner.data }])],
        harm: { grants: [{ contract: dollar, subject: world.thief }] },
        shows: (report) => ({
          'the allowance, whatever the selector': grants(report, 'erc20_allowance', world.thief, { unlimited: true }),
          'all that could be taken': takeable(report, world.thief, dollar) === ALL_DOLLARS,
        }),
      }
    },
  },
  {
    id: 'C20b',
    title: 'a multicall spends what it was once allowed',
    verdict: 'block',
    rules: ['old-allowance-used'],
    async stage(world) {
      const { usdc: dollar, multicall3 } = world.chain.addresses
      await world.send(usdc(world, 'approve', [multicall3, 50n * DOLLAR]))
      const inner = usdc(world, 'transferFrom', [world.me, world.thief, 50n * DOLLAR])
      return {
        calls: [aggregate(multicall3, [{ target: dollar, data: inner.data }])],
        harm: { loses: [[dollar, 50n * DOLLAR]] },
        shows: (report) => ({ 'what leaves': delta(report, world.me, dollar) === -50n * DOLLAR }),
      }
    },
  },
  {
    id: 'C21',
    title: 'credit is delegated, and no event says so',
    verdict: 'block',
    rules: ['credit-delegation'],
    async stage(world) {
      const debt = await world.deploy('DebtToken')
      return {
        calls: [world.call('DebtToken', debt, 'approveDelegation', [world.thief, 100n * ETHER])],
        harm: { grants: [{ contract: debt, subject: world.thief }] },
        shows: (report) => ({ 'who may borrow': grants(report, 'delegation', world.thief, { contract: debt }) }),
      }
    },
  },
  {
    id: 'C22',
    title: 'a power that neither an event nor a getter tells',
    verdict: 'block',
    rules: ['unknown-grant'],
    async stage(world) {
      const quiet = await world.deploy('QuietGrant')
      await world.send(world.call('QuietGrant', quiet, 'deposit', [], { value: ETHER }))
      return {
        calls: [world.call('QuietGrant', quiet, 'join', [world.thief])],
        harm: {
          grants: [{ contract: quiet, subject: world.thief, use: world.call('QuietGrant', quiet, 'take', [world.me]) }],
        },
        shows: (report) => ({
          'who was written in': grants(report, 'unknown_grant', world.thief, { contract: quiet }),
          'the slot': report.findings.some(({ evidence }) => typeof evidence['slot'] === 'string'),
        }),
      }
    },
  },
]

function aggregate(multicall: string, calls: readonly { target: string; data: string }[]) {
  return abi(
    multicall,
    'function aggregate3((address target, bool allowFailure, bytes callData)[] calls) payable returns ((bool success, bytes returnData)[])',
    [calls.map(({ target, data }) => ({ target, allowFailure: false, callData: data }))],
  )
}
