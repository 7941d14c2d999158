import type { Address, Clock, Digest, Hex } from '@countersign/base'
import type { Chain } from './chain/Chain.ts'
import type { Mismatch } from './chain/compareRecord.ts'
import type { ChainReads } from './chain/reads.ts'
import type { ProviderRequest } from './chain/rpc/Provider.ts'
import type { DescriptorSet } from './clearsigning/Descriptor.ts'
import type { Chosen } from './evm/conformance/chooseEngine.ts'
import type { Played } from './evm/playCalls.ts'
import type { Bound } from './model/Bound.ts'
import type { Lease } from './receipts/checkLease.ts'
import type { ReadSet } from './receipts/ReadSet.ts'
import type { BlockRef } from './model/Block.ts'
import type { Report } from './model/Report.ts'
import type { SimulationRequest } from './model/Request.ts'
import type { Timings } from './stages/Timings.ts'

export interface SimulatorOptions {
  /** What is known of the chain; by its id from the shipped records where it is left out. */
  readonly chain?: Chain
  /** The chain it must be; null takes whatever the provider serves. */
  readonly chainId: number | null
  /** Providers of the chain, tried in this order; the next one takes over when one fails. */
  readonly rpcUrls: readonly [string, ...string[]]
  /** 2: every piece of state is asked of two providers, and they must agree. Default 1. */
  readonly quorum?: 1 | 2
  /** Whether everything a simulation rests on is proven against the block's state root (`eth_getProof`). Default false. */
  readonly isProofVerified?: boolean
  /** Follow the head, asking this often in milliseconds, and carry the cache over to each new block. Default: do not. */
  readonly followHeadMs?: number
  readonly clock?: Clock.Clock
  /**
   * The EVM that runs everything: anvil where its binary is, else ethereumjs, in a thread. `anvil` insists on it.
   * Default: whatever there is.
   */
  readonly engine?: 'anvil' | 'ethereumjs'
  /** Engine processes. One does 1,000 batches a second; more only help on more cores. */
  readonly workers?: number
  /**
   * Whether a spare engine of each kind stands by for one that a transaction kills. A program that simulates once saves its
   * start without; then the next run waits for a fresh one. Default true.
   */
  readonly hasSpares?: boolean
  /** For one request to the provider, in milliseconds. */
  readonly upstreamTimeoutMs?: number
  /** The most accounts and slots one simulation may read. An ordinary swap reads about 40. */
  readonly maxReads?: number
  /** ERC-7730 descriptors beside the shipped ones (`readDescriptors`, `parseDescriptors`). */
  readonly descriptors?: DescriptorSet
  /** The share of simulations that the second EVM checks, 0 to 1. Default 0.02. */
  readonly crossCheckShare?: number
  /** Told of each request to each provider: its origin, methods, how long it took, and what came of it. */
  readonly onRequest?: (request: ProviderRequest) => void
}

export interface Simulator {
  readonly chainId: number
  readonly chain: Chain
  /** Compares the chain with the engine that is to judge it, now, and says which engine that makes. */
  probe(): Promise<Chosen>
  /** What of the chain's record the chain does not bear out. */
  compareRecord(): Promise<readonly Mismatch[]>
  /** Reads the chain for everything but simulations, through the same providers under the same quorum. */
  readonly reads: ChainReads
  /**
   * Simulates an ordered batch on a fork of its own. A revert or a block is an answer, not an error.
   *
   * @throws {UpstreamError} `simulation:upstream:unreachable`: there is no answer, so nothing may be signed.
   * @throws {BlockAbsentError} `simulation:block:absent`.
   */
  simulate(
    request: SimulationRequest,
    options?: { /** Filled in: what each stage cost. */ readonly timings?: Timings },
  ): Promise<Report>
  /** What a recent simulation read, by its report's `readSet.digest`; null when it was too long ago. */
  readSet(digest: Digest.Digest): ReadSet | null
  /**
   * Plays calls in order on a fork of the newest block, in the EVM that runs here; a provider gives state alone. Null where
   * no EVM here models the chain.
   */
  play(input: {
    readonly from: Address.Address
    readonly calls: readonly { readonly to: Address.Address; readonly data: Hex.Hex }[]
  }): Promise<readonly Played[] | null>
  /**
   * Re-reads only what a simulation read, and says whether its outcome still holds.
   *
   * @param sent - How many transactions of this very batch the account has sent since. Default 0.
   * @param waiting - What of the account waits to be mined, by hash; null: nobody looked. Default null.
   */
  checkLease(
    bound: Bound,
    readSet: ReadSet | null,
    since?: { readonly sent?: number; readonly waiting?: ReadonlySet<string> | null },
  ): Promise<Lease>
  /** The newest block, asked for now. */
  head(): Promise<BlockRef>
  /** Requests made to the provider, engine processes that had to be replaced, and those that run now. */
  stats(): { readonly upstreamRequests: number; readonly respawns: number; readonly enginePids: readonly number[] }
  close(): Promise<void>
}
