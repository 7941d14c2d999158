/** `guard()` with the real libraries on one chain: the same requests, the same verdicts, and every way round it that is known. */
import { loadArtifact, startLocalChain, type LocalChain } from '@countersign/chain'
import { guard, type GuardOptions, type LimitOption } from '@countersign/guard'
import { createSimulator, type Simulator } from '@countersign/simulator'
import * as ethers from 'ethers'
import {
  createPublicClient,
  createWalletClient,
  encodeFunctionData,
  http,
  parseEther,
  toHex,
  type Abi,
  type Hex,
} from 'viem'
import { privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { foundry } from 'viem/chains'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

const FRIEND = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const STRANGER = '0xBad0000000000000000000000000000000000bAd'.toLowerCase() as Hex
const MAX = 2n ** 256n - 1n
let chain: LocalChain
let simulator: Simulator
let usdc: Hex
let next = 0
/** Each test has an account of its own: limits and queues belong to accounts. */
let account: PrivateKeyAccount
let key: Hex

beforeAll(async () => {
  chain = await startLocalChain()
  simulator = await createSimulator({ chainId: chain.chainId, rpcUrls: [chain.rpcUrl] })
  usdc = chain.addresses.usdc as Hex
})
afterAll(async () => {
  await simulator.close()
  await chain.close()
})
beforeEach(async () => {
  next += 1
  key = toHex(BigInt(`0x${'5a'.repeat(30)}`) + BigInt(next), { size: 32 })
  account = privateKeyToAccount(key)
  await chain.fund(account.address, { wei: parseEther('100'), usdc: 10_000n * 10n ** 6n })
})

const LIMITS: readonly LimitOption[] = [
  { native: true, per_call: '2', per_day: '10' },
  { fee: true, per_call: '1' },
]
const options = (more: Partial<GuardOptions> = {}): GuardOptions =>
  ({ simulator, limits: LIMITS, ...more }) as GuardOptions
const viemChain = () => ({ ...foundry, id: chain.chainId, rpcUrls: { default: { http: [chain.rpcUrl] } } })
const transport = () => http(chain.rpcUrl)
const walletOf = (of: PrivateKeyAccount = account) =>
  createWalletClient({ account: of, chain: viemChain(), transport: transport() })
const open = () => createPublicClient({ chain: viemChain(), transport: transport() })
const approve = (amount: bigint) =>
  encodeFunctionData({ abi: loadArtifact('Usdc').abi as Abi, functionName: 'approve', args: [STRANGER, amount] })
const permit = () => ({
  domain: { name: 'USD Coin', version: '2', chainId: chain.chainId, verifyingContract: usdc },
  types: {
    Permit: ['owner:address', 'spender:address', 'value:uint256', 'nonce:uint256', 'deadline:uint256'].map((field) => {
      const [name = '', type = ''] = field.split(':')
      return { name, type }
    }),
  },
  primaryType: 'Permit',
  message: { owner: account.address, spender: STRANGER, value: MAX, nonce: 0n, deadline: MAX },
})

/** What a call ended with: `ok`, or the code of the refusal. */
async function outcome(work: () => Promise<unknown>): Promise<'ok' | number> {
  try {
    await work()
    return 'ok'
  } catch (error) {
    return codeOf(error)
  }
}
function codeOf(error: unknown): number {
  for (
    let at = error as { code?: unknown; info?: { code?: unknown }; cause?: unknown } | undefined;
    at != null;
    at = at.cause as never
  ) {
    if (typeof at.info?.code === 'number') return at.info.code
    if (typeof at.code === 'number') return at.code
  }
  throw error
}

/** The requests of the table, by name; a door answers each in its own words. */
type Door = Readonly<Record<string, () => Promise<unknown>>>
const VERDICTS: Readonly<Record<string, 'ok' | number>> = {
  payment: 'ok',
  'a payment over the limit': 4001,
  'an unlimited approval for a stranger': 4001,
  'an unlimited permit for a stranger': 4001,
  'a bare hash': 4200,
  'an EIP-7702 authorization': 4200,
  deploy: 'ok',
  'the text hi': 'ok',
  'another chain': 4001,
}
const BYTECODE = '0x6001600c60003960016000f300' as Hex
const HASH: Hex = `0x${'ab'.repeat(32)}`

const doors: Readonly<Record<string, () => Door>> = {
  'viem account'() {
    const guarded = guard(account, options())
    const wallet = walletOf(guarded)
    const other = { ...viemChain(), id: 1 }
    return {
      payment: () => wallet.sendTransaction({ to: FRIEND, value: parseEther('1') }),
      'a payment over the limit': () => wallet.sendTransaction({ to: FRIEND, value: parseEther('3') }),
      'an unlimited approval for a stranger': () => wallet.sendTransaction({ to: usdc, data: approve(MAX) }),
      'an unlimited permit for a stranger': () => guarded.signTypedData(permit() as never),
      'a bare hash': () => guarded.sign({ hash: HASH }),
      'an EIP-7702 authorization': () => wallet.signAuthorization({ contractAddress: STRANGER }),
      deploy: () => wallet.deployContract({ abi: [], bytecode: BYTECODE }),
      'the text hi': () => guarded.signMessage({ message: 'hi' }),
      'another chain': () =>
        guarded.signTransaction({ to: FRIEND, value: 1n, chainId: other.id, gas: 21_000n, maxFeePerGas: 1n, nonce: 0 }),
    }
  },
  'viem client'() {
    const wallet = guard(walletOf(), options())
    return {
      payment: () => wallet.sendTransaction({ to: FRIEND, value: parseEther('1') }),
      'a payment over the limit': () => wallet.sendTransaction({ to: FRIEND, value: parseEther('3') }),
      'an unlimited approval for a stranger': () =>
        wallet.writeContract({
          ...{ address: usdc, abi: loadArtifact('Usdc').abi as Abi, functionName: 'approve', args: [STRANGER, MAX] },
        }),
      'an unlimited permit for a stranger': () => wallet.signTypedData(permit() as never),
      'a bare hash': () => wallet.account.sign({ hash: HASH }),
      'an EIP-7702 authorization': () => wallet.signAuthorization({ contractAddress: STRANGER }),
      deploy: () => wallet.deployContract({ abi: [], bytecode: BYTECODE }),
      'the text hi': () => wallet.signMessage({ message: 'hi' }),
      'another chain': () =>
        wallet.signTransaction({
          to: FRIEND,
          value: 1n,
          chain: null,
          chainId: 1,
          gas: 21_000n,
          maxFeePerGas: 1n,
          nonce: 0,
        } as never),
    }
  },
  'EIP-1193'() {
    const provider = guard(walletProvider(), options())
    const send = (tx: object) =>
      provider.request({ method: 'eth_sendTransaction', params: [{ from: account.address, ...tx }] })
    return {
      payment: () => send({ to: FRIEND, value: toHex(parseEther('1')) }),
      'a payment over the limit': () => send({ to: FRIEND, value: toHex(parseEther('3')) }),
      'an unlimited approval for a stranger': () => send({ to: usdc, data: approve(MAX) }),
      'an unlimited permit for a stranger': () =>
        provider.request({
          method: 'eth_signTypedData_v4',
          params: [
            account.address,
            JSON.stringify(permit(), (_k, v: unknown) => (typeof v === 'bigint' ? v.toString() : v)),
          ],
        }),
      'a bare hash': () => provider.request({ method: 'eth_sign', params: [account.address, HASH] }),
      'an EIP-7702 authorization': () => provider.request({ method: 'eth_sign7702Authorization', params: [{}] }),
      deploy: () => send({ data: BYTECODE }),
      'the text hi': () => provider.request({ method: 'personal_sign', params: ['0x6869', account.address] }),
      'another chain': () => send({ to: FRIEND, value: '0x1', chainId: '0x1' }),
      'a batch': () =>
        provider.request({
          method: 'wallet_sendCalls',
          params: [
            {
              version: '2.0.0',
              from: account.address,
              chainId: toHex(chain.chainId),
              calls: [
                { to: FRIEND, value: '0x1' },
                { to: FRIEND, value: '0x2' },
              ],
            },
          ],
        }),
      'raw bytes': async () =>
        provider.request({ method: 'eth_sendRawTransaction', params: [await signedPayment(parseEther('1'))] }),
    }
  },
  ethers() {
    const provider = new ethers.JsonRpcProvider(chain.rpcUrl, chain.chainId, { staticNetwork: true })
    const signer = guard(new ethers.Wallet(key, provider), options())
    const { domain, types, message } = permit()
    return {
      payment: () => signer.sendTransaction({ to: FRIEND, value: parseEther('1') }),
      'a payment over the limit': () => signer.sendTransaction({ to: FRIEND, value: parseEther('3') }),
      'an unlimited approval for a stranger': () => signer.sendTransaction({ to: usdc, data: approve(MAX) }),
      'an unlimited permit for a stranger': () => signer.signTypedData(domain, types, message),
      'a bare hash': () => signer.signMessage(ethers.getBytes(HASH)),
      'an EIP-7702 authorization': () => signer.authorize({ address: STRANGER }),
      deploy: () => signer.sendTransaction({ data: BYTECODE }),
      'the text hi': () => signer.signMessage('hi'),
      'another chain': () =>
        signer.signTransaction({
          to: FRIEND,
          value: 1n,
          chainId: 1,
          gasLimit: 21_000n,
          maxFeePerGas: 1n,
          maxPriorityFeePerGas: 0n,
          nonce: 0,
          type: 2,
        }),
    }
  },
}

/** A wallet behind EIP-1193: it signs whatever it is asked for. */
function walletProvider() {
  const wallet = walletOf()
  const node = open()
  const num = (value: unknown) => (value === undefined ? undefined : BigInt(value as string))
  return {
    async request({ method, params }: { method: string; params?: readonly unknown[] | object }): Promise<unknown> {
      const [first, second] = (params ?? []) as readonly [never, never]
      const tx = first as { to?: Hex; value?: string; data?: Hex } | undefined
      switch (method) {
        case 'eth_accounts':
          return [account.address]
        case 'eth_sendTransaction':
          return wallet.sendTransaction({ to: tx?.to, value: num(tx?.value), data: tx?.data } as never)
        case 'wallet_sendCalls':
          for (const call of (first as { calls: { to: Hex; value: string }[] }).calls)
            await wallet.sendTransaction({ to: call.to, value: num(call.value) } as never)
          return { id: '0x1' }
        case 'personal_sign':
          return account.signMessage({ message: { raw: first } })
        case 'eth_signTypedData_v4':
          return account.signTypedData(JSON.parse(second) as never)
        case 'eth_sign':
          return account.sign({ hash: second })
        default:
          return node.request({ method, params } as never)
      }
    },
  }
}

async function signedPayment(value: bigint, of: PrivateKeyAccount = account): Promise<Hex> {
  const prepared = await open().prepareTransactionRequest({
    account: of,
    to: FRIEND,
    value,
    chain: viemChain(),
  } as never)
  return of.signTransaction(prepared as never)
}

describe.each(Object.keys(doors))('%s', (name) => {
  test('promise: the same requests have the same verdicts', async () => {
    const door = doors[name]?.() ?? {}
    const found: Record<string, 'ok' | number> = {}
    for (const [request, work] of Object.entries(door)) found[request] = await outcome(work)
    expect(found).toEqual({
      ...VERDICTS,
      ...(door['a batch'] === undefined ? {} : { 'a batch': 'ok', 'raw bytes': 'ok' }),
    })
  })
})

describe('what a wallet is asked to send', () => {
  const DEAR = toHex(10n ** 14n)
  const asked = () => {
    const sent: Record<string, unknown>[] = []
    const inner = {
      request: async ({ method, params }: { method: string; params?: readonly unknown[] | object }) => {
        if (method === 'eth_accounts') return [account.address]
        if (method !== 'eth_sendTransaction') return chain.rpc(method, params as never)
        sent.push((params as Record<string, unknown>[])[0] ?? {})
        return HASH
      },
    }
    const limits = [
      { native: true, per_call: '1' },
      { fee: true, per_call: '0.001' },
    ] as const
    const guarded = guard(inner, options({ limits }))
    const send = (more: object) =>
      guarded.request({
        ...{ method: 'eth_sendTransaction' },
        params: [{ from: account.address, to: FRIEND, value: '0x1', ...more }],
      })
    return { sent, send }
  }
  test('promise: fees that contradict each other, or were not judged, are refused by name', async () => {
    const { sent, send } = asked()
    const gas = '0x5208'
    for (const [fees, why] of [
      [{ gas, maxFeePerGas: '0x1', gasPrice: DEAR }, /gasPrice/],
      [{ gas, maxPriorityFeePerGas: DEAR }, /maxPriorityFeePerGas/],
      [{ gas, gasPrice: '0x1', maxPriorityFeePerGas: DEAR }, /gasPrice/],
      [{ gas, type: '0x0', maxFeePerGas: '0x1' }, /fees are not those of its type/],
      [{ gas, type: '0x2', gasPrice: '0x1' }, /fees are not those of its type/],
      [{ gas, gasLimit: '0x1' }, /"gasLimit" differ/],
      [{ accessList: [{ address: FRIEND, storageKeys: [] }] }, /accessList/],
      [{ authorizationList: [] }, /authorizationList/],
      [{ blobs: [] }, /blobs/],
      [{ maxFeePerBlobGas: '0x1' }, /maxFeePerBlobGas/],
      [{ paymaster: FRIEND }, /paymaster/],
      // One of the two alone bounds nothing: the other one is weighed as the simulation finds it.
      [{ maxFeePerGas: DEAR, maxPriorityFeePerGas: DEAR }, /network fee is over the limit/],
      [{ gasPrice: DEAR }, /network fee is over the limit/],
      [{ gas, maxFeePerGas: DEAR }, /network fee is over the limit/],
    ] as const)
      await expect(send(fees), JSON.stringify(fees)).rejects.toThrow(why)
    expect(sent).toEqual([])
  })
  test('promise: what is handed on is what was judged', async () => {
    const { sent, send } = asked()
    await send({
      gasLimit: '0x5208',
      maxFeePerGas: '0xb2d05e00',
      maxPriorityFeePerGas: '0x1',
      nonce: '0x0',
      type: '0x2',
    })
    expect(sent).toEqual([
      {
        ...{ from: account.address, to: FRIEND, value: '0x1', data: '0x', chainId: toHex(chain.chainId), nonce: '0x0' },
        ...{ gas: '0x5208', maxFeePerGas: '0xb2d05e00', maxPriorityFeePerGas: '0x1', type: '0x2' },
      },
    ])
  })
})
