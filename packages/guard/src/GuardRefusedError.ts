/** 4001 refused · 4200 a method that is never allowed · −32003 cannot be judged · −32002 waits for the owner. */
export type RefusalCode = 4001 | 4200 | -32003 | -32002

export interface RefusalData {
  readonly verdict: string | null
  readonly findings: readonly Readonly<Record<string, unknown>>[]
  readonly proposal: string | null
  readonly url: string | null
}

const NOTHING: RefusalData = { verdict: null, findings: [], proposal: null, url: null }

/** Why nothing was signed. Each wallet library is told in a shape that it shows to people. */
export class GuardRefusedError extends Error {
  override readonly name = 'GuardRefusedError'
  readonly code: RefusalCode
  /** What viem shows. */
  readonly shortMessage: string
  readonly data: RefusalData

  constructor(code: RefusalCode, sentence: string, data: Partial<RefusalData> = {}) {
    const text = code === -32002 ? sentence : `user denied: Countersign refused: ${plain(sentence)}`
    super(text)
    this.code = code
    this.shortMessage = text
    this.data = { ...NOTHING, ...data }
  }
}

/** One line of at most 400 characters, without what changes how text is shown. */
function plain(text: string): string {
  return text.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, ' ').slice(0, 400)
}

export function refused(sentence: string, data?: Partial<RefusalData>): GuardRefusedError {
  return new GuardRefusedError(4001, sentence, data)
}

/** A method that no judgement can make safe. */
export function never(method: string, why: string): GuardRefusedError {
  return new GuardRefusedError(4200, `${method} is never allowed: ${why}.`)
}

export function unjudged(sentence: string): GuardRefusedError {
  return new GuardRefusedError(-32003, sentence)
}

/** Which library shows the refusal. */
export type Flavor = 'plain' | 'viem' | 'ethers'

/** The same refusal as an error of the library that will show it. Without the library it stays as it is. */
export async function inFlavor(error: unknown, flavor: Flavor): Promise<unknown> {
  if (!(error instanceof GuardRefusedError)) return error
  try {
    if (flavor === 'viem') {
      const { BaseError } = await import('viem')
      return dress(new BaseError(error.shortMessage, { name: 'GuardRefusedError' }), error, error.code)
    }
    if (flavor === 'ethers') {
      // As `makeError` of ethers makes it, without the library: it may be there twice, and this is the caller's own.
      const info = { ...error.data, code: error.code, data: error.data }
      const rejected = { action: 'unknown', reason: 'rejected', info }
      return dress(Object.assign(new Error(error.message), rejected), error, 'ACTION_REJECTED')
    }
  } catch {
    // The library is not installed: whoever asked uses none of its errors.
  }
  return error
}

function dress(made: Error, { message, data }: GuardRefusedError, code: unknown): Error {
  const fields = { name: 'GuardRefusedError', message, shortMessage: message, data, code }
  for (const [name, value] of Object.entries(fields))
    Object.defineProperty(made, name, { value, enumerable: name !== 'message', configurable: true, writable: true })
  return made
}
