import { BaseError, type Hex } from '@countersign/base'
import { EMPTY_CODE_HASH } from '../../model/Access.ts'
import { slowness } from '../slowness.ts'
import { AnswerSizeError, type RpcAnswer, type RpcCall } from '../../chain/rpc/Rpc.ts'
import { createCpuClock, type CpuClock } from './cpuTime.ts'
import { EngineTimeoutError, openEngineSocket, type EngineSocket } from './openEngineSocket.ts'
import { spawnAnvil, type AnvilProcess } from './spawnAnvil.ts'

/** An anvil that forks nothing and is told everything: state, block and transaction come with each call. */
export interface EngineWorker {
  readonly endpoint: EngineSocket
  /** Code that this worker holds at an address already, so that it need not be sent again. It is never taken away. */
  readonly installed: Map<string, Hex.Hex>
  readonly codes: Map<string, Hex.Hex>
  readonly process: AnvilProcess
  /** Installations under way; a run waits for them. */
  installing: Promise<void>
  readonly cpu: CpuClock
  /** Requests under way, and those that wait for one to end. */
  running: number
  readonly waiting: (() => void)[]
  /** Who took over, with the same code at the same addresses, when it was killed. */
  successor: EngineWorker | null
}

/**
 * The engine's work for one simulation: calls of one turn travel together, and all of it has one budget, because
 * hostile bytecode could else be just cheap enough each time it is run.
 */
export interface Lane {
  readonly budgetMs: number
  spentMs: number
  /** Short requests that the clock on the wall was charged for, by the clock of the processor that knows better. */
  readonly short: Map<CpuClock, Short>
  /** The other EVM has a budget of its own. */
  readonly second: Budget
  /** Times that either EVM was asked to run something. */
  runs: number
  readonly queue: Job[]
  /** For tries that the simulation can do without. */
  beside?: Lane
}

/** What all runs of one simulation may use together of one engine. */
type Budget = Pick<Lane, 'budgetMs' | 'spentMs'> & Partial<Pick<Lane, 'short'>>

interface Short {
  startMs: number
  wallMs: number
}

interface Job {
  readonly worker: EngineWorker
  readonly calls: readonly RpcCall[]
  resolve(answers: readonly RpcAnswer[]): void
  reject(error: unknown): void
}

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
/** Time that each engine may spend on one simulation (issue: hostile ones end "within 2 s"). A swap takes about 10. As above. */
const BUDGET_MS = 1_200
/** For putting code into a worker; 2 000 codes take about a second. */
const INSTALL_TIMEOUT_MS = 5_000
/** However busy the machine is, nobody waits longer than this for one request. */
export const MAX_WALL_MS = 6_000
/** How often the processor time of workers is read while they run. */
export const CPU_READ_MS = 40
/** A request that is done by then costs what the clock says; asking the system would cost more than it could tell. */
const CHEAP_MS = 60
/** Address space of a worker. An idle one maps under 2 GiB; a tracer bomb wants far more. */
const ADDRESS_SPACE_BYTES = 4 * 2 ** 30
/** What a worker may answer. 2 000 calls with their data are a few megabytes; a trace bomb answers hundreds. */
const MAX_ANSWER_BYTES = 24 * 2 ** 20
/** Requests that a worker has at once. More would only wait inside it, while their time runs. */
const MAX_RUNNING = 8
/** Codes that a worker holds before a fresh one takes its place: at 24 KB each this is 50 MB. */
const MAX_INSTALLED = 2_000

/**
 * @param isOnSecond - All of it runs on the other EVM, which is ten times slower. Else it checks one or two runs, each with a limit of its
 *   own: an honest one of 240,000 steps takes it 0.9 s.
 * @param slow - How slow this machine is; for tests.
 */
export function openLane({ isOnSecond = false, slow = slowness() } = {}): Lane {
  const budgetMs = BUDGET_MS * slow
  const second = { budgetMs: (isOnSecond ? 10 : 2.5) * budgetMs, spentMs: 0 }
  return { budgetMs, spentMs: 0, short: new Map(), second, runs: 0, queue: [] }
}

