import { finding, tokenName, type Rule } from '../Rule.ts'

/** Shares of what was gained, in hundredths: below it is interest, a rounding or a moving price. */
const WARN_PERCENT = 5n
const BLOCK_PERCENT = 50n

/** What arrives shrinks by itself. */
export const rule: Rule = {
  name: 'melting-balance',
  remediation: 'Do not buy or wrap into a token whose balance falls by itself.',
  about:
    'The balance of a token that arrives, and that nobody vouches for, is read again an hour later: it has fallen.',
  levels: 'block from half of what arrives on; warn from 5 %',
  check: (context) =>
    context.ahead.melts.flatMap(({ token, held, gained, left }) => {
      const lost = (held - left) * 100n
      if (lost < gained * WARN_PERCENT) return []
      const change = context.tokenChanges.find((each) => each.token === token)
      const level = lost >= gained * BLOCK_PERCENT ? 'block' : 'warn'
      return [
        finding(
          'melting-balance',
          level,
          'What arrives shrinks by itself',
          `An hour later only ${(left * 100n) / held} % of your ${tokenName(context, token, change?.symbol)} is left, although nobody sends any.`,
          { subject: token, evidence: { held: held.toString(), left_after_an_hour: left.toString() } },
        ),
      ]
    }),
}
