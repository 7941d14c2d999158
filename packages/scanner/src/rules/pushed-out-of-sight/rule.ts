import { allFiles } from '../../Skill.ts'
import type { Rule } from '../../Rule.ts'

const GAP = /(?:^|\S)[ \t]{0,40}(?:\r?\n[ \t]{0,40}){50,}\S/
const FAR = /(?<![ \t])[ \t]{200,}[^\s|]/

/** Whether so many lines in a row are blank that a gap is possible; few files need the pattern. */
function hasBlankLines(text: string): boolean {
  let blank = 0
  for (let end = text.indexOf('\n'); end >= 0 && blank < 49;) {
    let at = end + 1
    while (text[at] === ' ' || text[at] === '\t' || text[at] === '\r') at += 1
    blank = text[at] === '\n' ? blank + 1 : 0
    end = blank > 0 ? at : text.indexOf('\n', at)
  }
  return blank >= 49
}

export const rule: Rule = {
  name: 'pushed-out-of-sight',
  check: 'structure',
  ast: 'AST08',
  item: '8.1',
  about: 'Text is pushed out of sight by a gap of many blank lines or far to the right of the page.',
  severity: 'high',
  because: 'Reviewers and scanners that stop early do not get there; the model does.',
  remediation: 'Put it where it is read.',
  *find(material) {
    for (const file of allFiles(material.skill)) {
      const text = file.text
      if (text === null || file.kind === 'json') continue
      const gap = hasBlankLines(text) ? GAP.exec(text) : null
      if (gap !== null)
        yield {
          file: file.path,
          line: text.slice(0, gap.index).split('\n').length + gap[0].split('\n').length - 1,
          view: 'hidden',
          evidence: text.slice(gap.index + gap[0].length - 1, gap.index + gap[0].length + 160),
        }
      const far = FAR.exec(text)
      if (far !== null)
        yield {
          file: file.path,
          line: text.slice(0, far.index).split('\n').length,
          view: 'hidden',
          evidence: text.slice(far.index + far[0].length - 1, far.index + far[0].length + 160),
        }
    }
  },
}
