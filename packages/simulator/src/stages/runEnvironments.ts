import { Address } from '@countersign/base'
import { type EnvironmentRun, UNREADABLE, type EnvironmentPlan } from '../model/Evidence.ts'
import type { Header } from '../model/Block.ts'
import {
  busyBlock,
  environmentsFor,
  factorsBeside,
  factorsOf,
  lessGasFor,
  mixOf,
  otherDraws,
} from '../evm/environments.ts'
import { runBatch, type Fork } from '../evm/runBatch.ts'
import { sharedSteps } from '../evm/sharedSteps.ts'
import type { BatchRun, StepRun } from '../model/Run.ts'
import type { Effects } from '../effects/readEffects.ts'
import { dealtWith } from '../effects/reach.ts'
import { all } from '../effects/Trace.ts'
import type { SimulationRequest } from '../model/Request.ts'
import { addAccess, type AccessSet } from '../model/Access.ts'
import { decidingOpcodes, failureOf } from './decidingOpcodes.ts'
import { isSameOutcome } from './isSameOutcome.ts'
import { compare } from '../effects/compareOutcomes.ts'
import { mineOf } from '../model/Controlled.ts'
import type { Outcome } from '../model/Outcome.ts'
import { vouchedOf } from '../model/KnownAddress.ts'

/** Up to so many factors that were read are tried in pairs with each other; so many that turn the run with all others. */
const MAX_PAIRED = 4
const MAX_TURNING = 3

/** What is tried beside each factor alone. All but one of four are a mix too: fewer are pairs, and all of them are a simulator's own block. */
function mixesOf(factors: readonly string[], turning: readonly string[]): readonly (readonly string[])[] {
  const beside = turning
    .slice(0, MAX_TURNING)
    .flatMap((factor) => factorsBeside([factor]).map((other) => [factor, other]))
  if (factors.length > MAX_PAIRED) return beside
  const pairs = factors.flatMap((one, i) => factors.slice(i + 1).map((two) => [one, two]))
  const threes = factors.map((left) => factors.filter((other) => other !== left))
  return [...beside, ...pairs, ...(factors.length === MAX_PAIRED ? threes : [])]
}

/** Reads the effects of a run in a fork of another environment. */
export type ReadEffects = (fork: Fork, run: BatchRun) => Promise<Effects>

/**
 * Runs the batch in every other environment and compares what it does to the user with the expected run.
 *
 * Each is first run without call trees: when it writes nothing but what the expected run writes, and the user's
 * balances and grants answer the same, the outcome is the same. Anything else is run and read in full. State that an
 * environment reads and that was not handed over is added to `touched`, and the caller runs it again.
 */
