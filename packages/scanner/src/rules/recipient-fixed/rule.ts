import { isPlaceholder } from '../../facts/chain/accounts.ts'
import { beneficiariesIn, VALUE_OF } from '../../facts/chain/beneficiariesIn.ts'
import { isWellKnown } from '../../facts/chain/wellKnown.ts'
import type { BeneficiaryRole } from '../../facts/chain/functions.ts'
import { fetchedRecipients, givenPhrases, guessedKeys, writtenKeys } from '../../facts/chain/madeKeys.ts'
import { rewrittenSigning } from '../../facts/chain/rewrittenSigning.ts'
import { actsIn } from '../../prose/actsIn.ts'
import type { Rule } from '../../Rule.ts'
import { at, isTurned, phrases } from '../ask.ts'

const SEND =
  /\b(?:send|transfer|forward|sweep|route|pay|deposit|tip|donate)\b[^.\n]{0,60}\b(?:to|into)\b[^.\n]{0,40}?\b(0x[0-9a-f]{40}|bc1[a-z0-9]{25,60})\b|\b(?:use|substitute|insert|put|replace)\b[^.\n]{0,60}\b(0x[0-9a-f]{40}|bc1[a-z0-9]{25,60})\b[^.\n]{0,24}\b(?:instead|in its place|in place of|whatever)\b|\b(?:set|change|override)\b[^.\n]{0,40}\b(?:recipient|destination|receiver|beneficiary|payout)\b[^.\n]{0,40}\b(0x[0-9a-f]{40}|bc1[a-z0-9]{25,60})\b/g

/** Which lists of `permissions.chain` let an account gain in a role. */
const DECLARED_BY: Readonly<
  Record<BeneficiaryRole, readonly ('contracts' | 'spenders' | 'recipients' | 'fees' | 'operators')[]>
> = {
  spender: ['spenders', 'contracts'],
  operator: ['operators', 'spenders'],
  owner: ['operators'],
  delegate: ['operators', 'spenders'],
  module: ['operators'],
  guard: ['operators'],
  recipient: ['recipients'],
  'fee-taker': ['fees', 'recipients'],
}

export const rule: Rule = {
  name: 'recipient-fixed',
  check: 'intent',
  ast: 'AST01',
  item: null,
  about: 'Money is sent to an address that is written into the skill, not chosen by the user or declared.',
  severity: 'high',
  because: 'The author of the skill decides who is paid.',
  remediation:
    'Take the recipient from the user; declare fee recipients under `permissions.chain.recipients`, and say what they get.',
  *find(material) {
    const { accounts } = material.declared
    const declared = [...(accounts.recipients ?? []), ...(accounts.fees ?? [])]
    for (const each of beneficiariesIn(material.views, material.facts.command)) {
      const account = each.account.toLowerCase()
      if (
        isPlaceholder(each.account) ||
        DECLARED_BY[each.gain].some((list) => accounts[list]?.includes(account) === true) ||
        // A contract that may be called may be paid for the call.
        (each.via.startsWith(VALUE_OF) && accounts.contracts?.includes(account) === true)
      )
        continue
      // Spender, or paid for the call: what a contract that everybody uses does with it, its own code says.
      const isCommon =
        (each.gain === 'spender' || each.via.startsWith(VALUE_OF)) &&
        isWellKnown(each.account, material.views, isPlaceholder)
      yield at(each, each.text, {
        severity: each.isSample || each.isCalled || isCommon ? 'medium' : 'high',
        because: `${each.account} is written into the skill and becomes ${each.gain} by ${each.via}, undeclared in that role.`,
      })
    }
    for (const each of material.facts['chain-value'])
      if (each.isSpelled === true && !isPlaceholder(each.value))
        yield at(each, each.text, {
          because: 'An account is put together from pieces, so that nobody who reads the code sees it.',
        })
    for (const each of fetchedRecipients(material.views))
      yield at(each, each.text, {
        severity: each.isScript ? 'high' : 'medium',
        because: 'Who is paid is what an address on the network answers, each time anew.',
      })
    for (const each of givenPhrases(material.views))
      yield at(each, each.text, {
        because: 'The wallet that is to be used is one whose words the author has: what is paid in there is theirs.',
      })
    for (const each of writtenKeys(material.views))
      yield at(each, each.text, {
        because: 'The key of the account stands in the skill: what is paid in there is free to take for every reader.',
      })
    for (const each of guessedKeys(material.views))
      yield at(each, each.text, {
        because: 'The key is made from numbers that can be guessed: whoever wrote this can make it again.',
      })
    for (const each of rewrittenSigning(material.views))
      yield at(each, each.text, {
        because: 'The function that signs or sends is replaced by one that changes who is paid, or what is called.',
      })
    for (const command of material.facts.command) {
      if (command.role !== 'instruction') continue
      const line = command.args.join(' ')
      const plain =
        command.program === 'cast' &&
        /^send\b/.test(line) &&
        /--value/.test(line) &&
        !/\s[A-Za-z_]\w{0,60}\(/.test(line)
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
