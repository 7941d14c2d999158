import type { CallFrame } from '../../Report.ts'
import { finding, framesOf, type Rule } from '../Rule.ts'

/** Where the minimum stands among the arguments of the swaps we know (Uniswap V2 and V3, and their many copies). */
const MINIMUM_AT: Readonly<Record<string, number>> = {
  'swapExactETHForTokens(uint256,address[],address,uint256)': 0,
  'swapExactETHForTokensSupportingFeeOnTransferTokens(uint256,address[],address,uint256)': 0,
  'swapExactTokensForETH(uint256,uint256,address[],address,uint256)': 1,
  'swapExactTokensForTokens(uint256,uint256,address[],address,uint256)': 1,
  'swapExactTokensForETHSupportingFeeOnTransferTokens(uint256,uint256,address[],address,uint256)': 1,
  'swapExactTokensForTokensSupportingFeeOnTransferTokens(uint256,uint256,address[],address,uint256)': 1,
}

/** A swap that accepts any price is an invitation to sandwich it (catalogue B04). */
export const rule: Rule = {
  name: 'no-minimum-output',
  about:
    'A swap names no minimum, or less than half of what it would give now: whoever sees it first can take the difference.',
  levels: 'block without a minimum; warn below half',
  check: (context) => {
    const unwraps = [...framesOf(context)].some(
      ({ frame }) => frame.signature === 'unwrapWETH9(uint256,address)' && (frame.args?.[0] as bigint) > 0n,
    )
    return [...framesOf(context)].flatMap(({ frame, step }) => {
      const minimum = minimumOf(frame)
      if (minimum === null || (minimum === 0n && unwraps)) return []
      const best = context.tokenChanges
        .filter((change) => change.account === context.request.from && change.delta > 0n)
        .reduce((most, change) => (change.delta > most ? change.delta : most), 0n)
      if (minimum > 0n && minimum * 2n >= best) return []
      return [
        finding(
          'no-minimum-output',
          minimum === 0n ? 'block' : 'warn',
          minimum === 0n ? 'Any price is accepted' : 'The minimum is far below the price',
          minimum === 0n
            ? `Step ${step.step} swaps without a minimum: somebody who trades first can leave you next to nothing. It would give ${best} of the smallest unit now; name a minimum close to it.`
            : `Step ${step.step} accepts ${minimum} of the smallest unit, although it would give ${best} now; somebody who trades first can take the difference.`,
          { step: step.step, subject: frame.to, evidence: { minimum: minimum.toString(), now: best.toString() } },
        ),
      ]
    })
  },
}

function minimumOf(frame: CallFrame): bigint | null {
  if (frame.signature === null || frame.args === null) return null
  const at = MINIMUM_AT[frame.signature]
  if (at !== undefined) return frame.args[at] as bigint
  if (/^exactInput(Single)?\(/.test(frame.signature)) {
    const params = frame.args[0] as { amountOutMinimum?: bigint }
    return params.amountOutMinimum ?? null
  }
  return null
}
