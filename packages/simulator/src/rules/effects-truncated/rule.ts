import { finding, type Rule } from '../Rule.ts'

/** What was not looked at may hide anything. */
export const rule: Rule = {
  name: 'effects-truncated',
  remediation: 'Split the batch into smaller ones, and simulate each.',
  about: 'The batch touches more balances and grants than are checked at once.',
  levels: 'block',
  check: ({ engine }) =>
    engine.wasCut
      ? [
          finding(
            'effects-truncated',
            'block',
            'Too many effects to check',
            'The batch touches more balances and grants than are checked at once.',
          ),
        ]
      : [],
}
