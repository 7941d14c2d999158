import { finding, type Rule } from '../Rule.ts'

/** Two sources for the same thing, and they differ. */
export const rule: Rule = {
  name: 'effects-disagree',
  remediation: 'Do not sign it. Try again with another provider, or with a simpler call.',
  about:
    'Trace and state tell different stories about the ether that moved, or a token tells whoever checks another balance than it tells a wallet.',
  levels: 'block',
  check: ({ engine }) =>
    engine.disagreements.map((disagreement) =>
      finding(
        'effects-disagree',
        'block',
        'What moved cannot be told for certain',
        `Two ways to find out what moved differ. ${disagreement}.`,
      ),
    ),
}
