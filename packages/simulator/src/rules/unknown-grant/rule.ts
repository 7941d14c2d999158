import { authorityRule } from '../authorityRule.ts'
import { nameOf } from '../Rule.ts'

/** Up to here a number is a level or a role, not an amount that an owner sets. */
const MAX_LEVEL = 255n

/** Storage keyed by the user and by somebody else was written, and no event and no known getter tells what it means. */
export const rule = authorityRule({
  name: 'unknown-grant',
  remediation: 'Do not sign it unless you know what the contract does with this entry.',
  kind: 'unknown_grant',
  about: 'Storage keyed by the user and by another account was written, and no event and no known getter explains it.',
  levels:
    'block; warn for an account that the app names, for a grantee that is a contract, for an amount that an owner sets, and where the contract holds nothing and may take nothing of yours',
  title: 'Unexplained permission',
  because: (context, change) =>
    `${nameOf(context, change.contract)} records ${nameOf(context, change.subject)} under your account (slot ${context.grantSlots.get(change) ?? 'unknown'}). No event explains the entry; the account may be able to act for you there.`,
  isMilder: (context, change) =>
    change.after > MAX_LEVEL ||
    context.account(change.subject)?.hasCode === true ||
    !context.reach.has(change.contract.toLowerCase()),
})
