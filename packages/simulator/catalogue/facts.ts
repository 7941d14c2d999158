import type { Address } from '@countersign/base'
import type { Report } from '../src/index.ts'

/** What the report says about the user, asked in one line. */

/** How an account's balance of a token changes in the expected block; `null` is ether. */
export function delta(report: Report.Report, account: Address.Address, token: Address.Address | null): bigint {
  return report.tokenChanges
    .filter((change) => change.account === account && change.token === token)
    .reduce((sum, change) => sum + change.delta, 0n)
}

/** Whether a finding of the rule says it, in its title or its reason. */
export function says(report: Report.Report, rule: string, text: string | RegExp): boolean {
  return report.findings.some(
    (finding) =>
      finding.rule === rule &&
      (typeof text === 'string' ? `${finding.title} ${finding.because}`.includes(text) : text.test(finding.because)),
  )
}

/** Whether the authority that somebody gains is listed. */
export function grants(
  report: Report.Report,
  kind: Report.AuthorityKind,
  subject: Address.Address,
  more: Partial<Report.AuthorityChange> = {},
): boolean {
  return report.authorityChanges.some(
    (change) =>
      change.kind === kind &&
      change.subject === subject &&
      Object.entries(more).every(([key, value]) => change[key as keyof Report.AuthorityChange] === value),
  )
}

/** What somebody could take next, by the look-ahead; 0 when nothing. */
export function takeable(report: Report.Report, actor: Address.Address, token: Address.Address | null): bigint {
  return report.lookahead
    .filter((each) => each.actor === actor)
    .flatMap((each) => each.canTake)
    .filter((each) => each.token === token)
    .reduce((most, each) => (each.amount > most ? each.amount : most), 0n)
}

/** The environments that disagree, with what decides. */
export function decidedBy(report: Report.Report, environment: string): readonly string[] {
  return report.environments.find(({ name, agrees }) => name === environment && !agrees)?.decidedBy ?? []
}
