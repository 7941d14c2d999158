import type { Explanation } from '@countersign/scanner'
import type { Io } from '../io.ts'
import { UsageError } from '../UsageError.ts'

type Scanner = typeof import('@countersign/scanner')

/** `--explain RULE`: what a rule looks for, why, what it flags and leaves alone, and what to do. */
export function explain(scanner: Scanner, io: Io, name: string, isJson: boolean): number {
  const found = scanner.explainRule(name)
  if (found === null) {
    const near = scanner.rulesLike(name)
    throw new UsageError(
      `There is no rule ${name.slice(0, 100)}.`,
      near.length === 0 ? 'docs/reference/scanner-rules.md lists every rule.' : `Did you mean ${near.join(' or ')}?`,
    )
  }
  io.out(isJson ? JSON.stringify(found) : textOf(found))
  return 0
}

function textOf({ rule, check, severity, owasp, looks_for, because, remediation, bad, good }: Explanation): string {
  const examples = (title: string, texts: readonly string[]) =>
    texts.flatMap((text, i) => [
      '',
      texts.length === 1 ? `${title}:` : `${title} (${i + 1} of ${texts.length}):`,
      ...text.split('\n').map((line) => `    ${line}`.trimEnd()),
    ])
  return [
    `${rule}  (${check}, ${severity}, ${owasp})`,
    '',
    `Looks for: ${looks_for}`,
    `Why: ${because}`,
    `Fix: ${remediation}`,
    ...examples('Flagged', bad),
    ...examples('Left alone', good),
    '',
    'The severity is the usual one; a finding may be milder (in an example, in a test) or graver by what was found.',
  ].join('\n')
}
