import type { Finding } from '../Report.ts'
import { rule as approvalUnlimited } from './approval-unlimited/rule.ts'
import { rule as debitUnannounced } from './debit-unannounced/rule.ts'
import { rule as eventUnbacked } from './event-unbacked/rule.ts'
import { rule as operatorApproval } from './operator-approval/rule.ts'
import { rule as recipientUnverified } from './recipient-unverified/rule.ts'
import { rule as reverts } from './reverts/rule.ts'
import type { Rule, RuleContext } from './Rule.ts'
import { rule as spenderUnknown } from './spender-unknown/rule.ts'
import { rule as transferFee } from './transfer-fee/rule.ts'

/** Every rule that judges an outcome. What the engine itself notices (limits, budgets, funds) it says on its own. */
export const RULES: readonly Rule[] = [
  reverts,
  approvalUnlimited,
  spenderUnknown,
  operatorApproval,
  recipientUnverified,
  eventUnbacked,
  debitUnannounced,
  transferFee,
]

const ORDER = { block: 0, warn: 1, info: 2 } as const

/** Runs all rules; worst first. */
export function judge(context: RuleContext, further: readonly Finding[]): Finding[] {
  return [...further, ...RULES.flatMap((rule) => rule.check(context))].sort((a, b) => ORDER[a.level] - ORDER[b.level])
}

/** The worst finding decides. */
export function verdictOf(findings: readonly Finding[]): 'allow' | 'warn' | 'block' {
  if (findings.some((finding) => finding.level === 'block')) return 'block'
  return findings.some((finding) => finding.level === 'warn') ? 'warn' : 'allow'
}
