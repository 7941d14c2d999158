import { authorityRule } from '../authorityRule.ts'
import { Address } from '@countersign/base'
import type { AuthorityChange } from '../../model/Authority.ts'
import type { GrantTrial } from '../../model/Evidence.ts'
import { amountText, isArgument, nameOf, type RuleContext } from '../Rule.ts'

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
    `${nameOf(context, change.contract)} records ${nameOf(context, change.subject)} under your account (slot ${context.grantSlots.get(change) ?? 'unknown'}). No event explains the entry; the account may be able to act for you there.${triedText(context, change)}`,
  isMilder: (context, change) =>
    change.after > MAX_LEVEL ||
    context.account(change.subject)?.hasCode === true ||
    isNobody(context, change.subject) ||
    !context.reach.has(change.contract.toLowerCase()) ||
    // The contract itself may take all that it reaches, and an allowance of this batch is judged as what it is.
    context.lent.has(change.contract.toLowerCase()),
})

function trialOf({ tries, grantSlots }: RuleContext, change: AuthorityChange): GrantTrial | undefined {
  return tries.grants.find(
    ({ contract, subject, slot }) =>
      contract === change.contract && subject === change.subject && slot === grantSlots.get(change),
  )
}

/** What the account could do when it was tried: said, and no reason to block less. A contract may hide from every try what it lets somebody do. */
function triedText(context: RuleContext, change: AuthorityChange): string {
  const trial = trialOf(context, change)
  if (trial === undefined) return ''
  const { functions, most, outcome } = trial
  if (outcome === 'open' && most === null) return ''
  const took = most === null ? 'nothing' : amountText(context, most.token, most.amount)
  const tried = ` In the fork it called all ${functions} functions of the contract, now and 400 days later, and took ${took}`
  return outcome === 'bounded' ? `${tried}, as much as your call names and no more.` : `${tried}.`
}

/**
 * Twenty bytes of a setting that may be an account and may be anything: nobody has used it, and no call names it as one. A
 * mask or a packed number reads so, and so does a helper behind a mask: it is said, and what it is cannot be told.
 */
function isNobody(context: RuleContext, subject: Address.Address): boolean {
  const account = context.account(subject)
  if (account === undefined || isArgument(context, subject)) return false
  return !account.hasCode && account.nonce === 0n && account.balance === 0n
}
