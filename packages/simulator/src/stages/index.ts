import { applyOverrides } from './applyOverrides.ts'
import type { NotChecked } from '../model/Finding.ts'
import type { Report } from '../model/Report.ts'
import type { SimulationRequest } from '../model/Request.ts'
import { crossCheck } from './crossCheck.ts'
import { close, drive } from './drive.ts'
import { effects } from './effects.ts'
import { environments, environmentsOnNode } from './environments.ts'
import { execute, executeOnNode } from './execute.ts'
import { fees } from './fees.ts'
import { flow } from './flow.ts'
import { intent } from './intent.ts'
import { lookAhead } from './lookAhead.ts'
import { parties } from './parties.ts'
import { hasFork } from './parts.ts'
import { plan, planOnNode } from './plan.ts'
import { prepare } from './prepare.ts'
import { prices } from './prices.ts'
import { proofs } from './proofs.ts'
import { readSet } from './readSet.ts'
import { remember } from './remember.ts'
import { report } from './report.ts'
import type { AnyStage, StageName } from './Stage.ts'
import { standOnUnmined } from './standOnUnmined.ts'
import { steps } from './steps.ts'
import { switches } from './switches.ts'
import { tries } from './tries.ts'
import { Timings } from './Timings.ts'
import type { Tools } from './Tools.ts'
import { verdict } from './verdict.ts'

/** What runs in the fork, to closure. An engine is another list of the same names, not a branch inside a stage. */
export const LOCAL: readonly AnyStage[] = [
  plan,
  execute,
  effects,
  flow,
  environments,
  prices,
  lookAhead,
  switches,
  crossCheck,
  tries,
]

/** The same where the chain's own node runs every step: it traces calls, and takes state and block overrides. */
export const TRACED: readonly AnyStage[] = [
  plan,
  execute,
  effects,
  flow,
  environmentsOnNode,
  prices,
  lookAhead,
  switches,
  ...unseen('crossCheck', [
    { what: 'a second engine', why: 'no EVM here models this chain: its own node alone ran it' },
  ]),
  tries,
]

/** What a node can tell that does not trace calls, where no EVM that runs here models the chain. */
export const NODE: readonly AnyStage[] = [
  planOnNode,
  executeOnNode,
  ...unseen('effects', []),
  flow,
  ...unseen('environments', [{ what: 'other environments', why: ON_NODE() }]),
  ...unseen('prices', [{ what: 'prices', why: ON_NODE() }]),
  ...unseen('lookAhead', [{ what: 'look-ahead', why: ON_NODE() }]),
  ...unseen('switches', [{ what: 'stored switches', why: ON_NODE() }]),
  ...unseen('crossCheck', []),
  ...unseen('tries', []),
]

/** What looks at what was found, once, when all of it is whole. */
export const CLOSING: readonly AnyStage[] = [parties, proofs, fees, readSet, steps, intent, verdict, report]

/** One simulation: the block to stand on, the stages to closure, and the report of what they found. */
export async function simulateRequest(
  tools: Tools,
  request: SimulationRequest,
  timings: Timings = new Timings(),
): Promise<Report> {
  const prepared = await timings.of('prepare', async () =>
    standOnUnmined(tools, await applyOverrides(tools, await prepare(tools, request))),
  )
  const driven = await drive(
    tools,
    prepared,
    prepared.node === null ? LOCAL : hasFork(prepared) ? TRACED : NODE,
    timings,
  )
  await close(tools, driven, CLOSING, timings)
  // What stands on an assumption is a fact of nothing.
  if (prepared.cache.overrides.length === 0) remember(tools.memory, driven.job, driven.found)
  return driven.found.need('report')
}

function ON_NODE(): string {
  return 'the chain’s own node runs it, and it is not asked for more'
}

/** A stage that cannot look here. */
function unseen<N extends StageName>(name: N, notChecked: readonly NotChecked[]): readonly AnyStage[] {
  const stage = { name, needs: [], skip: () => (notChecked.length === 0 ? 'not-applicable' : notChecked), run: never }
  return [stage as unknown as AnyStage]
}

function never(): never {
  throw new Error('a stage that is skipped does not run')
}
