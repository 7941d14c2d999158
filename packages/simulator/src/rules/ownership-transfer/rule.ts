import { authorityRule } from '../authorityRule.ts'
import { finding, nameOf, type Rule } from '../Rule.ts'

const handedOver = authorityRule({
  name: 'ownership-transfer',
  remediation: 'Do not sign it unless you mean to hand over the contract.',
  kind: 'ownership',
  about:
    'An owner, admin or beneficiary that was the user is somebody else afterwards, or somebody waits to become it.',
  title: 'Ownership changes hands',
  because: (context, { contract, subject }) =>
    `${nameOf(context, subject)} would control ${nameOf(context, contract)} in your place.`,
})

/** An owner, admin or beneficiary that was the user is somebody else afterwards, or somebody waits to become it, or nobody is. */
export const rule: Rule = {
  ...handedOver,
  about: `${handedOver.about} Or the user was it and nobody is any more, while the contract holds something.`,
  levels: 'block; warn for an account that the app names, and where nobody is any more',
  check: (context) => [
    ...handedOver.check(context),
    ...context.authorityChanges
      .filter(
        ({ kind, before, after, contract }) =>
          kind === 'ownership' && before !== 0n && after === 0n && context.reach.has(contract.toLowerCase()),
      )
      .map((change) =>
        finding(
          handedOver.name,
          'warn',
          'Nobody would own it any more',
          `You give up ${nameOf(context, change.contract)} while it holds something. What only its owner can take out stays there.`,
          {
            subject: change.contract,
            evidence: { contract: change.contract, slot: context.grantSlots.get(change) ?? null },
          },
        ),
      ),
  ],
}
