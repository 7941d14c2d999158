import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { assert, BaseError } from '@countersign/base'
import { EngineLimitError, whyOf } from '../EngineLimitError.ts'
import { openLane, spend, type Lane } from '../Lane.ts'
import { CPU_READ_MS, MAX_WALL_MS, watchTime, type TimeWatch } from '../watchTime.ts'
import { EngineTimeoutError } from '../anvil/openEngineSocket.ts'
import { slowness } from '../slowness.ts'
import { createThreadClock, type ThreadClock } from './threadClock.ts'
import type { ExecuteInput, ExecuteResult, WireInput, WireResult } from './protocol.ts'

export type { ExecuteInput, ExecuteResult } from './protocol.ts'
export type { SignedAuthorization } from '../../model/Call.ts'

/** A second EVM, written independently of anvil's: for what anvil gets wrong, and to check on it. */
export interface EthereumjsEngine {
  /**
   * Runs one transaction on exactly the state that is handed in, by the rules of Osaka. A revert is an outcome, not
   * an error. Runs wait for one another; waiting is not charged to `lane`. Not looked at: the sender's nonce, and whether it has code (EIP-3607).
   *
   * @throws {EngineLimitError} `simulation:engine:limit` when the run took too long or too much memory.
   * @throws {EngineRefusedError} `simulation:engine:refused` when no block could hold the transaction, or the EVM
   *   does not know what it asks for (the point evaluation precompile).
   */
  execute(input: ExecuteInput, lane?: Lane): Promise<ExecuteResult>
  close(): Promise<void>
  /** Workers that had to be ended. */
  readonly respawns: number
}

/**
 * As for anvil's workers: hostile bytecode ends here (issue: "within 2 s"). Of processor time, where Node tells that of a thread, and
 * more on a slower machine (`slowness`).
 */
const RUN_TIMEOUT_MS = 1_500
/** An idle worker takes about 40 MB of heap. Memory of the EVM itself is bounded by gas (Yellow Paper, appendix H). */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 384, maxYoungGenerationSizeMb: 64, stackSizeMb: 16 }
/** Codes that a worker keeps; at 24 KB each this is 50 MB at most. Beyond it a fresh start is cheaper than book-keeping. */
const MAX_CODES = 2_000

interface Slot {
  readonly worker: Worker
  readonly ready: Promise<void>
  readonly cpu: ThreadClock
  /** It ended by itself, with nothing under way. */
  isGone: boolean
  /** Number of each code that the worker has. Strings of a code store are the same objects, so this is a pointer look-up. */
  readonly codeIds: Map<string, number>
}

/**
 * Opens the engine, which gets ready beside whatever else is going on: one worker thread, and a spare that stands by, because a fresh one takes half a second.
 *
 * @param timeoutMs - Processor time for one run on the machine of the budgets; on the wall where Node does not tell it.
 * @param maxWallMs - However little of the processor it gets.
 * @param hasSpare - Whether the spare is started after the first run.
 */
export function createEthereumjsEngine({
  timeoutMs = RUN_TIMEOUT_MS,
  maxWallMs = MAX_WALL_MS,
  hasSpare = true,
}: { timeoutMs?: number; maxWallMs?: number; hasSpare?: boolean } = {}): EthereumjsEngine {
  let current = start()
  let spare: Slot | null = null
  let respawns = 0
  let isClosed = false
  let last: Promise<unknown> = Promise.resolve()

  async function replace(dead: Slot): Promise<void> {
    if (current !== dead || isClosed) return
    current = spare ?? start()
    spare = null
    await dead.worker.terminate()
  }

  async function runAlone(input: ExecuteInput, lane: Lane): Promise<ExecuteResult> {
    if (current.isGone || current.codeIds.size > MAX_CODES) await replace(current)
    const slot = current
    try {
      await slot.ready
    } catch {
      await replace(slot)
      throw new EngineRefusedError('its worker did not start')
    }
    let outcome: WireResult
    try {
      outcome = await spend(lane.second, slot.cpu, (leftMs, startMs) => {
        const allowedMs = Math.min(timeoutMs * slowness(), leftMs)
        const time = watchTime(slot.cpu, { startMs, allowedMs, maxWallMs })
        return exchange(slot, toWire(input, slot.codeIds), { allowedMs, time })
      })
    } catch (cause) {
      // The budget was gone before anything ran.
      if (cause instanceof EngineLimitError) throw cause
      respawns += 1
      await replace(slot)
      throw new EngineLimitError(cause, whyOf(cause))
    } finally {
      if (hasSpare && !isClosed) spare ??= start()
    }
    if ('result' in outcome) return outcome.result
    if ('limit' in outcome) throw new EngineLimitError(new Error(outcome.limit))
    throw new EngineRefusedError('refused' in outcome ? outcome.refused : outcome.failed)
  }

  return {
    get respawns() {
      return respawns
    },
    execute(input, lane = openLane()) {
      assert(!isClosed, 'a closed engine runs nothing')
      lane.runs += 1
      const result = last.then(() => runAlone(input, lane))
      last = result.catch(() => undefined)
      return result
    },
    async close() {
      isClosed = true
      await Promise.all([current.worker.terminate(), spare?.worker.terminate() ?? 0])
    },
  }
}

