/** Documents that people are asked to sign, as a file has them. */
import { Address } from '@countersign/base'
import { zeroAddress, zeroHash } from 'viem'
import type { World } from './World.ts'

export interface Document {
  readonly types: Record<string, readonly { readonly name: string; readonly type: string }[]>
  readonly primaryType: string
  readonly domain: Record<string, unknown>
  readonly message: Record<string, unknown>
}

/** Where Seaport 1.6 and the EntryPoint 0.7 live on every chain. */
export const SEAPORT = Address.parse('0x0000000000000068F116a894984e2DB1123eB395')
export const ENTRY_POINT = Address.parse('0x0000000071727De22E5E9d8BAf0edAc6f37da032')

/** `'address owner, uint256 value'` as fields. */
export const fields = (text: string) =>
  text.split(',').map((field) => {
    const [type = '', name = ''] = field.trim().split(' ')
    return { name, type }
  })
export const DOMAIN = fields('string name,string version,uint256 chainId,address verifyingContract')

/** Ten minutes from now. */
export const soon = (world: World): string => (world.nowS + 600n).toString()

export const permit = (world: World, message: Record<string, unknown>): Document => ({
  types: {
    EIP712Domain: DOMAIN,
    Permit: fields('address owner,address spender,uint256 value,uint256 nonce,uint256 deadline'),
  },
  primaryType: 'Permit',
  domain: domainOf(world, 'USD Coin', '2', world.chain.addresses.usdc),
  message: { owner: world.me, nonce: '0', deadline: soon(world), ...message },
})

export const daiPermit = (world: World, message: Record<string, unknown>): Document => ({
  types: {
    EIP712Domain: DOMAIN,
    Permit: fields('address holder,address spender,uint256 nonce,uint256 expiry,bool allowed'),
  },
  primaryType: 'Permit',
  domain: domainOf(world, 'Dai Stablecoin', '1', world.chain.addresses.dai),
  message: { holder: world.me, nonce: 0, expiry: soon(world), allowed: true, ...message },
})

export const permit2Single = (world: World, spender: string, amount: bigint): Document => ({
  types: {
    EIP712Domain: PERMIT2_DOMAIN,
    PermitSingle: fields('PermitDetails details,address spender,uint256 sigDeadline'),
    PermitDetails: fields('address token,uint160 amount,uint48 expiration,uint48 nonce'),
  },
  primaryType: 'PermitSingle',
  domain: { name: 'Permit2', chainId: world.chain.chainId, verifyingContract: world.chain.addresses.permit2 },
  message: {
    details: { token: world.chain.addresses.usdc, amount: amount.toString(), expiration: soon(world), nonce: 0 },
    spender,
    sigDeadline: soon(world),
  },
})

export const permit2BatchTransfer = (
  world: World,
  spender: string,
  permitted: readonly { token: string; amount: string }[],
): Document => ({
  types: {
    EIP712Domain: PERMIT2_DOMAIN,
    PermitBatchTransferFrom: fields('TokenPermissions[] permitted,address spender,uint256 nonce,uint256 deadline'),
    TokenPermissions: fields('address token,uint256 amount'),
  },
  primaryType: 'PermitBatchTransferFrom',
  domain: { name: 'Permit2', chainId: world.chain.chainId, verifyingContract: world.chain.addresses.permit2 },
  message: { permitted, spender, nonce: '1', deadline: soon(world) },
})
const PERMIT2_DOMAIN = fields('string name,uint256 chainId,address verifyingContract')

const OFFER = fields('uint8 itemType,address token,uint256 identifierOrCriteria,uint256 startAmount,uint256 endAmount')

