import { BaseError, Redacted, type Address } from '@countersign/base'
import {
  Chain as ChainRecord,
  ChainMismatchError,
  createSimulator,
  UpstreamDisagreementError,
  UpstreamError,
  type ChainReads,
  type DescriptorSet,
  type Fault,
  type ProviderRequest,
  type Simulator,
} from '@countersign/simulator'
import type { Exchange, RegistryContract, RegistryToken } from './Registry.ts'
import type { Admission } from '../limits/Admission.ts'
import { admitted, type Workers } from './admitted.ts'
import { setupOf } from './jobs/SimulatorSetup.ts'
import { startProcess } from './jobs/startProcess.ts'

/** A chain as configuration names it. */
export interface ChainConfig {
  readonly chainId: number
  /** What is known of the chain; by its id from the shipped records where it is left out. */
  readonly record?: ChainRecord.Chain
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
  /** The first that has a pool for a pair is used. */
  readonly exchanges: readonly Exchange[]
  /** Gives test money to an account that holds so much; only on the local chain. */
  readonly faucet: ((account: Address.Address, balanceWei: bigint) => Promise<void>) | null
}

/**
 * A chain that answers: its configuration, a simulator, and the one door for every other read (`ChainReads`). All of
 * them go through the same providers, under the same quorum. Every method of the door throws {ChainReadError}, of kind
 * `upstream`, when there is no answer to rest on: then nothing may change.
 */
export interface Chain extends ChainConfig, ChainReads {
  readonly simulator: Simulator
  /** As `Simulator.play`. */
  readonly play: Simulator['play']
  close(): Promise<void>
}

/**
 * Opens a chain and checks that the provider really serves it.
 *
 * @param onRequest - Told of each request to each provider.
 * @param workers - Other processes that simulate for this one, while there are any.
 * @param admission - Whose turn it is to simulate. Default: everything runs as it comes.
 * @throws {BaseError} `simulation:upstream:unreachable` or `simulation:chain:mismatch`.
 */
export async function openChain(
  config: ChainConfig,
  {
    onRequest,
    admission,
    workers = null,
  }: { onRequest?: (request: ProviderRequest) => void; admission?: Admission; workers?: Workers | null } = {},
): Promise<Chain> {
  const setup = setupOf(config)
  const asked = onRequest === undefined ? {} : { onRequest }
  const common = await createSimulator({
    ...setup,
    ...asked,
    ...(config.followHeadMs === undefined ? {} : { followHeadMs: config.followHeadMs }),
  })
  const simulator =
    admission === undefined
      ? common
      : admitted(common, { admission, apart: startProcess({ ...setup, workers: 2 }, asked), workers })
  return {
    ...config,
    simulator: ofChain(config.name, simulator),
    ...readsOf(config.name, simulator.reads),
    play: (input) => answered(config.name, simulator.play(input)),
    close: () => simulator.close(),
  }
}

/** The simulator, whose provider's serving another chain is no fault of the caller's, and names no provider to them. */
function ofChain(chain: string, simulator: Simulator): Simulator {
  const refuse = (error: unknown): never => {
    throw error instanceof ChainMismatchError ? (ChainReadError.of(chain, error) ?? error) : error
  }
  return {
    ...simulator,
    simulate: (request, options) => simulator.simulate(request, options).catch(refuse),
    checkLease: (bound, readSet, options) => simulator.checkLease(bound, readSet, options).catch(refuse),
  }
}

/** An answer, or an error that says of which chain there is none. */
async function answered<T>(chain: string, asking: Promise<T>): Promise<T> {
  try {
    return await asking
  } catch (error) {
    throw ChainReadError.of(chain, error) ?? error
  }
}

/** The door with errors that say of which chain there is no answer. */
function readsOf(chain: string, reads: ChainReads): ChainReads {
  return {
    head: () => answered(chain, reads.head()),
    at(block) {
      const state = reads.at(block)
      return {
        call: (input) => answered(chain, state.call(input)),
        nonce: (account) => answered(chain, state.nonce(account)),
        code: (account) => answered(chain, state.code(account)),
        balance: (account) => answered(chain, state.balance(account)),
      }
    },
    transaction: (hash) => answered(chain, reads.transaction(hash)),
    receipt: (hash) => answered(chain, reads.receipt(hash)),
    block: (ref) => answered(chain, reads.block(ref)),
    header: (number) => answered(chain, reads.header(number)),
    waiting: (account, fromNonce) => answered(chain, reads.waiting(account, fromNonce)),
    trace: (hash) => answered(chain, reads.trace(hash)),
    send: (raw) => answered(chain, reads.send(raw)),
    pass: (method, params) => answered(chain, reads.pass(method, params)),
  }
}

/** By what went wrong at a provider: the code, and what it did, in words of ours. */
const FAULTS: Readonly<Record<Fault, readonly [reason: string, did: string]>> = {
  connection: ['unreachable', 'refused the connection'],
  host: ['unreachable', 'cannot be found by its host name'],
  timeout: ['unreachable', 'took too long'],
  closed: ['unreachable', 'closed the connection'],
  tls: ['unreachable', 'failed the TLS handshake'],
  http: ['unreachable', 'answered with an HTTP error'],
  redirect: ['unreachable', 'answered with a redirect'],
  'rate-limit': ['unreachable', 'received too many requests'],
  block: ['unreachable', 'does not have the block'],
  fewer: ['unreachable', 'did not answer; too few others did'],
  page: ['unreadable', 'answered with a web page'],
  'not-json': ['unreadable', 'did not answer in JSON'],
  'no-batch': ['unreadable', 'does not answer batches'],
  oversize: ['unreadable', 'answered more than is read'],
  unreadable: ['unreadable', 'gave an answer that is not valid'],
  method: ['refused', 'does not offer the method'],
  refused: ['refused', 'refused the call'],
  'wrong-chain': ['wrong-chain', 'serves another chain'],
}

/**
 * There is no answer from a chain to rest on: `chains:rpc:unreachable`, `…:unreadable`, `…:refused`, `…:wrong-chain` or
 * `…:disagreement`. Outside, neither the provider's text nor its host is in it; the log has the cause.
 */
export class ChainReadError extends BaseError {
  override readonly name = 'chains.ChainReadError'
  constructor(reason: string, message: string, cause: unknown) {
    super(message, {
      code: `chains:rpc:${reason}`,
      kind: 'upstream',
      hint: 'Nothing was changed. Try again; if it stays so, the operator finds the cause in the log.',
      cause,
    })
  }

  /** What a provider's failure means for whoever asked; null when it is no such failure. */
  static of(chain: string, error: unknown): ChainReadError | null {
    if (error instanceof UpstreamDisagreementError)
      return new ChainReadError('disagreement', `The RPC providers of ${chain} disagree about ${error.method}.`, error)
    if (error instanceof ChainMismatchError) return ChainReadError.#at(chain, 'wrong-chain', null, error)
    return error instanceof UpstreamError ? ChainReadError.#at(chain, error.fault, error.method, error) : null
  }

  static #at(chain: string, fault: Fault, method: string | null, cause: unknown): ChainReadError {
    const [reason, did] = FAULTS[fault]
    const asked = method === null ? '' : ` (${method})`
    return new ChainReadError(reason, `The RPC provider of ${chain} ${did}${asked}.`, cause)
  }
}
