import { assert, type Clock, type Digest, type Hex } from '@countersign/base'
import { serializeTransaction } from 'viem'
import { runUpstream } from './evm/node/runUpstream.ts'
import { l1FeeWei } from './chain/state/L1Fee.ts'
import { upstreamOnlyReason, type ChainKind } from './chain/chainKind.ts'
import { verifyReadSet } from './chain/state/Proofs.ts'
import { assembleReport } from './assembleReport.ts'
import type { DescriptorSet } from './clearsigning/Descriptor.ts'
import { crossCheck } from './stages/crossCheck.ts'
import { EngineRefusedError, type EthereumjsEngine } from './evm/ethereumjs/createEthereumjsEngine.ts'
import type { Outcome } from './model/Outcome.ts'
import { flipSwitches } from './stages/flipSwitches.ts'
import type { SwitchRun, EnvironmentRun, Ahead } from './model/Evidence.ts'
import { runEnvironments } from './stages/runEnvironments.ts'
import { lookAhead } from './stages/lookahead/lookAhead.ts'
import { capWei } from './evm/Fee.ts'
import { nextBlock } from './evm/BlockEnv.ts'
import type { BlockEnv } from './model/Block.ts'
import { EngineLimitError, openLane, type EnginePool } from './evm/anvil/EnginePool.ts'
import * as Overlay from './evm/Overlay.ts'
import { runBatch, type Fork } from './evm/runBatch.ts'
import type { BatchRun } from './model/Run.ts'
import { watchRun, type Watched } from './evm/watchRun.ts'
import { readEffects, type Effects } from './effects/readEffects.ts'
import { readHiddenAuthority, unattributed, writesOf } from './effects/readHiddenAuthority.ts'
import type { Preimages } from './effects/StoragePath.ts'
import type { PoolTrade } from './effects/PoolTrade.ts'
import { readTrades } from './effects/readTrades.ts'
import { logsOf } from './effects/Trace.ts'
import { envKey as keyOfEnv, requestDigest } from './memory/keys.ts'
import type { Memory, RunKey } from './memory/Memory.ts'
import * as ReadSet from './receipts/ReadSet.ts'
import type { Finding, NotChecked } from './model/Finding.ts'
import type { Report } from './model/Report.ts'
import type { Call } from './model/Call.ts'
import type { SimulationRequest } from './model/Request.ts'
import { type EngineFacts, paymentOf } from './rules/Rule.ts'
import { addAccess, copyAccess, EMPTY_CODE_HASH, sizeOf, type AccessSet } from './model/Access.ts'
import type { CodeStore, StateCache } from './chain/state/StateCache.ts'
import { lend, planSignature, usesOf } from './signatures/planSignature.ts'
import type { SignatureRequest } from './model/Document.ts'
import type { StateSource } from './chain/state/openStateSource.ts'
import type { RpcEndpoint } from './chain/rpc/Rpc.ts'

/** How many times missing state is fetched before a run counts as a read bomb. */
const MAX_ROUNDS = 40

/** What no honest step that fails has used before (a large swap uses half a million). */
const ENDLESS_GAS = 4_000_000n

/** What a simulation needs of the world, handed in. */
export interface SimulatorParts {
  readonly upstream: RpcEndpoint
  readonly source: StateSource
  /** The first EVM's workers; null where this platform has none. */
  readonly pool: EnginePool | null
  readonly codes: CodeStore
  readonly memory: Memory
  readonly clock: Clock.Clock
  readonly maxReads: number
  readonly second: EthereumjsEngine
  readonly isProofVerified: boolean
  readonly quorum: 1 | 2
  /** What kind of chain it is, asked once. */
  kind(): Promise<ChainKind>
  /** Whether this simulation is one that the second EVM checks. */
  isSampled(request: Digest.Digest, blockHash: Hex.Hex): boolean
  /** What the makers of contracts say their calls mean. */
  readonly descriptors: DescriptorSet
  /** What recent simulations read, for receipts. */
  readonly readSets: ReadSet.ReadSetShelf
}

