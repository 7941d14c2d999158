import { Wei } from '@countersign/base'
import { finding, type Rule } from '../Rule.ts'

const GWEI_DECIMALS = 9

/** The fee cap is below what the next block takes. */
export const rule: Rule = {
  name: 'fee-cap-low',
  remediation: 'Raise the fee cap above the base fee, or wait until the base fee falls.',
  about:
    'The fee cap of a step is below the base fee of the next block, so the step waits until fees fall, if they do.',
  levels: 'warn',
  check: ({ request, baseFeeWei }) =>
    request.calls.flatMap(({ maxFeePerGasWei: cap, holder }, i) =>
      cap === null || cap >= baseFeeWei || holder !== undefined
        ? []
        : [
            finding(
              'fee-cap-low',
              'warn',
              'The fee cap is too low for the next block',
              `Step ${i + 1} pays at most ${Wei.format(cap, GWEI_DECIMALS)} gwei a unit of gas; the next block takes ${Wei.format(baseFeeWei, GWEI_DECIMALS)}. It waits until the base fee falls, and what it does may be different by then.`,
              { step: i + 1, evidence: { max_fee_per_gas: cap.toString(), base_fee: baseFeeWei.toString() } },
            ),
          ],
    ),
}
