import { BaseError, type Clock, type Digest, type Hex } from '@countersign/base'
import type { Header } from '../../model/Block.ts'
import type { SimulationRequest } from '../../model/Request.ts'
import { addAccess, copyAccess, type AccessSet } from '../../model/Access.ts'
import { StateCache, type CodeStore } from './StateCache.ts'
import { isBlockDiffComplete, type Chain } from '../Chain.ts'
import { rollForward } from './HeadFollower.ts'
import { absorbPrefetch, type Prefetch } from './Prefetch.ts'
import {
  expectResult,
  readBytes,
  readQuantity,
  UpstreamError,
  type RpcAnswer,
  type RpcCall,
  type RpcEndpoint,
} from '../rpc/Rpc.ts'

/** The block to stand on, what of it was read, and what the request is known to touch. */
export interface Prepared {
  readonly header: Header
  readonly tipWei: bigint
  readonly cache: StateCache
  readonly access: AccessSet
}

/** Blocks and their state, read from the provider in as few round trips as can be. */
export interface StateSource {
  /**
   * At most one request to the provider when nothing changed since.
   *
   * @param digest - Of the request: what the same one touched before is read in the same round trip.
   */
  prepare(request: SimulationRequest, digest: Digest.Digest): Promise<Prepared>
  askHead(tag: string): Promise<{ readonly header: Header; readonly tipWei: bigint }>
  /** Takes note of a new head, and carries what is known of its parent over to it. */
  follow(header: Header, parent: Header | null): Promise<void>
  /** Hashes of earlier blocks, for BLOCKHASH. */
  blockHashes(numbers: readonly bigint[]): Promise<ReadonlyMap<bigint, Hex.Hex>>
  /** Whether the provider has `debug_` methods, as far as is known. */
  hasDebug(): boolean
  /** Drops a block's state, because some of it turned out to be wrong. Whoever asks next reads it again. */
  disown(cache: StateCache): void
}

/** Blocks whose state is kept: the head, and a few that running simulations may still use. */
const KEPT_BLOCKS = 4

interface Sources {
  readonly upstream: RpcEndpoint
  /** Only for error texts. */
  readonly url: string
  readonly clock: Clock.Clock
  readonly codes: CodeStore
  readonly chain: Chain
  readonly prefetch: Prefetch
}

export function openStateSource(sources: Sources): StateSource {
  return new Source(sources)
}

interface Asked {
  readonly header: Header
  readonly tipWei: bigint
  readonly further: readonly RpcAnswer[]
}

class Source implements StateSource {
  readonly #sources: Sources
  readonly #caches = new Map<Hex.Hex, StateCache>()
  #head: { readonly header: Header; readonly tipWei: bigint; readonly atMs: number } | null = null
  #hasDebug = true

  constructor(sources: Sources) {
    this.#sources = sources
  }

  /** Header and priority fee, in one request, with whatever else is to be asked in it. */
  async askHead(tag: string, further: readonly RpcCall[] = []): Promise<Asked> {
    const { upstream, url, clock } = this.#sources
    const answers = await upstream.batch([
      { method: 'eth_getBlockByNumber', params: [tag, false] },
      { method: 'eth_maxPriorityFeePerGas', params: [] },
      ...further,
    ])
    const header = expectResult<Header | null>(answers[0], 'eth_getBlockByNumber', url)
    if (header === null) throw new BlockAbsentError(tag)
    checkHeader(header)
    const tip = answers[1]
    const tipWei = tip?.ok === true ? readQuantity(tip.result, 'eth_maxPriorityFeePerGas') : 0n
    if (tag === 'latest') this.#head = { header, tipWei, atMs: clock.nowMs() }
    return { header, tipWei, further: answers.slice(2) }
  }

  /** At most one request when nothing changed. */
  async prepare(request: SimulationRequest, digest: Digest.Digest): Promise<Prepared> {
    if (request.block !== 'latest')
      return this.#filled(request, digest, await this.askHead(`0x${request.block.toString(16)}`))
    const head = this.#head
    if (head === null) return this.#filled(request, digest, await this.askHead('latest'))
    const ageMs = this.#sources.clock.nowMs() - head.atMs
    // A clock that was set back says nothing about age.
    const isFresh = ageMs >= 0 && ageMs < (request.maxHeadAgeMs ?? 1_000)
    if (isFresh) return this.#filled(request, digest, head)
    const cache = this.#cacheFor(head.header.hash)
    const remembered = this.#rememberedAt(cache, digest)
    // Ask for the head and, in the same request, for the state at the head we know: usually it is still the head.
    const calls = remembered === null ? this.#callsFor(request, head.header) : []
    const asked = await this.askHead('latest', calls)
    if (asked.header.hash !== head.header.hash) return this.#filled(request, digest, asked)
    const access = remembered ?? this.#absorb(cache, request, { calls, answers: asked.further })
    return { header: asked.header, tipWei: asked.tipWei, cache, access }
  }