/**
 * One simulation: the fork of the expected block, the run, its effects, the other environments, and the verdict. Every
 * run counts only once everything it read had been handed to it (the closure check).
 */
export async function simulateRequest(parts: SimulatorParts, asked: SimulationRequest): Promise<Report> {
  const signature = asked.signature ?? null
  // Amounts are cut down to balances once those are known; until then the calls stand as the document has them.
  let request: SimulationRequest =
    signature === null ? asked : { ...asked, calls: [...asked.calls, ...callsOf(signature)] }
  const { upstream, source, pool, codes, clock, maxReads } = parts
  assert(request.calls.length > 0 || signature !== null, 'a request has at least one call')
  const { memory } = parts
  const digest = requestDigest(asked)
  const { header, tipWei, cache, access } = await source.prepare(request, digest)
  let env = nextBlock(header, { nowMs: clock.nowMs(), tipWei })
  const key: RunKey = { state: cache.id, env: keyOfEnv(env), request: digest }
  // The builder is paid its tip, so its account is always a part of the fork.
  const always: AccessSet = new Map(
    [env.coinbase, request.from].map((address) => [address.toLowerCase(), new Set<string>()]),
  )
  addAccess(access, always)
  // Skipping the closure check rests on handing over all that the same run was found to touch.
  const whole = memory.whole.get(key)
  const gasHints = memory.shapeGas.get(asked) ?? []
  if (whole !== undefined) {
    addAccess(access, whole.access)
    env = { ...env, blockHashes: new Map([...env.blockHashes, ...whole.blockHashes]) }
  }
  /** What this round read: all that the report rests on, whatever else was handed over because others read it. */
  let seen: AccessSet = new Map()
  /** What any round read. */
  const demanded: AccessSet = new Map()
  const notChecked: NotChecked[] = [
    parts.isProofVerified
      ? {
          what: 'the block itself',
          why: 'state is proven to stand in this block; that the block is the chain’s own is not',
        }
      : parts.quorum === 2
        ? { what: 'provider honesty', why: 'state is what two providers agree on, without proofs' }
        : { what: 'provider honesty', why: 'state is taken from one provider without proofs' },
    ...(signature?.notChecked ?? []),
  ]
  const isSampled = signature === null && pool !== null && parts.isSampled(digest, header.hash)
  if (pool === null)
    notChecked.push({ what: 'a second engine', why: 'this platform has one engine only, so none checks on it' })
  else if (!isSampled)
    notChecked.push({ what: 'second engine', why: signature === null ? 'not sampled' : 'documents run on one engine' })
  const kind = await parts.kind()
  const isOnSecond =
    pool === null || signature !== null || request.calls.some((call) => (call.authorizationList ?? []).length > 0)
  const lane = openLane({ isOnSecond })
  let signatureFindings: readonly Finding[] = signature?.findings ?? []
  let proofMismatches: readonly string[] = []
  let notModelled: string | null = null
  let tooManyReads: EngineFacts['tooManyReads'] = null
  let isExhausted = false
  let engineDifferences: readonly string[] = []
  let run: BatchRun | null = null
  let effects: Effects | null = null
  let environments: readonly EnvironmentRun[] = []
  let ahead: Ahead | null = null
  let trades: readonly PoolTrade[] = []
  let unpriced: readonly NotChecked[] = []
  let switches: readonly SwitchRun[] = []

  /** The fork as it now is: everything that is known to be touched has been read and its code installed. */
  async function openFork(): Promise<Fork | null> {
    const missing = cache.missing(access)
    if (sizeOf(demanded) > maxReads) return null
    if (missing.size > 0) await cache.read(upstream, missing)
    const worker = pool?.pick() ?? null
    const first = pool === null || worker === null ? null : { pool, worker }
    await first?.pool.install(
      first.worker,
      [...access.keys()].flatMap((address) => {
        const hash = cache.accounts.get(address)?.codeHash
        return hash === undefined || hash === EMPTY_CODE_HASH ? [] : [{ address, hash, code: codes.get(hash) }]
      }),
    )
    return {
      chainId: request.chainId,
      first,
      cache,
      codes,
      env,
      isClosureChecked: whole === undefined,
      pieces: Overlay.noPieces(),
      lane,
      second: parts.second,
      // The first EVM charges type-4 transactions too little (measured; docs/reference/simulator.md).
      isOnSecond,
      ...(signature === null
        ? {}
        : {
            recovers: new Map([[signature.digest.toLowerCase() as Hex.Hex, request.from.toLowerCase()]]),
            start: lend(signature, request.from),
          }),
    }
  }
  /**
   * What a run was seen to look at. Every run of a request is watched once; another environment's only where the
   * expected one's preimages do not explain what it wrote.
   */
  async function watched(fork: Fork, of: BatchRun, variant: string, main: Watched | null): Promise<Watched | null> {
    // It fails, and looking into it would cost more than it could tell.
    if (isEndless(of)) return NOTHING_WATCHED
    if (main !== null && !unattributed(writesOf(fork, of), preimagesOf(main))) return NOTHING_WATCHED
    const limits = of.steps.map((step) => ('refused' in step ? '' : `${step.gasLimit}`)).join()
    const at = { ...key, env: keyOfEnv(fork.env), variant: `${limits}|${variant}` }
    const known = memory.watched.get(at)
    if (known !== undefined) return known
    try {
      const found = await watchRun(fork, access, { from: request.from, calls: request.calls, run: of })
      memory.watched.set(at, found)
      return found
    } catch (error) {
      if (!isUnanswered(error)) throw error
      return null
    }
  }
  async function effectsOf(
    fork: Fork,
    of: BatchRun,
    { variant = '', main = null }: { variant?: string; main?: Effects | null } = {},
  ): Promise<Effects> {
    const read = await readEffects(fork, access, {
      request,
      run: of,
      logs: of.steps.flatMap((step) => ('refused' in step ? [] : logsOf(step.trace))),
      before: {
        key: {
          state: cache.id,
          env: keyOfEnv(fork.env),
          reader: request.from.toLowerCase(),
          document: signature?.digest ?? '',
        },
        memo: memory.balanceReads,
      },
    })
    const seenBy = await watched(fork, of, variant, main?.watched ?? null)
    const preimages = preimagesOf(seenBy, main?.watched ?? null)
    const hidden = await readHiddenAuthority(fork, access, {
      user: request.from.toLowerCase(),
      run: of,
      preimages,
      explained: new Set(
        read.authorityChanges.flatMap(({ contract, owner, subject, kind, valueAtRisk }) => [
          `${contract}|${owner}|${subject}`.toLowerCase(),
          // Permit2 keys its allowances by owner, token and spender: the token gains nothing by being one of them.
          ...(kind === 'permit2_allowance'
            ? valueAtRisk.map(({ token }) => `${contract}|${owner}|${token ?? ''}`.toLowerCase())
            : []),
        ]),
      ),
      moved: new Set(read.tokenChanges.flatMap(({ token }) => (token === null ? [] : [token.toLowerCase()]))),
      touched: read.touched,
    })
    return {
      ...read,
      authorityChanges: [...read.authorityChanges, ...hidden.changes],
      grantSlots: hidden.slots,
      credits: hidden.credits,
      watched: seenBy,
      environmentReads: seenBy?.environmentReads ?? [],
      blockHashesAsked: seenBy?.blockHashesAsked ?? [],
      wasCut: read.wasCut || hidden.wasCut || seenBy === null,
    }
  }
  /** The closure check. What other simulations have put into the cache does not help: it was not part of this fork. */
  const isWhole = (touched: AccessSet, of: BatchRun): boolean => {
    const handedOver = sizeOf(access)
    const read = withoutCreated(touched, of, cache)
    addAccess(access, read)
    addAccess(seen, read)
    addAccess(demanded, read)
    return sizeOf(access) === handedOver && sizeOf(demanded) <= maxReads
  }

  if (kind === 'upstream-only') {
    const found = await runUpstream(
      { endpoint: upstream, blockHash: header.hash, env, hasDebug: source.hasDebug() },
      { from: request.from, calls: request.calls },
    )
    run = found.run
    addAccess(seen, access)
    addAccess(seen, run.touched)
    notChecked.push(...found.notChecked)
    notModelled = upstreamOnlyReason(request.chainId) ?? 'no local EVM models this chain'
  }
  try {
    for (let round = 0; ; round += 1) {
      if (kind === 'upstream-only') break
      const fork = round < MAX_ROUNDS ? await openFork() : null
      seen = new Map()
      if (fork === null) {
        tooManyReads = { reads: sizeOf(demanded), limit: maxReads }
        run = null
        effects = null
        break
      }
      if (signature !== null) {
        const touched: AccessSet = new Map()
        const plan = await planSignature(fork, access, { signature, from: request.from, touched })
        const before = sizeOf(access)
        addAccess(access, touched)
        addAccess(seen, touched)
        if (sizeOf(access) !== before) continue
        request = { ...request, calls: [...asked.calls, ...plan.calls] }
        signatureFindings = [...signature.findings, ...plan.findings]
        if (request.calls.length === 0) break
      }
      run = await runBatch(fork, access, {
        from: request.from,
        calls: request.calls,
        gasHints,
        ...(whole === undefined ? {} : { gasLimits: whole.gasLimits }),
      })
      if (whole !== undefined) run = { ...run, touched: copyAccess(whole.runTouched) }
      if (!isWhole(run.touched, run)) continue
      effects = await effectsOf(fork, run)
      const main = effects
      if (!isWhole(effects.touched, run)) continue
      const isRun = run.steps.every((step) => !('refused' in step) && step.trace.error === undefined)
      if (isRun) {
        const touched: AccessSet = new Map()
        environments = await runEnvironments({
          fork,
          access,
          request,
          header,
          run,
          effects,
          outcome: outcomeOf(request, effects),
          readEffects: (at, of) => effectsOf(at, of, { main }),
          touched,
        })
        if (!isWhole(touched, run)) continue
        const priced: AccessSet = new Map()
        const prices = await readTrades(fork, access, {
          from: request.from,
          tokenChanges: effects.tokenChanges,
          logs: run.steps.flatMap((step) => ('refused' in step ? [] : logsOf(step.trace))),
          touched: priced,
        })
        if (!isWhole(priced, run)) continue
        trades = prices.trades
        unpriced = prices.notChecked
        if (request.isLookAhead !== false) {
          const further: AccessSet = new Map()
          const logs = run.steps.flatMap((step) => ('refused' in step ? [] : logsOf(step.trace)))
          ahead = await lookAhead(fork, access, { request, run, effects, logs, touched: further })
          if (!isWhole(further, run)) continue
          if (signature === null) {
            const turned: AccessSet = new Map()
            const outcome = outcomeOf(request, effects)
            const readEffects = (at: Fork, of: BatchRun, variant: string) => effectsOf(at, of, { variant, main })
            switches = await flipSwitches({
              fork,
              access,
              request,
              run,
              outcome,
              readEffects,
              touched: turned,
            })
            if (!isWhole(turned, run)) continue
          }
        }
      }
      const unknownHashes = effects.blockHashesAsked.filter((number) => !env.blockHashes.has(number))
      if (unknownHashes.length > 0) {
        const hashes = await source.blockHashes(unknownHashes)
        env = { ...env, blockHashes: new Map([...env.blockHashes, ...hashes]) }
        continue
      }
      if (isSampled) {
        const touched: AccessSet = new Map()
        try {
          engineDifferences = await crossCheck(fork, access, { request, run, touched })
          if (!isWhole(touched, run)) continue
        } catch (error) {
          if (!isUnanswered(error)) throw error
          notChecked.push({ what: 'second engine', why: error.message })
        }
      }
      effects.keep()
      break
    }
  } catch (error) {
    if (!(error instanceof EngineLimitError)) throw error
    run = null
    effects = null
    isExhausted = true
  }
  // Recipients and spenders that the run itself did not touch are looked up for the rules.
  const subjects: AccessSet = new Map()
  for (const change of effects?.authorityChanges ?? []) subjects.set(change.subject.toLowerCase(), new Set())
  for (const call of request.calls) {
    const payment = paymentOf(call)
    if (payment !== null) subjects.set(payment.recipient.toLowerCase(), new Set())
  }
  for (const account of gainersOf(effects, request.from)) subjects.set(account.toLowerCase(), new Set())
  // All that the report rests on: what was read, and nothing that is known only because others read it.
  const reading: AccessSet = copyAccess(whole?.access ?? seen)
  addAccess(reading, always)
  addAccess(reading, subjects)
  const unread = cache.missing(reading)
  if (unread.size > 0) await cache.read(upstream, unread)
  if (parts.isProofVerified && kind !== 'upstream-only' && run !== null) {
    const check = await verifyReadSet({ endpoint: upstream, header, access: reading, cache })
    // What was disowned leaves the memory, with everything that rests on it.
    if (!check.ok) source.disown(cache)
    if (!check.ok)
      proofMismatches = check.mismatches.map(
        ({ address, slot, field, claimed, proven }) =>
          `${field}${slot === null ? '' : ` ${slot}`} of ${address ?? 'the block'}: the provider says ${claimed ?? 'nothing'}, proven is ${proven ?? 'nothing'}`,
      )
  }
  if (run !== null && kind !== 'upstream-only' && proofMismatches.length === 0) {
    const limits = run.steps.map((step) => ('refused' in step ? undefined : step.gasLimit))
    const asksFor = (effects?.blockHashesAsked ?? []).flatMap((number) => {
      const hash = env.blockHashes.get(number)
      return hash === undefined ? [] : [[number, hash] as const]
    })
    memory.whole.set(key, {
      access: reading,
      runTouched: run.touched,
      gasLimits: limits,
      blockHashes: new Map(asksFor),
    })
    memory.requestAccess.set(digest, reading)
    memory.shapeAccess.set(asked, reading)
    memory.shapeGas.set(
      asked,
      limits.map((limit) => limit ?? 0n),
    )
  }
  let l1TotalWei: bigint | null = null
  if (kind === 'op-stack' && run !== null) {
    const fees = await Promise.all(
      request.calls.map((call, i) =>
        l1FeeOf(upstream, header.hash, { request, call, gasLimit: gasLimitOf(run, i), env }),
      ),
    )
    l1TotalWei = fees.reduce((sum, fee) => sum + fee, 0n)
  }
  const reads = ReadSet.of(
    reading,
    cache,
    ReadSet.builders({ request, coinbase: env.coinbase, run }, { access: reading, cache, codes }),
  )
  return assembleReport({
    descriptors: parts.descriptors,
    request,
    signatureFindings,
    l1FeeWei: l1TotalWei,
    run,
    effects,
    environments,
    trades,
    switches,
    ahead,
    env,
    header,
    cache,
    readSet: {
      digest: parts.readSets.put(reads),
      slots: sizeOf(reading) - reading.size,
      accounts: reading.size,
    },
    reading,
    notChecked: [...notChecked, ...unpriced],
    engine: { tooManyReads, isExhausted, engineDifferences, proofMismatches, notModelled },
  })
}

