import type { Finding } from '../../model/Finding.ts'
import type { Melt } from '../../model/Evidence.ts'
import { finding, tokenName, type Rule } from '../Rule.ts'

/** Shares of what was gained, in hundredths: below it is interest, a rounding or a moving price. */
const WARN_PERCENT = 5n
const BLOCK_PERCENT = 50n

/** The balance of a token that arrives falls without a transfer. */
export const rule: Rule = {
  name: 'melting-balance',
  remediation: 'Do not buy or wrap into a token whose balance falls by itself.',
  about:
    'The balance of an unverified token that arrives is read again an hour and a month later, and has fallen or can no longer be read.',
  levels: 'block when half of what arrives is gone an hour later; warn from 5 %, and when half is gone a month later',
  check: (context) =>
    context.ahead.melts.flatMap((melt): Finding[] => {
      const worst = judge(melt)
      if (worst === null) return []
      const { token, held } = melt
      const { level, left, when } = worst
      const change = context.tokenChanges.find((each) => each.token === token)
      const share = left === null ? 'is not reported at all' : `is only ${(left * 100n) / held} % of what it was`
      return [
        finding(
          'melting-balance',
          level,
          'Balance falls without a transfer',
          `${when} later your balance of ${tokenName(context, token, change?.symbol)} ${share}, although nothing was sent.`,
          {
            subject: token,
            evidence: {
              held: held.toString(),
              left_after_an_hour: melt.left?.toString() ?? null,
              left_after_a_month: melt.leftLater?.toString() ?? null,
            },
          },
        ),
      ]
    }),
}

function judge({
  held,
  gained,
  left,
  leftLater,
}: Melt): { readonly level: 'block' | 'warn'; readonly left: bigint | null; readonly when: string } | null {
  const lost = (now: bigint | null) => (held - (now ?? 0n)) * 100n
  if (lost(left) >= gained * WARN_PERCENT)
    return { level: left !== null && lost(left) >= gained * BLOCK_PERCENT ? 'block' : 'warn', left, when: 'An hour' }
  return lost(leftLater) >= gained * BLOCK_PERCENT ? { level: 'warn', left: leftLater, when: 'A month' } : null
}
