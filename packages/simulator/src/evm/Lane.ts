import type { CpuClock } from './anvil/cpuTime.ts'
import type { Job } from './anvil/EngineWorker.ts'
import { EngineLimitError } from './EngineLimitError.ts'
import { slowness } from './slowness.ts'

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

/**
 * Processor time that each engine may spend on one simulation (issue: hostile ones end "within 2 s"), more on a slower machine
 * (`slowness`). A swap takes about 10 ms.
 */
export const BUDGET_MS = 1_200
/** A request that is done by then costs what the clock says; asking the system would cost more than it could tell. */
const CHEAP_MS = 60

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
