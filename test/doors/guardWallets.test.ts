/** `guard()` in front of AgentKit (by its shape), GOAT and x402, the last two with the real libraries on one chain. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { guard, type GuardOptions } from '@countersign/guard'
import { createSimulator, type Simulator } from '@countersign/simulator'
import { viem } from '@goat-sdk/wallet-viem'
import { wrapFetchWithPayment, x402Client } from '@x402/fetch'
import { ExactEvmScheme } from '@x402/evm'
import { createPublicClient, createWalletClient, http, parseEther, toHex, type Hex } from 'viem'
import { privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { foundry } from 'viem/chains'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
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
    price = '10000'
    expect(await (await pay(url())).text()).toBe('the page')
    expect(paid).toHaveLength(2)
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
