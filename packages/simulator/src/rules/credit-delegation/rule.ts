import { finding, isVouchedFor as vouches, nameOf, type Rule } from '../Rule.ts'

/** Credit, votes or management is delegated to somebody. */
export const rule: Rule = {
  name: 'credit-delegation',
  about: 'Credit, votes or management is delegated to somebody.',
  levels: 'block; warn for somebody the app or the user names',
  check: (context) =>
    context.authorityChanges
      .filter((change) => change.kind === 'delegation' && change.after !== change.before && change.after !== 0n)
      .map((change) => {
        const isVouchedFor = vouches(context, change.subject)
        return finding(
          'credit-delegation',
          isVouchedFor ? 'warn' : 'block',
          'Somebody may act or borrow in your name',
          `${nameOf(context, change.subject)} could act for you at ${nameOf(context, change.contract)}: borrow, withdraw or vote on your account.`,
          {
            subject: change.subject,
            evidence: {
              contract: change.contract,
              owner: change.owner,
              before: change.before.toString(),
              after: change.after.toString(),
              slot: context.grantSlots.get(change) ?? null,
            },
          },
        )
      }),
}
