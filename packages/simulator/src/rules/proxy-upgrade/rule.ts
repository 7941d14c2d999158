import { finding, isVouchedFor as vouches, nameOf, type Rule } from '../Rule.ts'

/** A proxy or wallet runs another implementation afterwards. */
export const rule: Rule = {
  name: 'proxy-upgrade',
  about: 'A proxy or wallet runs another implementation afterwards.',
  levels: 'block; warn for somebody the app or the user names',
  check: (context) =>
    context.authorityChanges
      .filter(
        (change) => change.kind === 'proxy_implementation' && change.after !== change.before && change.after !== 0n,
      )
      .map((change) => {
        const isVouchedFor = vouches(context, change.subject)
        return finding(
          'proxy-upgrade',
          isVouchedFor ? 'warn' : 'block',
          'Other code behind the same address',
          `${nameOf(context, change.contract)} would run the code at ${nameOf(context, change.subject)}, which can do anything with what it holds.`,
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
