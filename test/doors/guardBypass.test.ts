/** Ways round `guard()`: each is closed, and none ends with a signature that was not judged. */
import { loadArtifact, startLocalChain, type LocalChain } from '@countersign/chain'
import { guard, guardAccount, OptionsError, SignerUnknownError, type GuardOptions } from '@countersign/guard'
import { createSimulator, type Simulator } from '@countersign/simulator'
import * as ethers from 'ethers'
import fc from 'fast-check'
import {
  createPublicClient,
  createWalletClient,
  encodeFunctionData,
  http,
  keccak256,
  parseEther,
  parseTransaction,
  serializeTransaction,
  toHex,
  type Abi,
  type Hex,
} from 'viem'
import { privateKeyToAccount, toAccount, type PrivateKeyAccount } from 'viem/accounts'
import { foundry } from 'viem/chains'
import { createNonceManager, jsonRpc } from 'viem/nonce'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

const FRIEND = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const ETHER = parseEther('1')
let chain: LocalChain
let simulator: Simulator
let next = 0
let key: Hex
let account: PrivateKeyAccount
/** Whatever the account signed, by method. */
let signed: string[] = []
/** The same account, counting. */
let counting: PrivateKeyAccount

beforeAll(async () => {
  chain = await startLocalChain()
  simulator = await createSimulator({ chainId: chain.chainId, rpcUrls: [chain.rpcUrl] })
})
afterAll(async () => {
  await simulator.close()
  await chain.close()
})
beforeEach(async () => {
  next += 1
  key = toHex(BigInt(`0x${'6b'.repeat(30)}`) + BigInt(next), { size: 32 })
  account = privateKeyToAccount(key)
  signed = []
  const count =
    <A extends readonly unknown[], R>(name: string, method: (...args: A) => R) =>
    (...args: A): R => {
      signed.push(name)
      return method(...args)
    }
  counting = {
    ...account,
    sign: count('sign', account.sign),
    signAuthorization: count('signAuthorization', account.signAuthorization),
    signMessage: count('signMessage', account.signMessage),
    signTransaction: count('signTransaction', account.signTransaction as never) as never,
    signTypedData: count('signTypedData', account.signTypedData as never) as never,
  }
  await chain.fund(account.address, { wei: 100n * ETHER })
})

const options = (more: object = {}): GuardOptions =>
  ({
    simulator,
    limits: [
      { native: true, per_call: '2', per_day: '3' },
      { fee: true, per_call: '1' },
    ],
    ...more,
  }) as GuardOptions
const viemChain = () => ({ ...foundry, id: chain.chainId, rpcUrls: { default: { http: [chain.rpcUrl] } } })
const open = () => createPublicClient({ chain: viemChain(), transport: http(chain.rpcUrl) })
const walletOf = (of: object) =>
  createWalletClient({ account: of as PrivateKeyAccount, chain: viemChain(), transport: http(chain.rpcUrl) })
const plain = (more: object = {}) => ({
  ...{
    to: FRIEND as Hex,
    value: 1n,
    data: '0x' as Hex,
    gas: 21_000n,
    maxFeePerGas: 3_000_000_000n,
    maxPriorityFeePerGas: 1n,
  },
  ...{ nonce: 0, chainId: chain.chainId, type: 'eip1559' as const, ...more },
})
async function refusal(work: () => unknown): Promise<string> {
  try {
    await work()
  } catch (error) {
    expect(error).toMatchObject({ name: 'GuardRefusedError' })
    return (error as Error).message
  }
  throw new Error('it was not refused')
}

