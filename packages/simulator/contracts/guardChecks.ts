import { deepStrictEqual } from 'node:assert'
import { Digest, type Address, type Hex } from '@countersign/base'
import { encodeBounds, type DecodedBound } from '../src/enforcement/PackedBounds.ts'
import { checkData, closeData, openData } from '../src/enforcement/Guard.ts'
import { OPS, SOURCES, type BoundOp, type BoundSource } from '../src/model/OutcomeBound.ts'
import { endingOf, type GuardBench, type Inner } from './GuardBench.ts'
import type { Ending } from './guardModel.ts'

/** One promise of the contract, checked on a bench; it throws when it does not hold. */
export interface GuardCheck {
  readonly title: string
  run(bench: GuardBench): Promise<void>
}

export const QUESTION: Hex.Hex = '0x70a08231'
export const word = (value: bigint): Hex.Hex => `0x${value.toString(16).padStart(64, '0')}`

/** A bound on what `readings` answers to `QUESTION`, with other fields as given. */
export function boundOn(bench: GuardBench, fields: Partial<DecodedBound>): DecodedBound {
  return { source: 'call', op: 'at_least', target: bench.readings, data: QUESTION, word: 0, value: 0n, ...fields }
}

export const guardCall = {
  open: ({ guard }: GuardBench, bounds: Hex.Hex, conditions: Hex.Hex = '0x'): Inner => ({
    to: guard,
    data: openData(conditions, bounds),
  }),
  close: ({ guard }: GuardBench, bounds: Hex.Hex): Inner => ({ to: guard, data: closeData(bounds) }),
  check: ({ guard }: GuardBench, bounds: Hex.Hex): Inner => ({ to: guard, data: checkData(bounds) }),
}

/** How the guard's own calls of a batch end; those of others are left out. */
export async function endings(bench: GuardBench, calls: readonly Inner[], by?: Address.Address): Promise<Ending[]> {
  const answers = await bench.run(calls, by)
  return answers.flatMap((answer, i) => (calls[i]?.to === bench.guard ? [endingOf(answer)] : []))
}

async function expect(bench: GuardBench, calls: readonly Inner[], wanted: readonly Ending[]): Promise<void> {
  deepStrictEqual(await endings(bench, calls), wanted)
}

const refused = (index: number, before: bigint, reading: bigint): Ending => ({
  error: 'OutcomeRefused',
  index,
  before,
  reading,
})

/** [operator, value, before, after, whether it holds]: each operator at its edge and one beyond. */
const EDGES: readonly (readonly [BoundOp, bigint, bigint, bigint, boolean])[] = [
  ['at_least', 10n, 0n, 10n, true],
  ['at_least', 10n, 0n, 11n, true],
  ['at_least', 10n, 20n, 9n, false],
  ['at_most', 10n, 0n, 10n, true],
  ['at_most', 10n, 0n, 9n, true],
  ['at_most', 10n, 0n, 11n, false],
  ['equals', 10n, 0n, 10n, true],
  ['equals', 10n, 0n, 9n, false],
  ['equals', 10n, 0n, 11n, false],
  ['falls_at_most', 10n, 100n, 90n, true],
  ['falls_at_most', 10n, 100n, 89n, false],
  ['falls_at_most', 0n, 100n, 200n, true],
  ['falls_at_most', 0n, 2n ** 256n - 1n, 2n ** 256n - 2n, false],
  ['rises_at_least', 10n, 100n, 110n, true],
  ['rises_at_least', 10n, 100n, 109n, false],
  ['rises_at_least', 0n, 100n, 99n, false],
  ['rises_at_least', 2n ** 256n - 1n, 1n, 0n, false],
  ['rises_at_most', 10n, 100n, 110n, true],
  ['rises_at_most', 10n, 100n, 111n, false],
  ['rises_at_most', 0n, 100n, 0n, true],
  ['unchanged', 0n, 100n, 100n, true],
  ['unchanged', 0n, 100n, 101n, false],
  ['unchanged', 0n, 100n, 99n, false],
]
const isRelative = (op: BoundOp): boolean => OPS.indexOf(op) > 2

