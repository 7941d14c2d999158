import { finding, isVouchedFor as vouches, nameOf, type Rule } from '../Rule.ts'

/** An owner, admin or beneficiary that was the user is somebody else afterwards, or somebody waits to become it. */
export const rule: Rule = {
  name: 'ownership-transfer',
  about:
    'An owner, admin or beneficiary that was the user is somebody else afterwards, or somebody waits to become it.',
  levels: 'block; warn for somebody the app or the user names',
  check: (context) =>
    context.authorityChanges
      .filter((change) => change.kind === 'ownership' && change.after !== change.before && change.after !== 0n)
      .map((change) => {
        const isVouchedFor = vouches(context, change.subject)
        return finding(
          'ownership-transfer',
          isVouchedFor ? 'warn' : 'block',
          'Ownership changes hands',
          `${nameOf(context, change.subject)} would control ${nameOf(context, change.contract)} in your place.`,
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
