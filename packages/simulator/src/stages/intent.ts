import type { Address } from '@countersign/base'
import { meantOf } from '../effects/oneCoin.ts'
import type { Effects } from '../effects/readEffects.ts'
import { evaluateIntent, type IntentOutcome } from '../intent/evaluateIntent.ts'
import { digestOf } from '../intent/Intent.ts'
import { coinOf } from '../chain/Chain.ts'
import type { Coin } from '../model/Coin.ts'
import { grantChanges } from '../signatures/grantChanges.ts'
import type { BlockEnv } from '../model/Block.ts'
import { UNREADABLE, type EnvironmentRun } from '../model/Evidence.ts'
import type { Assertion, Intent } from '../model/Intent.ts'
import type { IntentResult } from '../model/Report.ts'
import type { SimulationRequest } from '../model/Request.ts'
import type { BatchRun } from '../model/Run.ts'
import { proceedsOf, type Flow } from '../model/ValueFlow.ts'
import { flowIn, withoutRefund } from './flow.ts'
import { requestOf } from './parts.ts'
import type { Stage } from './Stage.ts'

/** What the user meant, checked in every environment. */
export const intent: Stage<'intent'> = {
  name: 'intent',
  needs: ['plan', 'execute', 'effects', 'flow', 'environments', 'fees'],
  skip: (job) => ((job.request.intent ?? null) === null ? 'not-applicable' : null),
  run(_tools, job, found) {
    const meant = job.request.intent ?? null
    const value =
      meant === null
        ? null
        : checkIntent(meant, {
            request: requestOf(job, found),
            run: found.get('execute'),
            effects: found.get('effects'),
            flow: flowIn(job, found),
            environments: found.get('environments') ?? [],
            env: job.env,
            coin: coinOf(job.chain),
            maxFeeWei: found.need('fees').maxFeeWei,
          })
    return { status: 'done', value }
  },
}

/** The intent, checked against the expected block first and then against every other environment. */
function checkIntent(
  intent: Intent,
  {
    request,
    run,
    effects,
    flow,
    environments,
    env,
    coin,
    maxFeeWei,
  }: {
    request: SimulationRequest
    run: BatchRun | null
    effects: Effects | null
    flow: Flow
    environments: readonly EnvironmentRun[]
    env: BlockEnv
    coin: Coin
    maxFeeWei: bigint
  },
): IntentResult {
  const { signature } = request
  // A document whose use needs no transaction that is known does what its terms say, where those are read.
  const isTermsOnly = signature != null && request.calls.length === 0 && signature.grants.length > 0
  const isComplete = isTermsOnly || (effects !== null && !effects.wasCut && effects.unreadable.length === 0)
  const willRevert = isTermsOnly
    ? false
    : run === null || run.steps.length < request.calls.length || run.steps.some(isFailed)
  const played = effects?.authorityChanges ?? []
  const expected: IntentOutcome = {
    environment: 'next-block',
    coin,
    timestampMs: Number(env.timestampS) * 1000,
    willRevert,
    tokenChanges: effects?.tokenChanges ?? [],
    mine: flow.mine,
    proceeds: flow.proceeds,
    authorityChanges: [...played, ...grantChanges(signature, played)],
    isComplete: isComplete && !willRevert,
  }
  // What only simulators would see is compared, but nobody lives there.
  const others = environments
    .filter(({ plan }) => plan.isRealistic)
    .map(({ plan, outcome, comparison }): IntentOutcome => ({
      environment: plan.name,
      coin,
      timestampMs: Number(plan.env.timestampS) * 1000,
      willRevert: outcome.failedStep !== null,
      tokenChanges: outcome.everybody,
      mine: flow.mine,
      // Without the order in which things moved: the expected run is followed more closely.
      proceeds: withoutRefund(
        proceedsOf({ changes: outcome.everybody, entries: outcome.entries, movements: [] }, flow.mine),
        run,
        env.baseFeeWei,
      ),
      authorityChanges: outcome.authority,
      isComplete: !comparison.differs.includes(UNREADABLE),
    }))
  const assertions = evaluateIntent(
    meantOf(coin, intent),
    {
      chainId: request.chainId,
      from: request.from,
      calls: request.calls,
      maxFeeWei: run === null ? null : maxFeeWei,
    },
    [expected, ...others],
  )
  return { digest: digestOf(intent), goal: intent.goal, assertions }
}

function isFailed(step: BatchRun['steps'][number]): boolean {
  return 'refused' in step || step.trace.error !== undefined
}

/** Whom the intent names as one that receives. */
export function recipientsOf(assertion: Assertion): readonly Address.Address[] {
  if (assertion.name === 'recipient_receives') return [assertion.account]
  return assertion.name === 'allowed_recipients' ? assertion.recipients : []
}