export async function runEnvironments({
  fork,
  access,
  request,
  header,
  run,
  effects,
  outcome,
  readEffects,
  touched,
}: {
  fork: Fork
  access: AccessSet
  request: SimulationRequest
  header: Header
  run: BatchRun
  effects: Effects
  outcome: Outcome
  readEffects: ReadEffects
  touched: AccessSet
}): Promise<readonly EnvironmentRun[]> {
  const steps = run.steps.filter((step): step is StepRun => !('refused' in step))
  const limits = steps.map((step) => step.gasLimit)
  const used = steps.map((step) => step.gasUsed)
  const readsByStep = effects.watched?.readsByStep ?? []
  const runAt = (at: Fork, gasLimits: readonly bigint[], isLean: boolean) => {
    const shared = sharedSteps({ env: fork.env, gasLimits: limits }, { env: at.env, gasLimits }, readsByStep)
    const done = steps.slice(0, shared)
    return runBatch(at, access, { from: request.from, calls: request.calls, gasLimits, isLean, done })
  }
  const lean = (at: Fork, gasLimits: readonly bigint[]) => runAt(at, gasLimits, true)
  /** Environments in which the run used other gas, so that it took another branch. */
  const branched = new Set<string>()
  const expected = { fork, access, request, run, effects, touched }
  const mine = mineOf(request.from, effects.controlled)

  async function runOne(plan: EnvironmentPlan): Promise<EnvironmentRun> {
    const at: Fork = { ...fork, env: plan.env }
    const gasLimits = plan.gasLimits(limits, used)
    const first = await lean(at, gasLimits)
    addAccess(touched, first.touched)
    if (first.steps.some((step, i) => !('refused' in step) && step.gasUsed !== used[i])) branched.add(plan.name)
    const failed = failureOf(first)
    if (failed !== null) return finish(plan, { ...failed, changes: [], everybody: [], entries: [], authority: [] })
    if (outcome.failedStep === null && (await isSameOutcome(at, first, expected))) return finish(plan, outcome)
    const full = await runAt(at, gasLimits, false)
    addAccess(touched, full.touched)
    const read = await readEffects(at, full)
    addAccess(touched, read.touched)
    const found: Outcome = {
      ...(failureOf(full) ?? { failedStep: null, reason: null }),
      changes: read.tokenChanges.filter((change) => mine.has(change.account)),
      everybody: read.tokenChanges,
      entries: read.entries,
      authority: read.authorityChanges,
    }
    const done = await finish(plan, found)
    const lost = [...effects.credits].filter((contract) => !read.credits.has(contract))
    if (done.comparison.relation === 'same' && lost.length > 0) {
      const differs = lost.map((contract) => `your own entry in ${contract} is not made`)
      return { ...done, comparison: { ...done.comparison, relation: 'worse', lossBps: 10_000, differs } }
    }
    if (read.unreadable.length === 0 && !read.wasCut && read.disagreements.length === 0) return done
    const differs = [...done.comparison.differs, UNREADABLE]
    return { ...done, comparison: { ...done.comparison, relation: 'worse', lossBps: 10_000, differs } }
  }

  /**
   * Each factor that was read, alone; then pairs. A factor that turns the run into another branch (it uses other gas) is paired
   * with every other one, because that branch may ask for what the expected run never read; the rest with each other, and
   * by three where there are four.
   */
  async function runMixes(): Promise<readonly EnvironmentRun[]> {
    const factors = factorsOf(effects.environmentReads)
    const of = (mixes: readonly (readonly string[])[]): Promise<EnvironmentRun[]> =>
      Promise.all(mixes.map((mix) => runOne(mixOf(fork.env, header, mix))))
    const singles = await of(factors.map((factor) => [factor]))
    const turning = factors.filter((_, i) => branched.has(singles[i]?.plan.name ?? ''))
    const pairs = mixesOf(factors, turning)
    const once = new Map(pairs.map((pair) => [pair.toSorted().join(), pair]))
    return [...singles, ...(await of([...once.values()]))]
  }

  async function finish(plan: EnvironmentPlan, found: Outcome): Promise<EnvironmentRun> {
    const builders = new Set([fork.env.coinbase.toLowerCase(), plan.env.coinbase.toLowerCase()])
    const comparison = compare(outcome, found, builders)
    const isOutOfGas = (plan.name === 'min-gas' || plan.name === 'least-gas') && comparison.relation === 'fails'
    // Less gas than was asked for may fail; that is what the limit is for.
    if (isOutOfGas)
      return { plan, outcome: found, decidedBy: [], comparison: { ...comparison, relation: 'same', differs: [] } }
    const decidedBy =
      comparison.relation === 'same' ? [] : await decidingOpcodes(plan, { ...expected, limits, used, lean })
    return { plan, comparison, outcome: found, decidedBy }
  }

  const read = effects.environmentReads
  const builders = read.includes('COINBASE') ? namedAccounts(fork, run, request) : []
  const usual = await Promise.all(
    environmentsFor(fork.env, header).map(async (plan) => {
      const draws = plan.name === 'other-builder' ? otherDraws(plan, fork.env, read, builders) : []
      return worstOf(await Promise.all([plan, ...draws].map(runOne)))
    }),
  )
  const busy = read.includes('BASEFEE') || read.includes('GASPRICE') ? [busyBlock(fork.env, capOf(request))] : []
  const crowded = await Promise.all(busy.map(runOne))
  const mixes = await runMixes()
  const plans = catchingSteps(request, run, effects).flatMap((step) => lessGasFor(fork.env, step))
  const less = await Promise.all(plans.map(runOne))
  // The same bait in all of a simulator's surroundings is reported already.
  const isBaited = usual.some(({ plan, comparison }) => !plan.isRealistic && comparison.hasExtraGain)
  return [...usual, ...lossOf(crowded), ...(isBaited ? [] : baitOf(mixes)), ...lossOf(less)]
}

