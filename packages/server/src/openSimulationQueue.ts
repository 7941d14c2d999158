import { availableParallelism } from 'node:os'
import { assert } from '@countersign/base'
import { createSimulator, type Simulator } from '@countersign/simulator'
import { Counter, type Registry } from 'prom-client'
import type { Clock } from '@countersign/base'
import type { Workers } from './chains/admitted.ts'
import type { ChainConfig } from './chains/Chain.ts'
import * as Job from './chains/jobs/Job.ts'
import { setupOf } from './chains/jobs/SimulatorSetup.ts'
import { workJobs } from './chains/jobs/workJobs.ts'
import { StartError } from './StartError.ts'
import { openKey } from './store/KeyFiles.ts'
import { isPostgres, openStore, type Store } from './store/openStore.ts'
import { VERSION } from './version.ts'
import type { JobQueue } from './store/postgres/JobQueue.ts'

/** How long a server waits for a worker's answer, in milliseconds: longer than a simulation takes with a slow provider. */
const ANSWER_MS = 30_000

async function openQueue(store: Store, env: NodeJS.ProcessEnv): Promise<JobQueue> {
  const key = openKey(store.keys, 'simulation-jobs')
  assert(key !== null, 'the key of the queue is 64 hexadecimal digits')
  const { JobQueue: Queue } = await import('./store/postgres/JobQueue.ts')
  return new Queue({ url: env['DATABASE_URL'] ?? '', key, version: VERSION })
}

/** The workers of a chain, as a server asks them. */
export type WorkersOf = (config: ChainConfig) => Workers

/** What asks `countersign simulate-worker`; null without a database that processes share. A part of `compose.ts`, which calls it. */
export async function openSimulationQueue(
  { store, registry }: { store: Store; registry: Registry },
  { env, closers }: { env: NodeJS.ProcessEnv; closers: (() => Promise<void>)[] },
): Promise<WorkersOf | null> {
  // Described everywhere, so that dashboards and alerts name a metric that every server serves.
  const asked = new Counter({
    name: 'countersign_simulations_by_workers_total',
    help: 'Simulations that workers were asked for, by outcome ("late": no answer in time; "refused": it was not for this request).',
    labelNames: ['outcome'],
    registers: [registry],
  })
  if (!isPostgres(env)) return null
  const queue = await openQueue(store, env)
  closers.push(() => queue.close())
  queue.watch()
  return ({ chainId, quorum = 1, isProofVerified = false }) => ({
    isServed: () => queue.isServed(chainId),
    async run(job) {
      const outcome = await queue.ask({
        ...{ chainId, timeoutMs: ANSWER_MS },
        job: Job.encode({ needs: { quorum, isProofVerified }, job }),
      })
      asked.inc({ outcome: outcome.answer === null ? outcome.why : 'answered' })
      if (outcome.answer === null) throw new Job.NoAnswerError(outcome.why)
      return Job.decode<Job.Answer>(outcome.answer)
    },
  })
}

/** A process that simulates for the servers on its database. */
export interface SimulateWorker {
  readonly chains: readonly number[]
  readonly atOnce: number
  /** Takes no more jobs, and ends when those that run are answered. */
  close(): Promise<void>
}

/**
 * Starts `countersign simulate-worker`.
 *
 * @throws {StartError} `server:worker:database` without `DATABASE_URL`, `server:worker:chains` without a chain that is shared.
 */
export async function startSimulateWorker({
  dataDir,
  env,
  chains,
  clock,
  onError,
  atOnce = 4 * availableParallelism(),
}: {
  dataDir: string
  env: NodeJS.ProcessEnv
  chains: readonly ChainConfig[]
  clock: Clock.Clock
  onError: (error: unknown) => void
  atOnce?: number
}): Promise<SimulateWorker> {
  if (!isPostgres(env))
    throw new StartError(
      'DATABASE_URL is not set.',
      'server:worker:database',
      'Set DATABASE_URL and COUNTERSIGN_MASTER_KEY as for the servers that this worker simulates for.',
    )
  if (chains.length === 0)
    throw new StartError(
      'No chain has an RPC URL.',
      'server:worker:chains',
      'Set COUNTERSIGN_RPC_<chainId> as for the servers that this worker simulates for.',
    )
  const closers: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const each of closers.toReversed()) await each()
  }
  try {
    const store = await openStore({ clock }, { dataDir, env, mustExist: true })
    closers.push(() => store.close())
    const simulators = new Map<number, { simulator: Simulator; checks: Job.Needs }>()
    for (const config of chains) {
      const setup = setupOf(config)
      const simulator = await createSimulator({ ...setup, workers: availableParallelism() })
      closers.push(() => simulator.close())
      const { quorum = 1, isProofVerified = false } = setup
      simulators.set(config.chainId, { simulator, checks: { quorum, isProofVerified } })
    }
    const queue = await openQueue(store, env)
    closers.push(() => queue.close())
    const working = await workJobs({ queue, simulators, onError }, { atOnce })
    closers.push(() => working.close())
    return { chains: [...simulators.keys()], atOnce, close }
  } catch (error) {
    await close()
    throw error
  }
}