const operators = EDGES.map(([op, value, before, after, holds]): GuardCheck => ({
  title: `${op} ${value}: from ${before} to ${after} ${holds ? 'holds' : 'is refused'}`,
  async run(bench) {
    const bounds = encodeBounds([boundOn(bench, { op, value })])
    const noted = isRelative(op) ? before : 0n
    const ending = holds ? null : refused(0, noted, after)
    const [was, is] = [bench.set(QUESTION, word(before)), bench.set(QUESTION, word(after))]
    const batch = [was, guardCall.open(bench, bounds), is, guardCall.close(bench, bounds)]
    await expect(bench, batch, [null, ending])
    if (isRelative(op)) {
      const bad: Ending = { error: 'BadBound', index: 0 }
      await expect(bench, [is, guardCall.check(bench, bounds), guardCall.open(bench, '0x', bounds)], [bad, bad])
    } else
      await expect(bench, [is, guardCall.check(bench, bounds), guardCall.open(bench, '0x', bounds)], [ending, ending])
  },
}))

/** Each source reads what the chain says, and not something else. */
const sources = SOURCES.map((source): GuardCheck => ({
  title: `${source} reads what the chain says`,
  async run(bench) {
    const answer: Hex.Hex = `${word(5n)}0102`
    const expected: Readonly<Record<BoundSource, bigint>> = {
      call: 5n,
      call_hash: BigInt(Digest.keccak256(answer)),
      balance: 1000n,
      code_hash: bench.readingsHash,
      gas_price: bench.moment.gasPriceWei,
      timestamp: bench.moment.timestampS,
      block_number: bench.moment.blockNumber,
    }
    const fields = {
      call: {},
      call_hash: {},
      balance: { target: bench.caller, data: null },
      code_hash: { data: null },
      gas_price: { target: null, data: null },
      timestamp: { target: null, data: null },
      block_number: { target: null, data: null },
    }[source]
    const at = (value: bigint): Inner =>
      guardCall.check(bench, encodeBounds([boundOn(bench, { ...fields, source, op: 'equals', value })]))
    const is = expected[source]
    await expect(bench, [bench.set(QUESTION, answer), at(is), at(is + 1n)], [null, refused(0, 0n, is)])
  },
}))

const sessions: readonly GuardCheck[] = [
  {
    title: 'close without open is NotOpened',
    async run(bench) {
      const bounds = encodeBounds([boundOn(bench, {})])
      await expect(bench, [bench.set(QUESTION, word(1n)), guardCall.close(bench, bounds)], [{ error: 'NotOpened' }])
    },
  },
  {
    title: 'close with other bounds is NotOpened, also when they are looser, fewer or none',
    async run(bench) {
      const bounds = [boundOn(bench, { op: 'falls_at_most', value: 1n }), boundOn(bench, { op: 'at_least', value: 1n })]
      const loose = [boundOn(bench, { op: 'falls_at_most', value: 2n }), boundOn(bench, { op: 'at_least', value: 1n })]
      const closes = [loose, bounds.slice(0, 1), bounds.toReversed(), []].map((each) =>
        guardCall.close(bench, encodeBounds(each)),
      )
      const batch = [bench.set(QUESTION, word(1n)), guardCall.open(bench, encodeBounds(bounds)), ...closes]
      await expect(bench, batch, [null, ...closes.map(() => ({ error: 'NotOpened' }) as const)])
    },
  },
  {
    title: 'a second open of the same bounds is AlreadyOpened, also after close',
    async run(bench) {
      const bounds = encodeBounds([boundOn(bench, { op: 'falls_at_most' })])
      const [open, close] = [guardCall.open(bench, bounds), guardCall.close(bench, bounds)]
      const again: Ending = { error: 'AlreadyOpened' }
      await expect(bench, [bench.set(QUESTION, word(1n)), open, open, close, open], [null, again, null, again])
    },
  },
  {
    title: 'a second close is NotOpened',
    async run(bench) {
      const bounds = encodeBounds([boundOn(bench, {})])
      const [open, close] = [guardCall.open(bench, bounds), guardCall.close(bench, bounds)]
      await expect(bench, [bench.set(QUESTION, word(1n)), open, close, close], [null, null, { error: 'NotOpened' }])
    },
  },
  {
    title: 'a failed close stays open, and is judged again',
    async run(bench) {
      const bounds = encodeBounds([boundOn(bench, { op: 'rises_at_least', value: 5n })])
      const close = guardCall.close(bench, bounds)
      const batch = [
        bench.set(QUESTION, word(1n)),
        guardCall.open(bench, bounds),
        close,
        bench.set(QUESTION, word(6n)),
        close,
      ]
      await expect(bench, batch, [null, refused(0, 1n, 1n), null])
    },
  },
  {
    title: 'promise: another caller can neither close nor overwrite the notes of the first',
    async run(bench) {
      const bounds = encodeBounds([boundOn(bench, { op: 'falls_at_most' })])
      const [open, close] = [guardCall.open(bench, bounds), guardCall.close(bench, bounds)]
      // The other caller is called by the first, as a hostile contract would be.
      const { encodeBatch, decodeBatch } = await import('../src/evm/BatchProbe.ts')
      const inside = (calls: readonly Inner[]): Inner => ({
        to: bench.other,
        data: encodeBatch(calls.map(({ to, data }) => ({ to, data, value: 0n }))),
      })
      const batch = [
        bench.set(QUESTION, word(100n)),
        open,
        inside([close]),
        bench.set(QUESTION, word(50n)),
        inside([open, close]),
        close,
      ]
      const answers = await bench.run(batch)
      const ended = (i: number): Ending[] => decodeBatch(answers[i]?.data ?? '0x').map((answer) => endingOf(answer))
      deepStrictEqual(ended(2), [{ error: 'NotOpened' }])
      deepStrictEqual(ended(4), [null, null])
      const last = answers[5]
      deepStrictEqual(last === undefined ? null : endingOf(last), refused(0, 100n, 50n))
    },
  },
  {
    title: 'every bound is judged against its own note, and the first that fails is named',
    async run(bench) {
      const other: Hex.Hex = '0xdd62ed3e'
      const bounds = encodeBounds([
        boundOn(bench, { op: 'falls_at_most', value: 1n }),
        boundOn(bench, { op: 'at_least', value: 1n }),
        boundOn(bench, { op: 'rises_at_least', value: 5n, data: other }),
      ])
      const set = (a: bigint, b: bigint): Inner[] => [bench.set(QUESTION, word(a)), bench.set(other, word(b))]
      const [open, close] = [guardCall.open(bench, bounds), guardCall.close(bench, bounds)]
      await expect(bench, [...set(100n, 7n), open, ...set(99n, 12n), close], [null, null])
      await expect(bench, [...set(100n, 7n), open, ...set(99n, 11n), close], [null, refused(2, 7n, 11n)])
      await expect(bench, [...set(100n, 7n), open, ...set(98n, 11n), close], [null, refused(0, 100n, 98n)])
    },
  },
  {
    title: 'conditions are judged in open, before anything is noted',
    async run(bench) {
      const bounds = encodeBounds([boundOn(bench, { op: 'falls_at_most' })])
      const condition = encodeBounds([boundOn(bench, { op: 'at_most', value: 3n })])
      const open = guardCall.open(bench, bounds, condition)
      const close = guardCall.close(bench, bounds)
      await expect(bench, [bench.set(QUESTION, word(3n)), open, close], [null, null])
      await expect(bench, [bench.set(QUESTION, word(4n)), open, close], [refused(0, 0n, 4n), { error: 'NotOpened' }])
    },
  },
]

