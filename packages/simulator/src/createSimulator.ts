import { BaseError, Clock, type Digest } from '@countersign/base'
import type { DescriptorSet } from './clearsigning/Descriptor.ts'
import { withBuiltIn } from './clearsigning/readDescriptors.ts'
import { blockRef } from './engine/BlockEnv.ts'
import { emptyKnowledge } from './effects/Knowledge.ts'
import { keepWords } from './effects/readEffects.ts'
import { createEthereumjsEngine } from './engine/ethereumjs/createEthereumjsEngine.ts'
import { createEnginePool, type EnginePool } from './engine/EnginePool.ts'
import { AnvilMissingError } from './engine/spawnAnvil.ts'
import { checkLease, type Lease } from './receipts/checkLease.ts'
import type { Bound } from './receipts/Bound.ts'
import { createShelf, type ReadSet } from './receipts/ReadSet.ts'
import type { BlockRef, Report } from './Report.ts'
import type { SimulationRequest } from './Request.ts'
import { simulateRequest } from './simulateRequest.ts'
import { CodeStore } from './state/StateCache.ts'
import { detectChainKind } from './state/L1Fee.ts'
import { createHeadFollower } from './state/HeadFollower.ts'
import { chainKind, isBlockDiffComplete, type ChainKind } from './state/chainKind.ts'
import { openStateSource } from './state/openStateSource.ts'
import { ChainMismatchError, expectResult, UpstreamError } from './state/Upstream.ts'
import { openUpstreams } from './state/UpstreamPool.ts'

export interface SimulatorOptions {
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
  /** For one request to the provider, in milliseconds. */
  readonly upstreamTimeoutMs?: number
  /** The most accounts and slots one simulation may read. An ordinary swap reads about 40. */
  readonly maxReads?: number
  /** ERC-7730 descriptors beside the shipped ones (`readDescriptors`, `parseDescriptors`). */
  readonly descriptors?: DescriptorSet
  /** The share of simulations that the second EVM checks, 0 to 1. Default 0.02. */
  readonly crossCheckShare?: number
}

export interface Simulator {
  readonly chainId: number
  /**
   * Simulates an ordered batch on a fork of its own. A revert or a block is an answer, not an error.
   *
   * @throws {UpstreamError} `simulation:upstream:unreachable`: there is no answer, so nothing may be signed.
   * @throws {BlockAbsentError} `simulation:block:absent`.
   */
  simulate(request: SimulationRequest): Promise<Report>
  /** What a recent simulation read, by its report's `readSet.digest`; null when it was too long ago. */
  readSet(digest: Digest.Digest): ReadSet | null
  /** Re-reads only what a simulation read, and says whether its outcome still holds. */
  checkLease(bound: Bound, readSet: ReadSet | null): Promise<Lease>
  /** The newest block, asked for now. */
  head(): Promise<BlockRef>
  /** Requests made to the provider, engine processes that had to be replaced, and those that run now. */
  stats(): { readonly upstreamRequests: number; readonly respawns: number; readonly enginePids: readonly number[] }
  close(): Promise<void>
}

/**
 * Opens a simulator on a JSON-RPC provider: a pool of engines that fork nothing, and a cache of each block's state
 * that is filled in one round trip (arrangement "b5" of our measurements, see docs/reference/simulator.md).
 *
 * @throws {UpstreamError} when the provider does not answer; {ChainMismatchError} when it serves another chain.
 */
export async function createSimulator(options: SimulatorOptions): Promise<Simulator> {
  const clock = options.clock ?? Clock.system
  const [url] = options.rpcUrls
  const upstream = openUpstreams({
    urls: options.rpcUrls,
    timeoutMs: options.upstreamTimeoutMs ?? 15_000,
    quorum: options.quorum ?? 1,
    chainId: options.chainId,
  })
  let chainId: number
  try {
    chainId = Number(
      expectResult<string>((await upstream.batch([{ method: 'eth_chainId', params: [] }]))[0], 'eth_chainId', url),
    )
    if (options.chainId !== null && chainId !== options.chainId)
      throw new ChainMismatchError(url, options.chainId, chainId)
  } catch (error) {
    await upstream.close()
    throw error instanceof BaseError ? error : new UpstreamError(url, error)
  }
  let pool: EnginePool | null
  try {
    pool = options.engine === 'ethereumjs' ? null : await createEnginePool({ chainId, size: options.workers ?? 1 })
  } catch (error) {
    // No binary for this platform: the EVM that is plain JavaScript runs everywhere, only slower.
    if (!(error instanceof AnvilMissingError) || options.engine === 'anvil') {
      await upstream.close()
      throw error
    }
    pool = null
  }
  const second = createEthereumjsEngine()
  const share = options.crossCheckShare ?? 0.02
  let sampled = 0
  const codes = new CodeStore()
  const source = openStateSource({ upstream, url, clock, codes, chainId })
  let kind: Promise<ChainKind> | null = null
  /** Asked with the first simulation; an answer that fails is asked again. */
  function askKind(): Promise<ChainKind> {
    const known = chainKind(chainId)
    if (known !== 'evm' || isBlockDiffComplete(chainId)) return Promise.resolve(known)
    const asked = source
      .askHead('latest')
      .then(({ header }) => detectChainKind(upstream, { chainId, blockHash: header.hash }))
    asked.catch(() => (kind = null))
    return asked
  }
  const follower =
    options.followHeadMs === undefined
      ? null
      : createHeadFollower({ endpoint: upstream, pollMs: options.followHeadMs, onHead: source.follow })
  const parts = {
    upstream,
    source,
    pool,
    codes,
    clock,
    words: keepWords(),
    descriptors: withBuiltIn(options.descriptors ?? null),
    knowledge: emptyKnowledge(),
    probeMemo: new Map(),
    maxReads: options.maxReads ?? 1_500,
    readSets: createShelf(),
    second,
    isProofVerified: options.isProofVerified ?? false,
    quorum: options.quorum ?? 1,
    kind: () => (kind ??= askKind()),
    // Evenly spread, not by chance: one in so many is checked, and a test can ask for all.
    isSampled() {
      sampled += share
      if (sampled < 1) return false
      sampled -= 1
      return true
    },
  }

  return {
    chainId,
    async simulate(request) {
      if (request.chainId !== chainId) throw new ChainMismatchError(url, request.chainId, chainId)
      return simulateRequest(parts, request)
    },
    readSet: (digest) => parts.readSets.get(digest),
    checkLease: (bound, readSet) => checkLease(upstream, { bound, readSet, nowMs: clock.nowMs() }),
    head: async () => blockRef((await source.askHead('latest')).header),
    stats: () => ({
      upstreamRequests: upstream.requests,
      respawns: pool?.respawns ?? 0,
      enginePids: pool?.pids ?? [],
    }),
    async close() {
      follower?.stop()
      await pool?.close()
      await second.close()
      await upstream.close()
    },
  }
}
