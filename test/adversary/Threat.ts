/**
 * One thing that somebody could try, or that could go wrong, and the tests that show that it is stopped. The rows stand in
 * `threats/`, one file a kind. `npm run test:adversary` runs the named tests and prints the table; docs/threat-model.md is
 * written from the same rows.
 */
export interface Threat {
  /** Where it is described: `gate 1.3` is row 3 of kind 1 in the review's list. Unique. */
  id: string
  /** What an attacker does, or what happens by accident. One sentence. */
  threat: string
  /** What stops it. One sentence. */
  stoppedBy: string
  /** What remains possible; null when nothing is known to remain. */
  remains: string | null
  /** At least one. */
  tests: readonly ThreatTest[]
}

/** A test that shows it. `name` is the test's own title, or its full title with ` > ` between the groups and the test. */
export interface ThreatTest {
  /** From the root of the repository. */
  file: string
  name: string
}

/** A kind of threat, as the threat model lists it. */
export interface Kind {
  /** The heading. */
  title: string
  threats: readonly Threat[]
}

/** Whether a test with this full title, such as `a group > a test`, is the one that a row names. */
export function isNamed(fullTitle: readonly string[], name: string): boolean {
  return fullTitle.at(-1) === name || fullTitle.join(' > ') === name
}
