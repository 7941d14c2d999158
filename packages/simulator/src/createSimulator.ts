import { Address, assert, BaseError, Clock, Digest, type Hex } from '@countersign/base'
import { blockRef, nextBlock, type BlockEnv, type Header } from './engine/BlockEnv.ts'
import { BATCH_PROBE_CODE } from './engine/batchProbeCode.ts'
import { createEnginePool, EngineLimitError } from './engine/EnginePool.ts'
import { runBatch, type BatchRun, type Fork, type StepRun } from './engine/runBatch.ts'
import { decodeCall } from './decode/KnownAbi.ts'
import { encodeBatch } from './effects/probes.ts'
import { readEffects, type Effects, type TokenWords } from './effects/readEffects.ts'
import { all, logsOf, MAX_FRAMES, mentionedAddresses, revertOf, statusOf, toFrame } from './effects/Trace.ts'
import type { BlockRef, ContractCall, Finding, NotChecked, Report, Step } from './Report.ts'
import type { Call, SimulationRequest } from './Request.ts'
import { judge, verdictOf } from './rules/index.ts'
import { paymentOf } from './rules/Rule.ts'
import {
  accessOf,
  addAccess,
  CodeStore,
  EMPTY_CODE_HASH,
  sizeOf,
  StateCache,
  type AccessSet,
  type Prestate,
} from './state/StateCache.ts'
import { ChainMismatchError, expectResult, openEndpoint, UpstreamError, type RpcCall } from './state/Upstream.ts'

export interface SimulatorOptions {
  /** The chain it must be; null takes whatever the provider serves. */
  readonly chainId: number | null
  readonly rpcUrls: readonly [string, ...string[]]
  readonly clock?: Clock.Clock
  /** Engine processes. One does 1,000 batches a second; more only help on more cores. */
  readonly workers?: number
  /** For one request to the provider, in milliseconds. */
  readonly upstreamTimeoutMs?: number
  /** The most accounts and slots one simulation may read. An ordinary swap reads about 40. */
  readonly maxReads?: number
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
  /** The newest block, asked for now. */
  head(): Promise<BlockRef>
  /** Requests made to the provider, and engine processes that had to be replaced. */
  stats(): { readonly upstreamRequests: number; readonly respawns: number }
  close(): Promise<void>
}

/** How many times missing state is fetched before a run counts as a read bomb. */
const MAX_ROUNDS = 40
/** Blocks whose state is kept: the head, and a few that running simulations may still use. */
const KEPT_BLOCKS = 4

/**
 * Opens a simulator on a JSON-RPC provider: a pool of engines that fork nothing, and a cache of each block's state
 * that is filled in one round trip (arrangement "b5" of our measurements, see docs/reference/simulator.md).
 *
 * @throws {UpstreamError} when the provider does not answer; {ChainMismatchError} when it serves another chain.
 */
