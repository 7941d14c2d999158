import { BaseError, type Hex } from '@countersign/base'
import { EMPTY_CODE_HASH } from '../state/StateCache.ts'
import { openEndpoint, type RpcAnswer, type RpcCall, type RpcEndpoint } from '../state/Upstream.ts'
import { spawnAnvil, type AnvilProcess } from './spawnAnvil.ts'

/** An anvil that forks nothing and is told everything: state, block and transaction come with each call. */
export interface EngineWorker {
  readonly endpoint: RpcEndpoint
  /** Code that this worker holds at an address already, so that it need not be sent again. */
  readonly installed: Map<string, Hex.Hex>
  readonly process: AnvilProcess
  /** Installations under way; a run waits for them. */
  installing: Promise<void>
}

export interface EnginePool {
  /**
   * Runs calls on a worker as one request. A worker that does not answer in time is killed and replaced.
   *
   * @throws {EngineLimitError} `simulation:engine:limit` when the run exhausted the worker.
   */
  run(worker: EngineWorker, calls: readonly RpcCall[]): Promise<readonly RpcAnswer[]>
  pick(): EngineWorker
  /** Puts code at addresses, once per worker; only where nothing else stands yet. */
  install(worker: EngineWorker, codes: readonly { address: string; hash: Hex.Hex; code: Hex.Hex }[]): Promise<void>
  close(): Promise<void>
  readonly respawns: number
}

/** Wall time for one request to a worker, in milliseconds: hostile bytecode ends here (issue: "within 2 s"). */
const RUN_TIMEOUT_MS = 1_500
/** Address space of a worker. An idle one maps under 2 GiB; a tracer bomb wants far more. */
const ADDRESS_SPACE_BYTES = 4 * 2 ** 30

/**
 * Starts the workers. State lives in Node, so a worker that dies takes nothing with it but the run that killed it.
 *
 * @param size - Processes that share the work; one spare stands by and takes over when one is killed.
 */
export async function createEnginePool({ chainId, size }: { chainId: number; size: number }): Promise<EnginePool> {
  const start = async (): Promise<EngineWorker> => {
    const process = await spawnAnvil({
      args: [
        ...['--chain-id', String(chainId), '--hardfork', 'osaka', '--accounts', '1', '--balance', '0'],
        ...['--no-request-size-limit', '--memory-limit', '134217728', '--no-mining'],
      ],
      addressSpaceBytes: ADDRESS_SPACE_BYTES,
    })
    return {
      process,
      endpoint: openEndpoint({ url: process.url, timeoutMs: RUN_TIMEOUT_MS, connections: 16 }),
      installed: new Map(),
      installing: Promise.resolve(),
    }
  }
  const stop = async (worker: EngineWorker): Promise<void> => {
    await worker.endpoint.close()
    await worker.process.close()
  }

  const workers = await Promise.all(Array.from({ length: size }, start))
  let spare: Promise<EngineWorker> | null = null
  let turn = 0
  let respawns = 0
  let isClosed = false

  async function replace(dead: EngineWorker): Promise<void> {
    const i = workers.indexOf(dead)
    if (i < 0 || isClosed) return
    respawns += 1
    const fresh = spare ?? start()
    spare = start()
    spare.catch(() => undefined)
    workers[i] = await fresh
    await stop(dead)
  }

  const pool: EnginePool = {
    get respawns() {
      return respawns
    },
    pick() {
      spare ??= start()
      spare.catch(() => undefined)
      turn = (turn + 1) % workers.length
      return workers[turn] as EngineWorker
    },
    async run(worker, calls) {
      try {
        return await worker.endpoint.batch(calls)
      } catch (cause) {
        await replace(worker)
        throw new EngineLimitError(cause)
      }
    },
    async install(worker, codes) {
      const put = worker.installing.then(async () => {
        const fresh = codes.filter(({ address, hash }) => hash !== EMPTY_CODE_HASH && !worker.installed.has(address))
        if (fresh.length === 0) return
        const answers = await pool.run(
          worker,
          fresh.map(({ address, code }) => ({ method: 'anvil_setCode', params: [address, code] })),
        )
        fresh.forEach(({ address, hash }, i) => {
          if (answers[i]?.ok === true) worker.installed.set(address, hash)
        })
      })
      worker.installing = put.catch(() => undefined)
      return put
    },
    async close() {
      isClosed = true
      await Promise.all(workers.map(stop))
      if (spare !== null) await spare.then(stop, () => undefined)
    },
  }
  return pool
}

export class EngineLimitError extends BaseError {
  override readonly name = 'simulator.EngineLimitError'
  constructor(cause: unknown) {
    super('The transaction exhausted the simulator.', {
      code: 'simulation:engine:limit',
      kind: 'upstream',
      hint: 'Treat it as hostile: no honest transaction needs that much time or memory.',
      cause,
    })
  }
}
