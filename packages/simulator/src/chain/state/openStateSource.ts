import { Address, BaseError, type Clock, type Digest, type Hex } from '@countersign/base'
import type { Header } from '../../model/Block.ts'
import { BATCH_PROBE_CODE, encodeBatch } from '../../evm/BatchProbe.ts'
import { otherBuilder } from '../../evm/environments.ts'
import { mentionedAddresses } from '../../effects/Trace.ts'
import type { Memory } from '../../memory/Memory.ts'
import type { SimulationRequest } from '../../model/Request.ts'
import { accessOf, addAccess, copyAccess, type AccessSet, type Prestate } from '../../model/Access.ts'
import { StateCache, type CodeStore } from './StateCache.ts'
import { isBlockDiffComplete, type Chain } from '../Chain.ts'
import { rollForward } from './HeadFollower.ts'
import {
  expectResult,
  readBytes,
  readQuantity,
  readWord,
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

/**
 * @param url - Only for error texts.
 */
export function openStateSource({
  upstream,
  url,
  clock,
  codes,
  chain,
  memory,
}: {
  upstream: RpcEndpoint
  url: string
  clock: Clock.Clock
  codes: CodeStore
  chain: Chain
  memory: Pick<Memory, 'requestAccess' | 'shapeAccess' | 'shapeTraced'>
}): StateSource {
  const caches = new Map<Hex.Hex, StateCache>()
  let head: { header: Header; tipWei: bigint; atMs: number } | null = null
  let hasDebug = true

  /** Header and priority fee, in one request, with whatever else is to be asked in it. */
  async function askHead(tag: string, further: readonly RpcCall[] = []) {
    const answers = await upstream.batch([
      { method: 'eth_getBlockByNumber', params: [tag, false] },
      { method: 'eth_maxPriorityFeePerGas', params: [] },
      ...further,
    ])
    const header = expectResult<Header | null>(answers[0], 'eth_getBlockByNumber', url)
    if (header === null) throw new BlockAbsentError(tag)
    checkHeader(header)
    const tip = answers[1]
    const found = {
      header,
      tipWei: tip?.ok === true ? readQuantity(tip.result, 'eth_maxPriorityFeePerGas') : 0n,
      atMs: clock.nowMs(),
    }
    if (tag === 'latest') head = found
    return { ...found, further: answers.slice(2) }
  }

  function cacheFor(hash: Hex.Hex): StateCache {
    let cache = caches.get(hash)
    if (cache === undefined) {
      cache = new StateCache(hash, codes)
      keep(cache)
    }
    return cache
  }

  function keep(cache: StateCache): void {
    caches.set(cache.blockHash, cache)
    const oldest = caches.keys().next().value
    if (caches.size > KEPT_BLOCKS && oldest !== undefined) caches.delete(oldest)
  }

  /** Accounts that the request names, and the builders that every simulation pays. */
  function mentioned(request: SimulationRequest, miner: string): Set<string> {
    return new Set([
      request.from.toLowerCase(),
      otherBuilder(Address.parse(miner)).toLowerCase(),
      Address.ZERO,
      ...request.calls.flatMap((call) =>
        call.to === null ? [] : [call.to.toLowerCase(), ...mentionedAddresses(call.data)],
      ),
    ])
  }

  /** One call that touches what the whole batch touches: the batch, run by the sender itself (docs, "one round trip"). */
  function prefetchCalls(request: SimulationRequest, { hash: blockHash, miner }: Header): RpcCall[] {
    const sender = request.from.toLowerCase()
    const at = { blockHash }
    const probes = request.calls.flatMap((call) =>
      call.to === null || call.data === '0x'
        ? []
        : [
            { to: call.to, value: 0n, data: '0x95d89b41' as Hex.Hex },
            { to: call.to, value: 0n, data: '0x313ce567' as Hex.Hex },
          ],
    )
    const named = mentioned(request, miner)
    const reads = [...named].flatMap((address): RpcCall[] => [
      { method: 'eth_getBalance', params: [address, at] },
      { method: 'eth_getTransactionCount', params: [address, at] },
      { method: 'eth_getCode', params: [address, at] },
    ])
    const trace: RpcCall[] = hasDebug
      ? [
          {
            method: 'debug_traceCall',
            params: [
              { from: sender, to: sender, input: encodeBatch([...request.calls, ...probes]), gas: '0x1312d00' },
              at,
              {
                tracer: 'prestateTracer',
                tracerConfig: { diffMode: false },
                stateOverrides: { [sender]: { code: BATCH_PROBE_CODE } },
              },
            ],
          },
        ]
      : []
    // What the same kind of request touched before, its own probes included, is read in the same round trip.
    const hint = memory.shapeAccess.get(request)
    const hinted = hint === undefined ? [] : [...hint]
    const traced = memory.shapeTraced.get(request)
    const further = hinted.flatMap(([address, slots]): RpcCall[] => [
      // With `debug_` the trace brings the accounts, code included; those that it did not bring the last time are asked for.
      ...(named.has(address) || (hasDebug && traced?.has(address) !== false)
        ? []
        : [
            { method: 'eth_getBalance', params: [address, at] },
            { method: 'eth_getTransactionCount', params: [address, at] },
            { method: 'eth_getCode', params: [address, at] },
          ]),
      ...[...slots].map((slot) => ({ method: 'eth_getStorageAt', params: [address, slot, at] })),
    ])
    return [...reads, ...further, ...trace]
  }

  function absorbPrefetch(
    cache: StateCache,
    request: SimulationRequest,
    calls: readonly RpcCall[],
    answers: readonly RpcAnswer[],
  ): AccessSet {
    const access: AccessSet = new Map()
    // Kept only once all of it was read: of a request with one broken answer nothing stays.
    const kept: (() => void)[] = []
    for (let i = 0; i < calls.length; i += 1) {
      const call = calls[i]
      if (call?.method === 'debug_traceCall') {
        const answer = answers[i]
        if (answer?.ok === true) {
          const prestate = answer.result as Prestate
          kept.push(cache.absorbed(prestate, request.from.toLowerCase()))
          const traced = accessOf(prestate)
          memory.shapeTraced.set(request, new Set(traced.keys()))
          addAccess(access, traced)
        } else if (
          answer?.code === -32601 ||
          /not (found|available|supported)|does not exist|method/i.test(answer?.message ?? '')
        ) {
          hasDebug = false
        }
      } else if (call?.method === 'eth_getStorageAt') {
        const answer = expectResult<unknown>(answers[i], call.method, url)
        const [address, slot] = call.params as unknown as [string, string]
        const value = readWord(answer, 'eth_getStorageAt')
        kept.push(() => cache.setSlot(address, slot, value))
        addAccess(access, new Map([[address, new Set([slot])]]))
      } else if (call?.method === 'eth_getBalance') {
        const [balance, nonce, code] = [0, 1, 2].map((offset) =>
          expectResult<unknown>(answers[i + offset], calls[i + offset]?.method ?? call.method, url),
        )
        const address = (call.params as readonly string[])[0] as string
        cache.setAccount(
          address,
          readQuantity(balance, 'eth_getBalance'),
          readQuantity(nonce, 'eth_getTransactionCount'),
          readBytes(code, 'eth_getCode'),
        )
        if (!access.has(address)) access.set(address, new Set())
      }
    }
    for (const keep of kept) keep()
    return access
  }

  /** The block to stand on, its cache, and what is known to be touched; at most one request when nothing changed. */
  async function prepare(request: SimulationRequest, digest: Digest.Digest): Promise<Prepared> {
    const remembered = memory.requestAccess.get(digest)
    const maxAgeMs = request.maxHeadAgeMs ?? 1_000
    if (request.block !== 'latest') {
      const asked = await askHead(`0x${request.block.toString(16)}`)
      return { ...asked, ...(await fill(asked.header)) }
    }
    const ageMs = clock.nowMs() - (head?.atMs ?? 0)
    // A clock that was set back says nothing about age.
    const isFresh = head !== null && ageMs >= 0 && ageMs < maxAgeMs
    if (head !== null) {
      const cache = cacheFor(head.header.hash)
      const isComplete = remembered !== undefined && cache.missing(remembered).size === 0
      if (isFresh && isComplete) return { ...head, cache, access: copyAccess(remembered) }
      if (isFresh) return { ...head, ...(await fill(head.header)) }
      // Ask for the head and, in the same request, for the state at the head we know: usually it is still the head.
      const guess = head.header
      const calls = isComplete ? [] : prefetchCalls(request, guess)
      const asked = await askHead('latest', calls)
      if (asked.header.hash === guess.hash) {
        const access = isComplete ? copyAccess(remembered) : absorbPrefetch(cache, request, calls, asked.further)
        return { ...asked, cache, access }
      }
      return { ...asked, ...(await fill(asked.header)) }
    }
    const asked = await askHead('latest')
    return { ...asked, ...(await fill(asked.header)) }

    async function fill(header: Header): Promise<{ cache: StateCache; access: AccessSet }> {
      const cache = cacheFor(header.hash)
      if (remembered !== undefined && cache.missing(remembered).size === 0)
        return { cache, access: copyAccess(remembered) }
      // All that its kind touches is known already: what it touches beside that shows when it is run.
      const alike = memory.shapeAccess.get(request)
      if (alike !== undefined && cache.missing(alike).size === 0) {
        const access = copyAccess(alike)
        for (const address of mentioned(request, header.miner)) if (!access.has(address)) access.set(address, new Set())
        return { cache, access }
      }
      const calls = prefetchCalls(request, header)
      return { cache, access: absorbPrefetch(cache, request, calls, await upstream.batch(calls)) }
    }
  }

  return {
    prepare,
    askHead,
    async follow(header, parent) {
      const from = parent === null ? undefined : caches.get(parent.hash)
      if (parent !== null && from !== undefined && !caches.has(header.hash)) {
        const hot: AccessSet = new Map()
        for (const access of memory.shapeAccess.values()) addAccess(hot, access)
        const isTraced = hasDebug && isBlockDiffComplete(chain)
        const rolled = await rollForward({
          endpoint: upstream,
          from,
          parentHeader: parent,
          header,
          hasDebug: isTraced,
          codes,
          hot,
        })
        if (rolled !== null && !caches.has(header.hash)) keep(rolled)
      }
      // The fee that is asked for now, not the one of some earlier block.
      const [tip] = await upstream.batch([{ method: 'eth_maxPriorityFeePerGas', params: [] }])
      const tipWei = tip?.ok === true ? readQuantity(tip.result, 'eth_maxPriorityFeePerGas') : 0n
      head = { header, tipWei, atMs: clock.nowMs() }
    },
    async blockHashes(numbers) {
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
    },
    hasDebug: () => hasDebug,
    disown(cache) {
      if (caches.get(cache.blockHash) === cache) caches.delete(cache.blockHash)
    },
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