/**
 * Notes what a run costs, and tells it how long it may take.
 *
 * @param cpu - Of the process that runs it; where it does not tell, the clock on the wall counts.
 *
 * @throws {EngineLimitError} when the budget was used up before.
 */
export async function spend<T>(
  lane: Budget,
  cpu: CpuClock,
  work: (leftMs: number, startMs: number) => Promise<T>,
): Promise<T> {
  const startMs = performance.now()
  recount(lane, cpu, startMs)
  const leftMs = lane.budgetMs - lane.spentMs
  if (leftMs <= 0) {
    const why = cpu.since(startMs) === null ? 'untold' : 'exhausted'
    throw new EngineLimitError(new Error(`more than ${Math.round(lane.budgetMs)} ms of engine time`), why)
  }
  try {
    return await work(leftMs, startMs)
  } finally {
    const wallMs = performance.now() - startMs
    const isShort = wallMs <= CHEAP_MS
    lane.spentMs += isShort ? wallMs : Math.min(wallMs, cpu.since(startMs) ?? wallMs)
    const short = lane.short?.get(cpu)
    if (isShort && short !== undefined) short.wallMs += wallMs
  }
}

/**
 * Gives back what a busy machine took: each of many short requests is charged by the clock on the wall, and all of them together
 * cost no more than the processor was at work meanwhile. The system is asked only once a part of the budget is gone, and
 * before any more than the clock remembers has passed.
 */
function recount(lane: Budget, cpu: CpuClock, nowMs: number): void {
  if (lane.short === undefined || lane.spentMs < lane.budgetMs / ASKED_FROM_PART) return
  const short = lane.short.get(cpu)
  const ageMs = nowMs - (short?.startMs ?? nowMs)
  if (short !== undefined && ageMs < RECOUNT_MS && lane.spentMs < lane.budgetMs) return
  const used = short === undefined || ageMs > MAX_RECOUNT_MS ? null : cpu.since(short.startMs)
  if (short !== undefined && used !== null) lane.spentMs -= Math.max(0, short.wallMs - used - UNSURE_MS)
  lane.short.set(cpu, { startMs: nowMs, wallMs: 0 })
  cpu.read()
}

/** From a quarter of the budget on; no honest simulation on a quiet machine gets there. */
const ASKED_FROM_PART = 4
const RECOUNT_MS = 2_000
/** Less than the readings of a clock reach back. */
const MAX_RECOUNT_MS = 4_000
/** Processor time is told in steps of ten milliseconds. */
const UNSURE_MS = 20

/**
 * Starts the workers. State lives in Node, so a worker that dies takes nothing with it but the run that killed it.
 *
 * @param size - Processes that share the work.
 * @param hasSpare - Whether one more stands by and takes over when one is killed; without, a fresh one is started then.
 * @param spawn, clockOf, maxWallMs - For tests: processes and clocks that are not what they seem.
 */
