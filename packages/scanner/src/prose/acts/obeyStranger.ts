import { hostKind, hostOf } from '../../facts/hosts.ts'
import type { Found, Reader } from '../Act.ts'
import type { Clause } from '../Clause.ts'
import { outsideOf, PINNED, type Outside } from './Outside.ts'

const DOCS = /docs?\.|\/docs?\/|llms\.txt|readme|\/reference|\/guides?\/|developers?\./i
/** Who writes such a text is known, or the sentence says that it is not to be believed. */
const DISCLAIMED =
  /\b(?:untrusted|claim(?:s|ing)? to be|pretend(?:s|ing)?|documentation|docs|changelog|specification|not (?:for|to|on) you)\b/i

/**
 * Gives a text of somebody else the say: its entries are carried out, it counts as the user's word, it stands above the skill,
 * it is the agent's list of tasks, or it takes the skill's place.
 */
export const obeyStranger: Reader = (clause, { urlBefore }) => {
  const source = outsideOf(clause, urlBefore)
  if (source === null || clause.has('attack') || DISCLAIMED.test(clause.text)) return null
  const kind = source.target === '' ? 'other' : hostKind(hostOf(source.target))
  if (kind === 'local' || PINNED.test(source.target)) return null
  if (
    !isObeyed(clause, source) &&
    !isRanked(clause, source) &&
    !isUsers(clause) &&
    !isPlan(clause, source) &&
    !isPut(clause, source)
  )
    return null
  const severity: Found['severity'] = DOCS.test(source.target) || kind === 'code' ? 'medium' : 'high'
  return { severity, target: source.target }
}

function isObeyed(clause: Clause, source: Outside): boolean {
  return clause.all('obey', 'takes-effect', 'carry-out').some((i) => {
    if (!clause.is(i, 'takes-effect') && (!clause.isOrder(i) || isUsersTurn(clause, i))) return false
    if (clause.isAskedFirst(i) || clause.isNegated(i) || clause.is(i + 1, 'not') || clause.is(i + 2, 'not'))
      return false
    if (isAsItSays(clause, i) || isCarriedOut(clause, i, source)) return true
    return !clause.is(i, 'takes-effect') && isEachEntry(clause, i, source)
  })
}

/** "Do as it asks", "whatever the message tells agents to do takes effect". */
function isAsItSays(clause: Clause, i: number): boolean {
  return clause.all('commands').some((k) => {
    if (k === i || Math.abs(k - i) > 12 || clause.isNegated(k)) return false
    const from = k > i ? i : Math.max(clause.startOf(k), k - 8)
    return clause.all('whatever').some((each) => each >= from && each < k) && !clause.isAround(k, ['user'], 2)
  })
}

/** "Fulfil it", "comply with that section", "is to be executed as an instruction": of a text, such verbs mean nothing else. */
function isCarriedOut(clause: Clause, i: number, source: Outside): boolean {
  if (!clause.is(i, 'carry-out')) return false
  if (clause.tokens[i + 1]?.text === 'as' || clause.tokens[i + 2]?.text === 'as')
    return source.at >= 0 && clause.after(i, ['content', 'orders'], 5) > 0
  const object = clause.tokens.slice(i + 1, i + 5)
  const isIt = object.some((token) => /^(?:it|them)$/.test(token.text))
  const isThat = object.some(
    (token, k) =>
      THAT.test(token.text) &&
      object.slice(k + 1, k + 3).some((each) => each.concepts.has('content') || each.concepts.has('channel')),
  )
  const isHanded =
    source.target !== '' && object.some((token) => token.concepts.has('content') && !token.concepts.has('you'))
  const speaks =
    clause.has('content', 'orders') ||
    clause.before?.concepts.has('content') === true ||
    clause.before?.concepts.has('orders') === true
  const isHere = object.some((token) => HERE.test(token.text))
  return !isHere && speaks && (isIt || isThat || isHanded)
}

/** "Carry out each entry", "the tasks that are listed there, one after the other": of what is read every time. */
function isEachEntry(clause: Clause, i: number, source: Outside): boolean {
  if (!source.isStanding) return false
  const entry = clause.near(i, ['orders', 'content'], 8)
  if (entry < 0) return clause.has('orders') && source.target !== '' && clause.after(i, ['it'], 3) > 0
  // "Run these calls": what follows is meant, not what stands elsewhere.
  const isHere = clause.tokens.slice(Math.max(0, entry - 3), entry).some((token) => HERE.test(token.text))
  if (isHere) return false
  if (source.target === '') return THAT.test(clause.tokens[entry - 1]?.text ?? '') && source.at < 0
  return clause.isAround(entry, ['each', 'it', 'there', 'exactly'], source.at < 0 ? 6 : 14) || !clause.isEnglish
}

