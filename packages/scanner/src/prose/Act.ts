import type { Place } from '../Fact.ts'
import type { Severity } from '../Severity.ts'
import type { Clause } from './Clause.ts'

/** What a sentence has its reader do. */
export type ActKind =
  | 'override'
  | 'obey-outside'
  | 'run-outside'
  | 'hide'
  | 'hand-over'
  | 'ask-words'
  | 'pay-literal'
  | 'sign-unseen'
  | 'spend-alone'
  | 'steer-memory'
  | 'disloyal'

/** One order found in prose: who is asked is always the agent, and it is neither forbidden nor only quoted. */
export interface Act extends Place {
  readonly kind: ActKind
  readonly text: string
  readonly severity: Severity
  /** The account that is paid, the address that is obeyed or sent to: empty where there is none. */
  readonly target: string
}

/** What one reader of clauses found in one. */
export interface Found {
  readonly severity: Severity
  readonly target?: string
}

/** Reads one kind of act off a clause; null where it says no such thing. */
export type Reader = (clause: Clause, context: Context) => Found | null

/** The package's own scripts that print what they fetch: the address, by the script's name. */
export type Scripts = ReadonlyMap<string, string>

/** What a clause may lean on beyond itself. */
export interface Context {
  readonly scripts: Scripts
  /** Addresses of the sentence before, for "there", "it", "that page". */
  readonly urlBefore: string
}