const NOTHING_WATCHED: Watched = { environmentReads: [], preimages: [], blockHashesAsked: [] }

/** Hashes that these runs are known to have made. */
function preimagesOf(...runs: readonly (Watched | null)[]): Preimages {
  return new Map(runs.flatMap((each) => (each?.preimages ?? []).map(({ hash, preimage }) => [hash, preimage] as const)))
}

/** A signature's uses as calls, as the document has them. */
function callsOf(signature: SignatureRequest): readonly Call[] {
  return usesOf(signature).map(({ from, to, value, data, label }) => ({
    to,
    value,
    data,
    gasLimit: null,
    maxFeePerGasWei: null,
    label,
    holder: from,
  }))
}

/** The most accounts that are looked up only because something ends with them; a report names more. */
const MAX_GAINERS = 32

/** Whoever gains most of what the user loses: whether it is a person or a contract is not known from a token's balances. */
function gainersOf(effects: Effects | null, user: string): readonly string[] {
  const lost = new Map<string, bigint>()
  const assetOf = ({ token, tokenId }: { token: string | null; tokenId: bigint | null }) => `${token}|${tokenId}`
  for (const change of effects?.tokenChanges ?? [])
    if (change.account === user && change.delta < 0n) lost.set(assetOf(change), -change.delta)
  return (effects?.tokenChanges ?? [])
    .filter((change) => {
      const loss = lost.get(assetOf(change))
      return loss !== undefined && change.account !== user && change.delta * 2n >= loss
    })
    .slice(0, MAX_GAINERS)
    .map(({ account }) => account)
}

