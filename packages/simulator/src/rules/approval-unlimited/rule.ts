import { grantedToken, nameOf, type Rule } from '../Rule.ts'

/**
 * A spender may take everything, now and later. Blocked unless the app vouches for the spender: the classic drainer
 * (catalogue C01, C02, C06).
 */
export const rule: Rule = {
  name: 'approval-unlimited',
  remediation: 'Approve only the amount that this transaction needs.',
  about:
    'An allowance grows beyond what you hold and what there is of the token, or is one that no use lowers: the spender could take everything, now and later.',
  levels: 'block; warn for a spender the app vouches for',
  check: (context) =>
    context.authorityChanges
      .filter(
        (change) =>
          (change.kind === 'erc20_allowance' || change.kind === 'permit2_allowance') &&
          change.unlimited &&
          change.after > change.before,
      )
      .map((change) => {
        const isVouchedFor = context.known(change.subject)?.kind === 'spender'
        return {
          rule: 'approval-unlimited',
          level: isVouchedFor ? ('warn' as const) : ('block' as const),
          title: 'Unlimited approval',
          because: `${nameOf(context, change.subject)} could take all ${grantedToken(context, change)} of ${change.owner}, now and at any later time.${
            isVouchedFor ? '' : ' Nobody vouches for this spender; approve an exact amount to a known contract instead.'
          }`,
          step: null,
          subject: change.subject,
          evidence: { contract: change.contract, owner: change.owner, after: change.after.toString() },
        }
      }),
}
