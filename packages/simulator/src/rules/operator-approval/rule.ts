import { nameOf, type Rule } from '../Rule.ts'

/** An operator may move every token of a collection (catalogue C04). Blocked unless the app vouches for it. */
export const rule: Rule = {
  name: 'operator-approval',
  remediation: 'Do not grant it unless you trust this account with everything you hold there.',
  about: 'Somebody gains control over a collection or a token.',
  levels: 'block; warn for a spender the app vouches for',
  check: (context) =>
    context.authorityChanges
      .filter((change) => change.kind === 'operator' && change.after > change.before)
      .map((change) => {
        const isVouchedFor = context.known(change.subject)?.kind === 'spender'
        return {
          rule: 'operator-approval',
          level: isVouchedFor ? ('warn' as const) : ('block' as const),
          title: change.unlimited ? 'Control over a whole collection' : 'Control over a token',
          because: `${nameOf(context, change.subject)} could move ${change.unlimited ? 'every token' : 'a token'} of the collection ${nameOf(context, change.contract)} that ${change.owner} holds.`,
          step: null,
          subject: change.subject,
          evidence: { contract: change.contract, owner: change.owner },
        }
      }),
}
