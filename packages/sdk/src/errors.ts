import type { ErrorCode, Refusal } from './wire.ts'

/** What goes wrong on this side. */
export type SdkErrorCode =
  | 'sdk:network:unreachable'
  | 'sdk:request:aborted'
  | 'sdk:request:timeout'
  | 'sdk:answer:unreadable'
  | 'sdk:wait:timeout'

/** Every code of this version. A newer server may answer with more, so a `switch` over it needs a `default`. */
export type AnyErrorCode = ErrorCode | SdkErrorCode

/** The server refused, or could not be asked. `code` is stable and never changes its meaning; `hint` says what to do. */
export class CountersignError extends Error {
  override readonly name = 'CountersignError'
  /** Of HTTP; 0 where there was no answer. */
  readonly status: number
  readonly code: AnyErrorCode | (string & Record<never, never>)
  readonly hint: string
  /** Names the request in the server's log; null where there was no answer. */
  readonly requestId: string | null
  /** After how many seconds to ask again, where the server says so. */
  readonly retryAfterS: number | null
  constructor(
    status: number,
    body: Partial<Refusal>,
    { retryAfterS = null, cause }: { readonly retryAfterS?: number | null; readonly cause?: unknown } = {},
  ) {
    super(body.error ?? `The server answered ${status}.`, cause === undefined ? {} : { cause })
    this.status = status
    this.code = body.code ?? 'sdk:answer:unreadable'
    this.hint = body.hint ?? 'Look at the server log for this request.'
    this.requestId = body.request_id ?? null
    this.retryAfterS = retryAfterS
  }
}

/** An answer, or why there is none, as a value. */
export type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: CountersignError }

/**
 * Turns the error of a call into a value, for callers that read every case instead of catching.
 *
 * @returns What is thrown and is not of this library is thrown on: it is a bug.
 * @example
 * const asked = await attempt(client.proposal(id))
 * if (!asked.ok) return asked.error.code
 */
export async function attempt<T>(call: Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await call }
  } catch (error) {
    if (error instanceof CountersignError) return { ok: false, error }
    throw error
  }
}

/** What a request that got no answer is reported as. */
export function noAnswer(cause: unknown, signal: AbortSignal | null | undefined): CountersignError {
  if (signal?.aborted !== true)
    return new CountersignError(
      0,
      {
        error: 'The server cannot be reached.',
        code: 'sdk:network:unreachable',
        hint: 'Check the address and the network. Whether the request arrived is not known.',
      },
      { cause },
    )
  const isLate = signal.reason instanceof Error && signal.reason.name === 'TimeoutError'
  return new CountersignError(
    0,
    isLate
      ? {
          error: 'The server did not answer in time.',
          code: 'sdk:request:timeout',
          hint: 'Ask what became of it before you send it again.',
        }
      : { error: 'The request was aborted.', code: 'sdk:request:aborted', hint: 'It may have arrived all the same.' },
    { cause },
  )
}

/** What waiting that took too long is reported as. */
export function waitedTooLong(what: string, timeoutMs: number): CountersignError {
  return new CountersignError(0, {
    error: `${what} did not end within ${timeoutMs} ms.`,
    code: 'sdk:wait:timeout',
    hint: 'It goes on at the server. Wait again, or read its state later.',
  })
}
