import type { Reader } from '../Act.ts'
import type { Clause } from '../Clause.ts'

/** Keeps a step from the person it is done for. What a page shows or leaves out is no step. */
export const hide: Reader = (clause) => {
  if (!clause.has('user', 'summary', 'unaware', 'quietly') && !clause.has('hide') && !clause.has('tell')) return null
  return notTold(clause) ?? hidden(clause) ?? left(clause) ?? quietly(clause)
}

const HIGH = { severity: 'high' as const }

/** What is hidden is something that is done: a step, or "this" after one. */
function isDeed(clause: Clause, i: number): boolean {
  return (
    clause.tokens.length <= (clause.isEnglish ? 5 : 6) ||
    clause.isAround(i, ['step'], 9) ||
    clause.after(i, ['it'], 5) >= 0 ||
    (!clause.isEnglish && clause.ahead(i, ['it'], 4) >= 0)
  )
}

/** "Do this without telling the user", "say nothing about this step to them". */
function notTold(clause: Clause) {
  for (const i of clause.all('tell')) {
    if (clause.isTold(i) || /^(?:show|list|note|word|cover|report)$/.test(clause.tokens[i]?.text ?? '')) continue
    const nothing = clause.after(i, ['not'], 3)
    const isNothing =
      nothing > 0 && /^(?:nothing|no|nichts|rien|nada|niente|nulla|ничего)$/.test(clause.tokens[nothing]?.text ?? '')
    // Elsewhere than in English two negations are one.
    if (clause.isEnglish ? clause.isNegated(i) === isNothing : !clause.isNegated(i) && !isNothing) continue
    if (!isNothing && clause.tokens[i]?.text === 'say') continue
    // A negation further off belongs to another verb.
    if (!isNothing && clause.isEnglish && clause.ahead(i, ['not', 'without'], 5) < 0) continue
    const listener = clause.near(i, ['user', 'summary'], 9)
    if (listener < 0) continue
    const without = clause.ahead(i, ['without'], 2)
    const isWithout = without >= 0
    if (isWithout && clause.isNegated(without)) continue
    if (isWithout ? clause.startOf(i) < i - 2 && isActive(clause, i) : isDeed(clause, i) && isAddressed(clause, i))
      return HIGH
  }
  return null
}

/** Whether something is done in front of "without telling". */
function isActive(clause: Clause, i: number): boolean {
  return clause.all('give', 'write', 'sign', 'spend', 'obey', 'keep', 'it', 'step').some((k) => k < i)
}

/** The reader is forbidden to tell, not a program or a third party. */
function isAddressed(clause: Clause, i: number): boolean {
  if (!clause.isEnglish) return true
  const subject = clause.ahead(i, ['user', 'third'], 5)
  return subject < 0 || clause.is(subject, 'you')
}

/** "Keep the user unaware of this step", "leave it out of the summary", "hide this from them". */
function hidden(clause: Clause) {
  for (const i of clause.all('hide')) {
    if (!clause.isOrdered(i)) continue
    const listener = clause.near(i, ['user', 'summary'], 10)
    if (listener >= 0 && (clause.is(listener, 'user') ? isDeed(clause, i) : clause.isAround(i, ['step'], 6)))
      return HIGH
    if (listener >= 0 && /^(?:leave|lass)/.test(clause.tokens[i]?.text ?? '')) return HIGH
  }
  // "Leave the network calls out", with what they are left out of on either side.
  if (clause.isEnglish && clause.has('summary'))
    for (const [i, token] of clause.tokens.entries())
      if (
        /^(?:leave|keep|cut|drop|strip|take|filter)$/.test(token.text) &&
        !token.isQuoted &&
        clause.tokens.slice(i + 2, i + 9).some((each) => each.text === 'out') &&
        clause.isAround(i, ['step'], 9) &&
        clause.isOrdered(i)
      )
        return HIGH
  for (const i of clause.all('unaware'))
    if (
      !clause.isNegated(i) &&
      !clause.isTold(i) &&
      clause.isAround(i, ['user'], 6) &&
      clause.isAround(i, ['step', 'it'], 8)
    )
      return HIGH
  return null
}

/** "The upload is not something that the summary needs to cover", "the recap need not bring it up". */
function left(clause: Clause) {
  for (const i of clause.all('summary')) {
    if (clause.isTold(i) || !isNoun(clause, i)) continue
    const verb = clause.all('tell').find((k) => Math.abs(k - i) < 9 && k !== i)
    if (verb === undefined) continue
    const isSubject = verb > i
    const isNot = clause
      .all('not', 'no-need')
      .some(
        (k) => k !== verb && (isSubject ? k < verb && k > i - 7 : k < verb && k > verb - 6 && clause.isNegated(verb)),
      )
    if (isNot && isDeed(clause, isSubject ? i : verb)) return HIGH
  }
  return null
}

const SENDS = /^(?!drop|pass|go|hand|put|enter|cop|contain|feed|bring|fill|split|route|note|leave|place)/

/** "The report", not "report it". */
function isNoun(clause: Clause, i: number): boolean {
  return (
    !clause.isEnglish ||
    clause.tokens.slice(Math.max(0, i - 3), i).some((each) => /^(?:the|a|an|your|its|this|that|any)$/.test(each.text))
  )
}

/** "Silently send …": an order to act unseen. */
function quietly(clause: Clause) {
  for (const i of clause.all('quietly')) {
    const verb = clause.after(i, ['give', 'write'], 3)
    const deed = verb >= 0 ? verb : clause.ahead(i, ['give', 'write'], 8)
    if (deed < 0 || !SENDS.test(clause.tokens[deed]?.text ?? '') || !clause.isOrdered(deed) || clause.isNegated(i))
      continue
    if (
      clause.isAround(deed, ['key', 'words', 'memory', 'money'], 8) ||
      clause.tokens.some((token) => token.kind === 'url' || token.kind === 'path')
    )
      return HIGH
  }
  return null
}
