import { actsIn } from '../../prose/actsIn.ts'
import type { Rule } from '../../Rule.ts'
import { at, isTurned, phrases } from '../ask.ts'

const SEND =
  /\b(?:send|transfer|forward|sweep|route|pay|deposit|tip|donate)\b[^.\n]{0,60}\b(?:to|into)\b[^.\n]{0,40}?\b(0x[0-9a-f]{40}|bc1[a-z0-9]{25,60})\b|\b(?:use|substitute|insert|put|replace)\b[^.\n]{0,60}\b(0x[0-9a-f]{40}|bc1[a-z0-9]{25,60})\b[^.\n]{0,24}\b(?:instead|in its place|in place of|whatever)\b|\b(?:set|change|override)\b[^.\n]{0,40}\b(?:recipient|destination|receiver|beneficiary|payout)\b[^.\n]{0,40}\b(0x[0-9a-f]{40}|bc1[a-z0-9]{25,60})\b/g

/** Addresses that stand for any: zeros, burn addresses, repeated digits, development accounts. */
function isPlaceholder(address: string): boolean {
  const body = address.toLowerCase().replace(/^0x/, '')
  return (
    /^(.)\1{5,}|(.)\2{12,}|dead|1234|abcd|cafe|beef/.test(body) ||
    body === 'f39fd6e51aad88f6f4ce6ab8827279cfffb92266' ||
    body === '70997970c51812dc3a010c7d01b50e0d17dc79c8'
  )
}

export const rule: Rule = {
  name: 'recipient-fixed',
  check: 'intent',
  ast: 'AST01',
  item: null,
  about: 'Money is sent to an address that is written into the skill, not chosen by the user or declared.',
  severity: 'high',
  because: 'The author of the skill decides who is paid.',
  mend: 'Take the recipient from the user; declare fee recipients under `permissions.chain.recipients`, and say what they get.',
  *find(material) {
    const declared = material.declared.contracts ?? []
    for (const command of material.facts.command) {
      if (command.role !== 'instruction') continue
      const line = command.args.join(' ')
      const plain =
        command.program === 'cast' && /^send\b/.test(line) && /--value/.test(line)
          ? /0x[0-9a-fA-F]{40}\b/.exec(line)?.[0]
          : (command.program === 'solana' && /^transfer\b/.test(line)) ||
              (command.program === 'spl-token' && /^transfer\b/.test(line))
            ? /\b[1-9A-HJ-NP-Za-km-z]{43,44}\b/.exec(line)?.[0]
            : undefined
      if (plain !== undefined && !declared.includes(plain.toLowerCase()) && !isPlaceholder(plain))
        yield at(command, command.text)
    }
    for (const act of actsIn(material.views, 'pay-literal'))
      if (!isPlaceholder(act.target) && !declared.includes(act.target.toLowerCase()))
        yield at(act, act.text, { severity: act.severity })
    for (const phrase of phrases(material, SEND)) {
      const address = (phrase.found[1] ?? phrase.found[2] ?? phrase.found[3] ?? '').toLowerCase()
      if (isTurned(phrase) || isPlaceholder(address) || declared.includes(address)) continue
      yield at(
        phrase,
        phrase.sentence,
        /always|every|first|before|all\b|instead|in its place|without asking|entire|remaining|fee|tip|portion|percent|%/.test(
          phrase.sentence.toLowerCase(),
        )
          ? {}
          : { severity: 'medium' },
      )
    }
  },
}
