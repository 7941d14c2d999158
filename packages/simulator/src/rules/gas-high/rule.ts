import { coinOf } from '../../chain/Chain.ts'
import * as Coin from '../../model/Coin.ts'
import { finding, framesOf, type Rule } from '../Rule.ts'

/** Ten times what a large swap uses; deployments, which use that much honestly, are left alone. */
const MAX_GAS = 2_000_000n

/** Gas griefing: the fee is the damage (catalogue E09). */
export const rule: Rule = {
  name: 'gas-high',
  remediation: 'Check what the call does, and set a gas limit that you are willing to pay for.',
  about: 'A step that creates no contract uses far more gas than usual: the fee itself may be the damage.',
  levels: 'warn',
  check: (context) => {
    const creating = new Set(
      [...framesOf(context)].filter(({ frame }) => frame.type.startsWith('CREATE')).map(({ step }) => step.step),
    )
    return context.steps
      .filter((step) => step.status === 'success' && step.gasUsed > MAX_GAS && !creating.has(step.step))
      .map((step) =>
        finding(
          'gas-high',
          'warn',
          'It uses an unusual amount of gas',
          `Step ${step.step} uses ${step.gasUsed} gas and could cost up to ${Coin.text(coinOf(context.chain), context.maxFeeWei)} in fees.`,
          { step: step.step, evidence: { gas_used: step.gasUsed.toString() } },
        ),
      )
  },
}
