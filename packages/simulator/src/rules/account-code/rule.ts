import { finding, isVouchedFor as vouches, nameOf, type Rule } from '../Rule.ts'

/** An account's own code changes (EIP-7702, or an upgrade of the account). */
export const rule: Rule = {
  name: 'account-code',
  about: "An account's own code changes (EIP-7702, or an upgrade of the account).",
  levels: 'block; warn for somebody the app or the user names',
  check: (context) =>
    context.authorityChanges
      .filter((change) => change.kind === 'account_code' && change.after !== change.before && change.after !== 0n)
      .map((change) => {
        const isVouchedFor = vouches(context, change.subject)
        return finding(
          'account-code',
          isVouchedFor ? 'warn' : 'block',
          'Your account runs other code',
          `${change.owner} would run the code at ${nameOf(context, change.subject)} whenever anybody calls it.`,
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
