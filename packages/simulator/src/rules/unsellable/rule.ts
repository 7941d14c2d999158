import { finding, nameOf, type Rule } from '../Rule.ts'

/** Half of it lost on the way back is no fee, it is a trap. */
const MIN_SHARE_PERCENT = 50n

/** A honeypot: buying works, selling does not (catalogue E05, E06). Tried in the fork, now and an hour later. */
export const rule: Rule = {
  name: 'unsellable',
  remediation: 'Do not buy it: try to sell a small amount first.',
  about:
    'A token that is bought cannot be sold or sent back: the way back was tried in the fork, now and an hour later.',
  levels: 'block; warn when it costs a tenth to a half',
  check: (context) =>
    context.ahead.sellBacks.flatMap(({ token, source, amount, now, later }) => {
      const say = (level: 'block' | 'warn', title: string, because: string) => [
        finding('unsellable', level, title, because, {
          subject: token,
          evidence: {
            source,
            amount: amount.toString(),
            received_now: now?.toString() ?? null,
            received_later: later?.toString() ?? null,
          },
        }),
      ]
      if (now === null)
        return say(
          'block',
          'It cannot be sold',
          `${nameOf(context, token)} can be bought but not sold back to where it comes from: the sale was tried and fails.`,
        )
      if (later === null)
        return say(
          'block',
          'It cannot be sold later',
          `${nameOf(context, token)} can be sold now, but an hour later the sale fails.`,
        )
      const received = now < later ? now : later
      if (received * 100n < amount * MIN_SHARE_PERCENT)
        return say(
          'block',
          'Selling it loses most of it',
          `Of ${amount} of the smallest unit of ${nameOf(context, token)}, only ${received} would arrive when it is sold.`,
        )
      if (received * 10n < amount * 9n)
        return say(
          'warn',
          'Selling it has a price',
          `Of ${amount} of the smallest unit of ${nameOf(context, token)}, only ${received} would arrive when it is sold.`,
        )
      return []
    }),
}
