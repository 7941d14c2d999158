import { Address } from '@countersign/base'
import { nameOf, type Rule } from '../Rule.ts'

/** Somebody receives less than was sent: a fee on transfer (catalogue E08). */
export const rule: Rule = {
  name: 'transfer-fee',
  remediation: 'Count on less arriving than is sent.',
  about: 'Somebody receives less than was sent.',
  levels: 'warn; a note when the intent names what arrives',
  check: (context) =>
    context.tokenChanges
      .filter((change) => change.standard === 'erc20' && change.token !== null && change.delta > 0n)
      .flatMap((change) => {
        const announced =
          context.announced.get(`${change.token?.toLowerCase() ?? ''}|${change.account.toLowerCase()}`) ?? 0n
        // A tenth of a percent apart is rounding or rebasing, not a fee.
        if (announced <= 0n || change.delta * 1000n >= announced * 999n) return []
        const token = change.token ?? Address.ZERO
        return [
          {
            rule: 'transfer-fee',
            // The user named what arrives, and it does: the fee is meant.
            level:
              context.intent?.assertions.some(({ name, holds }) => name === 'recipient_receives' && holds) === true
                ? ('info' as const)
                : ('warn' as const),
            title: 'A fee on transfer',
            because: `${change.account} receives ${change.delta} of the smallest unit of ${nameOf(context, token)}, although ${announced} were sent.`,
            step: null,
            subject: change.account,
            evidence: { token, sent: announced.toString(), received: change.delta.toString() },
          },
        ]
      }),
}
