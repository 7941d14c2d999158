import { finding, isVouchedFor as vouches, nameOf, type Rule } from '../Rule.ts'

/** keccak256("guard_manager.guard.address"), where a Safe keeps its guard (Safe 1.3 and 1.4). */
const GUARD_SLOT = '0x4a204f620c8c5ccdca3fd54d003badd85ba500436a431f0cbda4f558c93c34c8'

/** A module, owner, guard, handler or key is added to the user's smart account, its threshold is lowered, or its guard removed. */
export const rule: Rule = {
  name: 'wallet-control',
  about:
    "A module, owner, guard, handler or key is added to the user's smart account, its threshold is lowered, or its guard removed.",
  levels: 'block; warn for somebody the app or the user names',
  check: (context) =>
    context.authorityChanges
      .filter(
        (change) =>
          change.kind === 'module' &&
          change.after !== change.before &&
          (change.after !== 0n || context.grantSlots.get(change) === GUARD_SLOT),
      )
      .map((change) => {
        if (change.after === 0n)
          return finding(
            'wallet-control',
            'block',
            'Your wallet loses its guard',
            `The guard that checks every transaction of your wallet ${nameOf(context, change.contract)} would be removed.`,
            { subject: change.contract, evidence: { contract: change.contract, slot: GUARD_SLOT } },
          )
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
