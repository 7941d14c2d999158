import { finding, type Rule } from '../Rule.ts'

/** Two sources for the same ether, and they differ. */
export const rule: Rule = {
  name: 'effects-disagree',
  about: 'Trace and state tell different stories about the ether that moved.',
  levels: 'block',
  check: ({ engine }) =>
    engine.disagreements.map((disagreement) =>
      finding(
        'effects-disagree',
        'block',
        'Trace and state disagree',
        `The ether that moved cannot be told for certain. ${disagreement}.`,
      ),
    ),
}
