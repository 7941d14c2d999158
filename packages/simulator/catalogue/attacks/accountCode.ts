import type { Hex } from '@countersign/base'
import { encodeAbiParameters, encodeFunctionData, parseAbi, zeroHash } from 'viem'
import type { Attack } from '../Catalogue.ts'
import { ENTRY_POINT, userOperation } from '../documents.ts'
import { delta, grants, says, takeable } from '../facts.ts'
import { abi, authorize, DOLLAR, ETHER, keyOf, MAX, usdc, vouch } from '../moves.ts'
import { MANAGER, openDelegations, placeMetamask } from '../places.ts'

export const accountCode: readonly Attack[] = [
  {
    id: 'D01',
    title: 'the account takes on code that lets anybody sweep it',
    verdict: 'block',
    rules: ['account-code', 'takeable'],
    async stage(world) {
      const delegate = await world.deploy('EvilDelegate')
      return {
        calls: [{ ...world.pay(world.me, 0n), authorizationList: [await authorize(world, delegate)] }],
        harm: { grants: [{ contract: world.me, subject: delegate }] },
        shows: (report) => ({
          'the code it would run': grants(report, 'account_code', delegate, { owner: world.me }),
          'that anybody could take nearly all ether': takeable(report, delegate, null) > 9_000n * ETHER,
        }),
      }
    },
  },
  {
    id: 'D03',
    title: 'a harmless payment that carries somebody’s authorization beside',
    verdict: 'block',
    rules: ['account-code'],
    async stage(world) {
      const [honest, evil] = [await world.deploy('Batch'), await world.deploy('EvilDelegate')]
      const list = [await authorize(world, evil), await authorize(world, honest, { account: world.friend })]
      return {
        calls: [{ ...usdc(world, 'transfer', [world.friend, DOLLAR]), authorizationList: list }],
        known: [vouch(world.friend, 'Friend'), vouch(honest, 'Batch wallet', 'infrastructure')],
        harm: { grants: [{ contract: world.me, subject: evil }] },
        shows: (report) => ({
          'both authorizations': ([evil, honest] as const).every((code) => grants(report, 'account_code', code)),
          'the payment as well': delta(report, world.friend, world.chain.addresses.usdc) === DOLLAR,
        }),
      }
    },
  },
  {
    id: 'D04',
    title: 'code like MetaMask’s delegator, with one instruction changed',
    verdict: 'block',
    rules: ['account-code'],
    async stage(world) {
      const both = encodeAbiParameters([{ type: 'address' }, { type: 'address' }], [MANAGER, ENTRY_POINT])
      const real = await placeMetamask(world, 'EIP7702StatelessDeleGator', null, both)
      const fake = await placeMetamask(world, 'EIP7702StatelessDeleGator', null, both)
      world.name(fake, 'LookAlike')
      const code = await world.chain.rpc<Hex.Hex>('eth_getCode', [fake, 'latest'])
      await world.chain.rpc('anvil_setCode', [fake, code.replace('3314', '3315')])
      return {
        calls: [{ ...world.pay(world.me, 0n), authorizationList: [await authorize(world, fake)] }],
        known: [vouch(real, 'MetaMask delegator', 'infrastructure')],
        harm: { grants: [{ contract: world.me, subject: fake }] },
        shows: (report) => ({
          'the code is not the one that is vouched for': grants(report, 'account_code', fake),
          'by its address, without a name': !says(report, 'account-code', 'MetaMask delegator'),
        }),
      }
    },
  },
  {
    id: 'D05a',
    title: 'an operation whose paymaster takes a fee in tokens',
    // The catalogue asks for a warning; that nobody vouches for whoever takes the fee makes it more.
    verdict: 'block',
    rules: ['old-allowance-used'],
    async stage(world) {
      await openDelegations(world)
      const { usdc: dollar } = world.chain.addresses
      const paymaster = await world.deploy('TokenPaymaster', [dollar, 25n * DOLLAR])
      await world.send(abi(ENTRY_POINT, 'function depositTo(address account) payable', [paymaster], { value: ETHER }))
      await world.send(usdc(world, 'approve', [paymaster, 25n * DOLLAR]))
      const pay = encodeFunctionData({
        abi: parseAbi(['function transfer(address to, uint256 amount)']),
        args: [world.friend, DOLLAR],
      })
      const gas = `${200_000n.toString(16).padStart(32, '0')}${200_000n.toString(16).padStart(32, '0')}`
      return {
        document: userOperation(world, {
          callData: encodeFunctionData({
            abi: parseAbi(['function execute(bytes32 mode, bytes executionCalldata)']),
            args: [zeroHash, `${dollar}${'0'.repeat(64)}${pay.slice(2)}`.toLowerCase() as Hex.Hex],
          }),
          paymasterAndData: `${paymaster}${gas}`.toLowerCase(),
        }),
        harm: { loses: [[dollar, 26n * DOLLAR]] },
        shows: (report) => ({
          'the fee in tokens': delta(report, paymaster, dollar) === 25n * DOLLAR,
          'all that leaves': delta(report, world.me, dollar) === -26n * DOLLAR,
          'that an allowance is used for it': says(report, 'old-allowance-used', 'takes 25000000 '),
          'that its terms are its own': report.notChecked.some(({ what }) => what === 'the paymaster'),
        }),
      }
    },
  },
  {
    id: 'D05b',
    title: 'an operation that first makes an account of somebody else’s choice',
    verdict: 'block',
    rules: ['signature-account-setup'],
    async stage(world) {
      await openDelegations(world)
      const factory = await world.deploy('OtherFactory')
      const make = encodeFunctionData({ abi: parseAbi(['function make(address owner)']), args: [world.thief] })
      return {
        document: userOperation(world, { initCode: `${factory}${make.slice(2)}`.toLowerCase() }),
        harm: { fails: true },
        shows: (report) => ({
          'who decides what the account is': says(report, 'signature-account-setup', factory.toLowerCase()),
        }),
      }
    },
  },
  {
    id: 'D07',
    title: 'a delegation whose balance cap holds while an approval goes through',
    verdict: 'block',
    rules: ['approval-unlimited'],
    async stage(world) {
      await openDelegations(world)
      const { usdc: dollar } = world.chain.addresses
      const enforcer = await placeMetamask(world, 'ERC20BalanceChangeEnforcer', null)
      // bool: decrease; token; recipient; amount: the balance may not fall by more than nothing.
      const terms = `0x01${dollar.slice(2)}${world.me.slice(2)}${'0'.repeat(64)}`.toLowerCase() as Hex.Hex
      const delegation = {
        delegate: world.me,
        delegator: world.me,
        authority: `0x${'ff'.repeat(32)}` as Hex.Hex,
        caveats: [{ enforcer: enforcer as Hex.Hex, terms }],
        salt: 7n,
      }
      const types = {
        Delegation: [
          { name: 'delegate', type: 'address' },
          { name: 'delegator', type: 'address' },
          { name: 'authority', type: 'bytes32' },
          { name: 'caveats', type: 'Caveat[]' },
          { name: 'salt', type: 'uint256' },
        ],
        Caveat: [
          { name: 'enforcer', type: 'address' },
          { name: 'terms', type: 'bytes' },
        ],
      } as const
      const signature = await keyOf(world, world.me).signTypedData({
        types,
        primaryType: 'Delegation',
        domain: {
          ...{ name: 'DelegationManager', version: '1', chainId: world.chain.chainId },
          verifyingContract: MANAGER as Hex.Hex,
        },
        message: delegation as never,
      })
      const context = encodeAbiParameters(
        [
          {
            type: 'tuple[]',
            components: [
              { name: 'delegate', type: 'address' },
              { name: 'delegator', type: 'address' },
              { name: 'authority', type: 'bytes32' },
              {
                name: 'caveats',
                type: 'tuple[]',
                components: [
                  { name: 'enforcer', type: 'address' },
                  { name: 'terms', type: 'bytes' },
                  { name: 'args', type: 'bytes' },
                ],
              },
              { name: 'salt', type: 'uint256' },
              { name: 'signature', type: 'bytes' },
            ],
          },
        ],
        [
          [
            {
              ...{ delegate: world.me as Hex.Hex, delegator: world.me as Hex.Hex, authority: delegation.authority },
              caveats: [{ enforcer: enforcer as Hex.Hex, terms, args: '0x' as const }],
              ...{ salt: 7n, signature },
            },
          ],
        ],
      )
      const approve = usdc(world, 'approve', [world.thief, MAX])
      const execution = `${dollar}${'0'.repeat(64)}${approve.data.slice(2)}`.toLowerCase()
      return {
        calls: [
          abi(
            MANAGER,
            'function redeemDelegations(bytes[] permissionContexts, bytes32[] modes, bytes[] executionCallDatas)',
            [[context], [zeroHash], [execution]],
          ),
        ],
        known: [vouch(MANAGER, 'MetaMask delegation manager', 'infrastructure')],
        harm: { grants: [{ contract: dollar, subject: world.thief }] },
        shows: (report) => ({
          'it goes through': !report.willRevert,
          'the approval behind the cap': grants(report, 'erc20_allowance', world.thief, { unlimited: true }),
          'no balance changes': delta(report, world.me, dollar) === 0n,
          'all dollars at risk': takeable(report, world.thief, dollar) === 100_000n * DOLLAR,
        }),
      }
    },
  },
]
