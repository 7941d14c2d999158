import type { AuthorityChange, AuthorityKind } from '../model/Authority.ts'
import type { Finding } from '../model/Finding.ts'
import { finding, isVouchedFor, type Rule, type RuleContext } from './Rule.ts'

/**
 * A rule about one kind of power that somebody gains: it blocks, and only warns where the app names who gains it.
 * What these rules differ in is what they say.
 *
 * @param isMilder - Further reason to warn instead of to block.
 */
export function authorityRule({
  name,
  remediation,
  kind,
  about,
  levels = 'block; warn for an account that the app names',
  title,
  because,
  isMilder = () => false,
}: {
  name: string
  remediation: string
  kind: AuthorityKind
  about: string
  levels?: string
  title: string
  because: (context: RuleContext, change: AuthorityChange) => string
  isMilder?: (context: RuleContext, change: AuthorityChange) => boolean
}): Rule {
  return {
    name,
    remediation,
    about,
    levels,
    check: (context) =>
      context.authorityChanges
        .filter((change) => change.kind === kind && change.after !== change.before && change.after !== 0n)
        .map((change): Finding =>
          finding(
            name,
            isVouchedFor(context, change.subject) || context.isMeantGrant(change) || isMilder(context, change)
              ? 'warn'
              : 'block',
            title,
            `${because(context, change)}${context.isMeantGrant(change) ? MEANT : ''}`,
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
          ),
        ),
  }
}

const MEANT = ' Your intent allows this permission; what else the account can do by it is not known.'
