import { finding, type Rule } from '../Rule.ts'

/** Two EVMs that share no code tell different outcomes: one of them is wrong, and nobody knows which. */
export const rule: Rule = {
  name: 'engines-disagree',
  remediation: 'Do not sign it, and report it with the transaction.',
  about: 'The independent second EVM, run on a sample, tells another outcome than the first.',
  levels: 'block',
  check: ({ engine }) =>
    engine.engineDifferences.length === 0
      ? []
      : [
          finding(
            'engines-disagree',
            'block',
            'Two engines disagree',
            `Two independent EVMs do not agree on the outcome: ${engine.engineDifferences.slice(0, 3).join('; ')}.`,
            { evidence: { differences: engine.engineDifferences.slice(0, 50) } },
          ),
        ],
}
