import { grantedToken, nameOf, type Rule } from '../Rule.ts'

/**
 * Somebody whom the app does not vouch for gains the right to spend. An account without code is never an honest
 * spender: contracts spend, people are paid (catalogue C01, C16).
 */
export const rule: Rule = {
  name: 'spender-unknown',
  remediation: 'Approve only contracts that you know, and only what is needed.',
  about: 'An allowance grows for somebody nobody vouches for.',
  levels: 'block: no code at the spender; else warn',
  check: (context) =>
    context.authorityChanges
      .filter(
        (change) =>
          (change.kind === 'erc20_allowance' || change.kind === 'permit2_allowance') && change.after > change.before,
      )
      .filter((change) => context.known(change.subject)?.kind !== 'spender')
      .map((change) => {
        const hasCode = context.account(change.subject)?.hasCode === true
        return {
          rule: 'spender-unknown',
          level: hasCode ? ('warn' as const) : ('block' as const),
          title: hasCode ? 'Unknown spender' : 'The spender is not a contract',
          because: hasCode
            ? `${nameOf(context, change.subject)} is a contract that nobody vouches for, and it could take ${grantedToken(context, change)}.`
            : `${nameOf(context, change.subject)} has no code: a person, or a contract that may be put there later, could take ${grantedToken(context, change)}.`,
          step: null,
          subject: change.subject,
          evidence: {
            contract: change.contract,
            owner: change.owner,
            after: change.after.toString(),
            has_code: hasCode,
          },
        }
      }),
}
