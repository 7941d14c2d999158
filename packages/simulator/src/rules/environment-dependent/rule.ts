import type { EnvironmentPlan, EnvironmentRun } from '../../model/Evidence.ts'
import type { Finding } from '../../model/Finding.ts'
import type { Comparison } from '../../model/Outcome.ts'
import { ENTRY_POINTS } from '../../signatures/schemes/userOperation.ts'
import { finding, type Rule } from '../Rule.ts'

/** Up to a hundredth apart is interest, rounding or a moving price, not another outcome. */
const NEGLIGIBLE_BPS = 100
/** From a twentieth up the user loses something that was promised. */
const MATERIAL_BPS = 500

const GAS_PRICES = new Set(['BASEFEE', 'GASPRICE'])

/**
 * The outcome is another one in another block (catalogue A01 to A10, E10). Reading the block's values is no offence;
 * a changed outcome is, and it is judged from the user's side: what is worse in a block that may really come, or what
 * only a simulator would ever pay out.
 */
export const rule: Rule = {
  name: 'environment-dependent',
  remediation: 'Do not sign it unless you want the worst of the outcomes that are shown.',
  about:
    "What the transaction does to the user depends on the block's builder, time, randomness, base fee or gas, or on being simulated at all.",
  levels:
    'block: worse by 5 % or more in a block that may come, or better only for simulators; warn: from 1 %; else a note',
  check: ({ environments, maxFeeWei, steps }) => {
    const gasLimit = steps.reduce((sum, step) => sum + step.gasLimit, 0n)
    return environments.flatMap((run) => judgeOne(run, { maxFeeWei, gasLimit }))
  },
}

/** What a keeper or an oracle is paid by the gas price: a few times what all the gas of the batch costs in that block, in ether alone. */
function isFeeOf({ lost, differs }: Comparison, { env }: EnvironmentPlan, gasLimit: bigint): boolean {
  // Another grant or recipient is no price.
  if (differs.length > lost.length) return false
  // What an entry point takes is bounded by what was signed.
  return lost.every(({ token, amount }) =>
    token === null ? amount <= 10n * gasLimit * env.baseFeeWei : ENTRY_POINTS.some((at) => at === token),
  )
}

function judgeOne(
  { plan, comparison, decidedBy, outcome }: EnvironmentRun,
  { maxFeeWei, gasLimit }: { maxFeeWei: bigint; gasLimit: bigint },
): Finding[] {
  const { relation, lossBps, hasExtraGain, saved, differs } = comparison
  if (relation === 'same') return []
  const opcodes = decidedBy.length === 0 ? '' : ` It depends on ${decidedBy.join(', ')}.`
  const what = differs.slice(0, 3).join('; ')
  const say = (level: Finding['level'], title: string, because: string): Finding[] => [
    finding('environment-dependent', level, title, `${because}${opcodes}`, {
      evidence: { environment: plan.name, decided_by: decidedBy, differs, failed_step: outcome.failedStep },
    }),
  ]
  if (plan.name === 'least-gas') {
    if (relation === 'better' || lossBps < NEGLIGIBLE_BPS) return []
    return say(
      'warn',
      'Less gas does something else',
      `It also succeeds with less gas, and then a part of it fails without a word: ${what}. Sign with exactly the gas limit that is shown.`,
    )
  }
  if (plan.name === 'busy-block' && isFeeOf(comparison, plan, gasLimit))
    return say('info', 'It costs more when blocks are full', `It charges by the gas price ${plan.words}: ${what}.`)
  if (!plan.isRealistic) {
    // Worse in a simulator than on the chain deceives nobody; better there is a bait.
    if (relation === 'fails' || relation === 'worse')
      return say('info', 'Simulators see another outcome', `It does something else ${plan.words}: ${what}.`)
    // What is paid for gas to somebody (a keeper, an oracle) is free where gas is: a few fees, in ether, and no more.
    const isGasPriced = decidedBy.length > 0 && decidedBy.every((opcode) => GAS_PRICES.has(opcode))
    const isSaved = saved.some(
      ({ token, amount }) =>
        !isGasPriced || (token === null ? amount > 10n * maxFeeWei : !ENTRY_POINTS.some((at) => at === token)),
    )
    return hasExtraGain || isSaved || differs.some((text) => text.startsWith('authority_changes'))
      ? say(
          'block',
          'It pays only in a simulator',
          `What it would do on the chain is worse for you than what it shows ${plan.words}: ${what}.`,
        )
      : say(
          isGasPriced ? 'info' : 'warn',
          'Simulators see a better outcome',
          `It does something else ${plan.words}: ${what}.`,
        )
  }
  if (relation === 'fails') {
    const isSlow = plan.name === 'later'
    return say(
      isSlow ? 'info' : 'warn',
      isSlow ? 'Good for a limited time' : 'It may fail in another block',
      `It would fail ${plan.words}, and then nothing but the fee is lost: ${what}.`,
    )
  }
  if (relation === 'better' || lossBps < NEGLIGIBLE_BPS)
    return say('info', 'The outcome moves with the block', `It is slightly different or better ${plan.words}: ${what}.`)
  const level = relation === 'worse' && lossBps >= MATERIAL_BPS ? 'block' : 'warn'
  return say(level, 'Another outcome in another block', `It does something else to you ${plan.words}: ${what}.`)
}
