import type { Hex } from '@countersign/base'
import type { RpcAnswer, RpcCall } from '../../chain/rpc/Rpc.ts'
import type { CpuClock } from './cpuTime.ts'
import { openEngineSocket, type EngineSocket } from './openEngineSocket.ts'
import type { AnvilProcess, spawnAnvil } from './spawnAnvil.ts'

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

/** Calls of one turn to one worker. */
export interface Job {
  readonly worker: EngineWorker
  readonly calls: readonly RpcCall[]
  resolve(answers: readonly RpcAnswer[]): void
  reject(error: unknown): void
}

/** For putting code into a worker; 2 000 codes take about a second. */
const INSTALL_TIMEOUT_MS = 5_000
/** Address space of a worker. An idle one maps under 2 GiB; a tracer bomb wants far more. */
const ADDRESS_SPACE_BYTES = 4 * 2 ** 30
/** What a worker may answer. 2 000 calls with their data are a few megabytes; a trace bomb answers hundreds. */
const MAX_ANSWER_BYTES = 24 * 2 ** 20

export async function startWorker(
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

export async function stopWorker(worker: EngineWorker): Promise<void> {
  await worker.endpoint.close()
  await worker.process.close()
}

/** Puts code where nothing was put yet, and notes what was. */
export async function putCode(
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