export async function createEnginePool(
  { chainId, size, hasSpare = true }: { chainId: number; size: number; hasSpare?: boolean },
  {
    spawn = spawnAnvil,
    clockOf = createCpuClock,
    maxWallMs = MAX_WALL_MS,
  }: { spawn?: typeof spawnAnvil; clockOf?: (pid: number) => CpuClock; maxWallMs?: number } = {},
): Promise<EnginePool> {
  const start = async (): Promise<EngineWorker> => {
    const worker = await startWorker(chainId, { spawn, clockOf })
    // However it ends, nobody should have to find out by asking it.
    void worker.process.exited.then(() => replace(worker)).catch(() => undefined)
    return worker
  }
  const stop = async (worker: EngineWorker): Promise<void> => {
    await worker.endpoint.close()
    await worker.process.close()
  }

  let spare: Promise<EngineWorker> | null = null
  let turn = 0
  let respawns = 0
  let isClosed = false
  const replacing = new Map<EngineWorker, Promise<EngineWorker>>()
  /** Where what failed is run again, one at a time. */
  const cells = new Set<EngineWorker>()
  let lastAlone: Promise<unknown> = Promise.resolve()
  const retired = new Set<EngineWorker>()
  /** Workers whose processor time is being read. */
  const active = new Set<EngineWorker>()
  let reader: NodeJS.Timeout | undefined
  const workers: EngineWorker[] = []
  workers.push(...(await Promise.all(Array.from({ length: size }, () => start()))))

  function keepSpare(): void {
    if (isClosed || !hasSpare) return
    spare ??= start()
    spare.catch(() => (spare = null))
  }

  /** Puts a fresh worker in the place of one, with the code that it held: forks were written for that. */
  function replace(dead: EngineWorker): Promise<EngineWorker> {
    if (dead.successor !== null) return Promise.resolve(dead.successor)
    const underway = replacing.get(dead)
    if (underway !== undefined) return underway
    const i = workers.indexOf(dead)
    if (i < 0 || isClosed) return Promise.resolve(dead)
    respawns += 1
    const ready = (async () => {
      try {
        const fresh = await (spare ?? start())
        spare = null
        keepSpare()
        await put(fresh, dead.codes, dead.installed)
        dead.successor = fresh
        workers[i] = fresh
        void stop(dead)
        return fresh
      } finally {
        replacing.delete(dead)
      }
    })()
    replacing.set(dead, ready)
    return ready
  }

  async function put(
    worker: EngineWorker,
    codes: ReadonlyMap<string, Hex.Hex>,
    hashes: ReadonlyMap<string, Hex.Hex>,
  ): Promise<void> {
    const fresh = [...codes].filter(([address]) => !worker.installed.has(address))
    if (fresh.length === 0) return
    const answers = await worker.endpoint.batch(
      fresh.map(([address, code]) => ({ method: 'anvil_setCode', params: [address, code] })),
      INSTALL_TIMEOUT_MS,
    )
    fresh.forEach(([address, code], i) => {
      const hash = hashes.get(address)
      if (answers[i]?.ok !== true || hash === undefined) return
      worker.installed.set(address, hash)
      worker.codes.set(address, code)
    })
  }

  /** The worker that now stands where this one stood. */
  function live(worker: EngineWorker): EngineWorker {
    let now = worker
    while (now.successor !== null) now = now.successor
    return now
  }

  async function flush(lane: Lane): Promise<void> {
    const jobs = lane.queue.splice(0)
    for (const worker of new Set(jobs.map((job) => job.worker))) {
      void send(
        lane,
        worker,
        jobs.filter((job) => job.worker === worker),
      )
    }
  }

  async function send(lane: Lane, asked: EngineWorker, jobs: readonly Job[]): Promise<void> {
    const worker = live(asked)
    if (worker.running >= MAX_RUNNING) await new Promise<void>((resolve) => worker.waiting.push(resolve))
    worker.running += 1
    // With nobody near, there is nobody to keep waiting, and nobody else to blame.
    const isAlone = worker.running === 1
    try {
      const answers = await ask(
        worker,
        lane,
        jobs.flatMap((job) => job.calls),
        (isAlone ? BUDGET_MS : RUN_TIMEOUT_MS) * slowness(),
      )
      let at = 0
      for (const job of jobs) job.resolve(answers.slice(at, (at += job.calls.length)))
    } catch (error) {
      if (error instanceof EngineLimitError || isClosed) for (const job of jobs) job.reject(error)
      else {
        const replaced = replace(worker).catch(() => undefined)
        const isCulprit = isAlone && isExhaustion(error)
        for (const job of jobs) {
          if (isCulprit) job.reject(new EngineLimitError(error, whyOf(error)))
          else void alone(job, lane, worker).then(job.resolve, job.reject)
        }
        await replaced
      }
    } finally {
      worker.running -= 1
      worker.waiting.shift()?.()
    }
  }

  /** One request, for as long as it may use the processor. */
  async function ask(
    worker: EngineWorker,
    lane: Lane,
    calls: readonly RpcCall[],
    limitMs: number,
  ): Promise<readonly RpcAnswer[]> {
    active.add(worker)
    reader ??= setInterval(readClocks, CPU_READ_MS).unref()
    return spend(lane, worker.cpu, (leftMs, startMs) => {
      const allowedMs = Math.min(limitMs, leftMs)
      const time = watchTime(worker.cpu, { startMs, allowedMs, maxWallMs })
      return worker.endpoint.batch(calls, allowedMs, time.moreMs).catch((error: unknown) => {
        throw time.explain(error)
      })
    })
  }

  function readClocks(): void {
    for (const worker of active) {
      worker.cpu.read()
      if (worker.running === 0 && !cells.has(worker)) active.delete(worker)
    }
    if (active.size > 0) return
    clearInterval(reader)
    reader = undefined
  }

  /** Once more, on a worker of its own, with nobody near who could be to blame. Whoever fails here failed by itself. */
  function alone(job: Job, lane: Lane, dead: EngineWorker): Promise<readonly RpcAnswer[]> {
    const attempt = lastAlone.then(async () => {
      // What fails before the run begins is not the run's fault.
      const cell = await start()
      cells.add(cell)
      try {
        await put(cell, dead.codes, dead.installed)
        // Starved twice it ends as well: on a busy machine a bomb looks like that too. The report says which it was.
        return await ask(cell, lane, job.calls, BUDGET_MS * slowness()).catch((error: unknown) => {
          throw error instanceof EngineLimitError ? error : new EngineLimitError(error, whyOf(error))
        })
      } finally {
        cells.delete(cell)
        void stop(cell)
      }
    })
    lastAlone = attempt.catch(() => undefined)
    return attempt
  }

  /** A worker that holds too much makes room for a fresh one, which needs none of it. */
  async function renew(full: EngineWorker, next: Promise<EngineWorker>): Promise<void> {
    const fresh = await next.catch(() => null)
    const i = workers.indexOf(full)
    if (fresh === null) return
    if (i < 0 || isClosed) return stop(fresh)
    workers[i] = fresh
    retire(full)
  }

  /** Forks that were written for it still use it for a while. */
  function retire(worker: EngineWorker): void {
    retired.add(worker)
    setTimeout(() => {
      retired.delete(worker)
      void stop(worker)
    }, 30_000).unref()
  }

  const pool: EnginePool = {
    get respawns() {
      return respawns
    },
    get pids() {
      return workers.map((worker) => worker.process.pid)
    },
    pick() {
      keepSpare()
      turn = (turn + 1) % workers.length
      const worker = workers[turn] as EngineWorker
      if (worker.installed.size > MAX_INSTALLED && spare !== null) {
        void renew(worker, spare)
        spare = null
      }
      return worker
    },
    run(worker, calls, lane) {
      lane.runs += calls.length
      return new Promise((resolve, reject) => {
        lane.queue.push({ worker, calls, resolve, reject })
        if (lane.queue.length === 1) setImmediate(() => void flush(lane))
      })
    },
    async install(asked, codes) {
      const worker = live(asked)
      const fresh = codes.filter(({ address, hash }) => hash !== EMPTY_CODE_HASH && !worker.installed.has(address))
      // One after another, because two forks may want different code at one address; the first one stays.
      const done = worker.installing.then(() =>
        put(
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
        await replace(worker)
      }
    },
    async close() {
      isClosed = true
      clearInterval(reader)
      await Promise.all([...workers, ...retired, ...cells].map(stop))
      if (spare !== null) await spare.then(stop, () => undefined)
    },
  }
  return pool
}

/** Tells a run that is not over in its time from one that did not get it. */
export interface TimeWatch {
  /** How much longer to wait, once the time on the wall is over; 0 when that was enough. */
  moreMs(): number
  /** The error of a run that was ended, with what the clocks say about it. */
  explain(error: unknown): unknown
}

/**
 * @param allowedMs - Of processor time, where the clock tells it; else on the wall.
 * @param maxWallMs - However little of the processor it got.
 */
export function watchTime(
  cpu: CpuClock,
  { startMs, allowedMs, maxWallMs }: { startMs: number; allowedMs: number; maxWallMs: number },
): TimeWatch {
  let starvedMs: number | null = null
  let isUntold = false
  return {
    moreMs() {
      const usedMs = cpu.since(startMs)
      isUntold = usedMs === null
      if (usedMs === null || usedMs >= allowedMs) return 0
      if (performance.now() - startMs < maxWallMs) return Math.max(20, allowedMs - usedMs)
      starvedMs = usedMs
      return 0
    },
    explain(error) {
      if (starvedMs !== null) return new EngineStarvedError(starvedMs, maxWallMs, error)
      return isUntold && isExhaustion(error) ? new EngineUntoldError(error) : error
    },
  }
}

async function startWorker(
  chainId: number,
  { spawn, clockOf }: { spawn: typeof spawnAnvil; clockOf: (pid: number) => CpuClock },
): Promise<EngineWorker> {
  const process = await spawn({
    args: [
      ...['--chain-id', String(chainId), '--hardfork', 'osaka', '--accounts', '1', '--balance', '0'],
      ...['--no-request-size-limit', '--memory-limit', '134217728', '--no-mining'],
    ],
    addressSpaceBytes: ADDRESS_SPACE_BYTES,
    isHolding: false,
  })
  return {
    process,
    endpoint: openEngineSocket({ port: process.port, maxAnswerBytes: MAX_ANSWER_BYTES }),
    cpu: clockOf(process.pid),
    installed: new Map(),
    codes: new Map(),
    installing: Promise.resolve(),
    running: 0,
    waiting: [],
    successor: null,
  }
}

/**
 * Why a run did not come to its end: the transaction used more processor time or memory than an honest one does; the
 * machine gave it too little of the processor; or it took too long where the system does not tell which of the two it was.
 */
export type EngineLimit = 'exhausted' | 'starved' | 'untold'

/** It took too long or answered too much, rather than that the worker was gone. */
function isExhaustion(error: unknown): boolean {
  if (error instanceof EngineStarvedError) return false
  if (error instanceof EngineUntoldError) return true
  const cause = error instanceof Error ? error.cause : null
  return [error, cause].some((each) => each instanceof EngineTimeoutError || each instanceof AnswerSizeError)
}

export function whyOf(error: unknown): EngineLimit {
  if (error instanceof EngineStarvedError) return 'starved'
  return error instanceof EngineUntoldError ? 'untold' : 'exhausted'
}

const LIMITS: Readonly<Record<EngineLimit, { message: string; hint: string }>> = {
  exhausted: {
    message: 'The transaction exhausted the simulator.',
    hint: 'Treat it as hostile: no honest transaction needs that much time or memory.',
  },
  starved: {
    message: 'This machine was too busy: the simulation got too little processor time to come to its end.',
    hint: 'Try again in a moment. If it stays so, the operator has to give the server more processor time.',
  },
  untold: {
    message: 'The simulation took too long. Whether the transaction or this machine was slow could not be measured.',
    hint: 'Try again in a moment. If it stays so on a quiet machine, treat the transaction as hostile.',
  },
}

export class EngineLimitError extends BaseError {
  override readonly name = 'simulator.EngineLimitError'
  readonly why: EngineLimit
  constructor(cause: unknown, why: EngineLimit = 'exhausted') {
    const { message, hint } = LIMITS[why]
    super(message, {
      code: why === 'starved' ? 'simulation:engine:busy' : 'simulation:engine:limit',
      kind: why === 'starved' ? 'unavailable' : 'upstream',
      hint,
      cause,
    })
    this.why = why
  }
}

/** The run was given too little of the processor to end: it says something of the machine, and the run is tried again. */
class EngineStarvedError extends Error {
  override readonly name = 'simulator.EngineStarvedError'
  constructor(usedMs: number, wallMs: number, cause: unknown) {
    super(`it got ${Math.round(usedMs)} ms of the processor in ${wallMs / 1000} s`, { cause })
  }
}

/** The run took too long, by a clock that counts what others use as well. */
class EngineUntoldError extends Error {
  override readonly name = 'simulator.EngineUntoldError'
  constructor(cause: unknown) {
    super('it took too long, and its processor time is not known', { cause })
  }
}
