import { Address } from '@countersign/base'
import type { AuthorityChange } from '../../model/Authority.ts'
import { authorityRule } from '../authorityRule.ts'
import { finding, nameOf, type Rule } from '../Rule.ts'

/** keccak256("guard_manager.guard.address"), where a Safe keeps its guard (Safe 1.3 and 1.4). */
const GUARD_SLOT = '0x4a204f620c8c5ccdca3fd54d003badd85ba500436a431f0cbda4f558c93c34c8'

const gained = authorityRule({
  name: 'wallet-control',
  remediation: 'Do not sign it unless you chose this owner or module yourself.',
  kind: 'module',
  about:
    "A module, owner, guard, handler or key is added to the user's smart account, its threshold is lowered, or its guard removed.",
  levels:
    'block; warn for an account that the app names, and for unexplained storage of your own account that no agent proposed',
  title: 'Control over your wallet',
  because: (context, change) =>
    isOpaque(change)
      ? `The code of your account ${change.contract} writes into the account's own storage (slot ${context.grantSlots.get(change) ?? 'unknown'}), and nothing says what that allows.`
      : `${nameOf(context, change.subject)} would gain control in your wallet ${nameOf(context, change.contract)}, and could move everything it holds.`,
  isMilder: ({ request }, change) => isOpaque(change) && request.isAgentProposed !== true,
})

/** The account's own code writes something that names nobody. */
function isOpaque({ owner, contract, subject }: AuthorityChange): boolean {
  return owner === contract && subject === Address.ZERO
}

/** A module, owner, guard, handler or key is added to the user's smart account, its threshold is lowered, or its guard removed. */
export const rule: Rule = {
  ...gained,
  check: (context) => [
    ...gained.check(context),
    // The one power whose end is a loss.
    ...context.authorityChanges
      .filter(
        (change) =>
          change.kind === 'module' &&
          change.before !== 0n &&
          change.after === 0n &&
          context.grantSlots.get(change) === GUARD_SLOT,
      )
      .map(({ contract }) =>
        finding(
          gained.name,
          'block',
          'Your wallet loses its guard',
          `The guard that checks every transaction of your wallet ${nameOf(context, contract)} would be removed.`,
          { subject: contract, evidence: { contract, slot: GUARD_SLOT } },
        ),
      ),
  ],
}
