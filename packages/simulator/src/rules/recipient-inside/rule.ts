import { Address } from '@countersign/base'
import type { Finding } from '../../model/Finding.ts'
import type { TokenChange } from '../../model/TokenChange.ts'
import { assetOf, sidesOf } from '../../model/ValueFlow.ts'
import { finding, framesOf, isAgentsChoice, madeIn, nameOf, paymentOf, type Rule, type RuleContext } from '../Rule.ts'

/** Where tokens go to die: nobody holds these keys. */
const SINKS = [Address.ZERO, Address.parse('0x000000000000000000000000000000000000dEaD')]

/**
 * The same as `recipient-unverified`, told by effects: inside a batch, a multicall or another contract's work most of
 * what leaves the user ends with somebody whom no call names and nobody vouches for. Exchanges take and give back;
 * this is about what only goes.
 */
export const rule: Rule = {
  name: 'recipient-inside',
  remediation: 'Check that the recipient is the one that you meant.',
  about: 'Inside a batch or another contract’s work, most of what leaves you ends with somebody nobody vouches for.',
  levels:
    'block: zero, dead or the token itself, and nothing comes back; warn: an uncalled contract, or chosen by an agent, or nothing comes back and no call names it; else a note',
  check(context) {
    const { request, tokenChanges, mine: own } = context
    // Whose balances are the user's business when a signature moves them: the signer's.
    const { gives, gets } = sidesOf({ changes: tokenChanges, entries: [], movements: [] }, own)
    const lost = new Map(gives.map((change) => [assetOf(change), -change.delta]))
    if (lost.size === 0) return []
    const isReturned = gets.length > 0 || context.credits.size > 0
    const paid = new Set(request.calls.map((call) => paymentOf(call)?.recipient))
    const called = calledIn(context)
    return tokenChanges.flatMap((change) => {
      const loss = lost.get(assetOf(change))
      // Less than half is a fee.
      if (loss === undefined || own.has(change.account) || change.delta * 2n < loss) return []
      if (paid.has(change.account)) return []
      return judge(context, change, { isReturned, isCalled: called.has(change.account) })
    })
  },
}

function judge(
  context: RuleContext,
  change: TokenChange,
  { isReturned, isCalled }: { isReturned: boolean; isCalled: boolean },
): Finding[] {
  const { request } = context
  const account = context.account(change.account)
  const say = (level: Finding['level'], title: string, because: string): Finding[] => [
    finding('recipient-inside', level, title, because, {
      subject: change.account,
      evidence: { token: change.token, amount: change.delta.toString(), has_code: account?.hasCode ?? null },
    }),
  ]
  if (SINKS.includes(change.account)) {
    return isReturned ? [] : say('block', 'Sent to nobody', `Nobody can ever move what would end at ${change.account}.`)
  }
  if (change.account === change.token) {
    return isReturned
      ? []
      : say(
          'block',
          'Sent to the token itself',
          `What leaves you would end at ${nameOf(context, change.account)}, the token's own contract; tokens there are lost.`,
        )
  }
  if (context.known(change.account) !== undefined || context.isMeantRecipient(change.account)) return []
  const isAgents = isAgentsChoice(context, change.account)
  if (account?.hasCode === true || madeIn(context).has(change.account)) {
    // A contract that was called knows what it got.
    return isReturned || isCalled
      ? []
      : say(
          'warn',
          'Sent to a contract',
          `What leaves you would end at the contract ${change.account}, which is not called and may never give it back.`,
        )
  }
  // Nobody typed an address that no argument of a call names: a contract's work does, or the code that a step deploys.
  const argument = change.account.slice(2).toLowerCase().padStart(64, '0')
  const isTyped =
    isReturned ||
    (request.saidRecipients ?? []).includes(change.account) ||
    request.calls.some(({ to, data }) => to !== null && data.toLowerCase().includes(argument))
  const isSaid = request.isAgentProposed === true ? !isAgents : isTyped
  return say(
    isSaid ? 'info' : 'warn',
    'Ends with somebody unknown',
    isCalled
      ? `What leaves you would end at ${change.account}. The account is unverified.`
      : `What leaves you would end at ${change.account}. No call goes to that account, and it is unverified.`,
  )
}

function calledIn(context: RuleContext): ReadonlySet<string> {
  const called = new Set<string>()
  for (const { frame } of framesOf(context)) if (frame.to !== null) called.add(frame.to)
  return called
}
