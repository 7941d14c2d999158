import { Address } from '@countersign/base'
import { finding, framesOf, nameOf, type Rule } from '../Rule.ts'

/** Both the old and the new allowance can be spent when the spender acts in between (catalogue B06; EIP-20's warning). */
export const rule: Rule = {
  name: 'allowance-race',
  remediation: 'Set the allowance to zero first, then approve the new amount.',
  about: 'An allowance that is not zero is replaced by another: a spender who acts in between can take both.',
  levels: 'warn; nothing for a spender the app vouches for',
  check: (context) =>
    context.authorityChanges
      .filter(
        (change) =>
          change.kind === 'erc20_allowance' &&
          change.owner === context.request.from &&
          change.before > 0n &&
          change.after > 0n &&
          context.known(change.subject)?.kind !== 'spender' &&
          isSet(context, change.contract, change.subject),
      )
      .map((change) =>
        finding(
          'allowance-race',
          'warn',
          'Old and new allowance could both be spent',
          `${nameOf(context, change.subject)} may spend ${change.before} of the smallest unit until this is mined, and ${change.after} after it: ${change.before + change.after} in the worst case. Set the allowance to 0 first.`,
          {
            subject: change.subject,
            evidence: {
              contract: change.contract,
              before: change.before.toString(),
              after: change.after.toString(),
              worst_case: (change.before + change.after).toString(),
            },
          },
        ),
      ),
}

/** Set by the user's own approve, not merely used up. */
function isSet(context: Parameters<Rule['check']>[0], token: string, spender: string): boolean {
  return [...framesOf(context)].some(
    ({ frame }) =>
      frame.signature === 'approve(address,uint256)' &&
      frame.to === token &&
      frame.from === context.request.from &&
      Address.isEqual(String(frame.args?.[0]) as Address.Address, spender as Address.Address),
  )
}
