import type { Role, Verb } from './Reading.ts'

/** A value that decides where money goes or who gains power, with the part it plays. */
export interface Value {
  /** A JSON pointer into call data or a document, or the name of a tool's argument. */
  readonly argument: string
  /** As a person would type it: whole units where the token's decimals are known. */
  readonly value: string
  /** `other`: a number or a text of no known part. `data`: bytes that could not be read. */
  readonly role: Role | 'other' | 'data'
  /** Whether it must come from the user. False for bounds that only protect (a least amount, a deadline). */
  readonly isCritical?: boolean
  /** Set by our own code and not by the model: the user's own account as the recipient of a swap. */
  readonly isOurs?: boolean
}

/** One thing that a proposal would do. A multicall does several. */
export interface Action {
  readonly verb: Verb
  /** The tool, or what the bytes call, for the question whether the user asked for it. */
  readonly name: string
  /** What whoever encoded the call says it is called: compared with the user's verb, never shown. */
  readonly called?: string
  readonly values: readonly Value[]
}