/** The most accounts of a run that are tried as its block's builder. */
const MAX_NAMED_BUILDERS = 6

/** Accounts without code that unverified contracts hold in their code or in what they read. */
function namedAccounts(fork: Fork, run: BatchRun, request: SimulationRequest): readonly Address.Address[] {
  const known = new Set(vouchedOf(request).keys())
  const called = new Set(
    run.steps
      .flatMap((step) => ('refused' in step ? [] : [...all(step.trace)]))
      .map(({ frame }) => frame.to?.toLowerCase() ?? ''),
  )
  const named = [...called]
    .filter((contract) => !known.has(contract))
    .flatMap((contract) => dealtWith(fork, run, contract))
  const accounts = [...new Set(named)].filter((account) => !called.has(account) && !known.has(account))
  return accounts.slice(0, MAX_NAMED_BUILDERS).map(Address.parse)
}

/** Of several samples of one block the one that is worst for the user; the first where they agree. */
function worstOf(runs: readonly EnvironmentRun[]): EnvironmentRun {
  const order = ['same', 'better', 'fails', 'mixed', 'worse'] as const
  const rank = ({ comparison: { relation, lossBps } }: EnvironmentRun) => order.indexOf(relation) * 100_000 + lossBps
  return runs.reduce((worst, run) => (rank(run) > rank(worst) ? run : worst))
}

/** The lowest fee cap that the batch states for each of its steps. */
function capOf({ calls }: SimulationRequest): bigint | null {
  const caps = calls.map(({ maxFeePerGasWei }) => maxFeePerGasWei)
  return caps.reduce((low, cap) => (low === null || cap === null ? null : cap < low ? cap : low), caps[0] ?? null)
}

/** Of the mixed blocks the one that promises most with the fewest factors: what a simulator alone sees deceives there. */
function baitOf(mixes: readonly EnvironmentRun[]): readonly EnvironmentRun[] {
  return mixes.filter(({ comparison: { relation } }) => relation === 'better' || relation === 'mixed').slice(0, 1)
}

/** Of these blocks or limits the one at which the transaction succeeds and the user is worst off. */
function lossOf(less: readonly EnvironmentRun[]): readonly EnvironmentRun[] {
  return less
    .filter(({ comparison: { relation } }) => relation === 'worse' || relation === 'mixed')
    .toSorted((a, b) => b.comparison.lossBps - a.comparison.lossBps)
    .slice(0, 1)
}

/**
 * The steps for which a smaller limit could do something else than fail: the run asked how much gas is left, or a contract
 * that is not vouched for makes a call of its own, whose failure it may catch.
 */
function catchingSteps(request: SimulationRequest, run: BatchRun, effects: Effects): readonly number[] {
  const isAsked = effects.environmentReads.includes('GAS')
  const known = new Set(vouchedOf(request).keys())
  const calls = ({ calls: inner = [], to = '', type }: StepRun['trace']): boolean =>
    (!type.startsWith('DELEGATE') && !known.has(to.toLowerCase()) && inner.some((each) => each.type === 'CALL')) ||
    inner.some(calls)
  return run.steps.flatMap((step, i) => (!('refused' in step) && (isAsked || calls(step.trace)) ? [i] : []))
}
