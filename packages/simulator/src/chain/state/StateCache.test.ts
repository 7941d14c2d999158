import { expect, test } from 'vitest'
import type { RpcCall, RpcEndpoint } from '../rpc/Rpc.ts'
import { CodeStore, StateCache } from './StateCache.ts'

const A = '0x70997970c51812dc3a010c7d01b50e0d17dc79c8'
const SLOT = `0x${'00'.repeat(31)}01`
const word = (byte: string) => `0x${byte.repeat(32)}`

/** Answers every call by its method. */
const answering = (results: Readonly<Record<string, unknown>>): RpcEndpoint =>
  ({
    batch: (calls: readonly RpcCall[]) =>
      Promise.resolve(calls.map(({ method }) => ({ ok: true, result: results[method] }))),
  }) as unknown as RpcEndpoint
const GOOD = { eth_getBalance: '0x5', eth_getTransactionCount: '0x0', eth_getCode: '0x', eth_getStorageAt: word('11') }

test.each([
  ['a balance', { eth_getBalance: 'much' }],
  ['a nonce', { eth_getTransactionCount: null }],
  ['code', { eth_getCode: '0xz' }],
  ['a slot', { eth_getStorageAt: 5 }],
])('promise: of a request in which %s cannot be read, nothing stays', async (_, broken) => {
  const cache = new StateCache(word('22') as `0x${string}`, new CodeStore())
  const missing = new Map([[A, new Set([SLOT])]])
  await expect(cache.read(answering({ ...GOOD, ...broken }), missing)).rejects.toThrow()
  expect(cache.missing(missing)).toEqual(missing)
  await cache.read(answering({ ...GOOD, eth_getBalance: '0x7' }), missing)
  expect(cache.accounts.get(A)?.balance).toBe(7n)
  expect(cache.missing(missing).size).toBe(0)
})

test('promise: of a trace in which one value cannot be read, nothing stays', () => {
  const cache = new StateCache(word('22') as `0x${string}`, new CodeStore())
  const other = `0x${'ab'.repeat(20)}`
  expect(() =>
    cache.absorb({ [A]: { balance: '0x5', storage: { [SLOT]: word('11') } }, [other]: { balance: 'much' } }, null),
  ).toThrow()
  expect(cache.accounts.size).toBe(0)
  expect(cache.slots.size).toBe(0)
})

test('promise: another cache of the same block is another state', () => {
  const of = () => new StateCache(word('22') as `0x${string}`, new CodeStore())
  expect(of().id).not.toBe(of().id)
})
