import { actsIn } from '../../prose/actsIn.ts'
import type { Rule } from '../../Rule.ts'
import { at, cleaned, isTurned, phrases } from '../ask.ts'

const PATTERNS = [
  /\b(?:ignore|disregard|forget|override|bypass|discard|drop|set aside|do not follow|stop following)\b[^.\n]{0,30}\b(?:all |any |the |your |every )?(?:previous|prior|earlier|above|preceding|existing|original|system|safety|developer|other)\b[^.\n]{0,30}\b(?:instructions?|prompts?|rules?|guidelines?|directives?|constraints?|policies|policy|guardrails?|messages?|context)\b/g,
  /\byou are (?:now|no longer)\b[^.\n]{0,40}\b(?:dan\b|unrestricted|unfiltered|jailbroken|developer mode|maintenance mode|root|bound by|an? (?:evil|uncensored))/g,
  /\b(?:enter|enable|activate|switch to|you are in)\b[^.\n]{0,20}\b(?:developer|god|dan|jailbreak|unrestricted|maintenance|debug override)\s(?:mode|access)\b/g,
  /\b(?:act|respond|behave|operate)\b[^.\n]{0,20}\bas if (?:you have|there are) no (?:restrictions?|rules?|limits?|guidelines?|filters?)\b/g,
  /\b(?:bypass|disable|ignore|circumvent|skip|turn off|suspend)\b[^.\n]{0,30}\b(?:safety|security|content|permission|approval|confirmation|guardrail)s?\b[^.\n]{0,16}\b(?:checks?|filters?|prompts?|polic(?:y|ies)|guardrails?|measures?|controls?|rules?|restrictions?|protocols?)\b/g,
  /\b(?:this|these|the following|skill|it)\b[^.\n]{0,30}\b(?:take|takes|have|has|supersedes?|overrides?)\b[^.\n]{0,20}\b(?:precedence|priority) over\b[^.\n]{0,40}\b(?:system|user|all|any|other|safety|previous)\b[^.\n]{0,24}\b(?:instructions?|prompts?|rules?|polic(?:y|ies)|guidelines?|preferences)\b/g,
  /\b(?:never|do not|don't|without) ask(?:ing)? (?:the |your )?(?:user|owner|human|them)\b[^.\n]{0,40}\b(?:confirm|approv|permission|review)[^.\n]{0,60}\b(?:transactions?|transfers?|payments?|signatures?|sign|swaps?|send)\b/g,
]
/** Made-up persons without rules: nothing else reads like them. The others are two words near each other, and the clause decides. */
const PERSONAS = [PATTERNS[1], PATTERNS[3]]
/** What somebody wants who writes an override into a table, and a list of commands does not. */
const WANTS =
  /\b(?:send|e-?mail|upload|post|forward|transfer|delete|exfiltrate|reveal)\b[^|\n]{0,60}(?:\.env|\.ssh|keys?\b|secrets?|credentials?|tokens?|password|wallet|funds|https?:|@)/i

export const rule: Rule = {
  name: 'instruction-override',
  check: 'intent',
  ast: 'AST01',
  item: null,
  about: 'Text tells the model to set aside its instructions, its rules or its owner.',
  severity: 'high',
  because: 'A skill adds to what the owner asked for; one that replaces it works for somebody else.',
  remediation: 'Remove it. State what the skill does and leave the rest to the host.',
  *find(material) {
    for (const act of actsIn(material.views, 'override'))
      yield at(act, act.text, act.view === 'prose' ? {} : { severity: 'critical' })
    for (const pattern of PATTERNS) {
      for (const phrase of phrases(material, pattern)) {
        if (isTurned(phrase)) continue
        if (phrase.viewed.holder === 'table' && (phrase.role !== 'instruction' || !WANTS.test(phrase.sentence)))
          continue
        const isQuoted = /["'\u201c]\s{0,2}$/.test(
          cleaned(phrase.viewed).text.slice(Math.max(0, phrase.found.index - 3), phrase.found.index),
        )
        yield at(
          phrase,
          phrase.sentence,
          isQuoted || (phrase.view === 'prose' && !PERSONAS.includes(pattern))
            ? { severity: 'medium' }
            : phrase.view === 'prose'
              ? {}
              : { severity: 'critical' },
        )
      }
    }
  },
}
