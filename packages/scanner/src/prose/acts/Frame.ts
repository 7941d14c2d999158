import type { Found } from '../Act.ts'
import type { Clause } from '../Clause.ts'

/**
 * Who does what to whom, as sentence frames over classes of synonyms: what the grammar of concepts does not tell, because the verb
 * alone is ordinary and only the whole makes it an order against the person. English.
 */
export interface Frame {
  /** The group `v` is the verb whose polarity counts; without one the frame says what is so, and only quotation is asked. */
  readonly is: RegExp
  readonly unless?: RegExp
  readonly severity?: Found['severity']
}

/** Verbs that are nouns as well. */
const NOUNS =
  /^(?:state|record|report|note|log|mark|claim|review|show|label|name|title|frame|tag|word|list|book|score|vote|rate|sign|comment|change|order|display|quote|cite|round|raise|lead|access)$/

/** The first frame that a sentence fills as an order: neither forbidden nor quoted nor told of others. */
export function found(clause: Clause, frames: readonly Frame[]): Found | null {
  if (!clause.isEnglish || clause.has('attack')) return null
  const text = clause.plain
  for (const frame of frames) {
    const match = frame.is.exec(text)
    if (match === null || frame.unless?.test(text) === true) continue
    const verb = match.groups?.['v']?.toLowerCase().split(/\s/)[0]
    if (verb === undefined) {
      if (clause.tokens.filter((token) => token.isQuoted).length * 2 > clause.tokens.length) continue
      return { severity: frame.severity ?? 'high' }
    }
    // The verb of the frame is the last of its name in it.
    const at = clause.tokens.findIndex((token) => token.text === verb)
    if (at < 0 || clause.tokens[at]?.isQuoted === true || clause.isNegated(at) || clause.isTold(at)) continue
    // What can be a noun has to stand where an order stands.
    if (NOUNS.test(verb) && !clause.isOrder(at)) continue
    return { severity: frame.severity ?? 'high' }
  }
  return null
}
