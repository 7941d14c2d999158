import { finding, isVouchedFor, nameOf, type Rule } from '../Rule.ts'

/** Somebody else votes with the user's tokens (ERC-5805). The tokens stay. */
export const rule: Rule = {
  name: 'vote-delegation',
  remediation: 'Do not sign it unless you chose this delegate yourself.',
  about: 'Another account would vote with your tokens (ERC-5805). The tokens stay with you.',
  levels: 'warn; note for an account that the app names',
  check: (context) =>
    context.authorityChanges
      .filter(({ kind, after }) => kind === 'votes' && after > 0n)
      .map(({ subject, contract, owner }) =>
        finding(
          'vote-delegation',
          isVouchedFor(context, subject) ? 'info' : 'warn',
          'Somebody else votes for you',
          `${nameOf(context, subject)} would vote with the tokens of ${owner} at ${nameOf(context, contract)}. The tokens stay.`,
          { subject, evidence: { contract } },
        ),
      ),
}
