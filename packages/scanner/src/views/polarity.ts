import { lastClause, lastClauseWithMarks } from './lastClause.ts'

/** Verbs that one is told not to do with a command. */
const DO =
  '(?:run|use|do|execute|paste|type|pipe|copy|write|call|try|install|invoke|enter|repeat|follow|ship|commit|merge|accept|trust|start|launch)'
const PROHIBITS = new RegExp(
  `\\b(?:never|do not|don't|must not|should not|shouldn't|mustn't|cannot|not to|avoid|stop) (?:ever |again |just )?${DO}\\w{0,4}\\b`,
  'i',
)
/** A second negation undoes the first. */
const DOUBLE =
  /\b(?:not|never|don't)\b[^.!?\n]{0,12}\b(?:forget|fail|hesitate|omit|skip|neglect|miss)\b|\b(?:before|until|unless) you(?: have|'ve)?\b/i
const LABEL =
  /^[\s>*_#-]{0,8}(?:\u274c|\u{1f6ab}|\u26d4|(?:wrong|bad|incorrect|don't|do not|never|not this|avoid|unsafe|insecure|anti-?pattern|dangerous|vulnerable)\b)[^.!?\n]{0,40}$/iu
const TAUGHT =
  /\b(?:what not to do|(?:warning |tell-?tale )?signs? (?:of|that)|red flags?|watch out for|examples? of (?:an? )?(?:attack|malicious|hostile)|(?:hostile|malicious|poisoned) (?:skill|package|page|prompt|text|script)s?|attackers? (?:writes?|runs?|uses?|puts?|hides?|sends?)|reject (?:a|any|every|all)\b|(?:lines?|commands?|texts?|skills?) (?:like|such as) (?:this|these)|(?:is|are) (?:an? )?(?:attacks?|anti-?patterns?|wrong|scams?|malicious|hostile))\b/i
/** A list of what somebody who reviews a text is to look for. */
const LOOKED_FOR = /\b(?:look|check|scan|search|watch) (?:out )?for:\s/i
const NARRATED =
  /\b(?:somebody|someone|they|he|she|we|(?:the|an?) (?:team|build|engineer|admin\w*|intern|script|job|operator)) (?:\w+ly )?(?:ran|executed|typed|piped|pasted|used)\b[^.!?\n]{0,60}$/i
/** A guard, a hook or a rule that stops it: "a hook denies `…`". */
const DENIES =
  /\b(?:hooks?|guards?|rules?|polic(?:y|ies)|filters?|sandbox|scanner|linter|checks?|it|which|that)\s(?:\w{1,12}\s){0,2}(?:den(?:y|ies)|blocks?|rejects?|refuses?|stops?|prevents?|forbids?|catches|flags?)\b[^.!?\n]{0,40}$/i
/** Text that orders what it has only shown: then nothing of it is only shown. */
const CALLED_BACK =
  /\b(?:run|execute|paste|do|carry out|apply|start with|use|perform)\b[^.!?\n]{0,50}\b(?:above|quoted|shown|(?:that|this|the) (?:line|block|snippet|one)s? (?:anyway|now|first|nevertheless))\b/i
const NO_CALL = /\b(?:never|not|don't|avoid|without)\b[^.!?\n]{0,40}$/i

/** Whether a text has what it shows carried out elsewhere: "now run the block above". */
export function isCalledBack(text: string): boolean {
  const found = CALLED_BACK.exec(text)
  return found !== null && !NO_CALL.test(text.slice(Math.max(0, found.index - 60), found.index))
}

/** Whether words that introduce a block or a piece of code forbid it, or show it as an attack. */
export function isForbidden(lead: string): boolean {
  const said = lead.trimEnd()
  const last = lastClauseWithMarks(said, 240)
  const isSo = LABEL.test(last) || PROHIBITS.test(last) || (last.endsWith(':') && TAUGHT.test(last))
  return isSo && !DOUBLE.test(last)
}

/** The same for a piece of code inside a sentence: what stands before it, and after it. */
export function isForbiddenInline(before: string, after: string): boolean {
  const head = lastClause(before, 160)
  const tail = /^[^.!?\n]{0,80}/.exec(after)?.[0] ?? ''
  const isSo =
    PROHIBITS.test(head) ||
    NARRATED.test(head) ||
    DENIES.test(head) ||
    TAUGHT.test(`${head} ${tail}`) ||
    LOOKED_FOR.test(head) ||
    /^`?[^.!?\n]{0,30}\b(?:anti-?pattern|is wrong|is an attack|is forbidden|must never|is never)\b/i.test(tail)
  return isSo && !DOUBLE.test(head)
}
