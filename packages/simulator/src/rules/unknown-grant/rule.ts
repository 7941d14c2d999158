import { Address } from '@countersign/base'
import { authorityRule } from '../authorityRule.ts'
import type { AuthorityChange } from '../../model/Authority.ts'
import { nameOf, type RuleContext } from '../Rule.ts'

/** Storage keyed by the user and by somebody else was written, and no event and no known getter tells what it means. */
export const rule = authorityRule({
  name: 'unknown-grant',
  remediation: 'Do not sign it unless you know what the contract does with this entry.',
  kind: 'unknown_grant',
  about:
    'Storage keyed by the user and by somebody else was written, and no event and no known getter tells what it means.',
  levels:
    'block; warn where the contract has nothing in reach or was seen to give nothing, for a contract, for an account that the app or the request names, and for a number that an owner sets',
  title: 'A grant nobody announced',
  because: (context, change) =>
    `${nameOf(context, change.subject)} was written into ${nameOf(context, change.contract)} under your account (slot ${context.grantSlots.get(change) ?? 'unknown'}): it may be able to act for you there, and no event says so.`,
  isMilder: (context, change) =>
    change.after > 1n ||
    context.account(change.subject)?.hasCode === true ||
    !context.reach.has(change.contract.toLowerCase()) ||
    wasTried(context, change) ||
    (context.request.saidRecipients ?? []).some((said) => Address.isEqual(said, change.subject)),
})

/** A token's holder gained something there, and the look-ahead saw that it takes nothing. */
const wasTried = ({ ahead }: RuleContext, change: AuthorityChange): boolean =>
  ahead.moves.some((move) => move.change === change && move.canTake.length === 0)
