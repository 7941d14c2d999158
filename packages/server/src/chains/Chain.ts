import { BaseError, Redacted, type Address, type Hex } from '@countersign/base'
import { createSimulator, type DescriptorSet, type Simulator } from '@countersign/simulator'
import type { Exchange, RegistryContract, RegistryToken } from '../tools/ToolHost.ts'

/** A chain as configuration names it. */
export interface ChainConfig {
  readonly chainId: number
  readonly name: string
  readonly nativeSymbol: string
  /** Provider URLs often carry an API key, so they are never printed whole. */
  readonly rpcUrl: Redacted.Redacted<string>
  /** Further providers: the next one takes over when one fails, or must agree where a quorum of 2 is asked for. */
  readonly fallbackRpcUrls?: readonly Redacted.Redacted<string>[]
  /** 2: every piece of state a simulation rests on is asked of two providers, which must agree. Default 1. */
  readonly quorum?: 1 | 2
  /** Whether what a simulation rests on is proven against the block's state root. Default false. */
  readonly isProofVerified?: boolean
  /** Follow the head this often in milliseconds, so that the first simulation on a new block is warm. Default: do not. */
  readonly followHeadMs?: number
  /** ERC-7730 descriptors that explain calls, beside the shipped ones. */
  readonly descriptors?: DescriptorSet
  /** The built-in local chain: test wallet and faucet exist only there. */
  readonly isLocal: boolean
  readonly explorerUrl: string | null
  readonly tokens: readonly RegistryToken[]
  readonly contracts: readonly RegistryContract[]
  readonly exchange: Exchange | null
  /** Gives test money; only on the local chain. */
  readonly faucet: ((account: Address.Address) => Promise<void>) | null
}

/** A chain that answers: its configuration, a simulator and a JSON-RPC door for reads. */
export interface Chain extends ChainConfig {
  readonly simulator: Simulator
  /**
   * One JSON-RPC call.
   * @throws {RpcUnreachableError} `chains:rpc:unreachable`.
   * @throws {RpcAnswerError} `chains:rpc:refused`, with the node's own code and message.
   */
  rpc<T = unknown>(method: string, params: readonly unknown[]): Promise<T>
  close(): Promise<void>
}

/** The time a read may take. Providers answer in tens of milliseconds; ten seconds is a dead one. */
const RPC_TIMEOUT_MS = 10_000

/**
 * Opens a chain and checks that the provider really serves it.
 *
 * @throws {BaseError} `simulation:upstream:unreachable` or `simulation:chain:mismatch`.
 */
export async function openChain(config: ChainConfig): Promise<Chain> {
  const urls = [config.rpcUrl, ...(config.fallbackRpcUrls ?? [])].map(Redacted.reveal) as [string, ...string[]]
  const simulator = await createSimulator({
    chainId: config.chainId,
    rpcUrls: urls,
    quorum: config.quorum ?? 1,
    isProofVerified: config.isProofVerified ?? false,
    ...(config.descriptors === undefined ? {} : { descriptors: config.descriptors }),
    ...(config.followHeadMs === undefined ? {} : { followHeadMs: config.followHeadMs }),
  })
  let nextId = 1
  async function ask(url: string, method: string, params: readonly unknown[]): Promise<RpcBody> {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: nextId++, method, params }),
      signal: AbortSignal.timeout(RPC_TIMEOUT_MS),
    })
    return (await response.json()) as RpcBody
  }

  return {
    ...config,
    simulator,
    async rpc<T>(method: string, params: readonly unknown[]): Promise<T> {
      for (const [i, url] of urls.entries()) {
        let body: RpcBody
        try {
          body = await ask(url, method, params)
        } catch (cause) {
          if (i < urls.length - 1) continue
          throw new RpcUnreachableError(config.name, url, cause)
        }
        if (body.error !== undefined) throw new RpcAnswerError(method, body.error)
        return body.result as T
      }
      throw new RpcUnreachableError(config.name, urls[0], null)
    },
    close: () => simulator.close(),
  }
}

interface RpcBody {
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown }
}

/** What a transaction looks like on chain, as far as settlement cares. */
export interface ChainTransaction {
  readonly hash: Hex.Hex
  readonly from: string
  readonly to: string | null
  readonly value: string
  readonly input: Hex.Hex
  readonly nonce: string
  readonly chainId?: string
  readonly blockNumber: string | null
}

export class RpcUnreachableError extends BaseError {
  override readonly name = 'chains.RpcUnreachableError'
  constructor(chain: string, url: string, cause: unknown) {
    super(`The RPC provider of ${chain} (${Redacted.url(url)}) does not answer.`, {
      code: 'chains:rpc:unreachable',
      kind: 'upstream',
      hint: 'Check that the provider is up and reachable from this server, then try again.',
      cause,
    })
  }
}

export class RpcAnswerError extends BaseError {
  override readonly name = 'chains.RpcAnswerError'
  readonly rpc: { readonly code: number; readonly message: string; readonly data?: unknown }
  constructor(method: string, rpc: { code: number; message: string; data?: unknown }) {
    super(`The node refused ${method}.`, {
      code: 'chains:rpc:refused',
      kind: 'upstream',
      hint: 'See the details in the answer; retrying the same call will not help.',
    })
    this.rpc = rpc
  }
}
