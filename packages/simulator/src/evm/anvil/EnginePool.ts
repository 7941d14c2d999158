import type { Hex } from '@countersign/base'
import { EMPTY_CODE_HASH } from '../../model/Access.ts'
import type { RpcAnswer, RpcCall } from '../../chain/rpc/Rpc.ts'
import { EngineLimitError, isExhaustion, whyOf } from '../EngineLimitError.ts'
import { BUDGET_MS, spend, type Lane } from '../Lane.ts'
import { slowness } from '../slowness.ts'
import { CPU_READ_MS, MAX_WALL_MS, watchTime } from '../watchTime.ts'
import { createCpuClock, type CpuClock } from './cpuTime.ts'
import { putCode, startWorker, stopWorker, type EngineWorker, type Job } from './EngineWorker.ts'
import { spawnAnvil } from './spawnAnvil.ts'

export interface EnginePool {
  /**
   * Runs calls on a worker. A worker that does not answer in time is killed and replaced, and what it was doing is done
   * again, alone: whoever was only near a hostile run is not hurt by it.
   *
   * @throws {EngineLimitError} `simulation:engine:limit` when the run exhausted the worker, or its lane the budget.
   */
  run(worker: EngineWorker, calls: readonly RpcCall[], lane: Lane): Promise<readonly RpcAnswer[]>
  pick(): EngineWorker
  /** Puts code at addresses, once per worker; only where nothing else stands yet. */
  install(worker: EngineWorker, codes: readonly { address: string; hash: Hex.Hex; code: Hex.Hex }[]): Promise<void>
  close(): Promise<void>
  readonly respawns: number
  /** Of the workers that take work now. */
  readonly pids: readonly number[]
}

/**
 * Time for one request to a worker that others use too, in milliseconds. An honest one takes 1 to 5. What takes
 * longer is run again alone, with what is left of the budget. Time is what the worker had of the processor, where the system
 * tells that: on a busy machine an honest run takes long and uses little. On a slower machine it is more (`slowness`).
 */
const RUN_TIMEOUT_MS = 400
/** Requests that a worker has at once. More would only wait inside it, while their time runs. */
const MAX_RUNNING = 8
/** Codes that a worker holds before a fresh one takes its place: at 24 KB each this is 50 MB. */
const MAX_INSTALLED = 2_000
/** Forks that were written for a worker still use it for a while after another took its place. */
const RETIRE_MS = 30_000

/** Processes and clocks; for tests some that are not what they seem. */
interface Parts {
  readonly spawn: typeof spawnAnvil
  readonly clockOf: (pid: number) => CpuClock
  readonly maxWallMs: number
}

/**
 * Starts the workers. State lives in Node, so a worker that dies takes nothing with it but the run that killed it.
 *
 * @param size - Processes that share the work.
 * @param hasSpare - Whether one more stands by and takes over when one is killed; without, a fresh one is started then.
 * @param spawn, clockOf, maxWallMs - For tests.
 */
export async function createEnginePool(
  { chainId, size, hasSpare = true }: { chainId: number; size: number; hasSpare?: boolean },
  { spawn = spawnAnvil, clockOf = createCpuClock, maxWallMs = MAX_WALL_MS }: Partial<Parts> = {},
): Promise<EnginePool> {
  const pool = new Pool({ chainId, hasSpare }, { spawn, clockOf, maxWallMs })
  await pool.start(size)
  return pool
}

class Pool implements EnginePool {
  readonly #chainId: number
  readonly #hasSpare: boolean
  readonly #parts: Parts
  readonly #workers: EngineWorker[] = []
  #spare: Promise<EngineWorker> | null = null
  #turn = 0
  #respawns = 0
  #isClosed = false
  readonly #replacing = new Map<EngineWorker, Promise<EngineWorker>>()
  /** Where what failed is run again, one at a time. */
  readonly #cells = new Set<EngineWorker>()
  #lastAlone: Promise<unknown> = Promise.resolve()
  readonly #retired = new Set<EngineWorker>()
  /** Workers whose processor time is being read. */
  readonly #active = new Set<EngineWorker>()
  #reader: NodeJS.Timeout | undefined

