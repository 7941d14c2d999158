import { createHash } from 'node:crypto'
import { scanSkill, Skill } from '@countersign/scanner'
import type { DocumentFinding, DocumentRule, Severity } from '../Document.ts'

/** The rules of the skill scanner that hold for documents too: what speaks to the model instead of the reader, and how it hides. */
const RULES: Readonly<Record<string, DocumentRule>> = {
  'hidden-instructions': 'hidden-text',
  'hidden-unicode': 'hidden-text',
  'pushed-out-of-sight': 'hidden-text',
  'lookalike-letters': 'hidden-text',
  'instruction-override': 'instruction',
  'fake-system-message': 'instruction',
  concealment: 'instruction',
  'external-instructions': 'instruction',
  'recipient-fixed': 'instruction',
  'unattended-signing': 'instruction',
  'secret-exfiltration': 'instruction',
  'data-exfiltration': 'instruction',
  'key-requested': 'instruction',
  'clipboard-swap': 'instruction',
}

/** A step that some readers leave out, by what they use, is a manual's; one for readers that are programs is not. */
const FOR_SOME =
  /\b(?:if|when|unless) you (?:use|run|have|are on|installed|work with|prefer|already)\b(?![^.!?]{0,40}\b(?:ai|assistants?|agents?|models?|llms?|bots?|wallets?|keys?|funds)\b)/i

/** What the views and prose rules of the skill scanner say of a text; lines are those of the text. */
export function ordersIn(text: string, file: 'SKILL.md' = 'SKILL.md'): readonly DocumentFinding[] {
  const content = Buffer.from(text, 'utf8')
  const own: Skill.SkillFile = {
    path: file,
    kind: 'markdown',
    bytes: content.length,
    digest: `sha256:${createHash('sha256').update(content).digest('hex')}`,
    text,
    content,
  }
  const skill: Skill.Skill = {
    path: '.',
    name: 'document',
    directory: 'document',
    files: [own],
    surroundings: [],
    isFixture: false,
    problems: [],
    contentDigest: Skill.digestOf([own]),
  }
  const report = scanSkill(skill, { gate: 'high', only: ['intent', 'structure'], nowMs: 0, neighbours: [skill] })
  const unread = report.coverage.unanalysed.map(({ why }) => ({
    rule: 'hidden-text' as const,
    severity: 'high' as const,
    line: 1,
    because: `Part of it was not analysed: ${why}.`.slice(0, 300),
  }))
  const lines = text.split('\n')
  const found = report.findings.flatMap(({ rule, severity: given, line }): DocumentFinding[] => {
    const ours = RULES[rule]
    const isForSome = rule === 'instruction-override' && FOR_SOME.test(lines[line - 1] ?? '')
    const severity: Severity = isForSome && given === 'high' ? 'medium' : given
    return ours === undefined
      ? []
      : [
          {
            rule: ours,
            severity,
            line,
            because: BECAUSE[rule] ?? 'It reads like an order to the model.',
          },
        ]
  })
  return [...found, ...unread]
}

const BECAUSE: Readonly<Record<string, string>> = {
  'hidden-instructions': 'Instructions stand where a reader of the page does not see them.',
  'hidden-unicode': 'It holds characters that nobody sees.',
  'pushed-out-of-sight': 'Text is pushed out of sight by blank space.',
  'lookalike-letters': 'Letters of another alphabet stand in for ours.',
  'instruction-override': 'It tells the model to set its instructions aside.',
  'fake-system-message': 'It poses as the system or as another speaker.',
  concealment: 'It tells the model to keep something from the user.',
  'external-instructions': 'It tells the model to fetch instructions.',
  'recipient-fixed': 'It tells the model to pay an address that stands here.',
  'unattended-signing': 'It tells the model to sign without asking.',
  'secret-exfiltration': 'It tells the model to hand out secrets.',
  'data-exfiltration': 'It tells the model to hand out data.',
  'key-requested': 'It asks for a key or a recovery phrase.',
  'clipboard-swap': 'It swaps addresses.',
}
