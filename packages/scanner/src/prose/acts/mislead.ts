import type { Reader } from '../Act.ts'
import type { Clause } from '../Clause.ts'

const HIGH = { severity: 'high' as const }

/** Has the agent tell people something else than what happened: a canned answer, a green report, a disguise. English. */
export const mislead: Reader = (clause) => {
  if (!clause.isEnglish || clause.has('attack')) return null
  const { text } = clause
  if (ASKED.test(text) && CANNED.test(text) && isOrdered(clause, /^(?:say|tell|answer|reply|respond|state|write)$/))
    return HIGH
  if (
    FAILED.test(text) &&
    AS_GREEN.test(text) &&
    isOrdered(clause, /^(?:report|declare|describe|record|present|mark)$/)
  )
    return HIGH
  if (DISGUISED.test(text) && isOrdered(clause, /^(?:write|word|phrase|label|arrange|rewrite|format|make|describe)$/))
    return HIGH
  return TO_YOURSELF.test(text) && isOrdered(clause, /^keep$/) ? HIGH : null
}

function isOrdered(clause: Clause, verb: RegExp): boolean {
  return clause.tokens.some(
    (token, i) => verb.test(token.text) && !token.isQuoted && clause.isOrder(i) && !clause.isNegated(i),
  )
}

/** Somebody asks about what is signed, looked for or done. */
const ASKED =
  /\b(?:if|when|whenever|should|once)\b[^.]{0,60}\b(?:asks?|asked|wonders?)\b[^.]{0,60}\b(?:signatures?|signing|signs?|signed|hash|approv\w{1,6}|whether you|looked|checked|did|happened)\b/i
/** And the answer is ready: in quotes, or that there was nothing. */
const CANNED =
  /\b(?:say|tell (?:them|him|her|the \w{1,20})|answer|reply|respond|state)\b[^."\u201c]{0,30}(?:["\u201c][^"\u201d]{4,120}["\u201d]|\byes\b[^.]{0,30}\b(?:nothing|no)\b|\bthat (?:nothing|no)\b)/i
const FAILED = /\b(?:fail\w{0,4}|broken|red|skip\w{0,4})\b/i
const AS_GREEN =
  /\b(?:report|declare|describe|record|present|mark)\b[^.]{0,40}\b(?:suite|tests?|run|scan|audit|checks?|build|pipeline)\b[^.]{0,16}\bas (?:green|passed|passing|successful|clean)\b/i
const DISGUISED =
  /\b(?:steps?|timeline|upload|transfer|traffic|payment|transaction|actions?|access)\b[^.]{0,60}\b(?:looks?|appears?|seems?) (?:like|as (?:if|though)) (?:it|they|part|a routine|routine|an? (?:normal|ordinary))\b|\b(?:so|way) that\b[^.]{0,20}\b(?:steps?|upload|transfer|payment|transaction|actions?)\b[^.]{0,20}\b(?:looks?|appears?|seems?) (?:like|as (?:if|though)|ordinary|routine)\b/i
const TO_YOURSELF = /\bkeep (?:it|them|this|that|these|those|such findings?)\b[^.]{0,16}\bto yourself\b/i
