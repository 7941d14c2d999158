import { Address } from '@countersign/base'
import type { Finding } from '../../model/Finding.ts'
import { isAgentsChoice, nameOf, paymentOf, type Rule, type RuleContext } from '../Rule.ts'
import type { Call } from '../../model/Call.ts'

/** Where tokens go to die: nobody holds these keys. */
const SINKS = [Address.ZERO, Address.parse('0x000000000000000000000000000000000000dEaD')]

/** A plain payment goes to an address that the app does not name. Who chose it decides how loudly that is said. */
export const rule: Rule = {
  name: 'recipient-unverified',
  remediation: 'Compare the address with its source, character by character.',
  about: 'A plain payment goes to somebody nobody vouches for.',
  levels: 'block: zero, dead or the token itself; warn: a contract, or chosen by an agent; else a note',
  check: (context) => context.request.calls.flatMap((call, i) => checkCall(context, call, i + 1)),
}

function checkCall(context: RuleContext, call: Call, step: number): Finding[] {
  const payment = paymentOf(call)
  if (payment === null || payment.recipient === context.request.from) return []
  const { recipient, token } = payment
  const account = context.account(recipient)
  const finding = (level: Finding['level'], title: string, because: string): Finding[] => [
    {
      rule: 'recipient-unverified',
      level,
      title,
      because,
      step,
      subject: recipient,
      evidence: { token, has_code: account?.hasCode ?? null, nonce: account?.nonce.toString() ?? null },
    },
  ]
  if (SINKS.includes(recipient)) {
    return finding('block', 'Sent to nobody', `Nobody can ever move what is sent to ${recipient}.`)
  }
  if (token !== null && recipient === token) {
    return finding(
      'block',
      'Sent to the token itself',
      `${nameOf(context, recipient)} is the token's own contract; tokens sent there are lost.`,
    )
  }
  const known = context.known(recipient)
  if (known?.kind === 'contact' || context.isMeantRecipient(recipient)) return []
  const isAgents = isAgentsChoice(context, recipient)
  const origin = isAgents ? ' You did not type this address; the agent chose it.' : ''
  if (account?.hasCode === true && token !== null) {
    return finding(
      'warn',
      'Sent to a contract',
      `${nameOf(context, recipient)} is a contract, and many contracts cannot give back tokens that are simply sent to them.${origin}`,
    )
  }
  if (known !== undefined) return []
  const isUnused = account !== undefined && !account.hasCode && account.nonce === 0n && account.balance === 0n
  return finding(
    isAgents ? 'warn' : 'info',
    'Recipient not verified',
    `Nobody vouches for ${recipient}${isUnused ? ', and it was never used on this chain' : ''}. Compare it with its source, character by character.${origin}`,
  )
}
