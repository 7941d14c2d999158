import { finding, type Rule } from '../Rule.ts'

/** A read bomb: the simulator stops reading before the provider bans it. */
export const rule: Rule = {
  name: 'too-many-state-reads',
  remediation: 'Split the call into smaller ones, and simulate each.',
  about: 'The transaction reads more accounts and slots than an honest one does, so it was not simulated to its end.',
  levels: 'block',
  check: ({ engine: { tooManyReads } }) =>
    tooManyReads === null
      ? []
      : [
          finding(
            'too-many-state-reads',
            'block',
            'It reads too much',
            `The transaction reads more state than an honest one does (${tooManyReads.reads} items so far, the limit is ${tooManyReads.limit}).`,
            { evidence: { ...tooManyReads } },
          ),
        ],
}
