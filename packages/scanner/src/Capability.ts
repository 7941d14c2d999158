import type { Place } from './Fact.ts'

/** L0 reads text, L1 reads the network or files, L2 changes things or can have something signed, L3 holds keys or the system. */
export type RiskTier = 'L0' | 'L1' | 'L2' | 'L3'

/** What a skill says that it needs: `allowed-tools` and OWASP's `permissions`. Null means that it says nothing. */
export interface Declared {
  /** Tool names as declared: `Bash(git:*)`, `Read`, `WebFetch(domain:a.example)`. */
  readonly tools: readonly string[] | null
  /** Command prefixes that may be run: from `Bash(x:*)` and `permissions.shell`. `['*']` is any; null is unsaid. */
  readonly shell: readonly string[] | null
  /** Hosts that may be reached; `['*']` is any. */
  readonly network: readonly string[] | null
  readonly read: readonly string[] | null
  readonly write: readonly string[] | null
  /** Environment variables named by `requires.env` and the like. */
  readonly env: readonly string[] | null
  /** Every account (lower case) that `permissions.chain` names, in whatever role. */
  readonly contracts: readonly string[] | null
  /** The same by role; no list stands in for another. */
  readonly accounts: Partial<
    Readonly<Record<'contracts' | 'spenders' | 'recipients' | 'fees' | 'operators', readonly string[]>>
  >
  readonly riskTier: RiskTier | null
}

/** One thing that the skill was seen to do, and the first line that shows it. */
export interface Seen {
  readonly subject: string
  readonly proof: Place
}

/** What a skill was seen to do or to tell the agent to do. */
export interface Observed {
  readonly tools: readonly Seen[]
  readonly shell: readonly Seen[]
  readonly network: readonly Seen[]
  readonly read: readonly Seen[]
  readonly write: readonly Seen[]
  readonly env: readonly Seen[]
  readonly contracts: readonly Seen[]
  readonly riskTier: RiskTier
}
