/** What a raw object hands to callbacks of the guarded one. */
import { guard, type GuardOptions } from '@countersign/guard'
import { expect, test } from 'vitest'

const HASH = `0x${'ab'.repeat(32)}`
const ADDRESS = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const closed = (): GuardOptions =>
  ({ simulator: { chainId: 1, reads: {}, simulate: () => Promise.reject(new Error('closed')) } }) as never

/** A provider that is an EventTarget: its events lead to it by accessors of their class. */
class Provider extends EventTarget {
  signed: string[] = []
  readonly #listeners = new Map<string, Set<(...args: readonly unknown[]) => void>>()
  async request({ method }: { readonly method: string }): Promise<unknown> {
    if (/send|sign/i.test(method)) this.signed.push(method)
    return HASH
  }
  on(event: string, listener: (...args: readonly unknown[]) => void): this {
    const all = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, all.add(listener))
    this.addEventListener(event, listener)
    return this
  }
  removeListener(event: string, listener: (...args: readonly unknown[]) => void): this {
    this.#listeners.get(event)?.delete(listener)
    this.removeEventListener(event, listener)
    return this
  }
  emit(event: string, ...given: readonly unknown[]): void {
    for (const listener of this.#listeners.get(event) ?? []) {
      try {
        listener.apply(this, [...given])
      } catch {
        // As emitters do that go on.
      }
    }
  }
}

/** Whatever can be read or called from what listeners were given. */
function seen(given: readonly unknown[]): unknown[] {
  return given.flatMap((each) => {
    if (typeof each === 'function') return [(each as () => unknown)()]
    if (typeof each !== 'object' || each === null) return [each]
    const names = ['target', 'currentTarget', 'srcElement', 'provider', 'self', 'deep', 'cause']
    return [each, ...names.map((name) => Reflect.get(each, name) as unknown)]
  })
}

test('promise: no event of a provider leads to it', () => {
  const raw = new Provider()
  const guarded = guard(raw, closed())
  const given: unknown[] = []
  const listener = function (this: unknown, ...args: readonly unknown[]): void {
    given.push(this, ...args)
  }
  guarded.on('message', listener)
  const failed = Object.assign(new Error('away'), { code: 4900, data: { why: 'gone' } })
  raw.emit('message', { type: 'eth_subscription', data: { result: '0x1' } })
  raw.emit('message', failed)
  expect(given).toEqual([undefined, { type: 'eth_subscription', data: { result: '0x1' } }, undefined, failed])
  given.length = 0
  raw.emit('message', raw)
  expect(given).toEqual([undefined, guarded])
  given.length = 0
  class Told {
    get provider(): Provider {
      return raw
    }
  }
  raw.emit('message', new Told())
  raw.emit('message', () => raw)
  raw.emit('message', { type: 'x', reply: () => raw })
  raw.emit('message', Object.defineProperty({}, 'provider', { get: () => raw, enumerable: true }))
  raw.emit('message', Object.assign(new Error('x'), { provider: raw }))
  raw.emit('message', new Error('x', { cause: raw }))
  raw.emit('message', [new Map([['deep', new Told()]])])
  raw.dispatchEvent(new CustomEvent('message', { detail: 1 }))
  expect(seen(given).filter((each) => each === raw)).toEqual([])
  guarded.removeListener('message', listener)
  given.length = 0
  raw.emit('message', 'later')
  expect(given).toEqual([])
  expect(raw.signed).toEqual([])
})

test('promise: no callback in the arguments of a method that reads is given the raw wallet', async () => {
  const raw = {
    getAddress: () => ADDRESS,
    getNetwork: () => ({ chainId: '1' }),
    // As libraries do that call back with themselves.
    waitForTransactionReceipt(hash: string, more: { readonly each?: (wallet: unknown) => void } = {}) {
      more.each?.call(this, this)
      return { hash }
    },
    readContract(call: (wallet: unknown, deep: unknown) => void) {
      call.call(this, this, { wallet: this })
      return 1n
    },
    ...{ nativeTransfer: async () => HASH, sendTransaction: async () => HASH, signTransaction: async () => HASH },
    ...{ signTypedData: async () => HASH, signMessage: async () => HASH },
  }
  const guarded = guard(raw, closed())
  const given: unknown[] = []
  const note = function (this: unknown, ...args: readonly unknown[]): void {
    given.push(this, ...args)
  }
  expect(guarded.waitForTransactionReceipt(HASH, { each: note })).toEqual({ hash: HASH })
  expect(() => guarded.readContract(note)).toThrow(/its callback is given/)
  expect(given).toEqual([undefined, guarded])
})

test('promise: however deep a callback lies in the arguments, it is not given the raw wallet', () => {
  const given: unknown[] = []
  const note = (wallet: unknown) => void given.push(wallet)
  const raw = {
    getAddress: () => ADDRESS,
    getNetwork: () => ({ chainId: '1' }),
    readContract(options: { readonly in?: unknown; readonly each?: (wallet: unknown) => void }) {
      for (let at: unknown = options; at !== undefined && at !== null; at = (at as { in?: unknown }).in) {
        ;(at as { each?: (wallet: unknown) => void }).each?.(this)
        if ((at as { in?: unknown }).in === options) break
      }
      return 1n
    },
    ...{ nativeTransfer: async () => HASH, sendTransaction: async () => HASH, signTransaction: async () => HASH },
    ...{ signTypedData: async () => HASH, signMessage: async () => HASH },
  }
  const guarded = guard(raw, closed())
  let options: { readonly each?: typeof note; in?: unknown } = { each: note }
  for (let depth = 0; depth < 40; depth += 1) options = { in: options }
  guarded.readContract(options)
  // One that holds itself ends as well.
  const own: { readonly each: typeof note; in?: unknown } = { each: note }
  own.in = own
  guarded.readContract(own)
  expect(given).toEqual([guarded, guarded])
})
