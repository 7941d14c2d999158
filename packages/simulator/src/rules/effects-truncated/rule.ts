import { finding, type Rule } from '../Rule.ts'

/** What was not looked at may hide anything. That the machine was too slow to look is no fault of the batch, and is said. */
export const rule: Rule = {
  name: 'effects-truncated',
  remediation: 'Try again in a moment. If it stays so, split the batch into smaller ones, and simulate each.',
  about:
    'The batch touches more balances and grants than are checked at once, or its run could not be watched step by step in time. The finding says which.',
  levels: 'block',
  check({ engine }) {
    if (engine.isUnwatched)
      return [
        finding(
          'effects-truncated',
          'block',
          'The simulation did not finish',
          'The run could not be watched step by step in time: this machine was too busy, or the run is too long. That says nothing about the transaction. Try again in a moment.',
        ),
      ]
    if (!engine.wasCut) return []
    return [
      finding(
        'effects-truncated',
        'block',
        'Too many effects to check',
        'The batch touches more balances and grants than are checked at once.',
      ),
    ]
  },
}
