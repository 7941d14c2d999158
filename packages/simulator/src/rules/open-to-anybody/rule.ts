import { amountText, finding, nameOf, type Rule } from '../Rule.ts'

/** A contract that the user's calls name pays anybody who asks, and did not before: a role, a button or a flag is everybody's. */
export const rule: Rule = {
  name: 'open-to-anybody',
  remediation: 'Do not sign it unless everybody may have this.',
  about:
    'After the batch, anybody can take coins or tokens out of a contract that your calls name, and nobody could before. Both were tried in the fork.',
  levels: 'block when an agent proposed it; else warn',
  check: (context) =>
    context.tries.openings.map(({ contract, token, amount }) =>
      finding(
        'open-to-anybody',
        context.request.isAgentProposed === true ? 'block' : 'warn',
        'Anybody could take it',
        `Anybody could take ${amountText(context, token, amount)} out of ${nameOf(context, contract)} in the next transaction. Before this batch, the same calls take nothing.`,
        { subject: contract, evidence: { token, amount: amount.toString() } },
      ),
    ),
}