const HERE = /^(?:these|this|following|below|here|our|your)$/
const THAT = /^(?:that|those|its)$/

/** "That page is right", "the guidance there is binding", "let its answer decide which tools you call". */
function isRanked(clause: Clause, source: Outside): boolean {
  return clause.all('authority').some((i) => {
    // "Let the user decide" leaves it to the one who may.
    if (clause.isNegated(i) || (clause.isEnglish && clause.ahead(i, ['user'], 3) >= 0)) return false
    // "Override the range": an order to the reader, not what a text does; "let its answer decide" is.
    if (
      clause.isEnglish &&
      BARE.test(clause.tokens[i]?.text ?? '') &&
      !clause.tokens.slice(Math.max(0, i - 6), i).some((token) => token.text === 'let')
    )
      return false
    const subject = clause.ahead(i, ['letter', 'channel', 'content', 'orders'], 8)
    const isIt = source.target !== '' && source.at >= 0 && source.at < i && clause.ahead(i, ['it'], 3) >= 0
    if (subject < 0 && !isIt && !(source.at >= 0 && source.at < i && i - source.at < 8)) return false
    if (clause.is(subject, 'this-page') || clause.is(subject - 1, 'this-page')) return false
    // "The guidance there is binding."
    if (source.at < 0 && clause.is(subject, 'content') && clause.isAround(i, ['there'], 3)) return true
    // What it stands above is the skill, or what the agent does.
    return clause.has('this-page') || clause.isNear(i, ['you'], 6)
  })
}

/** "As though the user had typed it", "is a request from the operator", "as coming from the user": not "claims to be one". */
function isUsers(clause: Clause): boolean {
  const isNamed = clause
    .all('as-user')
    .some((i) => !clause.isNegated(i) && !clause.isTold(i) && clause.ahead(i, ['hide', 'step'], 2) < 0)
  if (isNamed) return true
  return clause.all('treat-as').some((i) => {
    if (!clause.isOrdered(i)) return false
    const after = clause.tokens.slice(i + 1, i + 18).map((token) => token.text)
    const as = after.findIndex((word) => /^(?:as|like)$/.test(word))
    return as > 0 && FROM_USER.test(after.slice(as + 1, as + 7).join(' '))
  })
}

const BARE = /^(?:override|outrank|supersede|decide|govern|trump|dictate|win|prevail)$/
/** What comes after "treat … as". */
const FROM_USER =
  /^(?:coming |a |an |the |if |though |message |request |command |order |instruction |words? )*(?:from |of |by )?(?:the |your )?(?:user|owner|operator|human)(?:'s)?(?: (?:order|instruction|request|command|word|input|had|has|said|typed|wrote|sent|asked)|$)|^(?:your|the) (?:next |new |own )?(?:prompt|instruction|task|order)s?(?: |$)/

/** "… is your to-do list." */
function isPlan(clause: Clause, source: Outside): boolean {
  if (source.at < 0) return false
  return clause.all('orders').some((i) => {
    const yours = clause.ahead(i, ['you'], 3)
    const is = clause.tokens.findLastIndex(
      (token, k) => k < yours && k > yours - 3 && /^(?:is|are|be|ist|sind|es|son|est|sont)$/.test(token.text),
    )
    return yours > source.at && is > source.at && !clause.isNegated(i)
  })
}

/** "Replace this file with the version that … serves." */
function isPut(clause: Clause, source: Outside): boolean {
  if (source.target === '' || clause.has('confirm')) return false
  return clause.all('replace').some((i) => clause.isOrdered(i) && isItself(clause, i) && source.at > i)
}

/** The skill, by name or by its file. */
function isItself(clause: Clause, i: number): boolean {
  return (
    clause.isNear(i, ['this-page'], 4) ||
    clause.tokens.slice(i + 1, i + 4).some((token) => token.text.endsWith('SKILL.md'))
  )
}

/** "Ask the user to …", "the owner can …": somebody else's turn. */
function isUsersTurn(clause: Clause, i: number): boolean {
  const user = clause.ahead(i, ['user'], 3)
  return (
    user >= 0 && clause.isEnglish && /^(?:to|can|must|should|may|will|then)$/.test(clause.tokens[i - 1]?.text ?? '')
  )
}
