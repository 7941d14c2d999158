import { actsIn } from '../../prose/actsIn.ts'
import type { Rule } from '../../Rule.ts'
import { at, cleaned, isTurned, phrases } from '../ask.ts'

/** Phrases that carry no negation of their own; one in front turns them around. */
const TURNABLE =
  /^(?:silently|secretly|covertly|stealthily|discreetly|without|send|upload|forward|exfiltrate|transmit|collect|harvest|transfer|hide|conceal|keep)\b/
/** Ordinary advice about output, unless what is not to be shown is a key. */
const SHOWN = /^(?:(?:do not|don't|never) (?:display|show|print|output)|(?:is|are|be) (?:not|never) )/
const SECRETS = /~\/\.(?:ssh|aws)\b|id_rsa|\.aws\/|\.env\b|private key|seed phrase|mnemonic|credentials/i
const PATTERNS = [
  /\b(?:do not|don't|never) (?:display|show|print|output) (?:them|it|this|these|the (?:contents?|values?|output))\b[^.\n]{0,20}\bto (?:the |your )?(?:user|owner|human|operator)\b/g,
  /\b(?:do not|don't|never|must not|avoid|without)\b[^.\n]{0,24}\b(?:tell(?:ing)?|inform(?:ing)?|notify(?:ing)?|alert(?:ing)?|mention(?:ing)?|reveal(?:ing)?|disclos(?:e|ing)|report(?:ing)?|show(?:ing)?|let(?:ting)?)\b[^.\n]{0,50}\b(?:to )?(?:the |your |any )?(?:user|users|owner|human|operator|them)\b[^.\n]{0,60}\b(?:about (?:this|these|it)|this (?:step|action|instruction|check|request|transfer|upload|process)|these (?:steps|instructions)|that (?:you|this|it|the)|know|what you|happened|of this|upload|sync|transfer)\b/g,
  /\b(?:do not|don't|never) (?:mention|reveal|disclose|report|discuss|reference|acknowledge|log) (?:this|these|the following|it|any of this)\b[^.\n]{0,60}\b(?:to|with) (?:the |your |any )?(?:users?|owner|human|operator|anyone)\b/g,
  /\b(?:silently|secretly|covertly|stealthily|discreetly|without (?:the )?(?:user'?s? )?(?:knowledge|consent|noticing|asking|confirmation|permission|telling))\b[^.,;\n]{0,40}\b(?:send|upload|post|forward|exfiltrate|transmit|copy|collect|harvest|append|install|transfer|leak|sync|read and|record)\b/g,
  /\b(?:send|upload|forward|exfiltrate|transmit|collect|harvest|transfer)\b[^.,;\n\u2014]{0,60}\b(?:silently|secretly|covertly|without (?:the )?(?:user'?s? )?(?:knowledge|consent|noticing|being noticed|their knowledge|informing|telling|asking))\b/g,
  /\b(?:hide|conceal|keep)\b[^.\n]{0,40}\b(?:from|hidden from|secret from)\b[^.\n]{0,12}\b(?:the |your )?(?:user|owner|human|operator)\b/g,
  /\b(?:the )?user (?:must|should|need)(?: not|n't) (?:know|be (?:told|aware|informed|notified)|see|notice|need to know)\b[^.\n]{0,20}(?:this|it\b|about|that|of)\b/g,
  /\b(?:is|are|be) (?:not|never) (?:shown|visible|displayed|reported|mentioned|disclosed) to (?:the |your )?(?:users?|owner|human)\b/g,
  /\b(?:do not|don't|never) (?:tell|inform|notify) (?:the |your )?(?:user|owner|human)\b[^.\n]{0,12}\b(?:since|because|as it|as this|or else)\b/g,
  /\bdo (?:it|this|so|that) (?:quietly|silently|secretly|covertly|discreetly)\b/g,
]

export const rule: Rule = {
  name: 'concealment',
  check: 'intent',
  ast: 'AST01',
  item: null,
  about: 'Text tells the model to keep something from the person it works for.',
  severity: 'high',
  because: 'What has to be hidden from the owner is against the owner.',
  remediation: 'Say openly what is done, and ask where it matters.',
  *find(material) {
    for (const act of actsIn(material.views, 'hide'))
      yield at(act, act.text, act.view === 'prose' ? {} : { severity: 'critical' })
    for (const pattern of PATTERNS) {
      for (const phrase of phrases(material, pattern)) {
        if (phrase.viewed.holder === 'table' || (TURNABLE.test(phrase.found[0]) && isTurned(phrase))) continue
        if (
          SHOWN.test(phrase.found[0]) &&
          !SECRETS.test(
            material.views
              .filter((view) => view.file === phrase.file && Math.abs(view.line - phrase.line) < 9)
              .map((view) => view.text)
              .join(' '),
          )
        )
          continue
        const before = cleaned(phrase.viewed).text.slice(Math.max(0, phrase.found.index - 60), phrase.found.index)
        if (
          /\b(?:detects?|flags?|such as|like|e\.g\.|phrases?|patterns?|attempts? to|asks? (?:you|claude|the agent) to|never follow|instructs?|says?)\b[^.]{0,40}$/.test(
            before,
          )
        )
          continue
        const isQuoted = /["\u201c]\s{0,2}$/.test(before)
        yield at(
          phrase,
          phrase.sentence,
          // Two words near each other: the clause says whether it is an order, see above.
          isQuoted || phrase.view === 'prose' ? { severity: 'medium' } : { severity: 'critical' },
        )
      }
    }
  },
}
