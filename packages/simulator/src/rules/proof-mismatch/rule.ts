import { finding, type Rule } from '../Rule.ts'

/** The provider lies, or is broken: what it said of the state does not stand in the block (catalogue F10). */
export const rule: Rule = {
  name: 'proof-mismatch',
  remediation: 'Do not sign it. Use another provider.',
  about: "With proofs asked for: state that the provider told does not stand under the block's state root.",
  levels: 'block',
  check: ({ engine }) =>
    engine.proofMismatches.length === 0
      ? []
      : [
          finding(
            'proof-mismatch',
            'block',
            'The provider told false state',
            `What the simulation rests on is not in the block: ${engine.proofMismatches.slice(0, 3).join('; ')}. Use another provider.`,
            { evidence: { mismatches: engine.proofMismatches.slice(0, 50) } },
          ),
        ],
}
