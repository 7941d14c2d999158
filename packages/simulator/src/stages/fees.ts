import type { Hex } from '@countersign/base'
import { serializeTransaction } from 'viem'
import { coinOf, type Profile } from '../chain/Chain.ts'
import { GAS_PRICE_ORACLE, SCROLL_ORACLE } from '../chain/Engine.ts'
import { l1FeesWei } from '../chain/state/L1Fee.ts'
import { lineaTipsWei, type Priced } from '../chain/state/LineaFee.ts'
import { written } from '../evm/FirstEngine.ts'
import * as Overlay from '../evm/Overlay.ts'
import type { NotChecked } from '../model/Finding.ts'
import type { StepRun } from '../model/Run.ts'
import { capWei, priceWei } from '../evm/Fee.ts'
import type { BlockEnv } from '../model/Block.ts'
import type { Call } from '../model/Call.ts'
import type { SimulationRequest } from '../model/Request.ts'
import { requestOf, runsOf } from './parts.ts'
import type { Stage } from './Stage.ts'

/** What the batch costs: expected, and at most. */
export const fees: Stage<'fees'> = {
  name: 'fees',
  needs: ['plan', 'execute'],
  skip: () => null,
  async run({ upstream }, job, found) {
    const request = requestOf(job, found)
    const { env } = job
    const run = found.get('execute')
    const { profile } = job.engine
    const oracle = job.chain.l1Fee?.oracle ?? ORACLES[profile] ?? null
    let onL1: bigint | null = null
    if (oracle !== null && run !== null) {
      const unsigned = request.calls.map((call, i) => {
        const step = run.steps[i]
        const gasLimit = step === undefined || 'refused' in step ? 0n : step.gasLimit
        return unsignedOf({ request, call, gasLimit, env })
      })
      const each = await l1FeesWei(upstream, unsigned, job.header.hash, oracle)
      onL1 = each.reduce((sum, fee) => sum + fee, 0n)
    }
    // What the holder of a signature sends, the holder pays for.
    const own = runsOf(run).slice(0, request.calls.filter((call) => call.holder === undefined).length)
    const tips = profile === 'linea' && own.length > 0 ? await lineaTipsWei(upstream, pricedOf(request, own)) : []
    const envOf = (i: number): BlockEnv => {
      const tipWei = tips?.[i] ?? 0n
      return tipWei > env.tipWei ? { ...env, tipWei } : env
    }
    const capOf = (i: number) => capWei(envOf(i), request.calls[i] ?? { maxFeePerGasWei: null })
    // Run for nothing where fees are paid in a token; they are charged nevertheless.
    const priceOf = (step: StepRun, i: number) =>
      coinOf(job.chain).isNone === true || envOf(i) !== env
        ? priceWei({ ...envOf(i), isFree: false }, request.calls[i] ?? { maxFeePerGasWei: null })
        : step.gasPriceWei
    return {
      status: 'done',
      value: {
        gasLimit: own.reduce((sum, step) => sum + step.gasLimit, 0n),
        gasUsed: own.reduce((sum, step) => sum + step.gasUsed, 0n),
        maxFeeWei: own.reduce((sum, step, i) => sum + step.gasLimit * capOf(i), onL1 ?? 0n),
        // A cap below the base fee: the run was made at the base fee, and no more than the cap will ever be paid.
        expectedFeeWei: own.reduce(
          (sum, step, i) => sum + step.gasUsed * (priceOf(step, i) < capOf(i) ? priceOf(step, i) : capOf(i)),
          onL1 ?? 0n,
        ),
        l1FeeWei: onL1,
      },
      notChecked: tips === null ? [UNTOLD] : [],
    }
  },
}

const UNTOLD: NotChecked = {
  what: 'fee',
  why: 'the node does not tell what the data of the call costs (linea_estimateGas), so the fee shown is too low',
}

/** The calls as a node is asked to price them, each on what the ones before it wrote. */
function pricedOf(request: SimulationRequest, runs: readonly StepRun[]): Priced[] {
  const after = Overlay.empty()
  return runs.map(({ diff, gasLimit }, i) => {
    const overrides = written(after)
    Overlay.apply(after, diff)
    const { to = null, value = 0n, data = '0x' } = request.calls[i] ?? {}
    const hex = (amount: bigint) => `0x${amount.toString(16)}`
    return {
      transaction: { from: request.from, ...(to === null ? {} : { to }), value: hex(value), data, gas: hex(gasLimit) },
      overrides,
    }
  })
}

/** Where a chain without a record tells the price of data. */
const ORACLES: Partial<Readonly<Record<Profile, string>>> = { op: GAS_PRICE_ORACLE, scroll: SCROLL_ORACLE }

/** The bytes that the chain charges for on the layer below. Those of the nonce are few, and always as many. */
function unsignedOf({
  request,
  call,
  gasLimit,
  env,
}: {
  request: SimulationRequest
  call: Call
  gasLimit: bigint
  env: BlockEnv
}): Hex.Hex {
  return serializeTransaction({
    type: 'eip1559',
    chainId: request.chainId,
    nonce: 1,
    ...(call.to === null ? {} : { to: call.to }),
    value: call.value,
    data: call.data,
    gas: gasLimit,
    maxFeePerGas: capWei(env, call),
    maxPriorityFeePerGas: call.maxPriorityFeePerGasWei ?? env.tipWei,
    accessList: [...(call.accessList ?? [])],
  })
}
