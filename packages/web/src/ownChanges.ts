import type { ReportWire } from '@countersign/sdk'
import { t } from './text/text.ts'

type Change = ReportWire['token_changes'][number]

/** What leaves and arrives, for each account that is the owner's: those that the account controls first. */
export function ownChanges(
  report: ReportWire,
): readonly { readonly owner: string; readonly isSelf: boolean; readonly changes: readonly Change[] }[] {
  const of = (account: string) => report.token_changes.filter((change) => change.account === account)
  return [
    ...(report.controlled ?? []).map(({ account, by }) => ({
      owner: by === 'safe-owner' ? t().sides.yourSafe(account) : t().sides.yourAccount(account),
      isSelf: false,
      changes: of(account),
    })),
    { owner: t().sides.you, isSelf: true, changes: of(report.from) },
  ]
}

/** What everybody else gains and loses. */
export function othersChanges(report: ReportWire): readonly Change[] {
  const own = new Set([report.from, ...(report.controlled ?? []).map(({ account }) => account)])
  return report.token_changes.filter(({ account }) => !own.has(account))
}
