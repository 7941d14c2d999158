import { BaseError, Redacted, type Hex } from '@countersign/base'

/** One JSON-RPC call. */
export interface RpcCall {
  readonly method: string
  /** The parameters, or their JSON where it was written already: state overrides are large and sent several times. */
  readonly params: readonly unknown[] | { readonly json: string }
}

/** The node's answer to one call. */
export type RpcAnswer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly code: number; readonly message: string; readonly data: unknown }

/** A JSON-RPC endpoint that is asked in batches: one HTTP request, whatever the number of calls. */
export interface RpcEndpoint {
  batch(calls: readonly RpcCall[], options?: { signal?: AbortSignal }): Promise<readonly RpcAnswer[]>
  /** HTTP requests made so far. */
  readonly requests: number
  /** How many providers had to agree on each answer about state; one when absent. */
  readonly quorum?: 1 | 2
  close(): Promise<void>
}

/** A JSON-RPC batch as it is sent; ids are the places of the calls. */
export function writeCalls(calls: readonly RpcCall[]): string {
  return `[${calls
    .map(
      ({ method, params }, id) =>
        `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${'json' in params ? params.json : JSON.stringify(params)}}`,
    )
    .join(',')}]`
}

/**
 * The answers in the order of their calls, whatever order they came in.
 *
 * @throws {UpstreamError} when one is missing, came twice, or is none.
 */
export function readAnswers(parsed: unknown, calls: readonly RpcCall[], url: string): RpcAnswer[] {
  if (!Array.isArray(parsed)) throw new UpstreamError(url, new Error('it does not answer batches'))
  const answers = new Map<unknown, WireAnswer>()
  for (const answer of parsed as (WireAnswer | null)[]) {
    if (typeof answer !== 'object' || answer === null) throw new UpstreamError(url, new Error('no JSON-RPC answer'))
    // Two answers to one question: which of them is meant cannot be told.
    if (answers.has(answer.id)) throw new UpstreamError(url, new Error('two answers to one call'))
    answers.set(answer.id, answer)
  }
  return calls.map((_, id): RpcAnswer => {
    const answer = answers.get(id)
    if (answer === undefined) throw new UpstreamError(url, new Error('an answer is missing'))
    return answer.error === undefined || answer.error === null
      ? { ok: true, result: answer.result }
      : { ok: false, code: answer.error.code, message: String(answer.error.message), data: answer.error.data }
  })
}

interface WireAnswer {
  readonly id: number
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown } | null
}

/** The result of a call that must succeed. */
export function expectResult<T>(answer: RpcAnswer | undefined, what: string, url = ''): T {
  if (answer === undefined || !answer.ok)
    throw new UpstreamError(url, new Error(`${what}: ${answer?.message ?? 'no answer'}`))
  return answer.result as T
}

/** A number as JSON-RPC spells it; some tracers give nonces as plain numbers. @throws {UpstreamError} */
export function readQuantity(value: unknown, what: string): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value)
  if (typeof value !== 'string' || !/^0x[0-9a-f]{1,64}$/i.test(value)) throw malformed(what, value)
  return BigInt(value)
}

/** A 32-byte word, in full or without its leading zeros. @throws {UpstreamError} */
export function readWord(value: unknown, what: string): Hex.Hex {
  if (typeof value !== 'string' || !/^0x[0-9a-f]{1,64}$/i.test(value)) throw malformed(what, value)
  return `0x${value.slice(2).padStart(64, '0').toLowerCase()}`
}

/** Whole bytes, lower case. @throws {UpstreamError} */
export function readBytes(value: unknown, what: string): Hex.Hex {
  if (typeof value !== 'string' || value.length % 2 !== 0 || !/^0x[0-9a-f]*$/i.test(value)) throw malformed(what, value)
  return value.toLowerCase() as Hex.Hex
}

function malformed(what: string, value: unknown): UpstreamError {
  return new UpstreamError(
    '',
    new Error(`${what}: ${JSON.stringify(value)?.slice(0, 80) ?? 'nothing'} is no answer to it`),
  )
}

/** There is no answer from the provider; nothing was simulated, nothing may be signed. */
export class UpstreamError extends BaseError {
  override readonly name = 'simulator.UpstreamError'
  constructor(url: string, cause: unknown) {
    super(`The RPC provider${url === '' ? '' : ` ${Redacted.url(url)}`} did not answer as needed.`, {
      code: 'simulation:upstream:unreachable',
      kind: 'upstream',
      hint: 'Check that the URL is right and the node is up, then try again. Nothing was simulated.',
      cause,
    })
  }
}

export class ChainMismatchError extends BaseError {
  override readonly name = 'simulator.ChainMismatchError'
  constructor(url: string, expected: number, actual: number) {
    super(`The RPC provider ${Redacted.url(url)} serves chain ${actual}, not ${expected}.`, {
      code: 'simulation:chain:mismatch',
      kind: 'invalid',
      hint: 'Use the URL of the right chain, or correct the chain id.',
    })
  }
}

/** The answer is larger than any honest one. */
export class AnswerSizeError extends Error {
  override readonly name = 'simulator.AnswerSizeError'
  constructor(maxBytes: number) {
    super(`the answer is larger than ${maxBytes} bytes`)
  }
}

/** An HTTP status instead of answers. */
export class HttpStatusError extends Error {
  override readonly name = 'simulator.HttpStatusError'
  readonly status: number
  constructor(status: number) {
    super(`HTTP ${status}`)
    this.status = status
  }
}
