import { Address } from '@countersign/base'
import { finding, type Rule } from '../Rule.ts'

/** A contract that falls silent hides what it did. */
export const rule: Rule = {
  name: 'effects-unreadable',
  remediation: 'Do not sign it: ask the contract’s makers why its balances cannot be read.',
  about: 'A contract tells a balance or grant before and not after, or the other way round.',
  levels: 'block',
  check: ({ engine }) =>
    engine.unreadable.map((key) => {
      const [what = '', contract = ''] = key.split('|')
      return finding(
        'effects-unreadable',
        'block',
        'An effect that cannot be read',
        `The contract ${Address.parse(contract)} tells the ${what} at one time and not at the other, so what changes there is not known.`,
        { subject: Address.parse(contract), evidence: { read: what } },
      )
    }),
}
