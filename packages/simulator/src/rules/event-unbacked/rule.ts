import { Address } from '@countersign/base'
import { nameOf, type Rule } from '../Rule.ts'

/** A token announces that the user received something, and the balance says otherwise (catalogue E03). */
export const rule: Rule = {
  name: 'event-unbacked',
  remediation: 'Do not sign it: what the event announces does not arrive.',
  about: "A token announces a gain that the user's balance does not show.",
  levels: 'block',
  check: (context) => {
    const user = context.request.from.toLowerCase()
    return [...context.announced]
      .filter(([key, announced]) => key.endsWith(`|${user}`) && announced > 0n)
      .filter(([key]) => {
        const token = key.split('|')[0] ?? ''
        const actual = context.tokenChanges.find(
          (change) => change.account.toLowerCase() === user && change.token?.toLowerCase() === token,
        )
        return (actual?.delta ?? 0n) <= 0n
      })
      .map(([key, announced]) => {
        const token = Address.parse(key.split('|')[0] ?? '')
        return {
          rule: 'event-unbacked',
          level: 'block' as const,
          title: 'An announced gain that is not there',
          because: `${nameOf(context, token)} announces that you receive ${announced} of its smallest unit, but your balance does not grow.`,
          step: null,
          subject: token,
          evidence: { announced: announced.toString() },
        }
      })
  },
}
