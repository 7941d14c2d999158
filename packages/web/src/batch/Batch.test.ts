import { expect, test } from 'vitest'
import * as Batch from './Batch.ts'

const HASHES = ['a', 'b'].map((digit) => `0x${digit.repeat(64)}`) as [string, string]

test('promise: only a clear yes for this chain makes a batch', () => {
  const on = (key: string, status: unknown) => Batch.atomicIn({ [key]: { atomic: { status } } }, 31_337)
  expect([on('0x7a69', 'supported'), on('0x7A69', 'ready'), on('0x0', 'supported')]).toEqual([
    ...['supported', 'ready', 'supported'],
  ])
  for (const answer of [null, 'supported', [], {}, { '0x7a69': null }, { '0x7a69': { atomic: true } }])
    expect(Batch.atomicIn(answer, 31_337)).toBe('none')
  expect([on('0x1', 'supported'), on('0x7a69', 'unsupported'), on('0x7a69', true)]).toEqual(['none', 'none', 'none'])
  // What a chain says of itself comes before what is said of all chains.
  const both = { '0x0': { atomic: { status: 'supported' } }, '0x7a69': { atomic: { status: 'unsupported' } } }
  expect(Batch.atomicIn(both, 31_337)).toBe('none')
})

test('promise: the request asks for all or nothing, with the very bytes of the steps', () => {
  const calls = [{ to: '0xaa', value: '16', data: '0x01' }]
  expect(Batch.requestOf(calls, { id: '0x1', from: '0xbb', chainId: 31_337 })).toEqual({
    ...{ version: '2.0.0', id: '0x1', from: '0xbb', chainId: '0x7a69', atomicRequired: true },
    calls: [{ to: '0xaa', value: '0x10', data: '0x01' }],
  })
})

test('promise: a status is read by its hundreds, and what is not understood still waits', () => {
  const kinds = [100, 200, 400, 500, 600, 299, 700, '200', undefined].map((status) => Batch.statusIn({ status }).kind)
  expect(kinds).toEqual([
    ...['waiting', 'settled', 'unsent', 'reverted', 'partly', 'settled', 'waiting', 'waiting', 'waiting'],
  ])
  const receipts = [HASHES[0], HASHES[0], 'nonsense', HASHES[1]].map((transactionHash) => ({ transactionHash }))
  expect(Batch.statusIn({ status: 200, receipts }).hashes).toEqual(HASHES)
  expect([Batch.statusIn(null), Batch.statusIn({ status: 200, receipts: 'no' })]).toEqual([
    { kind: 'waiting', hashes: [] },
    { kind: 'settled', hashes: [] },
  ])
})

test('promise: one transaction is reported for all steps, several or a part for one each', () => {
  const settled = (...hashes: string[]) => ({ kind: 'settled', hashes }) as const
  expect(Batch.reportsOf([1, 2], settled(HASHES[0]))).toEqual([{ steps: [1, 2], hash: HASHES[0] }])
  expect(Batch.reportsOf([1, 2], settled(...HASHES))).toEqual([
    { steps: [1], hash: HASHES[0] },
    { steps: [2], hash: HASHES[1] },
  ])
  expect(Batch.reportsOf([1, 2], { kind: 'partly', hashes: [HASHES[0]] })).toEqual([{ steps: [1], hash: HASHES[0] }])
  expect(Batch.reportsOf([1], settled(...HASHES))).toEqual([{ steps: [1], hash: HASHES[0] }])
  expect(Batch.reportsOf([1], settled())).toEqual([])
})

test('promise: each end that is no success has a sentence', () => {
  const text = (kind: Batch.Status['kind']) => Batch.endText({ kind, hashes: [] })
  expect([text('waiting'), text('settled')]).toEqual([null, null])
  expect([text('unsent'), text('reverted'), text('partly')].join('\n')).toMatchInlineSnapshot(`
    "Your wallet did not send it. Nothing happened, and no fee was paid.
    It failed on the chain as a whole. None of the steps happened; only the network fee was paid.
    Your wallet did only a part of it, although all or nothing was asked for. Look below at what happened."
  `)
})

test('promise: a refusal of the wallet is told from a rejection by its owner', () => {
  expect([4200, -32601, 5700, 5760].map((code) => Batch.isRefused({ cause: { code } }))).toEqual(Array(4).fill(true))
  expect([4001, 5699, 5761, -32603, undefined].map((code) => Batch.isRefused({ code }))).toEqual(Array(5).fill(false))
  // Six causes deep, and a circle ends.
  const deep = (depth: number): object => (depth === 0 ? { code: 4200 } : { cause: deep(depth - 1) })
  expect([0, 5, 6].map((depth) => Batch.isRefused(deep(depth)))).toEqual([true, true, false])
  expect([Batch.isRefused(null), Batch.idIn('x'), Batch.idIn({ id: 'y' })]).toEqual([false, 'x', 'y'])
  expect(() => Batch.idIn({})).toThrow('did not say')
})
