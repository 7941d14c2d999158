import { authorityRule } from '../authorityRule.ts'
import { nameOf } from '../Rule.ts'

/** Credit, votes or management is delegated to somebody. */
export const rule = authorityRule({
  name: 'credit-delegation',
  remediation: 'Do not grant it unless you want this account to borrow in your name.',
  kind: 'delegation',
  about: 'Credit, votes or management is delegated to somebody.',
  title: 'Somebody may act or borrow in your name',
  because: (context, { contract, subject }) =>
    `${nameOf(context, subject)} could act for you at ${nameOf(context, contract)}: borrow, withdraw or vote on your account.`,
})
