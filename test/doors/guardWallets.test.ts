/** `guard()` in front of AgentKit (by its shape), GOAT and x402, the last two with the real libraries on one chain. */
import { EventEmitter } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { guard, type GuardOptions } from '@countersign/guard'
import { createSimulator, type Simulator } from '@countersign/simulator'
import { viem } from '@goat-sdk/wallet-viem'
import { wrapFetchWithPayment, x402Client } from '@x402/fetch'
import { ExactEvmScheme } from '@x402/evm'
import * as ethers from 'ethers'
import {
  createPublicClient,
  createWalletClient,
  custom,
  decodeFunctionData,
  encodeFunctionData,
  http,
  parseAbi,
  parseEther,
  toHex,
  type Hex,
} from 'viem'
import { toCoinbaseSmartAccount } from 'viem/account-abstraction'
import { privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { foundry } from 'viem/chains'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { harmless, reachable } from './reachable.ts'
import { WalletProvider } from './verdicts/WalletProvider.ts'

const FRIEND: Hex = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const HASH: Hex = `0x${'ab'.repeat(32)}`
const ETHER = parseEther('1')
let chain: LocalChain
let simulator: Simulator
let account: PrivateKeyAccount
let n = 0

beforeAll(async () => {
  chain = await startLocalChain()
  simulator = await createSimulator({ chainId: chain.chainId, rpcUrls: [chain.rpcUrl] })
})
afterAll(async () => {
  await simulator.close()
  await chain.close()
})
beforeEach(async () => {
  n += 1
  account = privateKeyToAccount(toHex(BigInt(`0x${'8d'.repeat(30)}`) + BigInt(n), { size: 32 }))
  await chain.fund(account.address, { wei: 100n * ETHER, usdc: 1_000n * 10n ** 6n })
})
const options = (more: object = {}): GuardOptions =>
  ({
    simulator,
    limits: [
      { native: true, per_call: '2', per_day: '3' },
      { fee: true, per_day: '1' },
    ],
    ...more,
  }) as GuardOptions
const viemChain = () => ({ ...foundry, id: chain.chainId, rpcUrls: { default: { http: [chain.rpcUrl] } } })
const walletOf = (of: PrivateKeyAccount = account) =>
  createWalletClient({ account: of, chain: viemChain(), transport: http(chain.rpcUrl) })
const open = () => createPublicClient({ chain: viemChain(), transport: http(chain.rpcUrl) })
async function code(work: () => unknown): Promise<'ok' | number> {
  try {
    await work()
    return 'ok'
  } catch (error) {
    for (let at = error as { code?: unknown; cause?: unknown } | undefined; at != null; at = at.cause as never)
      if (typeof at.code === 'number') return at.code
    throw error
  }
}

test('promise: AgentKit’s wallet provider signs and sends what was judged only', async () => {
  const guarded = guard(new WalletProvider(walletOf(), chain), options())
  const signer = (guarded as unknown as { toSigner(): PrivateKeyAccount }).toSigner()
  expect(guarded.getAddress()).toBe(account.address)
  expect(await guarded.getBalance()).toBeGreaterThan(0n)
  const found = {
    nativeTransfer: await code(() => guarded.nativeTransfer(FRIEND, '1')),
    'nativeTransfer over the limit': await code(() => guarded.nativeTransfer(FRIEND, '2.5')),
    sendTransaction: await code(() => guarded.sendTransaction({ to: FRIEND, value: 1n })),
    'sendTransaction over the limit': await code(() => guarded.sendTransaction({ to: FRIEND, value: 3n * ETHER })),
    signTransaction: await code(() => guarded.signTransaction({ to: FRIEND, value: 2n })),
    'another chain': await code(() => guarded.sendTransaction({ to: FRIEND, value: 1n, chainId: 1 } as never)),
    text: await code(() => guarded.signMessage('hi')),
    'a hash as text': await code(() => guarded.signMessage(HASH)),
    sign: await code(() => guarded.sign(HASH)),
    'toSigner().sign': await code(() => signer.sign?.({ hash: HASH })),
    'toSigner().signMessage': await code(() => signer.signMessage({ message: 'hi' })),
    exportWallet: await code(() => guarded.exportWallet()),
  }
  expect(found).toEqual({
    ...{ nativeTransfer: 'ok', 'nativeTransfer over the limit': 4001, sendTransaction: 'ok' },
    ...{ 'sendTransaction over the limit': 4001, signTransaction: 'ok', 'another chain': 4001, text: 'ok' },
    ...{
      'a hash as text': 4200,
      sign: 4200,
      'toSigner().sign': 4200,
      'toSigner().signMessage': 'ok',
      exportWallet: 4200,
    },
  })
  expect(Object.keys(guarded)).toEqual([])
})

test('promise: GOAT’s wallet and its tools go through the same judgement', async () => {
  for (const guarded of [
    guard(viem(walletOf() as never), options()),
    viem(walletOf(guard(account, options())) as never),
  ]) {
    expect(guarded.getAddress()).toBe(account.address)
    expect(await code(() => guarded.sendToken({ recipient: FRIEND, amountInBaseUnits: '1000' })), 'sendToken').toBe(
      'ok',
    )
    expect(await code(() => guarded.sendTransaction({ to: FRIEND, value: 3n * ETHER }))).toBe(4001)
    expect(await code(() => guarded.signMessage('hi'))).toBe('ok')
    await expect(
      guarded.approve({
        tokenAddress: chain.addresses.usdc as Hex,
        spender: FRIEND,
        amount: (2n ** 256n - 1n).toString(),
      }),
    ).rejects.toThrow()
    await expect(guarded.sendToken({ recipient: FRIEND, amountInBaseUnits: (5n * ETHER).toString() })).rejects.toThrow()
  }
  const allowance = await open().readContract({
    ...{ address: chain.addresses.usdc as Hex, functionName: 'allowance', args: [account.address, FRIEND] },
    abi: [
      {
        ...{ type: 'function', name: 'allowance', stateMutability: 'view', outputs: [{ type: 'uint256' }] },
        inputs: [{ type: 'address' }, { type: 'address' }],
      },
    ],
  } as never)
  expect(allowance).toBe(0n)
})

describe('x402', () => {
  let paid: { nonce: string }[] = []
  let isLost = false
  let price = '10000'
  let isSettled = true
  const shop = createServer((request, response) => {
    const header = request.headers['payment-signature'] ?? request.headers['x-payment']
    const url = `http://127.0.0.1:${(shop.address() as AddressInfo).port}/`
    if (header === undefined) {
      const required = {
        ...{ x402Version: 2, error: 'pay', resource: { url, description: 'a page', mimeType: 'text/plain' } },
        accepts: [
          {
            ...{
              scheme: 'exact',
              network: `eip155:${chain.chainId}`,
              asset: chain.addresses.usdc,
              amount: price,
              payTo: FRIEND,
            },
            ...{ maxTimeoutSeconds: 60, extra: { name: 'USD Coin', version: '2' } },
          },
        ],
      }
      response
        .writeHead(402, { 'payment-required': Buffer.from(JSON.stringify(required)).toString('base64') })
        .end('{}')
      return
    }
    const { payload } = JSON.parse(Buffer.from(String(header), 'base64').toString()) as {
      payload: { authorization: { nonce: string } }
    }
    paid.push(payload.authorization)
    if (isLost) return void request.socket.destroy()
    const settled = {
      success: isSettled,
      transaction: `0x${'1'.repeat(64)}`,
      network: `eip155:${chain.chainId}`,
      payer: account.address,
    }
    response
      .writeHead(200, { 'payment-response': Buffer.from(JSON.stringify(settled)).toString('base64') })
      .end('the page')
  })
  beforeAll(() => new Promise<void>((resolve) => void shop.listen(0, '127.0.0.1', resolve)))
  afterAll(() => {
    shop.closeAllConnections()
    shop.close()
  })
  beforeEach(() => {
    paid = []
    isLost = false
    isSettled = true
    price = '10000'
  })
  const url = () => `http://127.0.0.1:${(shop.address() as AddressInfo).port}/`
  const limits = () => ({ limits: [{ token: chain.addresses.usdc, per_call: '0.01', payees: [FRIEND] }] })
  const client = (signer: object = account) => {
    const made = new x402Client()
    made.register('eip155:*', new ExactEvmScheme(signer as never))
    made.setSpendControls(false)
    return made
  }

  test('promise: a payment within the limit is made, one above it is not', async () => {
    const pay = wrapFetchWithPayment(fetch, guard(client(), options(limits())))
    expect(await (await pay(url())).text()).toBe('the page')
    price = '10001'
    await expect(pay(url())).rejects.toThrow(/Countersign refused/)
    expect(paid).toHaveLength(1)
  })
  test('promise: a seller who says that it was paid, and settles nothing, gets no second authorization', async () => {
    const pay = wrapFetchWithPayment(fetch, guard(client(), options(limits())))
    expect(await (await pay(url())).text()).toBe('the page')
    await expect(pay(url())).rejects.toThrow(/may still be spent/)
    expect(paid).toHaveLength(1)
  })
  test('promise: a chain of registrations stays guarded, and no hook changes what is compared', async () => {
    const named = () => {
      const made = new x402Client()
      made.setSpendControls(false)
      return guard(made, options(limits()))
    }
    price = '9000000'
    for (const chained of [
      named().registerPolicy((_version, accepts) => accepts),
      named().onBeforePaymentCreation(async () => undefined),
      named().onAfterPaymentCreation(async () => undefined),
      named().onPaymentCreationFailure(async () => undefined),
      named().onPaymentResponse(async () => undefined),
      named().setSpendControls(false),
      named().registerExtension({ key: 'x' }),
    ]) {
      chained.register('eip155:*', new ExactEvmScheme(account as never))
      await expect(wrapFetchWithPayment(fetch, chained)(url())).rejects.toThrow(/Countersign refused/)
    }
    price = '10000'
    const turned = guard(client(), options({ limits: [] })).onBeforePaymentCreation(
      async ({ selectedRequirements }) => {
        Object.assign(selectedRequirements, { amount: '9000000' })
      },
    )
    await expect(wrapFetchWithPayment(fetch, turned)(url())).rejects.toThrow(/is not what the server asked for/)
    expect(paid).toEqual([])
  })
  test('promise: a lost answer and a second call make one authorization', async () => {
    const pay = wrapFetchWithPayment(fetch, guard(client(), options(limits())))
    isLost = true
    await expect(pay(url())).rejects.toThrow()
    isLost = false
    await expect(pay(url())).rejects.toThrow(/may still be spent/)
    expect(paid).toHaveLength(1)
  })
  test('promise: a guarded signer makes one authorization at a time, and has no other method', async () => {
    const signer = guard({ address: account.address, signTypedData: account.signTypedData }, options(limits()))
    expect(Object.keys(signer)).toEqual(['address', 'signTypedData'])
    const pay = wrapFetchWithPayment(fetch, client(signer))
    isLost = true
    await expect(pay(url())).rejects.toThrow()
    await expect(pay(url())).rejects.toThrow(/may still be spent/)
    expect(paid).toHaveLength(1)
    await expect(
      signer.signTypedData({
        ...{ domain: { chainId: chain.chainId, verifyingContract: chain.addresses.usdc }, primaryType: 'Permit' },
        ...{ types: { Permit: [{ name: 'value', type: 'uint256' }] }, message: { value: 1n } },
      } as never),
    ).rejects.toThrow(/only payments/)
  })
})

describe('a user operation', () => {
  const PAYMASTER: Hex = '0x00000000000000000000000000000000000beef1'
  const open = (more: object = {}) => {
    const signed: Record<string, unknown>[] = []
    const smart = {
      ...{ address: account.address, type: 'smart', signMessage: async () => '0x', signTypedData: async () => '0x' },
      decodeCalls: async () => [{ to: FRIEND, value: 1n, data: '0x' }],
      encodeCalls: async () => '0x1234',
      signUserOperation: async (operation: Record<string, unknown>) => {
        signed.push(operation)
        return '0xabcd'
      },
    }
    const limits = [
      { native: true, per_call: '1' },
      { fee: true, per_call: '0.001' },
    ]
    const guarded = guard(smart, { simulator, limits, ...more } as never)
    return { signed, sign: (operation: object) => guarded.signUserOperation(operation as never) }
  }
  const plain = {
    ...{ nonce: 0n, callData: '0x1234', callGasLimit: 100_000n, verificationGasLimit: 100_000n },
    ...{ preVerificationGas: 50_000n, maxFeePerGas: 1_000_000_000n, maxPriorityFeePerGas: 1n },
  }
  test('promise: the most that it may pay is weighed, by every gas and entry point', async () => {
    const { signed, sign } = open({ paymasters: [PAYMASTER] })
    await sign(plain)
    await sign({ ...plain, initCode: '0x', paymasterAndData: '0x', sender: account.address })
    expect(signed).toHaveLength(2)
    expect(signed[0]).toMatchObject({ sender: account.address, chainId: chain.chainId })
    const v6 = { paymasterAndData: `${PAYMASTER}00` }
    for (const dear of [
      { preVerificationGas: 1_000_000n },
      { callGasLimit: 1_000_000n },
      { verificationGasLimit: 1_000_000n },
      { maxFeePerGas: 5_000_000_000n },
      { paymaster: PAYMASTER, paymasterVerificationGasLimit: 1_000_000n },
      { paymaster: PAYMASTER, paymasterPostOpGasLimit: 1_000_000n },
      // Three times, as entry point 0.6 asks for it.
      { verificationGasLimit: 300_000n, ...v6 },
    ])
      await expect(sign({ ...plain, ...dear })).rejects.toThrow(/network fee is over the limit/)
    for (const name of ['callGasLimit', 'verificationGasLimit', 'preVerificationGas', 'maxFeePerGas'])
      await expect(sign({ ...plain, [name]: undefined }), name).rejects.toThrow(/is not stated/)
    for (const odd of [{ accountGasLimits: '0x01' }, { gasFees: '0x01' }, { sender: FRIEND }, { factory: FRIEND }])
      await expect(sign({ ...plain, ...odd })).rejects.toThrow(/Countersign refused/)
    expect(signed).toHaveLength(2)
    await sign({ ...plain, ...v6 })
    expect(signed[2]).toMatchObject(v6)
  })
  test('promise: call data that its calls do not make again is not signed', async () => {
    const { abi, named, delegated } = executions()
    const smart = (encodeCalls: unknown) => {
      const signed: unknown[] = []
      const raw = {
        ...{ address: account.address, type: 'smart', signMessage: async () => '0x', signTypedData: async () => '0x' },
        // As accounts do that tell no delegate call from a call.
        decodeCalls: async (data: Hex) => {
          const [to, value, inner] = decodeFunctionData({ abi, data }).args
          return [{ to, value, data: inner }]
        },
        signUserOperation: async (operation: unknown) => (signed.push(operation), '0xabcd'),
        ...(encodeCalls === null ? {} : { encodeCalls }),
      }
      const guarded = guard(raw, { simulator } as never)
      return { signed, sign: (callData: Hex) => guarded.signUserOperation({ ...plain, callData } as never) }
    }
    const encode = async ([{ to, value, data }]: readonly [{ to: Hex; value: bigint; data: Hex }]) =>
      encodeFunctionData({ abi, args: [to, value, data, 0] })
    const { signed, sign } = smart(encode)
    await sign(named)
    await sign(named.toUpperCase().replace('0X', '0x') as Hex)
    expect(signed).toHaveLength(2)
    for (const other of [delegated, `${named}00`] as const)
      await expect(sign(other)).rejects.toThrow(/its call data says more than its calls/)
    expect(signed).toHaveLength(2)
    for (const odd of [null, async () => '0x', async () => undefined]) {
      const blind = smart(odd)
      await expect(blind.sign(named)).rejects.toThrow(/Countersign refused/)
      expect(blind.signed).toEqual([])
    }
  })
  test('promise: no paymaster is signed for that the options do not name', async () => {
    const { signed, sign } = open()
    for (const paymaster of [
      { paymaster: PAYMASTER },
      { paymasterAndData: `${PAYMASTER}00` },
      { paymasterAndData: '0xbad0' },
      { paymaster: PAYMASTER, paymasterAndData: `${PAYMASTER}00` },
    ])
      await expect(sign({ ...plain, ...paymaster })).rejects.toThrow(/Countersign refused/)
    const other = open({ paymasters: [FRIEND] })
    await expect(other.sign({ ...plain, paymaster: PAYMASTER })).rejects.toThrow(/is not named in "paymasters"/)
    expect([...signed, ...other.signed]).toEqual([])
  })
})

/** Each raw signer is of its real library, and notes whatever it is asked to sign. */
describe('whatever is reached from a guarded object', () => {
  let asked: string[] = []
  /** Nothing passes: whatever is signed was signed past the guard. */
  const closed = (): GuardOptions =>
    ({
      simulator: { chainId: chain.chainId, reads: {}, simulate: () => Promise.reject(new Error('closed')) },
    }) as never
  const noting = (of: PrivateKeyAccount): PrivateKeyAccount => {
    const note = (name: string) => async (): Promise<string> => {
      asked.push(name)
      return HASH
    }
    const names = ['sign', 'signAuthorization', 'signMessage', 'signTransaction', 'signTypedData']
    return { ...of, ...Object.fromEntries(names.map((name) => [name, note(name)])) } as never
  }
  class Emitter extends EventEmitter {
    async request({ method }: { method: string }): Promise<unknown> {
      if (method === 'eth_chainId' || method === 'net_version') return toHex(chain.chainId)
      if (method === 'eth_accounts' || method === 'eth_requestAccounts') return [account.address]
      if (/send|sign/i.test(method)) asked.push(method)
      return '0x1'
    }
    override on(event: string, listener: (...args: unknown[]) => void): this {
      super.on(event, listener)
      // At once, as a wallet does that is connected already.
      listener.call(this, { emitter: event })
      return this
    }
  }
  class NotingWallet extends ethers.Wallet {
    override connect(provider: ethers.Provider | null): ethers.Wallet {
      return new NotingWallet(this.privateKey, provider)
    }
    override async signTransaction(): Promise<string> {
      asked.push('signTransaction')
      return HASH
    }
    override async signMessage(): Promise<string> {
      asked.push('signMessage')
      return HASH
    }
    override async signTypedData(): Promise<string> {
      asked.push('signTypedData')
      return HASH
    }
  }
  /** A client over a wallet that notes. */
  const noted = () =>
    createWalletClient({ account: noting(account), chain: viemChain(), transport: custom(new Emitter()) })
  const browser = () =>
    new ethers.BrowserProvider(new Emitter(), chain.chainId, { staticNetwork: ethers.Network.from(chain.chainId) })
  const smart = () =>
    toCoinbaseSmartAccount({
      ...{ client: createPublicClient({ chain: viemChain(), transport: custom(new Emitter()) }), version: '1.1' },
      ...{ owners: [noting(account)], address: account.address },
    })
  const x402 = () => {
    const made = new x402Client()
    made.register('eip155:*', new ExactEvmScheme(noting(account) as never))
    return made
  }
  /** The raw object, and others that only it should lead to. */
  const raws: Readonly<Record<string, () => Promise<readonly [object, ...object[]]>>> = {
    'viem account': async () => [noting(account)],
    'viem client': async () => {
      const raw = noted()
      return [raw, raw.account, raw.transport]
    },
    'EIP-1193': async () => [new Emitter()],
    'ethers wallet': async () => {
      const provider = browser()
      return [new NotingWallet(toHex(7n, { size: 32 }), provider), provider]
    },
    'ethers signer of a wallet': async () => {
      const provider = browser()
      return [await provider.getSigner(), provider]
    },
    AgentKit: async () => [new WalletProvider(noted(), chain)],
    GOAT: async () => {
      const wallet = noted()
      return [viem(wallet as never), wallet]
    },
    'x402 client': async () => [x402()],
    'x402 signer': async () => {
      const { address, signTypedData } = noting(account)
      return [{ address, signTypedData }]
    },
    'smart account': async () => {
      const raw = await smart()
      return [raw, raw.client]
    },
  }
  test.each(Object.keys(raws))('promise: is no raw signer and leads to none (%s)', async (name) => {
    asked = []
    // Libraries log what the walk asks them in vain.
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const [raw, ...more] = (await raws[name]?.()) ?? [{}]
    const names = namesOf(raw)
    const guarded = guard(raw, closed())
    asked = []
    const all = harmless(account.address, chain.chainId)
    // ethers takes other words for names, and asks for them where nobody waits for the answer.
    const isPlain = ([first]: readonly unknown[]) => typeof first !== 'string' || first === account.address
    const tries: typeof all = (call) => (name.startsWith('ethers') ? all(call).filter(isPlain) : all(call))
    const found = await reachable(guarded, { names, tries, depth: name === 'viem client' ? 2 : 3 })
    expect(found.size).toBeGreaterThan(1)
    expect([raw, ...more].flatMap((each) => found.get(each) ?? [])).toEqual([])
    expect(asked).toEqual([])
  })
  test('the walk finds raw signers where nothing is guarded', async () => {
    for (const name of ['viem account', 'EIP-1193', 'AgentKit', 'x402 signer', 'smart account']) {
      const [raw] = (await raws[name]?.()) ?? [{}]
      asked = []
      await reachable(raw, { names: [], tries: harmless(account.address, chain.chainId), depth: 1 })
      expect(asked, name).not.toEqual([])
    }
  })
})

/** One call in the words of an account that can also be made to run other code as itself. */
function executions() {
  const abi = parseAbi(['function execute(address to, uint256 value, bytes data, uint8 operation)'])
  const [named, delegated] = ([0, 1] as const).map((operation) =>
    encodeFunctionData({ abi, args: [FRIEND, 1n, '0x', operation] }),
  ) as [Hex, Hex]
  return { abi, named, delegated }
}

function namesOf(raw: object): readonly string[] {
  const names = new Set<string>()
  for (
    let at: object | null = raw;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object | null
  )
    for (const name of Object.getOwnPropertyNames(at)) names.add(name)
  names.delete('constructor')
  return [...names]
}