  async follow(header: Header, parent: Header | null): Promise<void> {
    const { upstream, clock, codes, chain, prefetch } = this.#sources
    const from = parent === null ? undefined : this.#caches.get(parent.hash)
    if (parent !== null && from !== undefined && !this.#caches.has(header.hash)) {
      const hot: AccessSet = new Map()
      for (const access of prefetch.allBefore()) addAccess(hot, access)
      const rolled = await rollForward({
        ...{ endpoint: upstream, from, parentHeader: parent, header, codes, hot },
        hasDebug: this.#hasDebug && isBlockDiffComplete(chain),
      })
      if (rolled !== null && !this.#caches.has(header.hash)) this.#keep(rolled)
    }
    // The fee that is asked for now, not the one of some earlier block.
    const [tip] = await upstream.batch([{ method: 'eth_maxPriorityFeePerGas', params: [] }])
    const tipWei = tip?.ok === true ? readQuantity(tip.result, 'eth_maxPriorityFeePerGas') : 0n
    this.#head = { header, tipWei, atMs: clock.nowMs() }
  }

  async blockHashes(numbers: readonly bigint[]): Promise<ReadonlyMap<bigint, Hex.Hex>> {
    const { upstream, url } = this.#sources
    const answers = await upstream.batch(
      numbers.map((number) => ({ method: 'eth_getBlockByNumber', params: [`0x${number.toString(16)}`, false] })),
    )
    return new Map(
      numbers.map((number, i) => {
        const header = expectResult<Header | null>(answers[i], 'eth_getBlockByNumber', url)
        if (header === null) throw new BlockAbsentError(`0x${number.toString(16)}`)
        return [number, header.hash]
      }),
    )
  }

  hasDebug(): boolean {
    return this.#hasDebug
  }

  disown(cache: StateCache): void {
    if (this.#caches.get(cache.blockHash) === cache) this.#caches.delete(cache.blockHash)
  }

  async #filled(
    request: SimulationRequest,
    digest: Digest.Digest,
    { header, tipWei }: { readonly header: Header; readonly tipWei: bigint },
  ): Promise<Prepared> {
    const { upstream, prefetch } = this.#sources
    const cache = this.#cacheFor(header.hash)
    const remembered = this.#rememberedAt(cache, digest)
    if (remembered !== null) return { header, tipWei, cache, access: remembered }
    // All that its kind touches is known already: what it touches beside that shows when it is run.
    const alike = prefetch.alikeBefore(request)
    if (alike !== undefined && cache.missing(alike).size === 0) {
      const access = copyAccess(alike)
      for (const address of prefetch.mentioned(request, header))
        if (!access.has(address)) access.set(address, new Set())
      return { header, tipWei, cache, access }
    }
    const calls = this.#callsFor(request, header)
    const access = this.#absorb(cache, request, { calls, answers: await upstream.batch(calls) })
    return { header, tipWei, cache, access }
  }

  /** What the very same request touched before, where all of it is known of the block; else null. */
  #rememberedAt(cache: StateCache, digest: Digest.Digest): AccessSet | null {
    const remembered = this.#sources.prefetch.sameBefore(digest)
    return remembered !== undefined && cache.missing(remembered).size === 0 ? copyAccess(remembered) : null
  }

  #callsFor(request: SimulationRequest, header: Header): readonly RpcCall[] {
    return this.#sources.prefetch.callsFor(request, header, { hasDebug: this.#hasDebug })
  }

  #absorb(
    cache: StateCache,
    request: SimulationRequest,
    read: { calls: readonly RpcCall[]; answers: readonly RpcAnswer[] },
  ): AccessSet {
    const { prefetch, url } = this.#sources
    const { access, lacksDebug } = absorbPrefetch(cache, { request, prefetch, url }, read)
    if (lacksDebug) this.#hasDebug = false
    return access
  }

  #cacheFor(hash: Hex.Hex): StateCache {
    const known = this.#caches.get(hash)
    if (known !== undefined) return known
    const cache = new StateCache(hash, this.#sources.codes)
    this.#keep(cache)
    return cache
  }

  #keep(cache: StateCache): void {
    this.#caches.set(cache.blockHash, cache)
    const oldest = this.#caches.keys().next().value
    if (this.#caches.size > KEPT_BLOCKS && oldest !== undefined) this.#caches.delete(oldest)
  }
}

/** @throws {UpstreamError} when a header lacks what everything else rests on. */
function checkHeader(header: Header): void {
  for (const field of ['number', 'timestamp', 'gasLimit', 'gasUsed'] as const) readQuantity(header[field], field)
  if (header.baseFeePerGas !== undefined) readQuantity(header.baseFeePerGas, 'baseFeePerGas')
  for (const field of ['hash', 'parentHash', 'stateRoot', 'mixHash'] as const) {
    if (field === 'mixHash' && header.mixHash === undefined) continue
    if (readBytes(header[field], field).length !== 66) throw new UpstreamError('', new Error(`${field}: not 32 bytes`))
  }
  if (readBytes(header.miner, 'miner').length !== 42) throw new UpstreamError('', new Error('miner: not an address'))
}

export class BlockAbsentError extends BaseError {
  override readonly name = 'simulator.BlockAbsentError'
  constructor(tag: string) {
    super(`The provider does not have the block ${tag === 'latest' ? tag : BigInt(tag).toString()}.`, {
      code: 'simulation:block:absent',
      kind: 'invalid',
      hint: 'Use `latest` or a block that this node still has.',
    })
  }
}