/** Readings that must never pass for zero, or for anything. */
const readings: readonly GuardCheck[] = [
  ...(
    [
      ['a reverting getter', null, 0],
      ['an empty answer', '0x', 0],
      ['an answer of 31 bytes', `0x${'00'.repeat(31)}`, 0],
      ['an answer that ends before the word', word(1n), 1],
      ['an answer that ends inside the word', `${word(1n)}${'00'.repeat(31)}`, 1],
    ] as const
  ).map(([what, answer, at]): GuardCheck => ({
    title: `${what} is ReadFailed, in open, close and check`,
    async run(bench) {
      const good = `0x${'00'.repeat(64)}` as const
      const failed: Ending = { error: 'ReadFailed', index: 0 }
      const absolute = encodeBounds([boundOn(bench, { word: at })])
      const relative = encodeBounds([boundOn(bench, { word: at, op: 'falls_at_most', value: 2n ** 256n - 1n })])
      const batch = [
        bench.set(QUESTION, answer),
        guardCall.check(bench, absolute),
        guardCall.open(bench, relative),
        guardCall.open(bench, absolute),
        bench.set(QUESTION, good),
        guardCall.open(bench, relative),
        bench.set(QUESTION, answer),
        guardCall.close(bench, relative),
        guardCall.close(bench, absolute),
      ]
      await expect(bench, batch, [failed, failed, null, null, failed, failed])
    },
  })),
  {
    title: 'an address without code is ReadFailed, for a word and for the whole answer',
    async run(bench) {
      const target = '0x00000000000000000000000000000000000A11cE' as Address.Address
      const failed: Ending = { error: 'ReadFailed', index: 0 }
      const checks = (['call', 'call_hash'] as const).map((source) =>
        guardCall.check(bench, encodeBounds([boundOn(bench, { source, target })])),
      )
      await expect(bench, checks, [failed, failed])
    },
  },
  {
    title: 'ReadFailed names the bound that could not be read',
    async run(bench) {
      const bounds = encodeBounds([boundOn(bench, {}), boundOn(bench, { word: 1 })])
      const failed: Ending = { error: 'ReadFailed', index: 1 }
      await expect(bench, [bench.set(QUESTION, word(1n)), guardCall.check(bench, bounds)], [failed])
    },
  },
  {
    title: 'the call data of a bound reach the target whole',
    async run(bench) {
      const long: Hex.Hex = `${QUESTION}${'ab'.repeat(300)}`
      const at = (data: Hex.Hex): Inner =>
        guardCall.check(bench, encodeBounds([boundOn(bench, { data, op: 'equals', value: 7n })]))
      const batch = [bench.set(long, word(7n)), bench.set(QUESTION, word(8n)), at(long), at(QUESTION)]
      await expect(bench, batch, [null, refused(0, 0n, 8n)])
    },
  },
  {
    title: 'the word asked for is the one that is read',
    async run(bench) {
      const answer: Hex.Hex = `${word(1n)}${word(2n).slice(2)}${word(3n).slice(2)}`
      const at = (index: number, value: bigint): Inner =>
        guardCall.check(bench, encodeBounds([boundOn(bench, { word: index, op: 'equals', value })]))
      const batch = [bench.set(QUESTION, answer), at(0, 1n), at(1, 2n), at(2, 3n), at(2, 2n)]
      await expect(bench, batch, [null, null, null, refused(0, 0n, 3n)])
    },
  },
]

