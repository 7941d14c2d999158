import { ENTRY_POINTS } from '../../signatures/schemes/userOperation.ts'
import { nameOf, type Rule } from '../Rule.ts'

/** Two of the smallest unit: what interest-bearing tokens lose to rounding. */
const ROUNDING = 2n

/** More leaves the user than the token's events say (catalogue E01, E02). */
export const rule: Rule = {
  name: 'debit-unannounced',
  remediation: 'Do not sign it, and do not hold this token.',
  about: "More leaves the user than the token's events say.",
  levels: 'block',
  check: (context) =>
    context.tokenChanges
      .filter(
        (change) =>
          change.account === context.request.from &&
          change.standard !== 'native' &&
          change.token !== null &&
          // What an account keeps at the entry point pays the gas of its operations, and is no token.
          !ENTRY_POINTS.includes(change.token) &&
          change.delta < 0n,
      )
      .filter((change) => {
        const id = change.tokenId === null ? '' : `|${change.tokenId}`
        const key = `${change.token?.toLowerCase() ?? ''}|${context.request.from.toLowerCase()}${id}`
        const announced = context.announced.get(key) ?? 0n
        // Pieces are whole: nothing of them is lost to rounding.
        return change.delta < announced - (change.tokenId === null ? ROUNDING : 0n)
      })
      .map((change) => {
        const token = change.token === null ? 'a token' : nameOf(context, change.token)
        const what = change.tokenId === null ? 'the smallest unit' : `number ${change.tokenId}`
        return {
          rule: 'debit-unannounced',
          level: 'block' as const,
          title: 'A hidden debit',
          because: `${-change.delta} of ${what} of ${token} leave you, and the token does not say so.`,
          step: null,
          subject: change.token,
          evidence: {
            delta: change.delta.toString(),
            ...(change.tokenId === null ? {} : { token_id: change.tokenId.toString() }),
          },
        }
      }),
}
