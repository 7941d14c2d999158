import type { Rule } from '../../Rule.ts'

export const rule: Rule = {
  name: 'signature-invalid',
  check: 'structure',
  ast: 'AST02',
  item: null,
  about: 'A signature lies beside the skill and does not verify for its content.',
  severity: 'high',
  because: 'The content was changed after it was signed, or the signature was copied from something else.',
  remediation: 'Get the skill from its publisher again, or have the publisher sign this version.',
  *find({ signatures }) {
    for (const { file, status, because } of signatures)
      if (status === 'invalid') yield { file, line: 1, view: 'code', evidence: because ?? file }
  },
}
