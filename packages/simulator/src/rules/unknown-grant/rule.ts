import { finding, isVouchedFor as vouches, nameOf, type Rule } from '../Rule.ts'

/** Storage keyed by the user and by somebody else was written, and no event and no known getter tells what it means. */
export const rule: Rule = {
  name: 'unknown-grant',
  about:
    'Storage keyed by the user and by somebody else was written, and no event and no known getter tells what it means.',
  levels: 'block; warn for a contract, or for somebody the app or the user names',
  check: (context) =>
    context.authorityChanges
      .filter((change) => change.kind === 'unknown_grant' && change.after !== change.before && change.after !== 0n)
      .map((change) => {
        const isVouchedFor = vouches(context, change.subject)
        const hasCode = context.account(change.subject)?.hasCode === true
        return finding(
          'unknown-grant',
          isVouchedFor || hasCode ? 'warn' : 'block',
          'A grant nobody announced',
          `${nameOf(context, change.subject)} was written into ${nameOf(context, change.contract)} under your account (slot ${context.grantSlots.get(change) ?? 'unknown'}): it may be able to act for you there, and no event says so.`,
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
