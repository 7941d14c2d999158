import type { Hex } from '@countersign/base'
import fc from 'fast-check'
import { encodeBounds, type DecodedBound } from '../src/enforcement/PackedBounds.ts'
import { OPS, SOURCES } from '../src/model/OutcomeBound.ts'
import type { GuardBench, Inner } from './GuardBench.ts'
import { guardCall, word } from './guardChecks.ts'
import { GuardModel, type Ending, type Moment } from './guardModel.ts'

/** A batch with guard calls, and how the model says that each guard call ends. */
export interface RandomBatch {
  readonly calls: readonly Inner[]
  readonly expected: readonly Ending[]
}

const QUESTIONS: readonly Hex.Hex[] = ['0x70a08231', '0xdd62ed3e', '0x']
const MAX = 2n ** 256n - 1n

/** Numbers near each other and near the ends, so that bounds hold about as often as not. */
const amounts = fc.oneof(
  fc.bigInt({ min: 0n, max: 12n }),
  fc.constantFrom(MAX, MAX - 1n, 2n ** 255n, 1_000n, 2n ** 160n),
)

const answers: fc.Arbitrary<Hex.Hex | null> = fc.oneof(
  { weight: 8, arbitrary: fc.array(amounts, { minLength: 2, maxLength: 3 }).map((words) => joined(words)) },
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }).map(hexOf) },
)

/** Batches whose bounds are mostly whole, some damaged: bytes cut, changed, appended. */
export function randomBatches(bench: GuardBench): fc.Arbitrary<RandomBatch> {
  const bound: fc.Arbitrary<DecodedBound> = fc
    .record({
      source: fc.oneof({ weight: 4, arbitrary: fc.constant('call' as const) }, fc.constantFrom(...SOURCES)),
      op: fc.constantFrom(...OPS),
      target: fc.oneof({ weight: 9, arbitrary: fc.constant(bench.readings) }, fc.constantFrom(bench.caller)),
      data: fc.constantFrom(...QUESTIONS),
      word: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.constantFrom(1, 2, 255)),
      value: amounts,
    })
    .map((fields) => ({
      ...fields,
      word: fields.source === 'call' ? fields.word : 0,
      target: SOURCES.indexOf(fields.source) <= 3 ? fields.target : null,
      data: SOURCES.indexOf(fields.source) <= 1 ? fields.data : null,
      value: fields.op === 'unchanged' ? 0n : fields.value,
    }))
  const whole = fc.array(bound, { minLength: 0, maxLength: 4 }).map((list) => encodeBounds(list))
  const bounds = fc.oneof(
    { weight: 4, arbitrary: whole },
    {
      weight: 1,
      arbitrary: fc.tuple(whole, fc.nat(), fc.nat(255)).map(([bytes, at, byte]) => changed(bytes, at, byte)),
    },
    { weight: 1, arbitrary: fc.tuple(whole, fc.nat()).map(([bytes, at]) => cut(bytes, at)) },
  )
  const state = fc.tuple(...QUESTIONS.map(() => answers))
  const step = fc.oneof(
    fc.constant('open' as const),
    fc.constant('close' as const),
    fc.constant('check' as const),
    fc.constant('conditions' as const),
    state,
  )
  const ordinary = fc.tuple(state, state).map(([before, after]) => [before, 'open' as const, after, 'close' as const])
  const steps = fc.oneof(
    { weight: 2, arbitrary: ordinary },
    {
      weight: 1,
      arbitrary: fc.tuple(state, fc.array(step, { maxLength: 8 })).map(([first, rest]) => [first, ...rest]),
    },
  )
  return fc.tuple(bounds, steps).map(([bytes, list]) => played(bench, bytes, list))
}

randomBatches.expected = (bench: GuardBench, bounds: Hex.Hex): readonly Ending[] =>
  played(bench, bounds, ['open', 'close']).expected

type Step = 'open' | 'close' | 'check' | 'conditions' | readonly (Hex.Hex | null)[]

function played(bench: GuardBench, bounds: Hex.Hex, steps: readonly Step[]): RandomBatch {
  const model = new GuardModel()
  const calls: Inner[] = []
  const expected: Ending[] = []
  let now: Moment = { ...bench.moment, ...standing(bench), answers: alwaysAnswered(bench) }
  for (const step of steps) {
    if (typeof step !== 'string') {
      const known = step.flatMap((answer, i): [string, Hex.Hex][] =>
        answer === null ? [] : [[`${bench.readings.toLowerCase()}|${QUESTIONS[i] ?? '0x'}`, answer]],
      )
      now = { ...now, answers: { ...alwaysAnswered(bench), ...Object.fromEntries(known) } }
      calls.push(...step.map((answer, i) => bench.set(QUESTIONS[i] ?? '0x', answer)))
      continue
    }
    if (step === 'conditions') {
      calls.push(guardCall.open(bench, '0x', bounds))
      expected.push(model.open(now, bounds, '0x'))
    } else if (step === 'open') {
      calls.push(guardCall.open(bench, bounds))
      expected.push(model.open(now, '0x', bounds))
    } else {
      calls.push(guardCall[step](bench, bounds))
      expected.push(model[step](now, bounds))
    }
  }
  return { calls, expected }
}

/** The batching contract takes a call without data and answers nothing. */
function alwaysAnswered(bench: GuardBench): Moment['answers'] {
  return { [`${bench.caller.toLowerCase()}|0x`]: '0x' }
}

function standing(bench: GuardBench): Pick<Moment, 'balances' | 'codeHashes'> {
  const [caller, readings] = [bench.caller.toLowerCase(), bench.readings.toLowerCase()]
  return { balances: { [caller]: 1000n }, codeHashes: { [readings]: bench.readingsHash, [caller]: bench.callerHash } }
}

function joined(words: readonly bigint[]): Hex.Hex {
  return `0x${words.map((each) => word(each).slice(2)).join('')}`
}

function hexOf(bytes: Uint8Array): Hex.Hex {
  return `0x${Buffer.from(bytes).toString('hex')}`
}

function changed(bytes: Hex.Hex, at: number, byte: number): Hex.Hex {
  const list = Buffer.from(bytes.slice(2), 'hex')
  if (list.length > 0) list[at % list.length] = byte
  return hexOf(list)
}

function cut(bytes: Hex.Hex, at: number): Hex.Hex {
  const list = Buffer.from(bytes.slice(2), 'hex')
  return hexOf(list.subarray(0, list.length === 0 ? 0 : at % list.length))
}
