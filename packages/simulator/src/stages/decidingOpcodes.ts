import type { BlockEnv } from '../model/Block.ts'
import type { EnvironmentPlan } from '../model/Evidence.ts'
import { addAccess } from '../model/Access.ts'
import type { BatchRun } from '../model/Run.ts'
import { revertOf } from '../effects/Trace.ts'
import type { Fork } from '../evm/runBatch.ts'
import { nativeOf, readBack, type Expected } from './isSameOutcome.ts'

/** How the batch is run elsewhere, and what gas it was given and used in the expected run. */
interface Runs {
  readonly limits: readonly bigint[]
  readonly used: readonly bigint[]
  lean(at: Fork, gasLimits: readonly bigint[]): Promise<BatchRun>
}

/** Changes one thing at a time, from the expected environment towards the other. */
export async function decidingOpcodes(
  plan: EnvironmentPlan,
  { limits, used, lean, ...expected }: Expected & Runs,
): Promise<readonly string[]> {
  const { fork, request, touched } = expected
  const signature = async (env: BlockEnv, gasLimits: readonly bigint[]): Promise<string> => {
    const at: Fork = { ...fork, env }
    const other = await lean(at, gasLimits)
    addAccess(touched, other.touched)
    const failed = failureOf(other)
    const reads = failed === null ? await readBack(at, other.after, expected) : []
    const native = [...nativeOf(at, request.from, other)].map(([account, delta]) => `${account}${delta}`).sort()
    return `${failed?.failedStep ?? ''}|${native.join()}|${reads.map(({ success, data }) => `${success}${data}`).join()}`
  }
  const base = await signature(fork.env, limits)
  const gas = plan.gasLimits(limits, used)
  const factors: [string, BlockEnv, readonly bigint[]][] = [
    ['COINBASE', { ...fork.env, coinbase: plan.env.coinbase }, limits],
    ['PREVRANDAO', { ...fork.env, prevRandao: plan.env.prevRandao }, limits],
    ['TIMESTAMP', { ...fork.env, timestampS: plan.env.timestampS }, limits],
    ['NUMBER', { ...fork.env, number: plan.env.number }, limits],
    ['BASEFEE', { ...fork.env, baseFeeWei: plan.env.baseFeeWei }, limits],
    ['GASPRICE', { ...fork.env, isFree: plan.env.isFree }, limits],
    ['GASLIMIT', { ...fork.env, gasLimit: plan.env.gasLimit }, limits],
    ['BLOCKHASH', { ...fork.env, blockHashes: plan.env.blockHashes }, limits],
    ['GAS', fork.env, gas],
  ]
  const moved = factors.filter(
    ([, env, gasLimits]) =>
      gasLimits !== limits || Object.entries(env).some(([key, value]) => value !== fork.env[key as keyof BlockEnv]),
  )
  const signatures = await Promise.all(moved.map(([, env, gasLimits]) => signature(env, gasLimits)))
  const alone = moved.filter((_, i) => signatures[i] !== base).map(([name]) => name)
  // Nothing alone: only several together move it.
  return alone.length > 0 ? alone : moved.map(([name]) => name)
}

/** Which step fails, and why; null when none does. */
export function failureOf(run: BatchRun): { failedStep: number; reason: string } | null {
  for (const [i, step] of run.steps.entries()) {
    if ('refused' in step) return { failedStep: i + 1, reason: step.because }
    if (step.trace.error !== undefined)
      return { failedStep: i + 1, reason: revertOf(step.trace)?.reason ?? 'no reason given' }
  }
  return null
}
