/** Seams of `guard()`: what is read twice, what is bound to the raw object, what it throws, and what stands on every object. */
import { guard, type GuardOptions } from '@countersign/guard'
import * as ethers from 'ethers'
import { expect, test } from 'vitest'

const HASH = `0x${'ab'.repeat(32)}`
const ADDRESS = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const closed = (): GuardOptions =>
  ({ simulator: { chainId: 1, reads: {}, simulate: () => Promise.reject(new Error('closed')) } }) as never
/** Whatever is asked is harmless. */
const open = (): GuardOptions => {
  const report = {
    ...{ verdict: 'allow', from: ADDRESS, findings: [], tokenChanges: [], environments: [], controlled: [] },
    ...{ authorityChanges: [], gasEstimate: { gasLimit: 21_000n, maxFeeWei: 1n, l1FeeWei: null } },
  }
  const reads = { head: async () => ({}), at: () => ({ nonce: async () => 0n }) }
  return {
    simulator: { chainId: 1, chain: { contracts: [], tokens: [] }, reads, simulate: async () => report },
  } as never
}
/** A GOAT wallet that notes what it sends. */
class Goat {
  readonly sent: unknown[] = []
  readonly settings = { name: 'goat', inner: { privateKey: HASH } }
  readonly tokens = [{ symbol: 'USDC', decimals: 6 }]
  getAddress() {
    return ADDRESS
  }
  getChain() {
    return { type: 'evm', id: 1 }
  }
  getCoreTools(): unknown[] {
    return []
  }
  async sendTransaction(transaction: unknown): Promise<unknown> {
    this.sent.push(transaction)
    return { hash: HASH }
  }
  async signMessage(): Promise<unknown> {
    return { signature: HASH }
  }
  async signTypedData(): Promise<unknown> {
    return { signature: HASH }
  }
  async sendToken(): Promise<unknown> {
    return this.sendTransaction({ to: ADDRESS, value: 1n })
  }
}

test('promise: a method that is bound to the raw wallet is not run as if it were judged', async () => {
  class Bound extends Goat {
    override sendToken = super.sendToken.bind(this)
  }
  class Arrow extends Goat {
    approve = async () => this.sendTransaction({ to: ADDRESS })
  }
  class Answered extends Goat {
    get revokeApproval() {
      return async () => this.sendTransaction({ to: ADDRESS })
    }
  }
  const copied = Object.create(new Arrow()) as Arrow
  for (const [raw, name] of [
    [new Bound(), 'sendToken'],
    [new Arrow(), 'approve'],
    [new Answered(), 'revokeApproval'],
    [copied, 'approve'],
    [new Goat(), 'sendToken'],
  ] as const) {
    const guarded = guard(raw, closed()) as unknown as Record<string, () => Promise<unknown>>
    await expect(guarded[name]?.(), name).rejects.toThrow(/never allowed|cannot be judged|simulation failed/)
    expect(raw.sent, name).toEqual([])
  }
})

test('promise: data that holds a secret is not handed out, however deep', () => {
  const guarded = guard(new Goat(), closed())
  expect(guarded.settings).toBeUndefined()
  expect(guarded.tokens).toEqual([{ symbol: 'USDC', decimals: 6 }])
})

test('promise: a request of ethers that answers another method later broadcasts nothing', async () => {
  const asked: string[] = []
  class Provider extends ethers.JsonRpcProvider {
    override async _perform(request: { method: string }): Promise<never> {
      asked.push(request.method)
      return HASH as never
    }
  }
  const provider = new Provider('http://127.0.0.1:1', 1, { staticNetwork: true })
  const guarded = guard(new ethers.Wallet(HASH, provider), closed())
  const raw = await new ethers.Wallet(HASH).signTransaction({
    to: ADDRESS,
    chainId: 1,
    gasLimit: 21_000n,
    gasPrice: 1n,
  })
  let reads = 0
  const request = {
    signedTransaction: raw,
    get method() {
      return (reads += 1) === 1 ? 'getBlockNumber' : 'broadcastTransaction'
    },
  }
  const perform = Reflect.get(guarded.provider ?? {}, '_perform') as (of: unknown) => Promise<unknown>
  await perform.call(guarded.provider, request).catch(() => null)
  expect(asked).not.toContain('broadcastTransaction')
  provider.destroy()
})

test('promise: what the raw object throws does not lead to it', async () => {
  class Failing extends Goat {
    async read(): Promise<never> {
      throw Object.assign(new Error('no'), { code: -32000, wallet: this })
    }
    override getChain(): never {
      throw Object.assign(new Error('no'), { cause: { wallet: this } })
    }
  }
  const provider = {
    async request(_args: { readonly method: string }): Promise<never> {
      throw Object.assign(new Error('no'), { code: 4001, provider: this })
    },
  }
  const account = {
    ...{ address: ADDRESS, type: 'local' as const },
    signTransaction: async () => HASH,
    signTypedData: async () => HASH,
    async signMessage(): Promise<never> {
      throw Object.assign(new Error('no'), { code: 4001, account: this })
    },
  }
  const goat = guard(new Failing(), closed())
  for (const work of [
    () => goat.read(),
    () => goat.getChain(),
    () => guard(provider, closed()).request({ method: 'eth_accounts' }),
    () => guard(account, open()).signMessage(...([{ message: 'hi' }] as never as [])),
  ]) {
    const error = (await (async () => work())().catch((each: unknown) => each)) as Error & Record<string, unknown>
    expect(error).toBeInstanceOf(Error)
    expect(error.message).toBe('no')
    expect([error['wallet'], error['provider'], error['account'], error.cause]).toEqual(Array(4).fill(undefined))
  }
})

test('promise: what stands on every object of the process is not signed beside what was judged', async () => {
  const seen: unknown[] = []
  const raw = new (class extends Goat {
    override async sendTransaction(transaction: object): Promise<unknown> {
      seen.push(Reflect.get(transaction, 'authorizationList'))
      return { hash: HASH }
    }
  })()
  const guarded = guard(raw, open())
  await guarded.sendTransaction({ to: ADDRESS, value: 1n })
  expect(seen).toEqual([undefined])
  for (const [each, name] of [
    [Object.prototype, 'authorizationList'],
    [Array.prototype, '0'],
  ] as const) {
    // As a merge of JSON with "__proto__" leaves it.
    Reflect.set(each, name, [{ address: ADDRESS }])
    try {
      await expect(guarded.sendTransaction({ to: ADDRESS, value: 1n })).rejects.toThrow(`"${name}"`)
    } finally {
      Reflect.deleteProperty(each, name)
    }
  }
  expect(seen).toEqual([undefined])
})
