import { createEnginePool, type EnginePool } from './evm/anvil/EnginePool.ts'
import { AnvilMissingError } from './evm/anvil/spawnAnvil.ts'
import { createEthereumjsEngine, type EthereumjsEngine } from './evm/ethereumjs/createEthereumjsEngine.ts'
import { openRpc } from './chain/rpc/openRpc.ts'
import { ChainMismatchError, expectResult } from './chain/rpc/Rpc.ts'
import type { SimulatorOptions } from './Simulator.ts'

/** What a simulator stands on: the provider, the chain that it serves, and both engines. */
export interface Engines {
  readonly upstream: ReturnType<typeof openRpc>
  readonly chainId: number
  /** Null where no binary of anvil is, or none is wanted. */
  readonly pool: EnginePool | null
  readonly second: EthereumjsEngine
}

/** Engines that are starting: a thread and a process, which need nothing of this process meanwhile. */
export interface StartingEngines extends Omit<Engines, 'pool'> {
  readonly pool: Promise<EnginePool | null>
  close(): Promise<void>
}

/**
 * Asks the provider for its chain and starts the engines. They take as long to start as the rest of the simulator to load, so
 * the caller loads that before it waits for them.
 *
 * @throws {UpstreamError} when the provider does not answer; {ChainMismatchError} when it serves another chain.
 */
export async function openEngines(options: SimulatorOptions): Promise<StartingEngines> {
  const hasSpare = options.hasSpares ?? true
  const second = createEthereumjsEngine({ hasSpare })
  const upstream = openRpc({
    urls: options.rpcUrls,
    timeoutMs: options.upstreamTimeoutMs ?? 15_000,
    quorum: options.quorum ?? 1,
    chainId: options.chainId,
    ...(options.onRequest === undefined ? {} : { onRequest: options.onRequest }),
  })
  try {
    const chainId = await askChainId(upstream, options)
    const pool = options.engine === 'ethereumjs' ? Promise.resolve(null) : startPool(chainId, { options, hasSpare })
    // Who closes before waiting for it still ends what was started.
    pool.catch(() => undefined)
    return {
      ...{ upstream, chainId, second, pool },
      async close() {
        const started = pool.then(
          (engines) => engines?.close(),
          () => undefined,
        )
        await Promise.all([second.close(), upstream.close(), started])
      },
    }
  } catch (error) {
    await Promise.all([second.close(), upstream.close()])
    throw error
  }
}

async function askChainId(upstream: Engines['upstream'], { rpcUrls, chainId }: SimulatorOptions): Promise<number> {
  const [url] = rpcUrls
  const [answer] = await upstream.batch([{ method: 'eth_chainId', params: [] }])
  const served = Number(expectResult<string>(answer, 'eth_chainId', url))
  if (chainId !== null && served !== chainId) throw new ChainMismatchError(url, chainId, served)
  return served
}

async function startPool(
  chainId: number,
  { options, hasSpare }: { readonly options: SimulatorOptions; readonly hasSpare: boolean },
): Promise<EnginePool | null> {
  try {
    return await createEnginePool({ chainId, size: options.workers ?? 1, hasSpare })
  } catch (error) {
    // No binary for this platform: the EVM that is plain JavaScript runs everywhere, only slower.
    if (!(error instanceof AnvilMissingError) || options.engine === 'anvil') throw error
    return null
  }
}
