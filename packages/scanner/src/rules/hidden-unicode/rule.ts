import { allFiles } from '../../Skill.ts'
import type { Rule } from '../../Rule.ts'

const TAGS = /[\u{e0020}-\u{e007f}]{2,}/gu
const BIDI = /[\u202a-\u202e\u2066-\u2069]/
const ZERO_WIDTH_RUN = /[\u200b-\u200d\u2060-\u2064\ufeff]{3,}/
/** Between Latin letters nothing joins: there it only splits words for whoever searches. */
const ZERO_WIDTH_IN_WORD = /[A-Za-z][\u00ad\u200b-\u200d\u2060\ufeff]{1,2}[A-Za-z]/
const SELECTORS = /[\ufe00-\ufe0f]{3,}|[\u{e0100}-\u{e01ef}]{2,}/u
const FILLERS = /[\u115f\u1160\u3164\uffa0\u17b4\u17b5]{2,}/

/** The flags of England, Scotland and Wales are spelled with tags after a black flag. */
function isFlag(text: string, index: number, tags: string): boolean {
  return text.slice(Math.max(0, index - 2), index) === '\u{1f3f4}' && tags.endsWith('\u{e007f}') && tags.length <= 14
}

function lineAround(text: string, index: number): string {
  return text.slice(Math.max(text.lastIndexOf('\n', index) + 1, index - 40), index + 60).split('\n')[0] ?? ''
}

export const rule: Rule = {
  name: 'hidden-unicode',
  check: 'structure',
  ast: 'AST04',
  item: '4.2',
  about:
    'The text holds characters that nobody sees: tag letters, bidirectional controls, runs of zero-width characters, stray variation selectors.',
  severity: 'high',
  because: 'They carry text that the model reads and the reviewer does not.',
  remediation: 'Remove them.',
  *find(material) {
    for (const file of allFiles(material.skill)) {
      const text = file.text
      // oxlint-disable-next-line no-control-regex
      if (text === null || !/[^\u0000-\u024f]/.test(text)) continue
      const lineOf = (offset: number) => text.slice(0, offset).split('\n').length
      const tags = [...text.matchAll(TAGS)].find((match) => !isFlag(text, match.index, match[0]))
      if (tags !== undefined) {
        const said = [...tags[0]].map((char) => String.fromCharCode((char.codePointAt(0) ?? 0) - 0xe0000)).join('')
        yield {
          file: file.path,
          line: lineOf(tags.index),
          view: 'hidden',
          evidence: `tag characters that say: ${said}`,
          severity: 'critical',
        }
      }
      const bidi = BIDI.exec(text)
      if (bidi !== null)
        yield {
          file: file.path,
          line: lineOf(bidi.index),
          view: 'hidden',
          evidence: lineAround(text, bidi.index),
          ...(/[\u0590-\u08ff]/.test(text) ? { severity: 'low' } : {}),
        }
      const run = ZERO_WIDTH_RUN.exec(text)
      if (run !== null)
        yield { file: file.path, line: lineOf(run.index), view: 'hidden', evidence: lineAround(text, run.index) }
      const inside = ZERO_WIDTH_IN_WORD.exec(text)
      if (inside !== null)
        yield { file: file.path, line: lineOf(inside.index), view: 'hidden', evidence: lineAround(text, inside.index) }
      const selectors = SELECTORS.exec(text)
      if (selectors !== null)
        yield {
          file: file.path,
          line: lineOf(selectors.index),
          view: 'hidden',
          evidence: lineAround(text, selectors.index),
          severity: 'critical',
        }
      const filler = FILLERS.exec(text)
      if (filler !== null)
        yield { file: file.path, line: lineOf(filler.index), view: 'hidden', evidence: lineAround(text, filler.index) }
    }
  },
}