/** Bytes that are no bound, by what is wrong with them. A good bound stands before each, so the index is 1. */
const MALFORMED: Readonly<Record<string, (target: string) => string>> = {
  'an unknown source': () => '700000',
  'an unknown operator': (target) => '2700' + target + '00',
  'a word where none is read': (target) => '2001' + target + '00',
  'a value of 33 bytes': (target) => '2000' + target + '21' + '00'.repeat(33),
  'a value for Unchanged': (target) => '2600' + target + '0101',
  'the kind alone': () => '20',
  'half an address': (target) => '2000' + target.slice(0, 20),
  'no length of the value': (target) => '2000' + target,
  'a value that ends early': (target) => '2000' + target + '0200',
  'no length of the data': (target) => '0000' + target + '00',
  'half a length of the data': (target) => '0000' + target + '0000',
  'data that end early': (target) => '0000' + target + '00000470a082',
}

const malformed = Object.entries(MALFORMED).map(([what, bytes]): GuardCheck => ({
  title: `${what} is BadBound, in open, close and check`,
  async run(bench) {
    const good = encodeBounds([boundOn(bench, {})])
    const bad: Hex.Hex = `${good}${bytes(bench.readings.slice(2).toLowerCase())}`
    const badAt1: Ending = { error: 'BadBound', index: 1 }
    const batch = [
      bench.set(QUESTION, word(1n)),
      guardCall.check(bench, bad),
      guardCall.open(bench, bad),
      guardCall.open(bench, '0x', bad),
      guardCall.close(bench, bad),
      // What stands behind the bytes in the call data is not read as part of them.
      { to: bench.guard, data: `${checkData(bad)}${'00'.repeat(96)}` as Hex.Hex },
    ]
    await expect(bench, batch, [badAt1, badAt1, badAt1, { error: 'NotOpened' }, badAt1])
  },
}))

const nature: readonly GuardCheck[] = [
  {
    title: 'it takes no value, and knows no other function',
    async run(bench) {
      const bounds = encodeBounds([boundOn(bench, {})])
      const open = guardCall.open(bench, bounds)
      const answers = await bench.run([
        bench.set(QUESTION, word(1n)),
        { ...open, value: 1n },
        { ...guardCall.check(bench, bounds), value: 1n },
        { to: bench.guard, data: '0x', value: 1n },
        { to: bench.guard, data: '0x' },
        { to: bench.guard, data: '0xffffffff' },
        open,
        { ...guardCall.close(bench, bounds), value: 1n },
      ])
      deepStrictEqual(
        answers.slice(1).map(({ success }) => success),
        [false, false, false, false, false, true, false],
      )
    },
  },
  {
    title: 'open and close of nothing hold',
    async run(bench) {
      await expect(bench, [guardCall.open(bench, '0x'), guardCall.close(bench, '0x')], [null, null])
    },
  },
]

/** All promises of the contract that are not random. */
export const GUARD_CHECKS: readonly GuardCheck[] = [
  ...operators,
  ...sources,
  ...sessions,
  ...readings,
  ...malformed,
  ...nature,
]
