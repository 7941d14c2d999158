/**
 * States a belief that cannot be false unless there is a bug here. Never used for input or for permission.
 *
 * @param belief - What must hold.
 * @param why - Why we believed it, in a sentence for the log. Callers outside only ever see a bare 500.
 * @throws {BugError} When the belief is false.
 */
export function assert(belief: unknown, why: string): asserts belief {
  if (!belief) throw new BugError(why)
}

/** A belief was false: a bug in Countersign. It carries no code that a caller could act on. */
export class BugError extends Error {
  override readonly name = 'base.BugError'
}
