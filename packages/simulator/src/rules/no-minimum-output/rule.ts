import { Wei } from '@countersign/base'
import type { TokenChange } from '../../model/TokenChange.ts'
import { finding, framesOf, tokenName, type Rule, type RuleContext } from '../Rule.ts'
import { minimumOf, minimumsOfCommands, type Minimum } from '../../decode/swapMinimums.ts'

/** A swap that accepts any price is an invitation to sandwich it (catalogue B04). */
export const rule: Rule = {
  name: 'no-minimum-output',
  remediation: 'Set a minimum that you are willing to accept.',
  about:
    'A swap names no minimum, or less than half of what it would give now, neither in the swap nor where you are paid nor, tried in the fork, in the call itself: whoever sees it first can take the difference.',
  levels: 'block without a minimum; warn below half',
  check: (context) =>
    context.steps.flatMap((step) => {
      if (step.status !== 'success') return []
      const minimums = [
        ...minimumsOfCommands(context.request.calls[step.step - 1]?.data ?? '0x'),
        ...[...framesOf({ steps: [step] })].map(({ frame }) => minimumOf(frame)).filter((each) => each !== null),
      ]
      const swaps = minimums.filter(({ kind }) => kind === 'swap')
      const gains = gainsOf(context)
      const [best] = gains
      if (swaps.length === 0 || best === undefined) return []
      const minimum = leastOf(minimums)
      if (minimum > 0n && minimum * 2n >= best.delta) return []
      // Whatever its inner swap says, the call itself was tried and holds to a number of its own, for all that arrives.
      const held = context.ahead.minimums.filter((tried) => tried.step === step.step)
      if (gains.every(({ token, delta }) => held.some((each) => each.token === token && each.amount * 2n >= delta)))
        return []
      const [least, now] = [textOf(context, best, minimum), textOf(context, best, best.delta)]
      return [
        finding(
          'no-minimum-output',
          minimum === 0n ? 'block' : 'warn',
          minimum === 0n ? 'Any price is accepted' : 'The minimum is far below the price',
          minimum === 0n
            ? `Step ${step.step} swaps without a minimum: whoever trades first can leave you next to nothing. It would give ${now} now; name a minimum close to it.`
            : `Step ${step.step} accepts ${least}, although it would give ${now} now; whoever trades first can take the difference.`,
          {
            step: step.step,
            subject: step.calls?.to ?? null,
            evidence: { minimum: minimum.toString(), now: best.delta.toString() },
          },
        ),
      ]
    }),
}

/** The least that the whole step accepts: swaps side by side add up, and a payout at the end counts by itself. */
function leastOf(minimums: readonly Minimum[]): bigint {
  const of = (kind: Minimum['kind']): bigint[] =>
    minimums.filter((each) => each.kind === kind).map(({ amount }) => amount)
  const swaps = of('swap').reduce((sum, amount) => sum + amount, 0n)
  return of('payout').reduce((most, amount) => (amount > most ? amount : most), swaps)
}

/** What arrives for it: the user's gains, the largest first. */
function gainsOf({ tokenChanges, request }: RuleContext): readonly TokenChange[] {
  return tokenChanges
    .filter(({ account, delta }) => account === request.from && delta > 0n)
    .toSorted((a, b) => (a.delta < b.delta ? 1 : -1))
}

function textOf(context: RuleContext, { token, symbol, decimals }: TokenChange, amount: bigint): string {
  const unit = decimals ?? (token === null ? 18 : null)
  if (unit === null) return `${amount} smallest units of ${tokenName(context, token, symbol)}`
  return `${Wei.format(amount, unit)} ${tokenName(context, token, symbol)}`
}