/** A Seaport order of the user: tokens of the local collection for ether. */
export const order = (
  world: World,
  ids: readonly bigint[],
  asks: readonly { readonly wei: bigint; readonly recipient: string }[],
): Document => ({
  types: {
    EIP712Domain: DOMAIN,
    OrderComponents: fields(
      'address offerer,address zone,OfferItem[] offer,ConsiderationItem[] consideration,uint8 orderType,uint256 startTime,uint256 endTime,bytes32 zoneHash,uint256 salt,bytes32 conduitKey,uint256 counter',
    ),
    OfferItem: OFFER,
    ConsiderationItem: [...OFFER, ...fields('address recipient')],
  },
  primaryType: 'OrderComponents',
  domain: domainOf(world, 'Seaport', '1.6', SEAPORT),
  message: {
    offerer: world.me,
    zone: zeroAddress,
    offer: ids.map((id) => ({
      ...{ itemType: 2, token: world.chain.addresses.nft, identifierOrCriteria: id.toString() },
      ...{ startAmount: '1', endAmount: '1' },
    })),
    consideration: asks.map(({ wei, recipient }) => ({
      ...{ itemType: 0, token: zeroAddress, identifierOrCriteria: '0' },
      ...{ startAmount: wei.toString(), endAmount: wei.toString(), recipient },
    })),
    orderType: 0,
    startTime: (world.nowS - 60n).toString(),
    endTime: (world.nowS + 86_400n).toString(),
    zoneHash: zeroHash,
    salt: '1',
    conduitKey: zeroHash,
    counter: '0',
  },
})

/** A payment by signature (ERC-3009), as x402 asks for it. */
export const payment = (world: World, to: string, value: bigint, kind = 'Transfer', token?: string): Document => ({
  types: {
    EIP712Domain: DOMAIN,
    [`${kind}WithAuthorization`]: fields(
      'address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce',
    ),
  },
  primaryType: `${kind}WithAuthorization`,
  domain:
    token === undefined
      ? domainOf(world, 'USD Coin', '2', world.chain.addresses.usdc)
      : domainOf(world, 'Authorized', '1', token),
  message: {
    ...{ from: world.me, to, value: value.toString(), validAfter: 0, validBefore: soon(world) },
    nonce: `0x${'a7'.repeat(32)}`,
  },
})

export const safeTx = (world: World, safe: string, to: string, data: string, nonce = 0): Document => ({
  types: {
    EIP712Domain: fields('uint256 chainId,address verifyingContract'),
    SafeTx: fields(
      'address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,uint256 gasPrice,address gasToken,address refundReceiver,uint256 nonce',
    ),
  },
  primaryType: 'SafeTx',
  domain: { chainId: world.chain.chainId, verifyingContract: safe },
  message: {
    ...{ to, value: '0', data, operation: 0, safeTxGas: '0', baseGas: '0', gasPrice: '0' },
    ...{ gasToken: zeroAddress, refundReceiver: zeroAddress, nonce },
  },
})

/** Power over the user's account for a delegate (MetaMask's delegation framework). */
export const delegation = (
  world: World,
  delegate: string,
  caveats: readonly { enforcer: string; terms: string }[],
  delegator: string = world.me,
): Document => ({
  types: {
    EIP712Domain: DOMAIN,
    Delegation: fields('address delegate,address delegator,bytes32 authority,Caveat[] caveats,uint256 salt'),
    Caveat: fields('address enforcer,bytes terms'),
  },
  primaryType: 'Delegation',
  domain: domainOf(world, 'DelegationManager', '1', '0xdb9B1e94B5b69Df7e401DDbedE43491141047dB3'),
  message: { delegate, delegator, authority: `0x${'ff'.repeat(32)}`, caveats, salt: '1' },
})

const packed = (high: bigint, low: bigint) =>
  `0x${high.toString(16).padStart(32, '0')}${low.toString(16).padStart(32, '0')}`

/** An operation of the user's account, which runs MetaMask's delegator. */
export const userOperation = (world: World, message: Record<string, unknown>): Document => ({
  types: {
    EIP712Domain: DOMAIN,
    PackedUserOperation: fields(
      'address sender,uint256 nonce,bytes initCode,bytes callData,bytes32 accountGasLimits,uint256 preVerificationGas,bytes32 gasFees,bytes paymasterAndData,address entryPoint',
    ),
  },
  primaryType: 'PackedUserOperation',
  domain: domainOf(world, 'EIP7702StatelessDeleGator', '1', world.me),
  message: {
    ...{ sender: world.me, nonce: '0', initCode: '0x', callData: '0x' },
    accountGasLimits: packed(500_000n, 500_000n),
    preVerificationGas: '100000',
    gasFees: packed(1n, 10n ** 9n),
    paymasterAndData: '0x',
    entryPoint: ENTRY_POINT,
    ...message,
  },
})

function domainOf(world: World, name: string, version: string, verifyingContract: string) {
  return { name, version, chainId: world.chain.chainId, verifyingContract }
}
