import { authorityRule } from '../authorityRule.ts'
import { nameOf } from '../Rule.ts'

/** An owner, admin or beneficiary that was the user is somebody else afterwards, or somebody waits to become it. */
export const rule = authorityRule({
  name: 'ownership-transfer',
  remediation: 'Do not sign it unless you mean to hand over the contract.',
  kind: 'ownership',
  about:
    'An owner, admin or beneficiary that was the user is somebody else afterwards, or somebody waits to become it.',
  title: 'Ownership changes hands',
  because: (context, { contract, subject }) =>
    `${nameOf(context, subject)} would control ${nameOf(context, contract)} in your place.`,
})