function start(): Slot {
  const worker = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url), {
    resourceLimits: RESOURCE_LIMITS,
    // Nothing of the process around it is its business, and the library would read DEBUG.
    env: {},
    execArgv: [],
  })
  const ready = new Promise<void>((resolve, reject) => {
    worker.once('message', () => {
      // From here on it must not keep the process alive; a run holds it by its timer.
      worker.unref()
      resolve()
    })
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('the worker ended before it was ready')))
  })
  // Whoever waits for it is told; a spare that nobody waits for must not end the process.
  ready.catch(() => undefined)
  worker.on('error', () => undefined)
  const slot: Slot = { worker, ready, cpu: createThreadClock(worker), isGone: false, codeIds: new Map([['0x', 0]]) }
  worker.on('exit', () => {
    slot.isGone = true
  })
  return slot
}

/** One run: its answer, or an error when the worker is too slow or dies. */
async function exchange(
  { worker, cpu }: Slot,
  input: WireInput,
  { allowedMs, time }: { allowedMs: number; time: TimeWatch },
): Promise<WireResult> {
  // From the start: the thread holds no process, and neither does asking it what it used.
  const reading = setInterval(() => cpu.read(), CPU_READ_MS)
  try {
    await cpu.readNow()
    const result = await answerOf(worker, input, { allowedMs, time })
    await cpu.readNow()
    return result
  } catch (error) {
    throw time.explain(error)
  } finally {
    clearInterval(reading)
  }
}

function answerOf(
  worker: Worker,
  input: WireInput,
  { allowedMs, time }: { allowedMs: number; time: TimeWatch },
): Promise<WireResult> {
  return new Promise<WireResult>((resolve, reject) => {
    const done = (): void => {
      clearTimeout(timer)
      worker.off('message', onMessage).off('error', onError).off('exit', onExit)
    }
    const onMessage = (result: WireResult): void => {
      done()
      resolve(result)
    }
    const onError = (error: Error): void => {
      done()
      reject(error)
    }
    const onExit = (): void => onError(new Error('the worker ended'))
    const end = (): void => {
      const moreMs = time.moreMs()
      if (moreMs > 0) timer = setTimeout(end, moreMs)
      else onError(new EngineTimeoutError(allowedMs))
    }
    let timer = setTimeout(end, allowedMs)
    worker.on('message', onMessage).on('error', onError).on('exit', onExit)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage(input)
  })
}

function toWire({ state, ...input }: ExecuteInput, codeIds: Map<string, number>): WireInput {
  const codes: [number, string][] = []
  const idOf = (code: string): number => {
    let id = codeIds.get(code)
    if (id === undefined) {
      id = codeIds.size
      codeIds.set(code, id)
      codes.push([id, code])
    }
    return id
  }
  const accounts = Object.entries(state).map(
    ([address, { balance, nonce, code, stateDiff }]) =>
      [address.toLowerCase(), balance, nonce, idOf(code ?? '0x'), Object.entries(stateDiff ?? {}).flat()] as const,
  )
  return { ...input, state: accounts, codes }
}

export class EngineRefusedError extends BaseError {
  override readonly name = 'simulator.EngineRefusedError'
  constructor(reason: string) {
    // What the engine wrote is for the log: it may be JSON, or text of a contract or a node.
    super('The second engine could not run the transaction.', {
      code: 'simulation:engine:refused',
      kind: 'upstream',
      hint: 'Nothing was simulated, so nothing may be signed. The log of the server has the cause.',
      cause: reason,
    })
  }
}
