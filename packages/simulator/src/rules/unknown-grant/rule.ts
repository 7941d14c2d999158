import { authorityRule } from '../authorityRule.ts'
import { Address } from '@countersign/base'
import { isArgument, nameOf, type RuleContext } from '../Rule.ts'

/** Up to here a number is a level or a role, not an amount that an owner sets. */
const MAX_LEVEL = 255n

/** Storage keyed by the user and by somebody else was written, and no event and no known getter tells what it means. */
export const rule = authorityRule({
  name: 'unknown-grant',
  remediation: 'Do not sign it unless you know what the contract does with this entry.',
  kind: 'unknown_grant',
  about: 'Storage keyed by the user and by another account was written, and no event and no known getter explains it.',
  levels:
    'block; warn for an account that the app names, for a grantee that is a contract, for twenty bytes that are nobody’s yet and no argument of a call, for an amount that an owner sets, and where the contract holds nothing and may take no more of yours than this batch allows it',
  title: 'Unexplained permission',
  because: (context, change) =>
    `${nameOf(context, change.contract)} records ${nameOf(context, change.subject)} under your account (slot ${context.grantSlots.get(change) ?? 'unknown'}). No event explains the entry; the account may be able to act for you there.`,
  isMilder: (context, change) =>
    change.after > MAX_LEVEL ||
    context.account(change.subject)?.hasCode === true ||
    isNobody(context, change.subject) ||
    !context.reach.has(change.contract.toLowerCase()) ||
    // The contract itself may take all that it reaches, and an allowance of this batch is judged as what it is.
    context.lent.has(change.contract.toLowerCase()),
})

/**
 * Twenty bytes of a setting that may be an account and may be anything: nobody has used it, and no call names it as one. A
 * mask or a packed number reads so, and so does a helper behind a mask: it is said, and what it is cannot be told.
 */
function isNobody(context: RuleContext, subject: Address.Address): boolean {
  const account = context.account(subject)
  if (account === undefined || isArgument(context, subject)) return false
  return !account.hasCode && account.nonce === 0n && account.balance === 0n
}
