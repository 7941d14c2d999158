import { authorityRule } from '../authorityRule.ts'
import { nameOf } from '../Rule.ts'

/** Storage keyed by the user and by somebody else was written, and no event and no known getter tells what it means. */
export const rule = authorityRule({
  name: 'unknown-grant',
  remediation: 'Do not sign it unless you know what the contract does with this entry.',
  kind: 'unknown_grant',
  about:
    'Storage keyed by the user and by somebody else was written, and no event and no known getter tells what it means.',
  levels: 'block; warn for a contract, for an account that the app names, and for a number that an owner sets',
  title: 'A grant nobody announced',
  because: (context, change) =>
    `${nameOf(context, change.subject)} was written into ${nameOf(context, change.contract)} under your account (slot ${context.grantSlots.get(change) ?? 'unknown'}): it may be able to act for you there, and no event says so.`,
  isMilder: (context, { subject, after }) => after > 1n || context.account(subject)?.hasCode === true,
})
