import { authorityRule } from '../authorityRule.ts'
import { nameOf } from '../Rule.ts'

/** A proxy or wallet runs another implementation afterwards. */
export const rule = authorityRule({
  name: 'proxy-upgrade',
  remediation: 'Do not sign it unless you have read the new code.',
  kind: 'proxy_implementation',
  about: 'A proxy or wallet runs another implementation afterwards.',
  title: 'Other code behind the same address',
  because: (context, { contract, subject }) =>
    `${nameOf(context, contract)} would run the code at ${nameOf(context, subject)}, which can do anything with what it holds.`,
})
