import type { Finding } from './Finding.ts'

/** Two findings that are each a reason to look, and together a reason to stop. */
interface Pair {
  readonly first: string
  readonly second: string
  /** Where the two have to meet. */
  readonly within: 'line' | 'file' | 'skill'
  readonly because: string
}

/** Why each pair is more than its parts; both halves are `medium` on their own. A table, not a score. */
export const PAIRS: readonly Pair[] = [
  {
    first: 'undeclared-host',
    second: 'secrets-gathered',
    within: 'file',
    because: 'Keys of several services are gathered in the file that speaks to a host nobody declared.',
  },
  {
    first: 'undeclared-host',
    second: 'secret-exfiltration',
    within: 'line',
    because: 'A key goes to a host that nobody declared.',
  },
  {
    first: 'shell-any',
    second: 'identity-file-write',
    within: 'skill',
    because: 'It may run anything, and it writes what later sessions obey.',
  },
  {
    first: 'files-any',
    second: 'identity-file-write',
    within: 'skill',
    because: 'It may write anywhere, and it writes what later sessions obey.',
  },
  {
    first: 'agent-settings',
    second: 'dependency-url',
    within: 'line',
    because: 'An agent that no longer asks is given a program from an address.',
  },
]

/** Raises the second of a pair where both are there, once each; nothing is ever lowered. */
export function combine(findings: readonly Finding[]): Finding[] {
  const mediums = findings.filter((finding) => finding.severity === 'medium')
  if (mediums.length < 2) return [...findings]
  const raised = new Map<Finding, string>()
  for (const { first, second, within, because } of PAIRS)
    for (const one of mediums) {
      if (one.rule !== first) continue
      const other = mediums.find(
        (each) =>
          each.rule === second &&
          (within === 'skill' || each.file === one.file) &&
          (within !== 'line' || each.line === one.line),
      )
      if (other !== undefined) raised.set(other, because)
    }
  return findings.map((finding) => {
    const because = raised.get(finding)
    return because === undefined ? finding : { ...finding, severity: 'high', because: `${because} ${finding.because}` }
  })
}
