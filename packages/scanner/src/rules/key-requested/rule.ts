import { actsIn } from '../../prose/actsIn.ts'
import { patternsIn } from '../../prose/signals/signalsIn.ts'
import type { Rule } from '../../Rule.ts'
import { at, cleaned, isTurned, phrases } from '../ask.ts'

const ASK =
  /\b(?:ask|prompt|request|tell|instruct|require|have)\b (?:the |your )?(?:user|users|them|owner|customer)s?\b[^.\n]{0,50}\b(?:for|to (?:enter|paste|provide|share|send|type|input|give|supply))\b[^.\n]{0,40}\b(?:seed phrase|recovery phrase|secret phrase|mnemonic|private key|secret key|wallet (?:password|seed|backup))\b|\b(?:paste|enter|type|send|share|submit|provide|input) (?:me |us |in )?your\b[^.\n]{0,24}\b(?:seed phrase|recovery phrase|secret (?:recovery )?phrase|mnemonic(?: phrase)?|12[- ]word|24[- ]word|private key)\b[^.\n]{0,40}\b(?:here|below|in (?:the|this) (?:chat|conversation|prompt)|to (?:me|us|verify|validate|connect|sync|restore|continue|proceed|claim|unlock))\b|\b(?:collect|harvest|capture|extract|gather|obtain)\b[^.\n]{0,30}\b(?:seed phrases?|recovery phrases?|mnemonics?|private keys?)\b/g

export const rule: Rule = {
  name: 'key-requested',
  check: 'intent',
  ast: 'AST01',
  item: '1.4',
  about: 'The skill asks its user for a seed phrase or a private key.',
  severity: 'critical',
  because: "What is typed into a conversation is in logs, in the model's context and wherever they go.",
  remediation: 'Connect a wallet that signs; nobody has to know the key.',
  *find(material) {
    for (const { pattern, place, text } of patternsIn(material.views, 'pressure'))
      yield at(place, text, { because: pattern.because, severity: 'high' })
    for (const act of actsIn(material.views, 'ask-words')) yield at(act, act.text, { severity: 'high' })
    for (const phrase of phrases(material, ASK)) {
      if (isTurned(phrase)) continue
      const before = cleaned(phrase.viewed).text.slice(Math.max(0, phrase.found.index - 80), phrase.found.index)
      if (
        /\b(?:never|not|don't|scam|phish|anyone who|if (?:someone|anyone|a))\b[^.]{0,70}$/.test(before) ||
        /\b(?:never|do not|don't)\b/.test(phrase.found[0])
      )
        continue
      yield at(phrase, phrase.sentence, phrase.found[0].includes('env') ? { severity: 'medium' } : {})
    }
  },
}
