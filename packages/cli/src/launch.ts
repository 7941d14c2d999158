import { Redacted, type Address } from '@countersign/base'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { chainOf, readDescriptors } from '@countersign/simulator'
import { startServer, tryPort, type ChainConfig, type RunningServer, type ServerOptions } from '@countersign/server'
import { chainConfig } from './chainConfig.ts'
import { configuredChains } from './configuredChains.ts'
import { findWebRoot } from './webRoot.ts'

export interface Launched extends RunningServer {
  /** The built-in chain, when it was started. */
  readonly localChain: LocalChain | null
}

export interface LaunchOptions extends Partial<
  Pick<
    ServerOptions,
    'clock' | 'storeClock' | 'policy' | 'logLevel' | 'logStream' | 'host' | 'signerDeadlineMs' | 'socketPath' | 'mcp'
  >
> {
  readonly port: number
  readonly dataDir: string
  readonly env: NodeJS.ProcessEnv
  /** A chain that is already running, for tests; otherwise one is started when no RPC URL is configured. */
  readonly localChain?: LocalChain
  /** The built page to serve; default: the one beside this command. */
  readonly webRoot?: string
  /** Blocks by the clock on the local chain, in milliseconds. */
  readonly blockTimeMs?: number
}

/**
 * Starts the server as configured: on the chains named by `COUNTERSIGN_RPC_<chainId>`, or, when none is, on a local
 * chain of its own.
 *
 * @throws {BaseError} with one clear sentence.
 */
export async function launch(options: LaunchOptions): Promise<Launched> {
  const configured = configuredChains(options.env)
  await tryPort(options)
  const startsLocal = configured.length === 0 && options.localChain === undefined
  const localChain = startsLocal
    ? await startLocalChain(options.blockTimeMs === undefined ? {} : { blockTimeMs: options.blockTimeMs })
    : (options.localChain ?? null)
  const folder = options.env['COUNTERSIGN_DESCRIPTORS'] ?? ''
  const descriptors = folder === '' ? {} : { descriptors: readDescriptors(folder) }
  try {
    const server = await startServer({
      ...options,
      chains: (configured.length > 0 ? configured : [localConfig(localChain as LocalChain)]).map((chain) => ({
        ...chain,
        ...descriptors,
      })),
      webRoot: options.webRoot ?? findWebRoot(),
      // Loaded when somebody looks at it.
      checklist: async () => (await import('./doctor.ts')).checklistOf(options),
    })
    return {
      ...server,
      localChain,
      async close() {
        await server.close()
        if (startsLocal) await localChain?.close()
      },
    }
  } catch (error) {
    if (startsLocal) await localChain?.close()
    throw error
  }
}

/** What the faucet gives: enough to try everything. */
const FAUCET = { wei: 10n * 10n ** 18n, usdc: 5_000n * 10n ** 6n, dai: 1_000n * 10n ** 18n }

function localConfig(chain: LocalChain): ChainConfig {
  return {
    ...chainConfig(chainOf(chain.chainId)),
    rpcUrl: Redacted.of(chain.rpcUrl),
    isLocal: true,
    tokens: chain.tokens.map((token) => ({ chainId: chain.chainId, ...token })),
    contracts: chain.contracts.map((contract) => ({ chainId: chain.chainId, ...contract })),
    exchanges: [
      {
        kind: 'uniswap-v2',
        router: chain.addresses.uniswapV2Router as Address.Address,
        wrappedNative: chain.addresses.weth as Address.Address,
      },
    ],
    faucet: async (account, balanceWei) => {
      // Only top up: a faucet that adds forever would also let a page move somebody's balances about.
      if (balanceWei >= FAUCET.wei / 2n) return
      await chain.fund(account, FAUCET)
    },
  }
}
