import * as Reading from './Reading.ts'

/** A clause in which a person asks for something, in their own spelling, without greetings and politeness. */
export interface Request {
  readonly text: string
  /** The word that asks, in lower case. */
  readonly verb: string
}

/** What begins with these tells of something; a request begins with the word that asks. */
const TELLS =
  /^(?:i|i'(?:m|ve|ll|d)|we|we'(?:re|ve|ll|d)|you|he|she|it|they|(?:he|she|it)'s|they'(?:re|ve)|this|that|these|those|the|my|our|his|her|their|a|an|there|who|what|when|where|how|which|why|is|are|was|were|does|did|do you|has|have|had|if|unless|once|after|before|while|last|yesterday|tomorrow|tonight|(?:this|next) (?:week|month|year|spring|summer|autumn|fall|winter|time)|spring|summer|autumn|winter|someday|one day|later|soon)\b/

/** Whether a clause, in lower case and without its opening, tells of something. */
export function tells(clause: string): boolean {
  return TELLS.test(clause)
}

const JOINTS = /,? (?:and then|and also|and|then|but) |; /

/**
 * The clauses of own words that ask. As in `Reading.read`, denial, report, condition and question make no request, and a
 * later sentence may take one back.
 */
export function read(own: string): readonly Request[] {
  let found: Request[] = []
  for (const { text, mark, before } of Reading.sentencesOf(own, { keepsCase: true })) {
    const lower = text.toLowerCase()
    if (lower.length !== text.length) continue
    if (Reading.isWithdrawal(lower)) {
      found = []
      continue
    }
    if (Reading.announces(before.toLowerCase())) continue
    found.push(...clausesOf(text, mark))
  }
  return found
}

function clausesOf(sentence: string, mark: string): Request[] {
  const opened = Reading.withoutOpening(sentence.toLowerCase())
  const rest = sentence.slice(sentence.length - opened.text.length)
  if (rest === '' || (mark === '?' && !opened.isPolite) || Reading.isDoubted(opened.text)) return []
  const parts = [
    rest,
    ...rest
      .split(JOINTS)
      .slice(1)
      .map((part) => cut(part)),
  ]
  return parts.flatMap((text) => {
    const lower = text.toLowerCase()
    const verb = /^[\p{L}]+/u.exec(lower)?.[0]
    return verb === undefined || tells(lower) ? [] : [{ text, verb }]
  })
}

function cut(part: string): string {
  const { text } = Reading.withoutOpening(part.toLowerCase())
  return part.slice(part.length - text.length)
}
