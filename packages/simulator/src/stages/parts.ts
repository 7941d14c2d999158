/** What several stages ask of a job and of what was found. */
import { assert, type Address } from '@countersign/base'
import { EngineLimitError } from '../evm/EngineLimitError.ts'
import { EngineRefusedError } from '../evm/ethereumjs/createEthereumjsEngine.ts'
import type { Effects } from '../effects/readEffects.ts'
import { logsOf } from '../effects/Trace.ts'
import type { Fork } from '../evm/runBatch.ts'
import { mineOf } from '../model/Controlled.ts'
import type { Outcome } from '../model/Outcome.ts'
import type { SimulationRequest } from '../model/Request.ts'
import type { BatchRun, StepRun } from '../model/Run.ts'
import type { Log } from '../model/Step.ts'
import type { Found } from './Found.ts'
import type { Job } from './Stage.ts'

/**
 * Whether the batch runs in a fork: in an EVM here, or in the chain's own node where that traces calls. A document is used
 * with a signature that no node accepts, so a node cannot run what its holder could do.
 */
export function hasFork({ node, request }: Pick<Job, 'node' | 'request'>): boolean {
  return node === null || (node.traces && (request.signature ?? null) === null)
}

/** The fork that local stages run in. */
export function forkOf(job: Job): Fork {
  assert(job.fork !== null, 'a local stage has a fork')
  return job.fork
}

/** The request as it is run; as its document has it, where that could not be planned. */
export function requestOf(job: Job, found: Found): SimulationRequest {
  return found.get('plan')?.request ?? job.planned
}

/** The steps that could start. */
export function runsOf(run: BatchRun | null): readonly StepRun[] {
  return (run?.steps ?? []).filter((step): step is StepRun => !('refused' in step))
}

/** Whether every step ran to a good end. */
export function isDone(run: BatchRun | null): run is BatchRun {
  return run !== null && run.steps.every((step) => !('refused' in step) && step.trace.error === undefined)
}

export function logsOfRun(run: BatchRun): readonly Log[] {
  return runsOf(run).flatMap((step) => logsOf(step.trace))
}

/** Whether there is nothing to look at further: nothing ran, or it fails. */
export function hasNoEffects(found: Found): boolean {
  return found.get('effects') === null || !isDone(found.get('execute'))
}

/** What the expected run did, as other runs are compared with it. */
export function outcomeOf(user: Address.Address, effects: Effects): Outcome {
  const mine = mineOf(user, effects.controlled)
  return {
    failedStep: null,
    reason: null,
    changes: effects.tokenChanges.filter((change) => mine.has(change.account)),
    everybody: effects.tokenChanges,
    entries: effects.entries,
    authority: effects.authorityChanges,
  }
}

/** The second EVM has no answer: it took too long, or does not know an instruction. */
export function isUnanswered(error: unknown): error is Error {
  return error instanceof EngineLimitError || error instanceof EngineRefusedError
}