export async function createSimulator(options: SimulatorOptions): Promise<Simulator> {
  const clock = options.clock ?? Clock.system
  const [url] = options.rpcUrls
  const upstream = openEndpoint({ url, timeoutMs: options.upstreamTimeoutMs ?? 15_000 })
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
  const pool = await createEnginePool({ chainId, size: options.workers ?? 1 })
  const codes = new CodeStore()
  const words: TokenWords = new Map()
  const caches = new Map<Hex.Hex, StateCache>()
  const accessMemo = new Map<string, AccessSet>()
  const shapeMemo = new Map<string, AccessSet>()
  const gasMemo = new Map<string, readonly bigint[]>()
  /** Requests that were found whole: in which environment. */
  const wholeMemo = new Map<string, string>()
  const probeMemo = new Map<string, Hex.Hex>()
  const maxReads = options.maxReads ?? 1_500
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
    const tip = answers[1]
    const found = { header, tipWei: tip?.ok === true ? BigInt(tip.result as string) : 0n, atMs: clock.nowMs() }
    if (tag === 'latest') head = found
    return { ...found, further: answers.slice(2) }
  }

  function cacheFor(hash: Hex.Hex): StateCache {
    let cache = caches.get(hash)
    if (cache === undefined) {
      cache = new StateCache(hash, codes)
      caches.set(hash, cache)
      const oldest = caches.keys().next().value
      if (caches.size > KEPT_BLOCKS && oldest !== undefined) caches.delete(oldest)
    }
    return cache
  }

  /** One call that touches what the whole batch touches: the batch, run by the sender itself (docs, "one round trip"). */
  function prefetchCalls(request: SimulationRequest, blockHash: Hex.Hex): RpcCall[] {
    const sender = request.from.toLowerCase()
    const at = { blockHash }
    const mentioned = new Set([
      sender,
      ...request.calls.flatMap((call) =>
        call.to === null ? [] : [call.to.toLowerCase(), ...mentionedAddresses(call.data)],
      ),
    ])
    const probes = request.calls.flatMap((call) =>
      call.to === null || call.data === '0x'
        ? []
        : [
            { to: call.to, value: 0n, data: '0x95d89b41' as Hex.Hex },
            { to: call.to, value: 0n, data: '0x313ce567' as Hex.Hex },
          ],
    )
    const reads = [...mentioned].flatMap((address): RpcCall[] => [
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
    const hint = shapeMemo.get(shapeOf(request))
    const hinted = hint === undefined ? [] : [...hint]
    const further = hinted.flatMap(([address, slots]): RpcCall[] => [
      // With `debug_` the trace brings the accounts, code included.
      ...(hasDebug || mentioned.has(address)
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

  /** Requests of one kind touch mostly the same state: same sender, same contracts, same functions. */
  function shapeOf(request: SimulationRequest): string {
    return `${request.from}|${request.calls.map((call) => `${call.to}:${call.data.slice(0, 10)}`).join('|')}`
  }

  function absorbPrefetch(
    cache: StateCache,
    request: SimulationRequest,
    calls: readonly RpcCall[],
    answers: readonly { ok: boolean; result?: unknown; message?: string; code?: number }[],
  ): AccessSet {
    const access: AccessSet = new Map()
    for (let i = 0; i < calls.length; i += 1) {
      const call = calls[i]
      if (call?.method === 'debug_traceCall') {
        const answer = answers[i]
        if (answer?.ok === true) {
          const prestate = answer.result as Prestate
          cache.absorb(prestate, request.from.toLowerCase())
          addAccess(access, accessOf(prestate))
        } else if (
          answer?.code === -32601 ||
          /not (found|available|supported)|does not exist|method/i.test(answer?.message ?? '')
        ) {
          hasDebug = false
        }
      } else if (call?.method === 'eth_getStorageAt') {
        const answer = answers[i]
        if (answer?.ok !== true) throw new UpstreamError(url, new Error('state could not be read'))
        const [address, slot] = call.params as unknown as [string, string]
        cache.setSlot(address, slot, answer.result as string)
        addAccess(access, new Map([[address, new Set([slot])]]))
      } else if (call?.method === 'eth_getBalance') {
        const [balance, nonce, code] = [answers[i], answers[i + 1], answers[i + 2]]
        if (balance?.ok !== true || nonce?.ok !== true || code?.ok !== true)
          throw new UpstreamError(url, new Error('state could not be read'))
        const address = (call.params as readonly string[])[0] as string
        cache.setAccount(
          address,
          BigInt(balance.result as string),
          BigInt(nonce.result as string),
          (code.result as string).toLowerCase() as Hex.Hex,
        )
        if (!access.has(address)) access.set(address, new Set())
      }
    }
    return access
  }

  /** The block to stand on, its cache, and what is known to be touched; at most one request when nothing changed. */
  async function prepare(
    request: SimulationRequest,
  ): Promise<{ header: Header; tipWei: bigint; cache: StateCache; access: AccessSet; memoKey: string }> {
    const memoKey = Digest.sha256(
      JSON.stringify([request.from, request.calls.map((call) => [call.to, call.value.toString(), call.data])]),
    )
    const remembered = accessMemo.get(memoKey)
    const maxAgeMs = request.maxHeadAgeMs ?? 1_000
    if (request.block !== 'latest') {
      const asked = await askHead(`0x${request.block.toString(16)}`)
      return { ...asked, ...(await fill(asked.header)), memoKey }
    }
    const isFresh = head !== null && clock.nowMs() - head.atMs < maxAgeMs
    if (head !== null) {
      const cache = cacheFor(head.header.hash)
      const isComplete = remembered !== undefined && cache.missing(remembered).size === 0
      if (isFresh && isComplete) return { ...head, cache, access: copyAccess(remembered), memoKey }
      if (isFresh) return { ...head, ...(await fill(head.header)), memoKey }
      // Ask for the head and, in the same request, for the state at the head we know: usually it is still the head.
      const guess = head.header
      const calls = isComplete ? [] : prefetchCalls(request, guess.hash)
      const asked = await askHead('latest', calls)
      if (asked.header.hash === guess.hash) {
        const access = isComplete ? copyAccess(remembered) : absorbPrefetch(cache, request, calls, asked.further)
        return { ...asked, cache, access, memoKey }
      }
      return { ...asked, ...(await fill(asked.header)), memoKey }
    }
    const asked = await askHead('latest')
    return { ...asked, ...(await fill(asked.header)), memoKey }

    async function fill(header: Header): Promise<{ cache: StateCache; access: AccessSet }> {
      const cache = cacheFor(header.hash)
      if (remembered !== undefined && cache.missing(remembered).size === 0)
        return { cache, access: copyAccess(remembered) }
      const calls = prefetchCalls(request, header.hash)
      return { cache, access: absorbPrefetch(cache, request, calls, await upstream.batch(calls)) }
    }
  }

  async function simulate(request: SimulationRequest): Promise<Report> {
    if (request.chainId !== chainId) throw new ChainMismatchError(url, request.chainId, chainId)
    assert(request.calls.length > 0, 'a request has at least one call')
    const { header, tipWei, cache, access, memoKey } = await prepare(request)
    const env = nextBlock(header, { nowMs: clock.nowMs(), tipWei })
    const envKey = `${header.hash}|${env.timestampS}|${env.baseFeeWei}|${env.tipWei}`
    // The builder is paid its tip, so its account is always a part of the fork.
    addAccess(
      access,
      new Map([
        [env.coinbase.toLowerCase(), new Set<string>()],
        [request.from.toLowerCase(), new Set<string>()],
      ]),
    )
    const notChecked: NotChecked[] = [
      { what: 'other environments', why: 'this version simulates the realistic next block only' },
      { what: 'look-ahead', why: 'what a new spender could do next is not simulated yet' },
      { what: 'provider honesty', why: `state is taken from one provider without proofs` },
      { what: 'authority without events', why: 'only standard approvals, operators and Permit2 are read' },
    ]
    const findings: Finding[] = []

    let run: BatchRun | null = null
    let effects: (Effects & { wasCut: boolean; keepBefore(): void }) | null = null
    try {
      for (let round = 0; ; round += 1) {
        const missing = cache.missing(access)
        if (sizeOf(access) > maxReads || round >= MAX_ROUNDS) {
          findings.push(readBudgetFinding(sizeOf(access), maxReads))
          run = null
          break
        }
        if (missing.size > 0) await cache.read(upstream, missing)
        const worker = pool.pick()
        await pool.install(
          worker,
          [...access.keys()].flatMap((address) => {
            const hash = cache.accounts.get(address)?.codeHash
            return hash === undefined || hash === EMPTY_CODE_HASH ? [] : [{ address, hash, code: codes.get(hash) }]
          }),
        )
        const fork: Fork = { pool, worker, cache, codes, env, isClosureChecked: wholeMemo.get(memoKey) !== envKey }
        run = await runBatch(fork, access, { ...request, gasHints: gasMemo.get(memoKey) ?? [] })
        // The closure check: a run counts only when everything it read had been handed to it. What other
        // simulations have put into the cache does not help: it was not part of this fork.
        const isWhole = (touched: AccessSet) => {
          const unread = withoutCreated(touched, run as BatchRun, cache)
          const before = sizeOf(access)
          addAccess(access, unread)
          return sizeOf(access) === before
        }
        if (!isWhole(run.touched)) continue
        const logs = run.steps.flatMap((step) => ('refused' in step ? [] : logsOf(step.trace)))
        effects = await readEffects(fork, access, { request, run, logs, words, before: { envKey, memo: probeMemo } })
        if (isWhole(effects.touched)) {
          effects.keepBefore()
          break
        }
      }
    } catch (error) {
      if (!(error instanceof EngineLimitError)) throw error
      run = null
      findings.push(engineLimitFinding())
    }
    if (run !== null) {
      remember(memoKey, shapeOf(request), access)
      if (gasMemo.size >= 2_000) gasMemo.clear()
      if (wholeMemo.size >= 2_000) wholeMemo.clear()
      wholeMemo.set(memoKey, envKey)
      gasMemo.set(
        memoKey,
        run.steps.map((step) => ('refused' in step ? 0n : step.gasLimit)),
      )
    }

    // Recipients and spenders that the run itself did not touch are looked up for the rules.
    const subjects: AccessSet = new Map()
    for (const change of effects?.authorityChanges ?? []) subjects.set(change.subject.toLowerCase(), new Set())
    for (const call of request.calls) {
      const payment = paymentOf(call)
      if (payment !== null) subjects.set(payment.recipient.toLowerCase(), new Set())
    }
    const unread = cache.missing(subjects)
    if (unread.size > 0) await cache.read(upstream, unread)
    if (run !== null) addAccess(accessMemo.get(memoKey) ?? access, subjects)

    return assemble({ request, run, effects, env, header, cache, access, findings, notChecked })
  }

  function remember(key: string, shape: string, access: AccessSet): void {
    if (accessMemo.size >= 2_000) accessMemo.clear()
    if (shapeMemo.size >= 2_000) shapeMemo.clear()
    accessMemo.set(key, copyAccess(access))
    shapeMemo.set(shape, copyAccess(access))
  }

  return {
    chainId,
    simulate,
    head: async () => blockRef((await askHead('latest')).header),
    stats: () => ({ upstreamRequests: upstream.requests, respawns: pool.respawns }),
    async close() {
      await pool.close()
      await upstream.close()
    },
  }
}

/** Puts everything that was found out into one report. */
function assemble({
  request,
  run,
  effects,
  env,
  header,
  cache,
  access,
  findings,
  notChecked,
}: {
  request: SimulationRequest
  run: BatchRun | null
  effects: (Effects & { wasCut: boolean }) | null
  env: BlockEnv
  header: Header
  cache: StateCache
  access: AccessSet
  findings: Finding[]
  notChecked: NotChecked[]
}): Report {
  const budget = { left: MAX_FRAMES }
  const steps = request.calls.map((call, i) => toStep(call, i + 1, run, budget))
  if (budget.left <= 0) notChecked.push({ what: 'call tree', why: `only the first ${MAX_FRAMES} calls are shown` })
  if (effects?.wasCut === true) {
    findings.push({
      rule: 'effects-truncated',
      level: 'block',
      title: 'Too many effects to check',
      because: 'The batch touches more balances and grants than are checked at once.',
      step: null,
      subject: null,
      evidence: {},
    })
  }
  for (const disagreement of effects?.disagreements ?? []) {
    findings.push({
      rule: 'effects-disagree',
      level: 'block',
      title: 'Trace and state disagree',
      because: `The ether that moved cannot be told for certain. ${disagreement}.`,
      step: null,
      subject: null,
      evidence: {},
    })
  }
  for (const [i, step] of (run?.steps ?? []).entries()) {
    if (!('refused' in step)) continue
    findings.push({
      rule: step.refused,
      level: 'block',
      title: step.refused === 'insufficient-funds' ? 'Not enough funds' : 'Gas limit out of range',
      because: `Step ${i + 1} cannot be sent: ${step.because}.`,
      step: i + 1,
      subject: request.from,
      evidence: {},
    })
  }

  const known = new Map(request.known.map((entry) => [entry.address.toLowerCase(), entry]))
  const account = (address: Address.Address) => {
    const found = cache.accounts.get(address.toLowerCase())
    return found === undefined
      ? undefined
      : { hasCode: found.codeHash !== EMPTY_CODE_HASH, nonce: found.nonce, balance: found.balance }
  }
  const judged = judge(
    {
      request,
      steps,
      tokenChanges: effects?.tokenChanges ?? [],
      authorityChanges: effects?.authorityChanges ?? [],
      announced: effects?.announced ?? new Map(),
      account,
      known: (address) => known.get(address.toLowerCase()),
    },
    findings,
  )
  const runs = (run?.steps ?? []).filter((step): step is StepRun => !('refused' in step))
  const gasLimit = runs.reduce((sum, step) => sum + step.gasLimit, 0n)
  const gasUsed = runs.reduce((sum, step) => sum + step.gasUsed, 0n)
  // Twice the base fee outlasts six full blocks in a row (EIP-1559: at most +1/8 a block).
  const maxFeePerGas = (i: number) => request.calls[i]?.maxFeePerGasWei ?? 2n * env.baseFeeWei + env.tipWei

  return {
    version: 1,
    chainId: request.chainId,
    from: request.from,
    block: blockRef(header),
    verdict: verdictOf(judged),
    willRevert: run === null || steps.some((step) => step.status !== 'success'),
    steps,
    contractCalls: contractCalls(runs, cache, run, known),
    tokenChanges: effects?.tokenChanges ?? [],
    authorityChanges: effects?.authorityChanges ?? [],
    gasEstimate: {
      gasLimit,
      gasUsed,
      maxFeeWei: runs.reduce((sum, step, i) => sum + step.gasLimit * maxFeePerGas(i), 0n),
      expectedFeeWei: runs.reduce((sum, step) => sum + step.gasUsed * step.gasPriceWei, 0n),
      l1FeeWei: null,
    },
    environments: [{ name: 'next-block', agrees: true, differs: [] }],
    environmentReads: [],
    lookahead: [],
    intent: null,
    findings: judged,
    notChecked,
    readSet: readSet(access, cache),
    receipt: null,
  }
}

function toStep(call: Call, number: number, run: BatchRun | null, budget: { left: number }): Step {
  const base = { step: number, label: call.label }
  const found = run?.steps[number - 1]
  const nothing = { gasUsed: 0n, gasLimit: call.gasLimit ?? 0n, returnData: '0x' as Hex.Hex, calls: null, logs: [] }
  if (run === null) {
    return {
      ...base,
      ...nothing,
      status: number === 1 ? 'halt' : 'skipped',
      revert: number === 1 ? { reason: 'it could not be simulated to its end', error: null, data: '0x' } : null,
    }
  }
  if (found === undefined) return { ...base, ...nothing, status: 'skipped', revert: null }
  if ('refused' in found)
    return { ...base, ...nothing, status: 'halt', revert: { reason: found.because, error: null, data: '0x' } }
  return {
    ...base,
    status: statusOf(found.trace),
    revert: revertOf(found.trace),
    gasUsed: found.gasUsed,
    gasLimit: found.gasLimit,
    returnData: (found.trace.output ?? '0x') as Hex.Hex,
    calls: toFrame(found.trace, budget),
    logs: logsOf(found.trace),
  }
}

function contractCalls(
  runs: readonly StepRun[],
  cache: StateCache,
  run: BatchRun | null,
  known: ReadonlyMap<string, { readonly name: string }>,
): ContractCall[] {
  const calls: ContractCall[] = []
  runs.forEach((step, i) => {
    for (const { frame, depth } of all(step.trace)) {
      if (calls.length >= MAX_FRAMES || frame.to === undefined) continue
      const address = frame.to.toLowerCase()
      const created = run?.after.accounts.get(address)?.code
      const codeHash =
        created === undefined ? (cache.accounts.get(address)?.codeHash ?? EMPTY_CODE_HASH) : Digest.keccak256(created)
      // A plain payment to an account without code is not a contract call.
      if (codeHash === EMPTY_CODE_HASH && !frame.type.startsWith('CREATE')) continue
      calls.push({
        address: Address.parse(address),
        name: known.get(address)?.name ?? null,
        signature: frame.type.startsWith('CREATE')
          ? null
          : (decodeCall((frame.input ?? '0x') as Hex.Hex)?.signature ?? null),
        step: i + 1,
        depth,
        value: frame.type === 'DELEGATECALL' || frame.type === 'STATICCALL' ? 0n : BigInt(frame.value ?? '0x0'),
        codeHash,
      })
    }
  })
  return calls
}

/** What the outcome rests on: every account and slot that was read, with its value. */
function readSet(access: AccessSet, cache: StateCache): Report['readSet'] {
  const entries: [string, ...string[]][] = []
  let slots = 0
  for (const [address, wanted] of [...access].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const account = cache.accounts.get(address)
    if (account !== undefined)
      entries.push([address, account.balance.toString(), account.nonce.toString(), account.codeHash])
    for (const slot of [...wanted].sort()) {
      slots += 1
      entries.push([address, slot, cache.slots.get(address)?.get(slot) ?? ''])
    }
  }
  return { digest: Digest.sha256(JSON.stringify(entries)), slots, accounts: access.size }
}

/** Accounts that an earlier step created are in the overlay, not on the chain: there is nothing to read upstream. */
function withoutCreated(touched: AccessSet, run: BatchRun, cache: StateCache): AccessSet {
  const rest: AccessSet = new Map()
  for (const [address, slots] of touched) {
    const isCreatedHere = run.after.accounts.get(address)?.code !== undefined && !cache.accounts.has(address)
    if (isCreatedHere) rest.set(address, new Set())
    else rest.set(address, slots)
  }
  return rest
}

function copyAccess(access: AccessSet): AccessSet {
  return new Map([...access].map(([address, slots]) => [address, new Set(slots)]))
}

function readBudgetFinding(reads: number, maxReads: number): Finding {
  return {
    rule: 'too-many-state-reads',
    level: 'block',
    title: 'It reads too much',
    because: `The transaction reads more state than an honest one does (${reads} items so far, the limit is ${maxReads}).`,
    step: null,
    subject: null,
    evidence: { reads, limit: maxReads },
  }
}

function engineLimitFinding(): Finding {
  return {
    rule: 'engine-limit',
    level: 'block',
    title: 'It exhausts the simulator',
    because:
      'The transaction needs more time or memory than an honest one does, so it could not be simulated to its end.',
    step: null,
    subject: null,
    evidence: {},
  }
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
