import { amountText, finding, isVouchedFor, nameOf, type Rule } from '../Rule.ts'

/** What a new authority is worth today: its holder's next transaction was tried in the fork. */
export const rule: Rule = {
  name: 'takeable',
  remediation: 'Revoke the permission, or approve only what is needed.',
  about: 'Whoever gained an authority could take this much in its next transaction: the theft was tried in the fork.',
  levels: 'warn; nothing for an account that the app names',
  check: (context) =>
    context.ahead.moves
      .filter(({ canTake, actor }) => canTake.length > 0 && !isVouchedFor(context, actor))
      .map(({ actor, means, canTake }) => {
        const amounts = canTake.map(({ token, amount }) => amountText(context, token, amount))
        return finding(
          'takeable',
          'warn',
          'What could be taken next',
          `${nameOf(context, actor)} could take ${amounts.join(', ')} in its next transaction.`,
          {
            subject: actor,
            evidence: { means, can_take: canTake.map(({ token, amount }) => ({ token, amount: amount.toString() })) },
          },
        )
      }),
}
