import type { StateCache } from '../chain/state/StateCache.ts'
import { EngineLimitError } from '../evm/EngineLimitError.ts'
import { spentMs } from '../evm/laneBeside.ts'
import { addAccess, EMPTY_CODE_HASH, sizeOf, type AccessSet } from '../model/Access.ts'
import type { BatchRun } from '../model/Run.ts'
import { Found } from './Found.ts'
import { withFork } from './prepare.ts'
import { hasFork } from './parts.ts'
import type { AnyStage, FoundBy, Job, Result, StageName } from './Stage.ts'
import type { Timings } from './Timings.ts'
import type { Tools } from './Tools.ts'

/** How many times missing state is fetched before a run counts as a read bomb. */
const MAX_ROUNDS = 40

export interface Driven {
  readonly job: Job
  readonly found: Found
}

/**
 * Runs the stages in order, again and again until everything that they read had been handed to the fork (the closure
 * check). What other simulations have put into the cache does not help: it was not part of this fork.
 */
export async function drive(
  tools: Tools,
  prepared: Job,
  stages: readonly AnyStage[],
  timings: Timings,
): Promise<Driven> {
  let job = prepared
  let found = new Found()
  /** What any round read. */
  const demanded: AccessSet = new Map()
  /** Stages before it are whole: what they read was handed over, so that they would find the same again. */
  let at = 0
  for (let round = 0; round < MAX_ROUNDS && sizeOf(demanded) <= tools.maxReads; round += 1) {
    if (hasFork(job)) job = await timings.of('fork', () => withFork(tools, job))
    let isWhole = true
    for (const stage of stages.slice(at)) {
      const learned = job.learned.length
      const result = await take(tools, job, stage, found, timings)
      if (found.stop !== null) return { job, found }
      if (result?.status === 'done') {
        const before = sizeOf(job.access)
        const read = withoutCreated(result.touched ?? new Map(), found.get('execute'), job.cache)
        for (const set of [job.access, demanded]) addAccess(set, read)
        timings.read(stage.name, sizeOf(job.access) - before)
        const unknown = (result.blocks ?? []).filter((number) => !job.env.blockHashes.has(number))
        isWhole = sizeOf(job.access) === before && sizeOf(demanded) <= tools.maxReads && unknown.length === 0
        // A chain's own node reads for itself: nothing was handed to it.
        if (!isWhole && hasFork(job)) job.learned.length = learned
        else addAccess(found.seen, read)
        if (unknown.length > 0) {
          const hashes = await tools.source.blockHashes(unknown)
          job = { ...job, env: { ...job.env, blockHashes: new Map([...job.env.blockHashes, ...hashes]) } }
        }
        if (!isWhole && hasFork(job)) {
          // What was whole ran in another block, where hashes were not known.
          if (unknown.length > 0) {
            found = new Found()
            at = job.learned.length = 0
          }
          break
        }
      }
      at += 1
    }
    if (!isWhole && hasFork(job)) continue
    found.get('effects')?.keep()
    for (const keep of job.learned) keep()
    return { job, found }
  }
  found.stopped({ kind: 'too-many-reads', reads: sizeOf(demanded), limit: tools.maxReads })
  return { job, found }
}

/** Runs the stages that only look at what was found, once. */
export async function close(
  tools: Tools,
  { job, found }: Driven,
  stages: readonly AnyStage[],
  timings: Timings,
): Promise<void> {
  for (const stage of stages) await take(tools, job, stage, found, timings)
}

/** One stage's turn. An engine that gave up stops everything: nothing that it ran counts. */
async function take<N extends StageName>(
  tools: Tools,
  job: Job,
  stage: Extract<AnyStage, { name: N }>,
  found: Found,
  timings: Timings,
): Promise<Result<FoundBy[N]> | null> {
  const skipped = stage.skip(job, found, tools)
  if (skipped !== null) {
    found.skip(stage.name, skipped)
    return null
  }
  const { lane } = job
  const before = lane.runs
  const beforeMs = spentMs(lane)
  try {
    const result = (await timings.of(stage.name, () => stage.run(tools, job, found))) as Result<FoundBy[N]>
    found.add<N>(stage.name as N, result)
    return result
  } catch (error) {
    if (!(error instanceof EngineLimitError)) throw error
    found.stopped({ kind: error.why })
    return null
  } finally {
    timings.ran(stage.name, lane.runs - before)
    timings.engineMs += spentMs(lane) - beforeMs
  }
}

/** Accounts that an earlier step created are in the overlay, not on the chain: there is nothing to read upstream. */
function withoutCreated(touched: AccessSet, run: BatchRun | null, cache: StateCache): AccessSet {
  const rest: AccessSet = new Map()
  for (const [address, slots] of touched) {
    const before = cache.accounts.get(address)
    // An account that has signed an authorization has sent something before, or is known by now; it may have storage.
    const wasNothing = before === undefined || (before.codeHash === EMPTY_CODE_HASH && before.nonce === 0n)
    const isCreatedHere = wasNothing && run?.after.accounts.get(address)?.code !== undefined
    rest.set(address, isCreatedHere ? new Set() : slots)
  }
  return rest
}