function gasLimitOf(run: BatchRun | null, i: number): bigint {
  const step = run?.steps[i]
  return step === undefined || 'refused' in step ? 0n : step.gasLimit
}

/** What an OP Stack chain charges for the call's bytes on the layer below. The nonce's few bytes are its present ones. */
async function l1FeeOf(
  upstream: RpcEndpoint,
  blockHash: Hex.Hex,
  { request, call, gasLimit, env }: { request: SimulationRequest; call: Call; gasLimit: bigint; env: BlockEnv },
): Promise<bigint> {
  const unsigned = serializeTransaction({
    type: 'eip1559',
    chainId: request.chainId,
    nonce: 1,
    ...(call.to === null ? {} : { to: call.to }),
    value: call.value,
    data: call.data,
    gas: gasLimit,
    maxFeePerGas: capWei(env, call),
    maxPriorityFeePerGas: call.maxPriorityFeePerGasWei ?? env.tipWei,
    accessList: [...(call.accessList ?? [])],
  })
  return l1FeeWei(upstream, unsigned, blockHash)
}

/** A failed step that burnt more gas than an ordinary one uses at all. */
function isEndless(run: BatchRun): boolean {
  return run.steps.some((step) => !('refused' in step) && step.trace.error !== undefined && step.gasUsed > ENDLESS_GAS)
}

/** The second EVM has no answer: it took too long, or does not know an instruction. */
function isUnanswered(error: unknown): error is Error {
  return error instanceof EngineLimitError || error instanceof EngineRefusedError
}

function outcomeOf(request: SimulationRequest, effects: Effects): Outcome {
  return {
    failedStep: null,
    reason: null,
    changes: effects.tokenChanges.filter((change) => change.account === request.from),
    everybody: effects.tokenChanges,
    authority: effects.authorityChanges,
  }
}

/** Accounts that an earlier step created are in the overlay, not on the chain: there is nothing to read upstream. */
function withoutCreated(touched: AccessSet, run: BatchRun, cache: StateCache): AccessSet {
  const rest: AccessSet = new Map()
  for (const [address, slots] of touched) {
    const before = cache.accounts.get(address)
    // An account that has signed an authorization has sent something before, or is known by now; it may have storage.
    const wasNothing = before === undefined || (before.codeHash === EMPTY_CODE_HASH && before.nonce === 0n)
    const isCreatedHere = wasNothing && run.after.accounts.get(address)?.code !== undefined
    if (isCreatedHere) rest.set(address, new Set())
    else rest.set(address, slots)
  }
  return rest
}
