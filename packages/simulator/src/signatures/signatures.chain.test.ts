/**
 * Documents are really signed and really used: the digest is the one the contract recovers from, every holder call
 * works once the real signature is in it, and it does what the grants and offers say.
 */
import { createRequire } from 'node:module'
import { Address, type Hex } from '@countersign/base'
import { deploy, loadArtifact, send, startLocalChain, type LocalChain } from '@countersign/chain'
import * as delegationBytecode from '@metamask/delegation-abis/bytecode'
import {
  createWalletClient,
  decodeAbiParameters,
  encodeAbiParameters,
  encodeDeployData,
  encodeFunctionData,
  hashDomain,
  http,
  maxUint256,
  parseAbi,
  parseAbiParameters,
  zeroAddress,
  zeroHash,
  type Abi,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { KnownAddress } from '../model/KnownAddress.ts'
import {
  isExpected,
  readAuthorization,
  readTypedData,
  withBalances,
  withSignature,
  type SignatureRequest,
} from './index.ts'

const require = createRequire(import.meta.url)
const DOLLAR = 10n ** 6n
const ETHER = 10n ** 18n
const SPENDER = Address.parse('0x00000000000000000000000000000000badc0de1')
const FRIEND = Address.parse('0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC')
const SEAPORT_16 = Address.parse('0x0000000000000068F116a894984e2DB1123eB395')
const MANAGER = Address.parse('0xdb9B1e94B5b69Df7e401DDbedE43491141047dB3')
const ENTRY_POINT = Address.parse('0x0000000071727De22E5E9d8BAf0edAc6f37da032')
const ERC20_AMOUNT = Address.parse('0xf100b0819427117EcF76Ed94B358B1A5b5C6D2Fc')

let chain: LocalChain
let known: KnownAddress[]
let me: ReturnType<typeof privateKeyToAccount>
let nowS: bigint

const ERC20 = parseAbi([
  'function balanceOf(address) view returns (uint256)',
  'function allowance(address, address) view returns (uint256)',
  'function approve(address, uint256)',
  'function mint(address, uint256)',
  'function ownerOf(uint256) view returns (address)',
  'function setApprovalForAll(address, bool)',
])

beforeAll(async () => {
  chain = await startLocalChain()
  me = privateKeyToAccount(chain.accounts[1]?.privateKey as Hex.Hex)
  known = [...chain.tokens.map((token): KnownAddress => ({ ...token, kind: 'token' })), ...chain.contracts]
  await chain.fund(me.address, { usdc: 10_000n * DOLLAR, dai: 10_000n * ETHER })
  const { timestamp } = await chain.rpc<{ timestamp: Hex.Hex }>('eth_getBlockByNumber', ['latest', false])
  nowS = BigInt(timestamp)
})
afterAll(() => chain.close())

const at = () => ({
  chainId: chain.chainId,
  from: me.address,
  nowMs: Number(nowS) * 1000,
  known: (address: Address.Address) => known.find((entry) => entry.address === address),
})
const call = async (to: string, data: Hex.Hex, from: string = FRIEND) =>
  chain.rpc<Hex.Hex>('eth_call', [{ from, to, data }, 'latest'])
const read = async (to: string, functionName: 'balanceOf' | 'allowance' | 'ownerOf', args: unknown[]) => {
  const data = encodeFunctionData({ abi: ERC20, functionName, args: args as never })
  return BigInt(await call(to, data))
}
const write = (from: string, to: string, functionName: 'approve' | 'mint' | 'setApprovalForAll', args: unknown[]) =>
  send(chain.rpc, {
    from: from as Hex.Hex,
    to: to as Hex.Hex,
    data: encodeFunctionData({ abi: ERC20, functionName, args: args as never }),
  })

type Doc = {
  types: Record<string, { name: string; type: string }[]>
  primaryType: string
  domain: Record<string, unknown>
  message: Record<string, unknown>
}
/** `'address owner, uint256 value'` as fields. */
const fields = (text: string) =>
  text.split(',').map((field) => {
    const [type = '', name = ''] = field.trim().split(' ')
    return { name, type }
  })
const DOMAIN = fields('string name,string version,uint256 chainId,address verifyingContract')

const sign = (doc: Doc) => me.signTypedData(doc as never)

/** Checks what the document expects of the chain, then sends every holder call with the real signature. */
async function use(
  request: SignatureRequest,
  signature: Hex.Hex,
  options: { balanceOf?: (token: Address.Address | null, owner: Address.Address) => bigint | undefined } = {},
) {
  for (const expectation of request.expects) {
    expect(isExpected(expectation, await call(expectation.to, expectation.data)), expectation.what).toBe(true)
  }
  for (const holderCall of request.holderCalls) {
    const ready = withBalances(withSignature(holderCall, signature), options.balanceOf ?? (() => undefined))
    expect(ready.data).not.toContain('c5c5c5c5c5c5c5c5')
    await chain.rpc('anvil_impersonateAccount', [ready.from])
    await chain.rpc('anvil_setBalance', [ready.from, `0x${(1_000n * ETHER).toString(16)}`])
    // With the dummy in place the contract must refuse, or the signature was never looked at.
    if (holderCall.purpose === 'use' || request.kind === 'delegation') {
      await expect(
        chain.rpc('eth_call', [
          {
            from: holderCall.from,
            to: holderCall.to,
            data: holderCall.data,
            value: `0x${holderCall.value.toString(16)}`,
          },
          'latest',
        ]),
        holderCall.label,
      ).rejects.toThrow()
    }
    await send(chain.rpc, { from: ready.from, to: ready.to, data: ready.data, value: ready.value })
  }
}
async function deployBytecode(bytecode: Hex.Hex, abi: Abi = [], args: unknown[] = []) {
  const receipt = await send(chain.rpc, {
    from: chain.accounts[0]?.address as Hex.Hex,
    data: encodeDeployData({ abi, bytecode, args }),
  })
  return receipt.contractAddress as Address.Address
}
const codeAt = (address: string) => chain.rpc<Hex.Hex>('eth_getCode', [address, 'latest'])

const eip2612 = (over: Record<string, unknown> = {}): Doc => ({
  types: {
    EIP712Domain: DOMAIN,
    Permit: fields('address owner,address spender,uint256 value,uint256 nonce,uint256 deadline'),
  },
  primaryType: 'Permit',
  domain: { name: 'USD Coin', version: '2', chainId: chain.chainId, verifyingContract: chain.addresses.usdc },
  message: {
    owner: me.address,
    spender: SPENDER,
    value: '1000000',
    nonce: '0',
    deadline: String(nowS + 600n),
    ...over,
  },
})

test('EIP-2612: the permit is accepted, and its spender takes exactly what it says', async () => {
  const doc = eip2612()
  const request = readTypedData(JSON.stringify(doc), at())
  expect(request.kind).toBe('eip2612')
  const before = await read(chain.addresses.usdc, 'balanceOf', [SPENDER])
  await use(request, await sign(doc))
  expect(request.grants).toMatchObject([
    { kind: 'erc20_allowance', owner: me.address, subject: SPENDER, amount: DOLLAR, unlimited: false },
  ])
  expect((await read(chain.addresses.usdc, 'balanceOf', [SPENDER])) - before).toBe(DOLLAR)
})

test('an unlimited permit is cut down to the balance, and then takes all of it', async () => {
  const doc = eip2612({ value: maxUint256.toString(), nonce: '1', spender: FRIEND })
  const request = readTypedData(JSON.stringify(doc), at())
  const balance = await read(chain.addresses.usdc, 'balanceOf', [me.address])
  expect(balance).toBeGreaterThan(0n)
  await use(request, await sign(doc), { balanceOf: () => balance })
  expect(await read(chain.addresses.usdc, 'balanceOf', [me.address])).toBe(0n)
  await chain.fund(me.address, { usdc: 10_000n * DOLLAR })
})

test('DAI: allowed means everything', async () => {
  const doc: Doc = {
    types: {
      EIP712Domain: DOMAIN,
      Permit: fields('address holder,address spender,uint256 nonce,uint256 expiry,bool allowed'),
    },
    primaryType: 'Permit',
    domain: { name: 'Dai Stablecoin', version: '1', chainId: chain.chainId, verifyingContract: chain.addresses.dai },
    message: { holder: me.address, spender: SPENDER, nonce: 0, expiry: 0, allowed: true },
  }
  const request = readTypedData(doc, at())
  expect(request.kind).toBe('dai-permit')
  const balance = await read(chain.addresses.dai, 'balanceOf', [me.address])
  await use(request, await sign(doc), { balanceOf: () => balance })
  expect(request.grants).toMatchObject([{ amount: maxUint256, unlimited: true }])
  expect(await read(chain.addresses.dai, 'allowance', [me.address, SPENDER])).toBe(maxUint256)
  expect(await read(chain.addresses.dai, 'balanceOf', [me.address])).toBe(0n)
  await chain.fund(me.address, { dai: 10_000n * ETHER })
})

test('ERC-3009: transfer, receive by the payee, cancel', async () => {
  const token = Address.parse(await deploy(chain.rpc, FRIEND, 'Authorized'))
  await write(FRIEND, token, 'mint', [me.address, 1_000n])
  const authorization = (
    kind: string,
    verifyingContract: string,
    domain: Record<string, unknown>,
    nonce: string,
  ): Doc => ({
    types: {
      EIP712Domain: DOMAIN,
      [`${kind}WithAuthorization`]: fields(
        'address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce',
      ),
    },
    primaryType: `${kind}WithAuthorization`,
    domain: { ...domain, chainId: chain.chainId, verifyingContract },
    message: {
      from: me.address,
      to: SPENDER,
      value: '7',
      validAfter: 0,
      validBefore: String(nowS + 600n),
      nonce: `0x${nonce.repeat(64)}`,
    },
  })
  for (const [kind, contract, domain] of [
    ['Transfer', chain.addresses.usdc, { name: 'USD Coin', version: '2' }],
    ['Transfer', token, { name: 'Authorized', version: '1' }],
    ['Receive', token, { name: 'Authorized', version: '1' }],
  ] as const) {
    const doc = authorization(kind, contract, domain, kind === 'Receive' ? 'b' : 'a')
    const request = readTypedData(doc, at())
    expect(request.kind).toBe('erc3009')
    const before = await read(contract, 'balanceOf', [SPENDER])
    await use(request, await sign(doc))
    expect((await read(contract, 'balanceOf', [SPENDER])) - before).toBe(7n)
    expect(request.offers).toEqual([{ standard: 'erc20', token: contract, tokenId: null, amount: 7n, to: SPENDER }])
    // A second time it is used up, and the expectation says so.
    expect(isExpected(request.expects[1]!, await call(contract, request.expects[1]!.data))).toBe(false)
  }
  const cancel: Doc = {
    types: { EIP712Domain: DOMAIN, CancelAuthorization: fields('address authorizer,bytes32 nonce') },
    primaryType: 'CancelAuthorization',
    domain: { name: 'Authorized', version: '1', chainId: chain.chainId, verifyingContract: token },
    message: { authorizer: me.address, nonce: `0x${'c'.repeat(64)}` },
  }
  await use(readTypedData(cancel, at()), await sign(cancel))
})

const DETAILS = fields('address token,uint160 amount,uint48 expiration,uint48 nonce')
const PERMISSIONS = fields('address token,uint256 amount')
const permit2 = (primaryType: string, types: Doc['types'], message: Record<string, unknown>): Doc => ({
  types: { EIP712Domain: fields('string name,uint256 chainId,address verifyingContract'), ...types },
  primaryType,
  domain: { name: 'Permit2', chainId: chain.chainId, verifyingContract: chain.addresses.permit2 },
  message,
})

test('Permit2: single, batch, transfer, batch transfer, and both with a witness', async () => {
  const { usdc, dai } = chain.addresses
  await write(me.address, usdc, 'approve', [chain.addresses.permit2, maxUint256])
  await write(me.address, dai, 'approve', [chain.addresses.permit2, maxUint256])
  const expiration = String(nowS + 3_600n)
  const detail = (token: string, nonce: number) => ({ token, amount: '5', expiration, nonce })
  const witness = {
    Terms: fields('address receiver,uint256 least,Fee[] fees'),
    Fee: fields('address to,uint256 amount'),
  }
  const terms = { receiver: me.address, least: '1', fees: [{ to: FRIEND, amount: '2' }] }
  const cases: [SignatureRequest['kind'], Doc, number][] = [
    [
      'permit2-single',
      permit2(
        'PermitSingle',
        { PermitSingle: fields('PermitDetails details,address spender,uint256 sigDeadline'), PermitDetails: DETAILS },
        { details: detail(usdc, 0), spender: SPENDER, sigDeadline: expiration },
      ),
      1,
    ],
    [
      'permit2-batch',
      permit2(
        'PermitBatch',
        { PermitBatch: fields('PermitDetails[] details,address spender,uint256 sigDeadline'), PermitDetails: DETAILS },
        { details: [detail(usdc, 1), detail(dai, 0)], spender: SPENDER, sigDeadline: expiration },
      ),
      2,
    ],
    [
      'permit2-transfer',
      permit2(
        'PermitTransferFrom',
        {
          PermitTransferFrom: fields('TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline'),
          TokenPermissions: PERMISSIONS,
        },
        { permitted: { token: usdc, amount: '5' }, spender: SPENDER, nonce: '515', deadline: expiration },
      ),
      1,
    ],
    [
      'permit2-batch-transfer',
      permit2(
        'PermitBatchTransferFrom',
        {
          PermitBatchTransferFrom: fields(
            'TokenPermissions[] permitted,address spender,uint256 nonce,uint256 deadline',
          ),
          TokenPermissions: PERMISSIONS,
        },
        {
          permitted: [
            { token: usdc, amount: '5' },
            { token: dai, amount: '5' },
          ],
          spender: SPENDER,
          nonce: '516',
          deadline: expiration,
        },
      ),
      2,
    ],
    [
      'permit2-witness',
      permit2(
        'PermitWitnessTransferFrom',
        {
          PermitWitnessTransferFrom: fields(
            'TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,Terms witness',
          ),
          TokenPermissions: PERMISSIONS,
          ...witness,
        },
        {
          permitted: { token: usdc, amount: '5' },
          spender: SPENDER,
          nonce: '517',
          deadline: expiration,
          witness: terms,
        },
      ),
      1,
    ],
    [
      'permit2-witness',
      permit2(
        'PermitBatchWitnessTransferFrom',
        {
          PermitBatchWitnessTransferFrom: fields(
            'TokenPermissions[] permitted,address spender,uint256 nonce,uint256 deadline,Terms terms',
          ),
          TokenPermissions: PERMISSIONS,
          ...witness,
        },
        {
          permitted: [
            { token: usdc, amount: '5' },
            { token: dai, amount: '5' },
          ],
          spender: SPENDER,
          nonce: '518',
          deadline: expiration,
          terms,
        },
      ),
      2,
    ],
  ]
  for (const [kind, doc, tokens] of cases) {
    const request = readTypedData(JSON.stringify(doc), at())
    expect(request.kind).toBe(kind)
    const before = [await read(usdc, 'balanceOf', [SPENDER]), await read(dai, 'balanceOf', [SPENDER])]
    await use(request, await sign(doc))
    const after = [await read(usdc, 'balanceOf', [SPENDER]), await read(dai, 'balanceOf', [SPENDER])]
    expect(
      after.map((balance, i) => balance - (before[i] ?? 0n)),
      doc.primaryType,
    ).toEqual([5n, tokens === 2 ? 5n : 0n])
    expect([...request.grants, ...request.offers]).toHaveLength(tokens)
    // Used up: the nonce no longer fits.
    const nonce = request.expects[1]!
    expect(isExpected(nonce, await call(nonce.to, nonce.data)), doc.primaryType).toBe(false)
  }
  // The bounded words are the right ones in every encoding: nothing to take, so nothing is taken.
  for (const [, doc] of cases.slice(2)) {
    const [first] = readTypedData(doc, at()).holderCalls
    const none = withBalances(first!, () => 3n)
    expect(none.data).not.toBe(first!.data)
    for (const { offset } of first!.bounded ?? []) {
      expect(BigInt(`0x${first!.data.slice(2 + 2 * offset, 66 + 2 * offset)}`)).toBe(5n)
      expect(BigInt(`0x${none.data.slice(2 + 2 * offset, 66 + 2 * offset)}`)).toBe(3n)
    }
  }
})

const OFFER = fields('uint8 itemType,address token,uint256 identifierOrCriteria,uint256 startAmount,uint256 endAmount')
const CONSIDERATION = [...OFFER, ...fields('address recipient')]
const COMPONENTS = fields(
  'address offerer,address zone,OfferItem[] offer,ConsiderationItem[] consideration,uint8 orderType,uint256 startTime,uint256 endTime,bytes32 zoneHash,uint256 salt,bytes32 conduitKey,uint256 counter',
)
const seaportTypes = {
  EIP712Domain: DOMAIN,
  OrderComponents: COMPONENTS,
  OfferItem: OFFER,
  ConsiderationItem: CONSIDERATION,
}
const order = (offer: unknown[], consideration: unknown[], salt = '1') => ({
  offerer: me.address,
  zone: zeroAddress,
  offer,
  consideration,
  orderType: 0,
  startTime: String(nowS - 1n),
  endTime: String(nowS + 86_400n),
  zoneHash: zeroHash,
  salt,
  conduitKey: zeroHash,
  counter: '0',
})

test('Seaport: a single order and two of a bulk order are filled with one signature each', async () => {
  const artifact = (path: string) =>
    require(`@opensea/seaport-js/src/artifacts/seaport/contracts/${path}`) as { abi: Abi; bytecode: Hex.Hex }
  const controller = artifact('conduit/ConduitController.sol/LocalConduitController.json')
  const { abi, bytecode } = artifact('Seaport.sol/Seaport.json')
  const conduits = await deployBytecode(controller.bytecode, controller.abi)
  const deployed = await deployBytecode(bytecode, abi, [conduits])
  // Seaport keeps its domain separator in its code; at the canonical address the code must have that address's.
  const information = await call(deployed, encodeFunctionData({ abi, functionName: 'information' }))
  const cached = decodeAbiParameters(parseAbiParameters('string, bytes32, address'), information)[1]
  const domain = { name: 'Seaport', version: '1.6', chainId: chain.chainId, verifyingContract: SEAPORT_16 }
  const canonical = hashDomain({ domain, types: { EIP712Domain: DOMAIN } } as never)
  const code = await codeAt(deployed)
  expect(code).toContain(cached.slice(2))
  await chain.rpc('anvil_setCode', [SEAPORT_16, code.replaceAll(cached.slice(2), canonical.slice(2))])

  const nft = chain.addresses.nft
  const minter = chain.accounts[0]?.address as string
  const mintAbi = parseAbi(['function mint(address to)'])
  for (let i = 0; i < 3; i++) {
    await send(chain.rpc, {
      from: minter as Hex.Hex,
      to: nft,
      data: encodeFunctionData({ abi: mintAbi, functionName: 'mint', args: [me.address] }),
    })
  }
  const owned: bigint[] = []
  for (let id = 0n; id < 50n && owned.length < 3; id++) {
    const owner = await read(nft, 'ownerOf', [id]).catch(() => null)
    if (owner === BigInt(me.address)) owned.push(id)
  }
  expect(owned).toHaveLength(3)
  await write(me.address, nft, 'setApprovalForAll', [SEAPORT_16, true])

  const give = (id: bigint | undefined) => ({
    itemType: 2,
    token: nft,
    identifierOrCriteria: String(id),
    startAmount: '1',
    endAmount: '1',
  })
  const wants = (wei: bigint, recipient: string) => ({
    itemType: 0,
    token: zeroAddress,
    identifierOrCriteria: '0',
    startAmount: wei.toString(),
    endAmount: wei.toString(),
    recipient,
  })
  const single: Doc = {
    types: seaportTypes,
    primaryType: 'OrderComponents',
    domain,
    message: order([give(owned[0])], [wants(ETHER, me.address), wants(ETHER / 40n, FRIEND)]),
  }
  const request = readTypedData(JSON.stringify(single), at())
  const before = BigInt(await chain.rpc<Hex.Hex>('eth_getBalance', [me.address, 'latest']))
  await use(request, await sign(single))
  expect(BigInt(await chain.rpc<Hex.Hex>('eth_getBalance', [me.address, 'latest'])) - before).toBe(ETHER)
  expect(await read(nft, 'ownerOf', [owned[0]])).toBe(BigInt(request.holderCalls[0]?.from ?? 0))
  expect(request.considerations).toMatchObject([
    { standard: 'native', amount: ETHER, to: me.address },
    { standard: 'native', amount: ETHER / 40n, to: FRIEND },
  ])
  expect(request.findings.filter((entry) => entry.level !== 'info')).toEqual([])

  const padding = { ...order([], []), offerer: zeroAddress, startTime: '0', endTime: '0', salt: '0' }
  const bulk: Doc = {
    types: { ...seaportTypes, BulkOrder: fields('OrderComponents[2][2] tree') },
    primaryType: 'BulkOrder',
    domain,
    message: {
      tree: [
        [
          order([give(owned[1])], [wants(ETHER, me.address)], '2'),
          order([give(owned[2])], [wants(ETHER, me.address)], '3'),
        ],
        [padding, padding],
      ],
    },
  }
  const both = readTypedData(JSON.stringify(bulk), at())
  expect(both.holderCalls).toHaveLength(2)
  expect(both.findings.filter((entry) => entry.level !== 'info')).toEqual([])
  await use(both, await sign(bulk))
  for (const id of owned.slice(1)) expect(await read(nft, 'ownerOf', [id])).toBe(BigInt(both.holderCalls[0]?.from ?? 0))
})

test('Safe: the hash is the one the Safe recovers from, and enableModule really opens it', async () => {
  const artifact = (path: string) =>
    require(`@safe-global/safe-contracts/build/artifacts/contracts/${path}`) as { abi: Abi; bytecode: Hex.Hex }
  const singletonArtifact = artifact('Safe.sol/Safe.json')
  const factoryArtifact = artifact('proxies/SafeProxyFactory.sol/SafeProxyFactory.json')
  const singleton = await deployBytecode(singletonArtifact.bytecode)
  const factory = await deployBytecode(factoryArtifact.bytecode)
  const setup = encodeFunctionData({
    abi: singletonArtifact.abi,
    functionName: 'setup',
    args: [[me.address], 1n, zeroAddress, '0x', zeroAddress, zeroAddress, 0n, zeroAddress],
  })
  const create = encodeFunctionData({
    abi: factoryArtifact.abi,
    functionName: 'createProxyWithNonce',
    args: [singleton, setup, 1n],
  })
  const safe = Address.fromWord((await call(factory, create, me.address)).slice(2))
  await send(chain.rpc, { from: me.address, to: factory, data: create })
  await chain.fund(safe, { usdc: 100n })

  const doc = (nonce: number, to: string, data: Hex.Hex): Doc => ({
    types: {
      EIP712Domain: fields('uint256 chainId,address verifyingContract'),
      SafeTx: fields(
        'address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,uint256 gasPrice,address gasToken,address refundReceiver,uint256 nonce',
      ),
    },
    primaryType: 'SafeTx',
    domain: { chainId: chain.chainId, verifyingContract: safe },
    message: {
      to,
      value: '0',
      data,
      operation: 0,
      safeTxGas: '0',
      baseGas: '0',
      gasPrice: '0',
      gasToken: zeroAddress,
      refundReceiver: zeroAddress,
      nonce,
    },
  })
  const pay = doc(
    0,
    chain.addresses.usdc,
    encodeFunctionData({ abi: loadArtifact('Usdc').abi, functionName: 'transfer', args: [FRIEND, 40n] }),
  )
  const paid = readTypedData(pay, at())
  expect(paid.kind).toBe('safe-tx')
  expect(paid.offers).toMatchObject([{ token: chain.addresses.usdc, amount: 40n, to: FRIEND }])
  const before = await read(chain.addresses.usdc, 'balanceOf', [FRIEND])
  await use(paid, await sign(pay))
  expect((await read(chain.addresses.usdc, 'balanceOf', [FRIEND])) - before).toBe(40n)

  const enable = doc(
    1,
    safe,
    encodeFunctionData({ abi: singletonArtifact.abi, functionName: 'enableModule', args: [SPENDER] }),
  )
  const enabled = readTypedData(enable, at())
  expect(enabled.findings.map((entry) => [entry.rule, entry.level])).toContainEqual([
    'signature-account-control',
    'block',
  ])
  expect(enabled.grants).toMatchObject([{ kind: 'module', owner: safe, subject: SPENDER, unlimited: true }])
  await use(enabled, await sign(enable))
  const isModule = encodeFunctionData({
    abi: singletonArtifact.abi,
    functionName: 'isModuleEnabled',
    args: [SPENDER],
  })
  expect(BigInt(await call(safe, isModule))).toBe(1n)
})

test('delegations, user operations and account code: MetaMask’s real contracts', async () => {
  const bytecode = delegationBytecode as unknown as Record<string, Hex.Hex>
  const code = (name: string) =>
    (bytecode[name]?.startsWith('0x') === true ? bytecode[name] : `0x${bytecode[name]}`) as Hex.Hex
  const place = async (address: string, creation: Hex.Hex) => {
    await chain.rpc('anvil_setCode', [address, await codeAt(await deployBytecode(creation))])
  }
  const one = parseAbiParameters('address')
  await place(MANAGER, `${code('DelegationManager')}${encodeAbiParameters(one, [me.address]).slice(2)}`)
  await place(ENTRY_POINT, code('EntryPoint'))
  await place(ERC20_AMOUNT, code('ERC20TransferAmountEnforcer'))
  const implementation = await deployBytecode(
    `${code('EIP7702StatelessDeleGator')}${encodeAbiParameters(parseAbiParameters('address, address'), [MANAGER, ENTRY_POINT]).slice(2)}`,
  )

  // The authorization: our digest recovers the signer of a real one, and the chain takes it.
  const wallet = createWalletClient({
    account: me,
    chain: {
      id: chain.chainId,
      name: 'local',
      nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
      rpcUrls: { default: { http: [chain.rpcUrl] } },
    },
    transport: http(chain.rpcUrl),
  })
  const authorization = await wallet.signAuthorization({ contractAddress: implementation, executor: 'self' })
  const spelled = {
    chain_id: authorization.chainId,
    address: implementation,
    nonce: authorization.nonce,
    y_parity: authorization.yParity,
    r: authorization.r,
    s: authorization.s,
  }
  const request = await readAuthorization(spelled, at())
  expect(request.signer).toBe(me.address)
  expect(request.grants).toMatchObject([
    { kind: 'account_code', owner: me.address, subject: Address.parse(implementation) },
  ])
  const hash = await wallet.sendTransaction({
    to: me.address,
    value: 0n,
    authorizationList: [authorization],
    gas: 200_000n,
  })
  while ((await chain.rpc('eth_getTransactionReceipt', [hash])) === null);
  expect(await codeAt(me.address)).toBe(`0xef0100${implementation.slice(2).toLowerCase()}`)

  const delegate = (caveats: unknown[], salt: string): Doc => ({
    types: {
      EIP712Domain: DOMAIN,
      Delegation: fields('address delegate,address delegator,bytes32 authority,Caveat[] caveats,uint256 salt'),
      Caveat: fields('address enforcer,bytes terms'),
    },
    primaryType: 'Delegation',
    domain: { name: 'DelegationManager', version: '1', chainId: chain.chainId, verifyingContract: MANAGER },
    message: {
      delegate: SPENDER,
      delegator: me.address,
      authority: `0x${'ff'.repeat(32)}`,
      caveats,
      salt,
    },
  })
  const terms = `${chain.addresses.usdc}${'9'.padStart(64, '0')}`.toLowerCase()
  const limited = delegate([{ enforcer: ERC20_AMOUNT, terms }], '1')
  const limitedRequest = readTypedData(limited, at())
  expect(limitedRequest.grants).toMatchObject([
    { kind: 'delegation', token: chain.addresses.usdc, amount: 9n, unlimited: false },
  ])
  const before = await read(chain.addresses.usdc, 'balanceOf', [SPENDER])
  await use(limitedRequest, await sign(limited))
  expect((await read(chain.addresses.usdc, 'balanceOf', [SPENDER])) - before).toBe(9n)

  const whole = delegate([], '2')
  const wholeRequest = readTypedData(whole, at())
  expect(wholeRequest.findings.map((entry) => [entry.rule, entry.level])).toContainEqual([
    'signature-delegation-unlimited',
    'block',
  ])
  const coin = BigInt(await chain.rpc<Hex.Hex>('eth_getBalance', [me.address, 'latest']))
  expect(coin).toBeGreaterThan(0n)
  await use(wholeRequest, await sign(whole), { balanceOf: () => coin })
  expect(BigInt(await chain.rpc<Hex.Hex>('eth_getBalance', [me.address, 'latest']))).toBe(0n)
  await chain.fund(me.address, { wei: 1_000n * ETHER })

  // The account acts through the entry point.
  await send(chain.rpc, {
    from: FRIEND,
    to: ENTRY_POINT,
    value: ETHER,
    data: encodeFunctionData({ abi: parseAbi(['function depositTo(address) payable']), args: [me.address] }),
  })
  const packed = (high: bigint, low: bigint) =>
    `0x${high.toString(16).padStart(32, '0')}${low.toString(16).padStart(32, '0')}`
  const transfer = encodeFunctionData({ abi: loadArtifact('Usdc').abi, functionName: 'transfer', args: [FRIEND, 11n] })
  const operation: Doc = {
    types: {
      EIP712Domain: DOMAIN,
      PackedUserOperation: fields(
        'address sender,uint256 nonce,bytes initCode,bytes callData,bytes32 accountGasLimits,uint256 preVerificationGas,bytes32 gasFees,bytes paymasterAndData,address entryPoint',
      ),
    },
    primaryType: 'PackedUserOperation',
    domain: { name: 'EIP7702StatelessDeleGator', version: '1', chainId: chain.chainId, verifyingContract: me.address },
    message: {
      sender: me.address,
      nonce: '0',
      initCode: '0x',
      callData: encodeFunctionData({
        abi: parseAbi(['function execute(bytes32 mode, bytes executionCalldata)']),
        args: [zeroHash, `${chain.addresses.usdc}${'0'.repeat(64)}${transfer.slice(2)}`.toLowerCase() as Hex.Hex],
      }),
      accountGasLimits: packed(500_000n, 500_000n),
      preVerificationGas: '100000',
      gasFees: packed(1n, 10n ** 9n),
      paymasterAndData: '0x',
      entryPoint: ENTRY_POINT,
    },
  }
  const operationRequest = readTypedData(operation, at())
  expect(operationRequest.kind).toBe('user-operation')
  expect(operationRequest.offers).toMatchObject([{ token: chain.addresses.usdc, amount: 11n, to: FRIEND }])
  const had = await read(chain.addresses.usdc, 'balanceOf', [FRIEND])
  await use(operationRequest, await sign(operation))
  expect((await read(chain.addresses.usdc, 'balanceOf', [FRIEND])) - had).toBe(11n)
})