  constructor({ chainId, hasSpare }: { chainId: number; hasSpare: boolean }, parts: Parts) {
    this.#chainId = chainId
    this.#hasSpare = hasSpare
    this.#parts = parts
  }

  async start(size: number): Promise<void> {
    const starting = Promise.all(Array.from({ length: size }, () => this.#start()))
    // Measured while the processes start, so that nobody waits for it later.
    slowness()
    this.#workers.push(...(await starting))
  }

  get respawns(): number {
    return this.#respawns
  }

  get pids(): readonly number[] {
    return this.#workers.map((worker) => worker.process.pid)
  }

  pick(): EngineWorker {
    this.#keepSpare()
    this.#turn = (this.#turn + 1) % this.#workers.length
    const worker = this.#workers[this.#turn] as EngineWorker
    if (worker.installed.size > MAX_INSTALLED && this.#spare !== null) {
      void this.#renew(worker, this.#spare)
      this.#spare = null
    }
    return worker
  }

  run(worker: EngineWorker, calls: readonly RpcCall[], lane: Lane): Promise<readonly RpcAnswer[]> {
    lane.runs += calls.length
    return new Promise((resolve, reject) => {
      lane.queue.push({ worker, calls, resolve, reject })
      if (lane.queue.length === 1) setImmediate(() => this.#flush(lane))
    })
  }

  async install(
    asked: EngineWorker,
    codes: readonly { address: string; hash: Hex.Hex; code: Hex.Hex }[],
  ): Promise<void> {
    const worker = live(asked)
    const fresh = codes.filter(({ address, hash }) => hash !== EMPTY_CODE_HASH && !worker.installed.has(address))
    // One after another, because two forks may want different code at one address; the first one stays.
    const done = worker.installing.then(() =>
      putCode(
        worker,
        new Map(fresh.map(({ address, code }) => [address, code])),
        new Map(fresh.map(({ address, hash }) => [address, hash])),
      ),
    )
    worker.installing = done.catch(() => undefined)
    try {
      await done
    } catch {
      // Code that could not be put there is sent with each call instead.
      await this.#replace(worker)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#reader)
    await Promise.all([...this.#workers, ...this.#retired, ...this.#cells].map(stopWorker))
    if (this.#spare !== null) await this.#spare.then(stopWorker, () => undefined)
  }

  async #start(): Promise<EngineWorker> {
    const worker = await startWorker(this.#chainId, this.#parts)
    // However it ends, nobody should have to find out by asking it.
    void worker.process.exited.then(() => this.#replace(worker)).catch(() => undefined)
    return worker
  }

  #keepSpare(): void {
    if (this.#isClosed || !this.#hasSpare) return
    this.#spare ??= this.#start()
    this.#spare.catch(() => (this.#spare = null))
  }

  /** Puts a fresh worker in the place of one, with the code that it held: forks were written for that. */
  #replace(dead: EngineWorker): Promise<EngineWorker> {
    if (dead.successor !== null) return Promise.resolve(dead.successor)
    const underway = this.#replacing.get(dead)
    if (underway !== undefined) return underway
    const i = this.#workers.indexOf(dead)
    if (i < 0 || this.#isClosed) return Promise.resolve(dead)
    this.#respawns += 1
    const ready = (async () => {
      try {
        const fresh = await (this.#spare ?? this.#start())
        this.#spare = null
        this.#keepSpare()
        await putCode(fresh, dead.codes, dead.installed)
        dead.successor = fresh
        this.#workers[i] = fresh
        void stopWorker(dead)
        return fresh
      } finally {
        this.#replacing.delete(dead)
      }
    })()
    this.#replacing.set(dead, ready)
    return ready
  }

  #flush(lane: Lane): void {
    const jobs = lane.queue.splice(0)
    for (const worker of new Set(jobs.map((job) => job.worker))) {
      void this.#send(
        lane,
        worker,
        jobs.filter((job) => job.worker === worker),
      )
    }
  }

  async #send(lane: Lane, asked: EngineWorker, jobs: readonly Job[]): Promise<void> {
    const worker = live(asked)
    if (worker.running >= MAX_RUNNING) await new Promise<void>((resolve) => worker.waiting.push(resolve))
    worker.running += 1
    // With nobody near, there is nobody to keep waiting, and nobody else to blame.
    const isAlone = worker.running === 1
    try {
      const answers = await this.#ask(
        worker,
        lane,
        jobs.flatMap((job) => job.calls),
        (isAlone ? BUDGET_MS : RUN_TIMEOUT_MS) * slowness(),
      )
      let at = 0
      for (const job of jobs) job.resolve(answers.slice(at, (at += job.calls.length)))
    } catch (error) {
      if (error instanceof EngineLimitError || this.#isClosed) for (const job of jobs) job.reject(error)
      else {
        const replaced = this.#replace(worker).catch(() => undefined)
        const isCulprit = isAlone && isExhaustion(error)
        for (const job of jobs) {
          if (isCulprit) job.reject(new EngineLimitError(error, whyOf(error)))
          else void this.#alone(job, lane, worker).then(job.resolve, job.reject)
        }
        await replaced
      }
    } finally {
      worker.running -= 1
      worker.waiting.shift()?.()
    }
  }

  /** One request, for as long as it may use the processor. */
  async #ask(
    worker: EngineWorker,
    lane: Lane,
    calls: readonly RpcCall[],
    limitMs: number,
  ): Promise<readonly RpcAnswer[]> {
    this.#active.add(worker)
    this.#reader ??= setInterval(() => this.#readClocks(), CPU_READ_MS).unref()
    return spend(lane, worker.cpu, (leftMs, startMs) => {
      const allowedMs = Math.min(limitMs, leftMs)
      const time = watchTime(worker.cpu, { startMs, allowedMs, maxWallMs: this.#parts.maxWallMs })
      return worker.endpoint.batch(calls, allowedMs, time.moreMs).catch((error: unknown) => {
        throw time.explain(error)
      })
    })
  }

  #readClocks(): void {
    for (const worker of this.#active) {
      worker.cpu.read()
      if (worker.running === 0 && !this.#cells.has(worker)) this.#active.delete(worker)
    }
    if (this.#active.size > 0) return
    clearInterval(this.#reader)
    this.#reader = undefined
  }

  /** Once more, on a worker of its own, with nobody near who could be to blame. Whoever fails here failed by itself. */
  #alone(job: Job, lane: Lane, dead: EngineWorker): Promise<readonly RpcAnswer[]> {
    const attempt = this.#lastAlone.then(async () => {
      // What fails before the run begins is not the run's fault.
      const cell = await this.#start()
      this.#cells.add(cell)
      try {
        await putCode(cell, dead.codes, dead.installed)
        // Starved twice it ends as well: on a busy machine a bomb looks like that too. The report says which it was.
        return await this.#ask(cell, lane, job.calls, BUDGET_MS * slowness()).catch((error: unknown) => {
          throw error instanceof EngineLimitError ? error : new EngineLimitError(error, whyOf(error))
        })
      } finally {
        this.#cells.delete(cell)
        void stopWorker(cell)
      }
    })
    this.#lastAlone = attempt.catch(() => undefined)
    return attempt
  }

  /** A worker that holds too much makes room for a fresh one, which needs none of it. */
  async #renew(full: EngineWorker, next: Promise<EngineWorker>): Promise<void> {
    const fresh = await next.catch(() => null)
    const i = this.#workers.indexOf(full)
    if (fresh === null) return
    if (i < 0 || this.#isClosed) return stopWorker(fresh)
    this.#workers[i] = fresh
    this.#retired.add(full)
    setTimeout(() => {
      this.#retired.delete(full)
      void stopWorker(full)
    }, RETIRE_MS).unref()
  }
}

/** The worker that now stands where this one stood. */
function live(worker: EngineWorker): EngineWorker {
  let now = worker
  while (now.successor !== null) now = now.successor
  return now
}
