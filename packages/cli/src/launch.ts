import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { BaseError, Redacted, type Address } from '@countersign/base'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { readDescriptors } from '@countersign/simulator'
import { startServer, type ChainConfig, type RunningServer, type ServerOptions } from '@countersign/server'
import { wellKnownChain } from './registry.ts'

export interface Launched extends RunningServer {
  /** The built-in chain, when it was started. */
  readonly localChain: LocalChain | null
}

export interface LaunchOptions extends Partial<
  Pick<ServerOptions, 'clock' | 'storeClock' | 'policy' | 'logLevel' | 'logStream' | 'host'>
> {
  readonly port: number
  readonly dataDir: string
  readonly env: NodeJS.ProcessEnv
  /** A chain that is already running, for tests; otherwise one is started when no RPC URL is configured. */
  readonly localChain?: LocalChain
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
  const startsLocal = configured.length === 0 && options.localChain === undefined
  const localChain = startsLocal
    ? await startLocalChain(options.blockTimeMs === undefined ? {} : { blockTimeMs: options.blockTimeMs })
    : (options.localChain ?? null)
  const folder = options.env['COUNTERSIGN_DESCRIPTORS'] ?? ''
  const descriptors = folder === '' ? {} : { descriptors: readDescriptors(folder) }
  const webRoot = join(import.meta.dirname, '..', '..', 'web', 'dist')
  try {
    const server = await startServer({
      ...options,
      chains: (configured.length > 0 ? configured : [localConfig(localChain as LocalChain)]).map((chain) => ({
        ...chain,
        ...descriptors,
      })),
      webRoot: existsSync(join(webRoot, 'index.html')) ? webRoot : null,
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

/** `COUNTERSIGN_RPC_1=https://…,https://…`: one variable a chain, its providers in the order in which they are tried. */
function configuredChains(env: NodeJS.ProcessEnv): ChainConfig[] {
  return Object.entries(env).flatMap(([name, value]): ChainConfig[] => {
    const match = /^COUNTERSIGN_RPC_(\d{1,15})$/.exec(name)
    if (match === null || value === undefined || value === '') return []
    const urls = value.split(',').map((url) => url.trim())
    if (urls.some((url) => !URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))) throw new RpcUrlError(name)
    const quorum = choice(env, 'COUNTERSIGN_QUORUM', { '1': 1, '2': 2 } as const) ?? 1
    if (quorum === 2 && urls.length < 2) throw new QuorumError(name)
    const [rpcUrl, ...fallbackRpcUrls] = urls.map(Redacted.of) as [
      Redacted.Redacted<string>,
      ...Redacted.Redacted<string>[],
    ]
    return [
      {
        ...wellKnownChain(Number(match[1])),
        rpcUrl,
        fallbackRpcUrls,
        quorum,
        isProofVerified: choice(env, 'COUNTERSIGN_VERIFY_PROOFS', { '0': false, '1': true } as const) ?? false,
        isLocal: false,
        faucet: null,
      },
    ]
  })
}

/** A setting that has few values; null when it is unset. */
function choice<T>(env: NodeJS.ProcessEnv, name: string, values: Readonly<Record<string, T>>): T | null {
  const text = env[name] ?? ''
  if (text === '') return null
  const value = Object.entries(values).find(([key]) => key === text)
  if (value === undefined) throw new SettingError(name, Object.keys(values))
  return value[1]
}

/** What the faucet gives: enough to try everything. */
const FAUCET = { wei: 10n * 10n ** 18n, usdc: 5_000n * 10n ** 6n, dai: 1_000n * 10n ** 18n }

function localConfig(chain: LocalChain): ChainConfig {
  return {
    chainId: chain.chainId,
    name: 'Local chain',
    nativeSymbol: 'ETH',
    rpcUrl: Redacted.of(chain.rpcUrl),
    isLocal: true,
    explorerUrl: null,
    tokens: chain.tokens.map((token) => ({ chainId: chain.chainId, ...token })),
    contracts: chain.contracts.map((contract) => ({ chainId: chain.chainId, ...contract })),
    exchange: {
      kind: 'uniswap-v2',
      router: chain.addresses.uniswapV2Router as Address.Address,
      wrappedNative: chain.addresses.weth as Address.Address,
    },
    faucet: async (account, balanceWei) => {
      // Only top up: a faucet that adds forever would also let a page move somebody's balances about.
      if (balanceWei >= FAUCET.wei / 2n) return
      await chain.fund(account, FAUCET)
    },
  }
}

export class QuorumError extends BaseError {
  override readonly name = 'cli.QuorumError'
  constructor(variable: string) {
    super(`A quorum of two needs two providers, and ${variable} names one.`, {
      code: 'cli:quorum:impossible',
      kind: 'invalid',
      hint: `Set ${variable}=https://…,https://… or unset COUNTERSIGN_QUORUM.`,
    })
  }
}

export class SettingError extends BaseError {
  override readonly name = 'cli.SettingError'
  constructor(variable: string, values: readonly string[]) {
    super(`${variable} cannot be used.`, {
      code: 'cli:setting:unreadable',
      kind: 'invalid',
      hint: `Set it to ${values.join(' or ')}, or unset it.`,
    })
  }
}

export class RpcUrlError extends BaseError {
  override readonly name = 'cli.RpcUrlError'
  constructor(variable: string) {
    super(`${variable} is not an http(s) URL.`, {
      code: 'cli:rpc-url:unreadable',
      kind: 'invalid',
      hint: `Set ${variable}=https://… or unset it.`,
    })
  }
}
