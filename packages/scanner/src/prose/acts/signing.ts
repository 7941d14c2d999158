import type { Reader } from '../Act.ts'
import type { Clause } from '../Clause.ts'

/** Signs although the simulation failed, or instead of looking at one. */
export const signUnseen: Reader = (clause) => {
  const own = clause.has('simulation')
  const before = clause.before?.tokens.some((token) => token.concepts.has('simulation')) === true
  if (!own && !before) return null
  for (const i of clause.all('sign')) {
    if (clause.isNegated(i) || clause.isTold(i) || !clause.isOrder(i)) continue
    const fails =
      clause.has('fail') || (!own && clause.before?.tokens.some((token) => token.concepts.has('fail')) === true)
    if (fails && clause.has('anyway')) return { severity: 'high' }
    const skip = clause.all('skip').find((k) => k !== i && clause.isNear(k, ['simulation'], 6) && clause.isOrdered(k))
    if (skip !== undefined) return { severity: 'high' }
    if (own && isForgone(clause)) return { severity: 'high' }
  }
  // "Skip simulation, it adds latency", where money moves.
  const isMoney = (tokens: Clause['tokens']) =>
    tokens.some((token) => ['money', 'spend', 'sign'].some((each) => token.concepts.has(each as 'money')))
  if (own && (isMoney(clause.tokens) || isMoney(clause.before?.tokens ?? [])))
    for (const i of clause.all('skip'))
      if (
        /^(?:skip|bypass|omit|forego|forgo)$/.test(clause.tokens[i]?.text ?? '') &&
        clause.isOrdered(i) &&
        clause.near(i, ['simulation'], 4) >= 0 &&
        !clause.tokens.some((token) => /^(?:if|when|unless|where|may)$/.test(token.text))
      )
        return { severity: 'high' }
  // "Treat a failed simulation as passed."
  for (const i of clause.all('treat-as'))
    if (
      own &&
      clause.has('fail') &&
      clause.isOrdered(i) &&
      /\bas (?:passed|a pass|successful|success|green|ok|fine)\b/i.test(clause.text)
    )
      return { severity: 'high' }
  return null
}

function isForgone(clause: Clause): boolean {
  return /\bwithout (?:a |the |any )?(?:simulat\w+|preview|dry[- ]run)|\bdo(?:es)? not wait for (?:the |a )?(?:simulation|preview)/i.test(
    clause.text,
  )
}

/** Spends or signs with nobody asked. */
export const spendAlone: Reader = (clause) => {
  const spends = clause.all('spend').concat(clause.all('sign').filter((i) => clause.isAround(i, ['money'], 10)))
  const isMoney = clause.has('money') || spends.length > 0
  if (!isMoney) return null
  const asks =
    clause.all('no-need', 'alone').some((i) => !clause.isNegated(i) && !clause.isTold(i)) || isUnasked(clause)
  if (!asks) return null
  for (const i of spends) {
    if (clause.isTold(i) || (clause.isNegated(i) && !isUnaskedAt(clause, i))) continue
    if (isWished(clause)) return null
    if (!clause.isOrder(i) && !/^(?:payment|payments|purchases|invoices|transfers)$/.test(clause.tokens[i]?.text ?? ''))
      continue
    if (
      !clause.has('money') &&
      !/^(?:pay|payment|payments|invoices|purchase|purchases)$/.test(clause.tokens[i]?.text ?? '')
    )
      continue
    return { severity: 'high' }
  }
  return null
}

/** Whether the negation belongs to the asking ("without asking") and not to the spending. */
function isUnaskedAt(clause: Clause, i: number): boolean {
  return clause.all('no-need', 'check-in').some((k) => k < i && clause.ahead(k, ['not', 'without'], 4) >= 0)
}

/** Whether asking is what does not happen. */
function isUnasked(clause: Clause): boolean {
  return clause.all('check-in').some((k) => {
    // "No infinite approvals": an allowance, which nobody is asked for.
    if (clause.isAround(k, ['unlimited'], 2) || clause.ahead(k, ['money'], 2) >= 0) return false
    const not = clause.ahead(k, ['not', 'without'], 3)
    return not >= 0 && !clause.isTold(k) && clause.isNegated(k) && !(clause.is(not, 'without') && clause.isNegated(not))
  })
}

/** The owner's own choice, or only what could happen. */
function isWished(clause: Clause): boolean {
  return (
    clause.has('confirm') ||
    /\b(?:about to|unless|only (?:if|when|after)|if the user (?:has|wants|asks|enabled)|user[- ](?:set|defined|configured|approved))\b/i.test(
      clause.text,
    )
  )
}
