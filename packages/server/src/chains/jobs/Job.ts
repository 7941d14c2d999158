import { deserialize, serialize } from 'node:v8'
import { BaseError, type ErrorKind } from '@countersign/base'
import { Timings, type ReadSet, type Report, type SimulationRequest, type Simulator } from '@countersign/simulator'

/** What a simulator that runs a job must have been told. */
export interface Needs {
  readonly quorum: number
  readonly isProofVerified: boolean
}

/** One run of a simulator that another process does. */
export type Job =
  | { readonly kind: 'simulate'; readonly request: SimulationRequest }
  | { readonly kind: 'play'; readonly input: Parameters<Simulator['play']>[0] }

/** What came of it. An error of ours goes on as it is, without its cause; anything else is a bug of that process. */
export type Answer = {
  /** What the engines spent on it, in milliseconds. */
  readonly engineMs: number
} & (
  | { readonly kind: 'simulate'; readonly report: Report.Report; readonly readSet: ReadSet.ReadSet | null }
  | { readonly kind: 'play'; readonly played: Awaited<ReturnType<Simulator['play']>> }
  | { readonly kind: 'error'; readonly error: Failure | null }
)

interface Failure {
  readonly code: string
  readonly kind: ErrorKind
  readonly message: string
  readonly hint: string
}

/** A job for whichever worker takes it. */
export interface QueuedJob {
  readonly needs: Needs
  readonly job: Job
}

/** Bytes of a job or an answer: they hold big integers and maps, which JSON does not. */
export function encode(value: QueuedJob | Answer): Buffer {
  return serialize(value)
}

/** Reads bytes that this very program wrote, and that were checked to be those. */
export function decode<T extends QueuedJob | Answer>(bytes: Uint8Array): T {
  return deserialize(bytes) as T
}

/** Runs a job here. */
export async function answer(simulator: Simulator, job: Job): Promise<Answer> {
  const timings = new Timings()
  try {
    if (job.kind === 'play') return { kind: 'play', engineMs: 0, played: await simulator.play(job.input) }
    const report = await simulator.simulate(job.request, { timings })
    return { kind: 'simulate', engineMs: timings.engineMs, report, readSet: simulator.readSet(report.readSet.digest) }
  } catch (error) {
    return failure(error, timings.engineMs)
  }
}

/** The answer that says why there is none. */
export function failure(error: unknown, engineMs = 0): Answer {
  if (!(error instanceof BaseError)) return { kind: 'error', engineMs, error: null }
  const { code, kind, message, hint } = error
  return { kind: 'error', engineMs, error: { code, kind, message, hint } }
}

/**
 * The answer to a job of this kind.
 *
 * @throws The error that the other process answered with; {NoAnswerError} for a bug there, or an answer of another kind.
 */
export function expect<K extends Job['kind']>(given: Answer, kind: K): Extract<Answer, { kind: K }> {
  if (given.kind === kind) return given as Extract<Answer, { kind: K }>
  if (given.kind === 'error' && given.error !== null) throw new RemoteError(given.error)
  throw new NoAnswerError('failed')
}

/** What a simulator of another process refused. */
export class RemoteError extends BaseError {
  override readonly name = 'chains.RemoteError'
  constructor({ message, ...rest }: Failure) {
    super(message, rest)
  }
}

const NO_ANSWER: Readonly<Record<'failed' | 'gone' | 'late' | 'refused' | 'setup', string>> = {
  setup: 'a worker checks less than this server was told to (quorum, proofs)',
  failed: 'the process that simulates failed',
  gone: 'the process that simulates ended',
  late: 'no answer came in time',
  refused: 'the answer is not for this request',
}

/** There is no answer: nothing may be signed. */
export class NoAnswerError extends BaseError {
  override readonly name = 'chains.NoAnswerError'
  readonly why: keyof typeof NO_ANSWER
  constructor(why: keyof typeof NO_ANSWER) {
    super(`It could not be simulated: ${NO_ANSWER[why]}.`, {
      code: `chains:simulation:${why}`,
      kind: 'unavailable',
      hint: 'Try again in a moment. If it stays so, the operator finds the cause in the log.',
    })
    this.why = why
  }
}
