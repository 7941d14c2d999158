import { authorityRule } from '../authorityRule.ts'
import { nameOf } from '../Rule.ts'

/** An account's own code changes (EIP-7702, or an upgrade of the account). */
export const rule = authorityRule({
  name: 'account-code',
  remediation: 'Do not sign it unless you chose this code for your account yourself.',
  kind: 'account_code',
  about: "An account's own code changes (EIP-7702, or an upgrade of the account).",
  title: 'Your account runs other code',
  because: (context, { owner, subject }) =>
    `${owner} would run the code at ${nameOf(context, subject)} whenever anybody calls it.`,
})
