import type { DocumentFinding } from '../Document.ts'
import { contradicts, type Claim } from './Claim.ts'

export interface WithClaims {
  readonly path: string
  readonly claims: readonly Claim[]
}

const MAX_FINDINGS = 20

/** Where a document says something else than another one of the same app. */
export function contradictionsIn(document: WithClaims, others: readonly WithClaims[]): readonly DocumentFinding[] {
  const byKind = Map.groupBy(document.claims, ({ kind }) => kind)
  const findings: DocumentFinding[] = []
  for (const other of others) {
    if (other.path === document.path) continue
    for (const theirs of other.claims)
      for (const ours of byKind.get(theirs.kind) ?? [])
        if (contradicts(ours, theirs) && findings.length < MAX_FINDINGS)
          findings.push({
            rule: 'contradiction',
            severity: 'high',
            line: ours.line,
            because: `${other.path}, line ${theirs.line}, gives another value for the same thing.`,
          })
  }
  return findings
}
