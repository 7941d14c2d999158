import type { Address } from '@countersign/base'
import { finding, framesOf, nameOf, type Rule, type RuleContext } from '../Rule.ts'

/**
 * The very same payment stands twice in one batch: the same account pays the same recipient the same amount of the same
 * coin. An agent that repeats a step, or a page that adds one, pays twice for one thing.
 */
export const rule: Rule = {
  name: 'payment-repeated',
  remediation: 'Compare with what you owe. If both are meant, pay the sum once.',
  about: 'The same payment, to the same recipient and of the same amount, is made more than once in a batch.',
  levels: 'warn',
  check(context) {
    const payments = Map.groupBy(paymentsOf(context), ({ key }) => key)
    return [...payments.values()].flatMap((same) => {
      const [first] = same
      if (first === undefined || same.length < 2 || context.isMeantRecipient(first.recipient)) return []
      return [
        finding(
          'payment-repeated',
          'warn',
          'The same payment more than once',
          `${nameOf(context, first.recipient)} is paid the same amount ${same.length} times in this batch.`,
          { step: same.at(-1)?.step ?? null, subject: first.recipient, evidence: { times: same.length } },
        ),
      ]
    })
  },
}

/** Plain payments that the user's accounts make at any depth: of the chain's coin, or of a token by its own transfer. */
function paymentsOf(context: RuleContext): { key: string; recipient: Address.Address; step: number }[] {
  const { signedBefore = 0 } = context.request
  return [...framesOf(context)].flatMap(({ frame, step }) => {
    if (step.step <= signedBefore) return []
    const { type, from, to, value, selector, signature, args } = frame
    if (type !== 'CALL' || to === null || !context.mine.has(from) || context.mine.has(to)) return []
    if (selector === null) return value > 0n ? [{ key: `${from}|${to}|${value}`, recipient: to, step: step.step }] : []
    if (signature !== 'transfer(address,uint256)' || args?.[1] === 0n) return []
    const recipient = String(args?.[0]) as Address.Address
    return [{ key: `${from}|${to}|${recipient}|${String(args?.[1])}`, recipient, step: step.step }]
  })
}
