import { finding, nameOf, type Rule } from '../Rule.ts'

/** What a stored switch decides can be decided otherwise after the preview (catalogue B01). */
export const rule: Rule = {
  name: 'outcome-switchable',
  remediation: 'Sign it only if you trust whoever can turn the switch.',
  about:
    'A stored yes-or-no of a contract nobody vouches for decides the outcome: turned in the fork, the user loses by it.',
  levels: 'warn',
  check: (context) =>
    context.switches.map(({ contract, slot, comparison }) =>
      finding(
        'outcome-switchable',
        'warn',
        'A switch decides the outcome',
        `${nameOf(context, contract)} keeps a switch (slot ${BigInt(slot)}) that decides what this does to you: turned before yours is mined, ${comparison.differs.slice(0, 3).join('; ')}. Whoever may turn it can do so after you looked.`,
        { subject: contract, evidence: { slot, differs: comparison.differs } },
      ),
    ),
}
