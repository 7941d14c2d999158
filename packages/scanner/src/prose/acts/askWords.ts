import type { Reader } from '../Act.ts'
import { Clause } from '../Clause.ts'

/** Has a person give away the words that restore a wallet, in any wording. */
export const askWords: Reader = (clause) => {
  const at = wordsOf(clause)
  if (at < 0) return isTypedIn(clause) ? { severity: 'high' } : null
  if (clause.isTold(at)) return null
  for (const i of clause.all('ask', 'want')) {
    if (i === at || Math.abs(i - at) > 18 || clause.isNegated(i) || clause.isTold(i)) continue
    // "The words get written down": a passive, and nobody is asked.
    if (
      clause.isEnglish &&
      /^gets?$/.test(clause.tokens[i]?.text ?? '') &&
      /(?:ed|en|wn)$/.test(clause.tokens[i + 1]?.text ?? '')
    )
      continue
    if (
      /^(?:take|require|requires|need|needs|want|wants)$/.test(clause.tokens[i]?.text ?? '') &&
      !clause.has('type', 'user')
    )
      continue
    // "Nobody, this assistant included, needs them."
    const head = clause.tokens.slice(clause.startOf(i), i).map((token) => token.text)
    if (head.some((word, k) => word === 'nobody' || (word === 'no' && head[k + 1] === 'one'))) continue
    if (isGiven(clause, i, at)) return { severity: 'high' }
  }
  for (const i of clause.all('type')) {
    if (i === at || clause.isNegated(i) || clause.isTold(i) || Math.abs(i - at) > 14) continue
    const text = clause.text.toLowerCase()
    if (!clause.isEnglish && clause.tokens.some((token) => token.kind === 'url') && Math.abs(i - at) < 6)
      return { severity: 'high' }
    if (
      /\b(?:have|let|make|get(?! \w{1,12}(?:ed|en|wn)\b)|tell|instruct|ask)\b[^.]{0,40}$/.test(
        clause.sentence.view.text.slice(clause.sentence.from, clause.tokens[i]?.at).toLowerCase(),
      )
    )
      return { severity: 'high' }
    if (/\b(?:here|in(?:to)? (?:the|this) (?:chat|conversation|form|prompt)|below)\b/.test(text) && clause.isOrder(i))
      return { severity: 'high' }
  }
  // "The page where the twelve words go into the form."
  const form = clause.all('form').find((k) => clause.isAround(k, ['to'], 3) && Math.abs(k - at) < 10)
  if (
    form !== undefined &&
    clause.isAround(form, ['give', 'type'], 8) &&
    clause.tokens.some((token) => token.kind === 'url') &&
    !clause.isNegated(form)
  )
    return { severity: 'high' }
  return null
}

/** "Have the person type it in here", after a sentence about the words. */
function isTypedIn(clause: Clause): boolean {
  if (clause.before === null || !clause.has('type')) return false
  const before = new Clause(clause.before, null)
  const words = wordsOf(before)
  if (words < 0 || before.isTold(words) || before.isNegated(words)) return false
  return clause
    .all('type')
    .some(
      (i) =>
        !clause.isNegated(i) &&
        !clause.isTold(i) &&
        clause.after(i, ['it'], 3) > 0 &&
        clause.tokens.slice(Math.max(0, i - 6), i).some((token) => /^(?:have|let|make|get|ask|tell)$/.test(token.text)),
    )
}

/** Whether an "ask" or "need" is for the words themselves, and not whether they are safe. */
function isGiven(clause: Clause, i: number, at: number): boolean {
  if (!clause.isEnglish) return true
  if (!clause.isOrder(i) && !clause.is(i, 'want')) return false
  const between = clause.tokens.slice(Math.min(i, at), Math.max(i, at)).map((token) => token.text)
  if (
    between.some((word) =>
      /^(?:whether|if|never|where|how|about|backed|written|safe|safely|confirm|verify)$/.test(word),
    ) &&
    !/collect|gather/.test(clause.tokens[i]?.text ?? '')
  )
    return false
  const verb = clause.tokens[i]?.text ?? ''
  if (/^(?:collect|gather|obtain|capture|harvest|extract|elicit|solicit)$/.test(verb)) return true
  return (
    clause.has('user') ||
    clause.tokens.some((token) => token.text === 'them') ||
    /\b(?:for|to (?:enter|paste|type|give|share|provide))\b/.test(clause.text.toLowerCase())
  )
}

/** Where the words that restore a wallet are named: by their name, by their number, or by what they were shown for. */
function wordsOf(clause: Clause): number {
  const plain = clause.all('words')[0]
  if (plain !== undefined) return plain
  for (const i of clause.all('words-noun')) {
    if (clause.isAround(i, ['words-kind'], 4) && clause.isAround(i, ['words-kind'], 12) && isRecovery(clause, i))
      return i
    if (
      clause.ahead(i, ['count-12'], 5) >= 0 &&
      (clause.has('words-kind', 'wallet', 'user') || clause.ahead(i, ['count-12'], 2) >= 0)
    )
      return i
    if (
      /^(?:phrase|phrases)$/.test(clause.tokens[i]?.text ?? '') &&
      clause.isAround(i, ['wallet'], 10) &&
      clause.isAround(i, ['words-kind'], 10)
    )
      return i
  }
  return -1
}

function isRecovery(clause: Clause, i: number): boolean {
  return clause.tokens
    .slice(Math.max(0, i - 5), i + 7)
    .some((token) =>
      /recover|seed|backup|restor|r\u00e9cup|recuper|wiederher|\u0432\u043e\u0441\u0441\u0442|\u6062\u590d|\u5fa9\u5143|\ubcf5\uad6c|kurtarma|ripristin|restaur|sauvegarde/.test(
        token.text,
      ),
    )
}
