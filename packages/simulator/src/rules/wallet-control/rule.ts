import { finding, isVouchedFor as vouches, nameOf, type Rule } from '../Rule.ts'

/** A module, owner, guard, handler or key is added to the user's smart account, or its threshold is lowered. */
export const rule: Rule = {
  name: 'wallet-control',
  about: "A module, owner, guard, handler or key is added to the user's smart account, or its threshold is lowered.",
  levels: 'block; warn for somebody the app or the user names',
  check: (context) =>
    context.authorityChanges
      .filter((change) => change.kind === 'module' && change.after !== change.before && change.after !== 0n)
      .map((change) => {
        const isVouchedFor = vouches(context, change.subject)
        return finding(
          'wallet-control',
          isVouchedFor ? 'warn' : 'block',
          'Control over your wallet',
          `${nameOf(context, change.subject)} would gain control in your wallet ${nameOf(context, change.contract)}, and could move everything it holds.`,
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
