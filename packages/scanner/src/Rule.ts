import type { Declared, Observed } from './Capability.ts'
import type { Facts } from './Fact.ts'
import type { AstItem, Check } from './Finding.ts'
import type { Signature } from './identity/Signature.ts'
import type { Frontmatter } from './Frontmatter.ts'
import type { Lock } from './Lock.ts'
import type { Unanalysed } from './ScanReport.ts'
import type { Severity } from './Severity.ts'
import type { Skill } from './Skill.ts'
import type { SupplyFacts } from './supply/SupplyFacts.ts'
import type { View, ViewName } from './View.ts'

/** All that rules may look at. Nothing in it can read, wait or remember. */
export interface Material {
  readonly skill: Skill
  readonly frontmatter: Frontmatter
  readonly views: readonly View[]
  readonly facts: Facts
  readonly supply: SupplyFacts
  readonly declared: Declared
  readonly observed: Observed
  /** Every skill of the same scan, this one among them: for copies, shadowing and colliding names. */
  readonly neighbours: readonly Skill[]
  /** Who signed the package, each checked. */
  readonly signatures: readonly Signature[]
  /** What was approved, when a lock file was given. */
  readonly lock: Lock | null
  /** Bytes that nothing analysed. */
  readonly unanalysed: readonly Unanalysed[]
  readonly nowMs: number
}

/** One place that a rule points at. What is left out is the rule's own. */
export interface Match {
  readonly file: string
  readonly line: number
  readonly view: ViewName
  /** The offending text; it is made safe to print later. */
  readonly evidence: string
  /** See {@link View.role}; what is only shown is judged milder. */
  readonly role?: View['role']
  readonly severity?: Severity
  readonly because?: string
  readonly remediation?: string
}

/** One thing that can be found: a folder in `rules/`, with `bad/` to flag and `good/` to leave alone. */
export interface Rule {
  /** What people quote: `fetch-then-execute`. It never changes meaning. */
  readonly name: string
  readonly check: Check
  readonly ast: AstItem
  /** The number in OWASP's checklist, or null where it has none. */
  readonly item: string | null
  /** What it finds, in one sentence; the rule list shows it. */
  readonly about: string
  /** The severity when nothing softens it. */
  readonly severity: Severity
  /** Why it matters, to the person whose machine and money it is. */
  readonly because: string
  /** What to do about it. */
  readonly remediation: string
  readonly find: (material: Material) => Iterable<Match>
}

/** A finding in an example or in material for detectors is still one, a step milder for each; in its place, a forbidden one is `low`. */
export const SOFTER: Readonly<Record<View['role'], number>> = {
  instruction: 0,
  example: -1,
  fixture: -2,
  forbidden: -3,
}