describe('viem', () => {
  test('promise: another serialiser gets nothing signed that was not judged', async () => {
    const guarded = guard(counting, options())
    const evil = () => serializeTransaction(plain({ to: `0x${'9'.repeat(40)}`, value: 50n * ETHER }) as never)
    expect(await refusal(() => guarded.signTransaction(plain() as never, { serializer: evil as never }))).toMatch(
      /serialiser/,
    )
    expect(signed).toEqual([])
    await guarded.signTransaction(plain() as never, { serializer: serializeTransaction as never })
    expect(signed).toEqual(['signTransaction'])
  })
  test('promise: a transaction without a chain, of another type or with odd fields is refused', async () => {
    const guarded = guard(counting, options())
    for (const odd of [
      { chainId: undefined, type: 'legacy', gasPrice: 1n, maxFeePerGas: undefined, maxPriorityFeePerGas: undefined },
      { chainId: 0 },
      { type: 'eip4844', blobVersionedHashes: ['0x01'] },
      { blobs: ['0x00'] },
      { type: 'eip7702', authorizationList: [{}] },
      { type: 'deposit' },
      { value: -1n },
      { to: 'vitalik.eth' },
      { data: '0x123' },
    ])
      await refusal(() => guarded.signTransaction(plain(odd) as never))
    expect(signed).toEqual([])
  })
  test('promise: a getter that answers another value later signs what was judged', async () => {
    const guarded = guard(counting, options())
    let reads = 0
    const trap = {
      ...plain(),
      get value() {
        return (reads += 1) === 1 ? 1n : 50n * ETHER
      },
    }
    const bytes = await guarded.signTransaction(trap as never)
    expect(parseTransaction(bytes as Hex)).toMatchObject({ value: 1n })
  })
  test('promise: a value that changes after the check is signed as checked', async () => {
    const guarded = guard(counting, options())
    const request = plain()
    const work = guarded.signTransaction(request as never)
    request.value = 50n * ETHER
    expect(parseTransaction((await work) as Hex)).toMatchObject({ value: 1n })
    const types = { Note: [{ name: 'text', type: 'string' }] }
    const document = { domain: { chainId: chain.chainId }, types, primaryType: 'Note', message: { text: 'a' } }
    const asked = guarded.signTypedData(document as never).catch(() => null)
    document.message.text = 'b'
    const made = await asked
    if (made !== null) expect(made).toBe(await account.signTypedData({ ...document, message: { text: 'a' } } as never))
  })
  test('promise: of 8 concurrent payments of 1 through a budget of 3 exactly 3 are signed', async () => {
    const guarded = guard(counting, options())
    const other = guard(privateKeyToAccount(key), options())
    const sign = (i: number) =>
      (i % 2 === 0 ? guarded : other).signTransaction(plain({ value: ETHER, nonce: i }) as never)
    const found = await Promise.allSettled([0, 1, 2, 3, 4, 5, 6, 7].map(sign))
    expect(found.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
  })
  test('promise: an answer that is lost after signing does not give the budget back; a refusal by the owner does', async () => {
    const failing = (error: unknown) =>
      toAccount({
        ...{
          address: account.address,
          signMessage: account.signMessage,
          signTypedData: account.signTypedData as never,
        },
        signTransaction: async (transaction) => {
          await account.signTransaction(transaction as never)
          throw error
        },
      })
    const sign = async (error: unknown, nonce: number): Promise<unknown> => {
      try {
        const guarded = guard(failing(error), options()) as PrivateKeyAccount
        return await guarded.signTransaction(plain({ value: ETHER, nonce }) as never)
      } catch (thrown) {
        return thrown
      }
    }
    const rejection = Object.assign(new Error('no'), { code: 4001 })
    const wrapped = Object.assign(new Error('no'), { cause: rejection })
    for (let i = 0; i < 4; i += 1) expect(await sign(rejection, 0)).toBe(rejection)
    expect(await sign(wrapped, 0)).toBe(wrapped)
    for (const [i, lost] of [new Error('timeout'), { code: -32603 }, 'gone'].entries())
      expect(await sign(lost, i)).toBe(lost)
    expect(String(await sign('gone', 3))).toMatch(/over the limit/)
  })
  test('promise: no action of a guarded client leads past the account', async () => {
    const wallet = guard(walletOf(counting), options()) as never as Record<string, (...args: unknown[]) => unknown>
    const raw = await account.signTransaction(plain({ value: 50n * ETHER }))
    for (const [name, ...args] of [
      ['sendRawTransaction', { serializedTransaction: raw }],
      ['request', { method: 'eth_sendRawTransaction', params: [raw] }],
      [
        'request',
        { method: 'eth_sendTransaction', params: [{ from: chain.accounts[0]?.address, to: FRIEND, value: '0x1' }] },
      ],
      ['request', { method: 'personal_sign', params: ['0x6869', account.address] }],
      ['request', { method: 'eth_sign', params: [account.address, `0x${'1'.repeat(64)}`] }],
      ['sendCalls', { calls: [{ to: FRIEND, value: 1n }] }],
      ['signAuthorization', { contractAddress: FRIEND }],
      ['addChain', { chain: viemChain() }],
      ['unknownAction', {}],
      ['sendTransaction', { account: counting, to: FRIEND, value: 50n * ETHER }],
      ['sendTransaction', { account: null, to: FRIEND, value: 1n }],
      ['signMessage', { account: counting, message: { raw: `0x${'12'.repeat(32)}` } }],
    ] as [string, ...unknown[]][]) {
      await expect(
        (async () => wallet[name]?.(...args))(),
        `${name} ${JSON.stringify(args, (_k, v: unknown) => (typeof v === 'bigint' ? String(v) : v)).slice(0, 60)}`,
      ).rejects.toThrow()
    }
    expect(signed).toEqual([])
    const extended = (
      guard(walletOf(counting), options()) as never as { extend: (f: unknown) => Record<string, () => unknown> }
    ).extend((client: { account: PrivateKeyAccount }) => ({
      steal: () => client.account.sign({ hash: `0x${'1'.repeat(64)}` }),
    }))
    await expect((async () => extended['steal']?.())()).rejects.toThrow(/never allowed/)
    expect(signed).toEqual([])
  })
  test('promise: a message that is a transaction or a hash is refused', async () => {
    const guarded = guard(counting, options())
    const unsigned = serializeTransaction(plain() as never)
    for (const raw of [
      keccak256('0x01'),
      unsigned,
      `0x${'61'.repeat(32)}`,
      `0x${'61'.repeat(64)}`,
      '0x00ff',
      new Uint8Array(32),
    ])
      await refusal(() => guarded.signMessage({ message: { raw: raw as Hex } }))
    expect(signed).toEqual([])
  })
  test('look-alikes stay right: text as bytes, signing in, the same nonce again, a refusal without a gap', async () => {
    const guarded = guard(counting, options())
    expect(await guarded.signMessage({ message: { raw: '0x6869' } })).toBe(await account.signMessage({ message: 'hi' }))
    const siwe = `example.com wants you to sign in with your Ethereum account:\n${account.address}\n\nHello.\n\nURI: https://example.com\nVersion: 1\nChain ID: ${chain.chainId}\nNonce: 12345678\nIssued At: ${new Date().toISOString()}`
    expect(await guarded.signMessage({ message: { raw: toHex(siwe) } })).toBe(
      await account.signMessage({ message: siwe }),
    )
    await guarded.signTransaction(plain() as never)
    await guarded.signTransaction(plain({ maxFeePerGas: 4_000_000_000n }) as never)
    const managed = privateKeyToAccount(toHex(BigInt(key) + 7n, { size: 32 }), {
      nonceManager: createNonceManager({ source: jsonRpc() }),
    })
    await chain.fund(managed.address, { wei: 10n * ETHER })
    const wallet = walletOf(guard(managed, options()))
    await expect(wallet.sendTransaction({ to: FRIEND, value: 5n * ETHER })).rejects.toThrow(/over the limit/)
    await wallet.sendTransaction({ to: FRIEND, value: 1n })
    await expect.poll(async () => open().getTransactionCount({ address: managed.address })).toBe(1)
  })
  test('what a signer signs is compared with what was judged', async () => {
    const liar = toAccount({
      address: account.address,
      signTransaction: () => account.signTransaction(plain({ value: 50n * ETHER })),
      signMessage: account.signMessage,
      signTypedData: account.signTypedData as never,
    })
    expect(await refusal(() => guard(liar, options()).signTransaction(plain() as never))).toMatch(/something else/)
  })
  test('the refusal is the sentence that people see', async () => {
    const wallet = walletOf(guard(counting, options()))
    const error = await wallet.sendTransaction({ to: FRIEND, value: 5n * ETHER }).catch((each: unknown) => each)
    expect((error as Error).message).toMatch(
      /user denied: Countersign refused: 5 of the native coin is over the limit per_call of 2/,
    )
    expect(
      (error as { walk: (fn: (e: unknown) => boolean) => unknown }).walk(
        (e) => (e as { code?: unknown }).code === 4001,
      ),
    ).toMatchObject({
      ...{ name: 'GuardRefusedError', code: 4001, data: { verdict: 'allow', proposal: null, url: null } },
    })
  })
})

describe('EIP-1193', () => {
  const provider = (sent: unknown[], more: object = {}) => ({
    request: async ({ method, params }: { method: string; params?: unknown }) => {
      if (method === 'eth_chainId') return toHex(chain.chainId)
      if (method === 'eth_accounts') return [account.address]
      sent.push({ method, params })
      return '0x'
    },
    ...more,
  })
  test('promise: unknown and forbidden methods are refused by name', async () => {
    const sent: unknown[] = []
    const guarded = guard(provider(sent), options())
    for (const method of [
      'eth_sign',
      'eth_signTransaction',
      'eth_signTypedData',
      'eth_signTypedData_v3',
      'wallet_sendTransaction',
      'wallet_grantPermissions',
      'eth_sign7702Authorization',
      'wallet_addEthereumChain',
      'eth_sendBundle',
      'eth_sendUserOperation',
      'personal_sendTransaction',
      'anvil_impersonateAccount',
      'ETH_SENDTRANSACTION',
      'eth_sendTransaction ',
      '__proto__',
      'constructor',
      '',
    ])
      expect(await refusal(() => guarded.request({ method, params: [] })), method).toContain(
        `${method} is never allowed`,
      )
    expect(sent).toEqual([])
  })
  test('promise: a getter, odd fields, another account and capabilities are not judged, so they are refused', async () => {
    const sent: { params: [{ value: string }] }[] = []
    const guarded = guard(provider(sent), options())
    let reads = 0
    const params = [
      {
        from: account.address,
        to: FRIEND,
        get value() {
          return (reads += 1) === 1 ? '0x1' : toHex(50n * ETHER)
        },
      },
    ]
    await guarded.request({ method: 'eth_sendTransaction', params })
    expect(sent[0]?.params[0].value).toBe('0x1')
    for (const odd of [
      { authorizationList: [] },
      { type: '0x4' },
      { type: '0x3' },
      { from: FRIEND },
      { chainId: '0x1' },
      { blobs: [] },
      { to: '0x12' },
      { value: '1.5' },
      { data: '0x1', input: '0x' },
    ])
      await refusal(() =>
        guarded.request({
          method: 'eth_sendTransaction',
          params: [{ from: account.address, to: FRIEND, value: '0x1', ...odd }],
        }),
      )
    const calls = [{ to: FRIEND, value: '0x1' }]
    for (const odd of [
      { capabilities: { paymasterService: { url: 'https://example.invalid' } } },
      { chainId: '0x1' },
      { calls: [] },
      { other: 1 },
    ])
      await refusal(() =>
        guarded.request({ method: 'wallet_sendCalls', params: [{ from: account.address, calls, ...odd }] }),
      )
    expect(sent).toHaveLength(1)
    expect(Object.keys(guarded)).toEqual(['request', 'on', 'removeListener'])
  })
  test('promise: raw bytes are judged: another chain, another type, not canonical, not whole', async () => {
    const sent: unknown[] = []
    const guarded = guard(provider(sent), options())
    const good = await account.signTransaction(plain({ value: ETHER }))
    const send = (raw: unknown) => guarded.request({ method: 'eth_sendRawTransaction', params: [raw] })
    for (const raw of [
      await account.signTransaction(plain({ chainId: 1 })),
      await account.signTransaction({
        to: FRIEND,
        value: 1n,
        gas: 21_000n,
        gasPrice: 1n,
        nonce: 0,
        type: 'legacy',
      } as never),
      await account.signTransaction({ ...plain({ type: 'eip7702', authorizationList: [] }) } as never),
      serializeTransaction(plain() as never),
      `${good}00`,
      good.slice(0, -2),
      '0x',
      '0x04',
      HASH,
      null,
    ])
      await refusal(() => send(raw))
    expect(sent).toEqual([])
    await send(good)
    expect(sent).toHaveLength(1)
    expect(
      await refusal(async () => send(await account.signTransaction(plain({ value: 3n * ETHER, nonce: 1 })))),
    ).toMatch(/per_call/)
  })
})
const HASH = `0x${'ab'.repeat(32)}`

describe('ethers', () => {
  const signer = () => {
    const provider = new ethers.JsonRpcProvider(chain.rpcUrl, chain.chainId, { staticNetwork: true })
    return { provider, guarded: guard(new ethers.Wallet(key, provider), options()) }
  }
  test('promise: nothing of the inner signer is reachable by property', () => {
    const { guarded } = signer()
    for (const name of [
      'privateKey',
      'signingKey',
      'encrypt',
      'encryptSync',
      'authorizeSync',
      'signer',
      'inner',
      '_signer',
    ])
      expect((guarded as never as Record<string, unknown>)[name], name).toBeUndefined()
    expect(JSON.stringify(Object.values(guarded))).not.toContain(key.slice(2))
  })
  test('promise: connect and NonceManager stay guarded, and the refusal is ACTION_REJECTED', async () => {
    const { provider, guarded } = signer()
    for (const each of [
      guarded.connect(provider),
      new ethers.NonceManager(guarded),
      (new ethers.NonceManager(guarded) as { signer: ethers.Signer }).signer,
    ]) {
      const error = (await each
        .sendTransaction({ to: FRIEND, value: 5n * ETHER })
        .catch((thrown: unknown) => thrown)) as ethers.EthersError
      expect(ethers.isError(error, 'ACTION_REJECTED')).toBe(true)
      expect(error).toMatchObject({ name: 'GuardRefusedError', info: { code: 4001, verdict: 'allow' } })
      expect(error.shortMessage).toMatch(/per_call/)
    }
  })
  test('promise: a Transaction with accessors and a request that changes are signed as judged', async () => {
    const { guarded } = signer()
    const request = {
      ...{ to: FRIEND, value: 1n, gasLimit: 21_000n, maxFeePerGas: 3_000_000_000n, maxPriorityFeePerGas: 1n },
      nonce: 0,
      chainId: chain.chainId,
      type: 2,
    }
    const transaction = ethers.Transaction.from(request)
    const work = guarded.signTransaction(transaction)
    transaction.value = 50n * ETHER
    expect(ethers.Transaction.from(await work).value).toBe(1n)
    await expect(guarded.signTransaction({ ...request, from: FRIEND })).rejects.toThrow(/is from/)
    await expect(guarded.signTransaction({ ...request, chainId: 0, type: 0 } as never)).rejects.toThrow()
  })
})

describe('options and shapes', () => {
  test('unknown shapes and options that do not fit are refused', () => {
    for (const signer of [{}, { request: 1 }, null, 'x', () => undefined])
      expect(() => guard(signer as object, options())).toThrow(SignerUnknownError)
    for (const wrong of [
      {},
      { simulator, server: 'http://127.0.0.1:1', key: 'k' },
      { server: 'http://127.0.0.1:1' },
      { server: 'http://127.0.0.1:1', key: 'k', limits: [] },
      { server: 'ftp://x', key: 'k' },
      { simulator, waitMs: 1 },
      { simulator: {} },
      { simulator, limits: [{ native: true }] },
      { simulator, limits: [{ token: 'USDC', per_call: '1' }] },
      { simulator, limits: [{ native: true, per_call: 1 }] },
      { simulator, limits: [{ native: true, per_cal: '1' }] },
      { simulator, limit: [] },
      { simulator, allow: 'sign' },
    ])
      expect(() => guard(counting, wrong as never), JSON.stringify(Object.keys(wrong))).toThrow(OptionsError)
    expect(() => guardAccount({ request: async () => null } as never, options())).toThrow(SignerUnknownError)
  })
  test('options are read once', async () => {
    const mine = { simulator, limits: [{ native: true, per_call: '2' }], allow: [] as string[] }
    const guarded = guard(counting, mine as never)
    mine.limits[0] = { native: true, per_call: '1000' }
    mine.allow.push('sign')
    await refusal(() => guarded.signTransaction(plain({ value: 5n * ETHER }) as never))
    await refusal(() => guarded.sign({ hash: `0x${'1'.repeat(64)}` }))
    expect(signed).toEqual([])
  })
  test('only a plain yes of ask counts, and allow names what is signed unjudged', async () => {
    for (const answer of [false, undefined, 1, 'yes', Promise.resolve('true')]) {
      const guarded = guard(counting, {
        simulator,
        limits: [{ native: true, per_call: '1', over: 'ask' }],
        ask: () => answer as never,
      })
      await refusal(() => guarded.signTransaction(plain({ value: 5n * ETHER }) as never))
    }
    await refusal(() =>
      guard(counting, {
        simulator,
        limits: [{ native: true, per_call: '1', over: 'ask' }],
        ask: () => {
          throw new Error('no')
        },
      }).signTransaction(plain({ value: 5n * ETHER }) as never),
    )
    expect(signed).toEqual([])
    await guard(counting, {
      simulator,
      limits: [{ native: true, per_call: '1', over: 'ask' }],
      ask: async () => true,
    }).signTransaction(plain({ value: 5n * ETHER }) as never)
    await guard(counting, { simulator, allow: ['sign'] }).sign({ hash: `0x${'1'.repeat(64)}` })
    expect(signed).toEqual(['signTransaction', 'sign'])
  })
  test('promise: what cannot be judged is not signed', async () => {
    const gone = guard(counting, { simulator: { rpcUrl: 'http://127.0.0.1:1', chainId: chain.chainId } })
    const error = await gone.signTransaction(plain() as never).catch((each: unknown) => each)
    expect(error).toMatchObject({ name: 'GuardRefusedError', code: -32003 })
    expect(signed).toEqual([])
  })
})

test('promise: 200 generated tries to get something signed unjudged end with no signature', async () => {
  const sent: unknown[] = []
  const wallet = guard(
    {
      request: async ({ method }: { method: string; params?: unknown }) => {
        if (method === 'eth_chainId') return toHex(chain.chainId)
        if (method === 'eth_accounts') return [account.address]
        sent.push(method)
        return '0x'
      },
    },
    options(),
  )
  const guarded = guard(counting, options())
  const client = guard(walletOf(counting), options())
  const signer = guard(new ethers.Wallet(key), options())
  const abi = loadArtifact('Usdc').abi as Abi
  const drain = (amount: bigint) => encodeFunctionData({ abi, functionName: 'approve', args: [FRIEND, amount] })
  const big = fc.bigInt({ min: 3n * ETHER, max: 90n * ETHER })
  const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => toHex(bytes))
  const method = fc.oneof(
    fc.constantFrom('eth_sign', 'eth_signTransaction', 'eth_signTypedData', 'wallet_sendTransaction', 'eth_sendBundle'),
    fc.string({ minLength: 1, maxLength: 20 }).filter((name) => !/^(?:eth|wallet|net|web3|personal)_/.test(name)),
  )
  const tries: fc.Arbitrary<() => unknown> = fc.oneof(
    big.map((value) => () => guarded.signTransaction(plain({ value }) as never)),
    big.map((value) => () => client.sendTransaction({ to: FRIEND, value })),
    big.map((value) => () => signer.signTransaction({ ...plain({ value, type: 2 }), gasLimit: 21_000n } as never)),
    big.map(
      (value) => () =>
        wallet.request({
          method: 'eth_sendTransaction',
          params: [{ from: account.address, to: FRIEND, value: toHex(value) }],
        }),
    ),
    big.map(
      (value) => () =>
        guarded.signTransaction(
          plain({ to: chain.addresses.usdc, value: 0n, gas: 90_000n, data: drain(value * 10n ** 60n) }) as never,
        ),
    ),
    hash.map((raw) => () => guarded.signMessage({ message: { raw } })),
    hash.map((raw) => () => guarded.sign({ hash: raw })),
    hash.map((raw) => () => client.signMessage({ message: { raw } })),
    hash.map((raw) => () => signer.signMessage(ethers.getBytes(raw))),
    hash.map((raw) => () => wallet.request({ method: 'personal_sign', params: [raw, account.address] })),
    hash.map((raw) => () => wallet.request({ method: 'eth_sendRawTransaction', params: [raw] })),
    method.map((name) => () => wallet.request({ method: name, params: [account.address, `0x${'1'.repeat(64)}`] })),
    fc
      .constantFrom('eip4844', 'eip7702', 'deposit', 'cip64', '0x7e', 5)
      .map((type) => () => guarded.signTransaction(plain({ type }) as never)),
    fc.integer({ min: 1, max: 30_000 }).map((chainId) => () => guarded.signTransaction(plain({ chainId }) as never)),
  )
  await fc.assert(
    fc.asyncProperty(tries, async (work) => {
      await expect((async () => work())()).rejects.toThrow()
    }),
    { numRuns: 200 },
  )
  expect({ signed, sent }).toEqual({ signed: [], sent: [] })
})
