/** Who has to do something about an error; decides the HTTP status and the exit code. */
export type ErrorKind =
  'invalid' | 'unknown-caller' | 'refused' | 'absent' | 'conflict' | 'spent' | 'upstream' | 'unavailable'

/** HTTP status for each kind (house style, "Outcomes, errors and bugs are three things"). */
export const HTTP_STATUS: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  'unknown-caller': 401,
  refused: 403,
  absent: 404,
  conflict: 409,
  spent: 429,
  upstream: 502,
  unavailable: 503,
}

/** Process exit code for each kind; 0 is success and 1 is a bug. */
export const EXIT_CODE: Readonly<Record<ErrorKind, number>> = {
  invalid: 2,
  'unknown-caller': 3,
  refused: 4,
  absent: 5,
  conflict: 6,
  spent: 7,
  upstream: 8,
  unavailable: 9,
}

/**
 * An error that somebody outside can act on: a stable code `room:thing:reason`, a kind, a sentence about what
 * happened and a hint about what to do. Private detail travels only in `cause`, which `toJSON` leaves behind.
 */
export class BaseError extends Error {
  override readonly name: string = 'base.BaseError'
  readonly code: string
  readonly kind: ErrorKind
  readonly hint: string

  constructor(message: string, options: { code: string; kind: ErrorKind; hint: string; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code
    this.kind = options.kind
    this.hint = options.hint
  }

  /** What may leave the process: never the cause, never a stack. */
  toJSON(): { code: string; message: string; hint: string } {
    return { code: this.code, message: this.message, hint: this.hint }
  }
}
