import { Digest, type Address, type Hex } from '@countersign/base'
import { decodeAbiParameters, encodeFunctionData } from 'viem'
import { contractsOf } from './enforcement/authority.ts'
import { compareEffects } from './enforcement/compareEffects.ts'
import { cardLine } from './enforcement/cardLine.ts'
import { completeDerivation } from './enforcement/completeDerivation.ts'
import { derive, type Dropped } from './enforcement/deriveBounds.ts'
import {
  boundsDigest,
  questionKey,
  wordOf,
  type Derivation,
  type OutcomeState,
  type Question,
  type Reading,
} from './enforcement/Draft.ts'
import * as getters from './enforcement/getters.ts'
import { GUARD } from './enforcement/Guard.ts'
import { guardBatch } from './enforcement/guardBatch.ts'
import * as shapes from './enforcement/shapes.ts'
import type { StateReads } from './chain/reads.ts'
import type { Call } from './model/Call.ts'
import type { Finding } from './model/Finding.ts'
import { vouchedOf } from './model/KnownAddress.ts'
import type { BatchCall, Enforcement, Route } from './model/OutcomeBound.ts'
import type { Report } from './model/Report.ts'
import type { SimulationRequest } from './model/Request.ts'
import { readOperated } from './readOperated.ts'
import type { Simulator } from './Simulator.ts'

/** ownerOf(uint256) */
const OWNER_OF = '0x6352211e'
/** How long a guarded batch may take to be included: 50 blocks of 12 s. */
const INCLUSION_S = 600n
/** What an inflow may fall short by without an intent: 0.5 %. */
const SLIPPAGE_BPS = 50

export interface EnforceOptions {
  readonly route: Route
  /** For chains of one's own; its code must have the pinned hash. Default: `GUARD.address`. */
  readonly guard?: Address.Address
  /** 0 to 300. */
  readonly slippageBps?: number
  /** How much gas the guard calls may add before bounds are left out, those that matter least first. Default: any. */
  readonly maxGas?: number
  /** Seconds since 1970; default: ten minutes after the block. */
  readonly expiresAtS?: bigint
  /** The report of the batch without guard calls, where it was made already, by the same simulator. */
  readonly unguarded?: Report
}

/** A simulation with its enforcement, and the request whose bytes the report is about. */
export interface Enforced {
  readonly report: Report
  /** Of the guarded batch; the request as given where nothing is enforced. */
  readonly request: SimulationRequest
}

/**
 * Simulates a batch, derives bounds from its report and the intent, puts it between guard calls in the shape of the route, and
 * simulates those bytes again. Where they fail or do something else the verdict is `block`
 * (`enforcement-inconsistent`): the batch is never offered unguarded instead.
 *
 * @throws What `Simulator.simulate` throws.
 */
export async function simulateEnforced(
  simulator: Simulator,
  request: SimulationRequest,
  options: EnforceOptions,
): Promise<Enforced> {
  const unguarded = options.unguarded ?? (await simulator.simulate(request))
  const chain = simulator.reads.at({ hash: unguarded.block.hash })
  const guard = options.guard ?? GUARD.address
  const placed = await placing(chain, { request, unguarded, route: options.route, guard })
  if (typeof placed === 'string') return { report: withNone(unguarded, options.route, placed), request }
  const pinned = { ...request, block: unguarded.block.number }
  const placement = { ...placed, request: pinned, unguarded, options, guard }
  const plain = await simulator.simulate({ ...outerOf(placement, placed.calls), isLookAhead: false })
  let tried = await guardedBy(simulator, chain, placement, 0)
  for (const dropped of [1, 2, 3] as const) {
    if (typeof tried === 'string' || tried.differs.length > 0) break
    if (options.maxGas === undefined || gasOf(tried.guarded) - gasOf(plain) <= BigInt(options.maxGas)) break
    tried = await guardedBy(simulator, chain, placement, dropped)
  }
  if (typeof tried === 'string') return { report: withNone(unguarded, options.route, tried), request }
  const { derivation, conditions, bounds, calls, guardedRequest, guarded, differs } = tried
  const status = derivation.notEnforced.length === 0 ? 'enforced' : 'partly'
  const indexed = [...conditions.map(withIndex), ...bounds.map(withIndex)]
  const enforcement: Enforcement = {
    status: differs.length > 0 ? 'none' : status,
    because: differs.length > 0 ? 'the batch with guard calls does not do what was shown.' : null,
    route: options.route,
    guard: { address: guard, codeHash: GUARD.codeHash, version: GUARD.version },
    calls,
    boundsDigest: boundsDigest(derivation.bounds),
    bounds: indexed,
    notEnforced: derivation.notEnforced,
    gasOverhead: gasOf(guarded) - gasOf(plain),
    line: '',
  }
  const line = cardLine(enforcement)
  return { report: merged(unguarded, guarded, { ...enforcement, line }, differs), request: guardedRequest }
}

/** A batch and how it is wrapped. */
interface Placement extends Placing {
  readonly request: SimulationRequest
  readonly unguarded: Report
  readonly options: EnforceOptions
  readonly guard: Address.Address
}

function outerOf({ request, shape, guard }: Placement, inner: readonly BatchCall[]): SimulationRequest {
  return {
    ...request,
    calls: [shape(inner)],
    known: [...request.known.filter(({ address }) => address !== guard), guardEntry(guard)],
  }
}

/** The batch with guard calls, simulated; or one sentence why there are none. */
async function guardedBy(simulator: Simulator, chain: StateReads, placement: Placement, dropped: Dropped) {
  const { request, unguarded, options, guard, calls: asked } = placement
  const derivation = await completed(simulator, chain, { request, unguarded, calls: asked, options, guard, dropped })
  if (derivation === null) return 'the bounds were not complete after six rounds of reading.'
  if (!derivation.hasAllInflows) return 'the chain does not answer what arrives.'
  const conditions = derivation.bounds.filter(({ stage }) => stage === 'open')
  const bounds = derivation.bounds.filter(({ stage }) => stage === 'close')
  const calls = guardBatch({ calls: asked, conditions, bounds, guard })
  const guardedRequest = outerOf(placement, calls)
  const guarded = await simulator.simulate(guardedRequest)
  const differs = compareEffects(unguarded, guarded)
  return { derivation, conditions, bounds, calls, guardedRequest, guarded, differs }
}

function withIndex<T>(bound: T, index: number): T & { readonly index: number } {
  return { ...bound, index }
}

function gasOf({ steps }: Report): bigint {
  return steps.reduce((sum, { gasUsed }) => sum + gasUsed, 0n)
}

function guardEntry(address: Address.Address): SimulationRequest['known'][number] {
  return { address, name: 'Outcome guard', kind: 'infrastructure' }
}

/** The report when nothing is enforced, with the reason. */
function withNone(report: Report, route: Route, because: string): Report {
  const enforcement: Enforcement = {
    status: 'none',
    because,
    route,
    guard: null,
    calls: [],
    boundsDigest: null,
    bounds: [],
    notEnforced: [],
    gasOverhead: null,
    line: '',
  }
  return { ...report, enforcement: { ...enforcement, line: cardLine(enforcement) } }
}

/** The guarded report, never milder than the unguarded one: findings of both, each once, and the worse verdict. */
function merged(unguarded: Report, guarded: Report, enforcement: Enforcement, differs: readonly string[]): Report {
  const seen = new Set(guarded.findings.map(({ rule, subject }) => `${rule}|${subject ?? ''}`))
  const inconsistent: Finding[] =
    differs.length === 0
      ? []
      : [
          {
            rule: 'enforcement-inconsistent',
            level: 'block',
            title: 'Guard calls change the outcome',
            because: `The batch with guard calls does not do what the batch without them does: ${differs.slice(0, 3).join('; ')}.`,
            remediation: 'Do not sign. Propose the batch again, or use a wallet whose code can receive what arrives.',
            step: null,
            subject: null,
            evidence: { differs },
          },
        ]
  const findings = [
    ...inconsistent,
    ...guarded.findings,
    ...unguarded.findings.filter(({ rule, subject }) => !seen.has(`${rule}|${subject ?? ''}`)),
  ]
  const worst = { block: 2, warn: 1, allow: 0 } as const
  const verdicts = [guarded.verdict, unguarded.verdict, ...(inconsistent.length > 0 ? (['block'] as const) : [])]
  const verdict = verdicts.reduce((most, each) => (worst[each] > worst[most] ? each : most))
  return { ...guarded, findings, verdict, intent: unguarded.intent, enforcement }
}

/** The user's calls and how they are wrapped, or one sentence why nothing can be enforced. */
interface Placing {
  readonly calls: readonly BatchCall[]
  readonly shape: (calls: readonly BatchCall[]) => Call
}

async function placing(
  chain: StateReads,
  {
    request,
    unguarded,
    route,
    guard,
  }: { request: SimulationRequest; unguarded: Report; route: Route; guard: Address.Address },
): Promise<Placing | string> {
  const account = request.from
  if (request.signature != null) return 'a signature can be used later, by others.'
  if ((request.overrides ?? []).length > 0) return 'the state is assumed, not the chain’s.'
  const calls: BatchCall[] = []
  for (const { to, value, data, authorizationList = [] } of request.calls) {
    if (authorizationList.length > 0) return 'an authorization takes effect even when the transaction reverts.'
    if (to === null) return 'a contract creation is not a call of a batch.'
    if (to === guard) return 'the batch already calls the guard.'
    if (to === account) {
      const inner = shapes.readAccountBatch(data)
      if (inner?.isAtomic === false) return 'the batch goes on when a call in it fails (try mode).'
      return 'the account calls itself; give the calls of its batch one by one.'
    }
    calls.push({ to, value, data })
  }
  if (unguarded.willRevert) return 'the batch fails.'
  const code = await chain.code(guard)
  if (Digest.keccak256(code) !== GUARD.codeHash)
    return code === '0x' ? `the guard is not deployed at ${guard}.` : `the code at ${guard} is not the guard’s.`
  const shape = route === 'safe' ? await safeShape(chain, account) : await accountShape(chain, account, route)
  return typeof shape === 'string' ? shape : { calls, shape: sized(request, shape) }
}

type Outer = (calls: readonly BatchCall[]) => BatchCall & { readonly holder?: Address.Address }

/** The outer call with the fee caps of the first call; the gas limit is estimated on the guarded bytes. */
function sized({ calls }: SimulationRequest, outer: Outer): Placing['shape'] {
  const [first] = calls
  return (inner) => ({
    gasLimit: null,
    maxFeePerGasWei: first?.maxFeePerGasWei ?? null,
    ...(first?.maxPriorityFeePerGasWei === undefined ? {} : { maxPriorityFeePerGasWei: first.maxPriorityFeePerGasWei }),
    label: null,
    ...outer(inner),
  })
}

/** 7702, 5792 and 4337: the account's own `execute`, in the mode that reverts whole. */
async function accountShape(chain: StateReads, account: Address.Address, route: Route): Promise<Outer | string> {
  if ((await chain.code(account)) === '0x') return 'this wallet sends one transaction at a time.'
  const data = encodeFunctionData({
    abi: shapes.ACCOUNT_ABI,
    functionName: 'supportsExecutionMode',
    args: [shapes.BATCH_MODE],
  })
  const answer = await chain.call({ to: account, data })
  if (answer.status !== 'returned' || wordOf(answer.data) !== 1n)
    return 'the account’s code does not run batches that revert whole.'
  const holder = route === '4337' ? { holder: shapes.ENTRY_POINT } : {}
  return (calls) => ({ ...shapes.accountBatch(account, calls), ...holder })
}

/** A Safe whose threshold is one: an owner sends it. */
async function safeShape(chain: StateReads, safe: Address.Address): Promise<Outer | string> {
  const ask = async (data: Hex.Hex): Promise<Hex.Hex | null> => {
    const answer = await chain.call({ to: safe, data })
    return answer.status === 'returned' ? answer.data : null
  }
  const [threshold, owners] = await Promise.all([ask(getters.getThreshold()), ask(getters.getOwners())])
  if (threshold === null || owners === null || owners === '0x') return 'the account is not a Safe.'
  if (wordOf(threshold) !== 1n) return 'a Safe that needs several signatures cannot be simulated whole.'
  const [[owner]] = decodeAbiParameters([{ type: 'address[]' }], owners)
  const codes = await Promise.all(shapes.MULTI_SEND.map((each) => chain.code(each)))
  const multiSendAt = shapes.MULTI_SEND.find((_, i) => codes[i] !== '0x')
  if (owner === undefined || multiSendAt === undefined) return 'MultiSendCallOnly is not deployed on this chain.'
  const signatures = shapes.senderSignature(owner)
  return (calls) => ({ ...shapes.safeBatch({ safe, multiSendAt, calls, signatures }), holder: owner })
}

/** The derivation with every answer; null where questions stay open. */
async function completed(
  simulator: Simulator,
  chain: StateReads,
  {
    request,
    unguarded,
    calls,
    options,
    guard,
    dropped,
  }: {
    request: SimulationRequest
    unguarded: Report
    calls: readonly BatchCall[]
    options: EnforceOptions
    guard: Address.Address
    dropped: Dropped
  },
): Promise<Derivation | null> {
  const readings = new Map<string, Reading>()
  const codeHashes = new Map<string, Hex.Hex | null>()
  const { gasEstimate } = unguarded
  const shownCapWei = gasEstimate.gasLimit === 0n ? 0n : gasEstimate.maxFeeWei / gasEstimate.gasLimit + 1n
  const isOwnFee = options.route === '7702' || options.route === '5792'
  const vouched = [...vouchedOf(request).values()].flatMap(({ address, kind, name, symbol, decimals }) =>
    kind === 'token' && decimals !== undefined ? [{ address, symbol: symbol ?? name, decimals }] : [],
  )
  const recorded = simulator.chain.tokens.map(({ address, symbol, decimals }) => ({ address, symbol, decimals }))
  const tokens = [...new Map([...recorded, ...vouched].map((token) => [token.address, token])).values()]
  const operated = await readOperated(simulator.reads, {
    account: request.from,
    contracts: contractsOf(unguarded, tokens),
    untilBlock: unguarded.block.number,
  })
  const state: OutcomeState = {
    operated,
    calls,
    readings,
    codeHashes,
    tokens,
    feeCapWei: isOwnFee ? (request.calls[0]?.maxFeePerGasWei ?? shownCapWei) : null,
    expiresAtS: options.expiresAtS ?? BigInt(Math.floor(unguarded.block.timestampMs / 1000)) + INCLUSION_S,
    slippageBps: options.slippageBps ?? SLIPPAGE_BPS,
  }
  return completeDerivation(
    () => derive(unguarded, request.intent ?? null, state, dropped),
    async ({ missing, missingCode }) => {
      const codes = await Promise.all(missingCode.map((account) => chain.code(account)))
      for (const [i, account] of missingCode.entries()) {
        const code = codes[i] ?? '0x'
        codeHashes.set(account.toLowerCase(), code === '0x' ? null : Digest.keccak256(code))
      }
      for (const [key, reading] of await readBoth(simulator, chain, { request, questions: missing, guard }))
        readings.set(key, reading)
    },
  )
}

/** Answers before the batch, from the chain, and after it, from getter calls behind the user's in the same run. */
async function readBoth(
  simulator: Simulator,
  chain: StateReads,
  { request, questions, guard }: { request: SimulationRequest; questions: readonly Question[]; guard: Address.Address },
): Promise<ReadonlyMap<string, Reading>> {
  const before = await Promise.all(
    questions.map(async ({ target, data }) => {
      const answer = await chain.call({ to: target, data, from: guard })
      return answer.status === 'returned' && answer.data !== '0x' ? answer.data : null
    }),
  )
  const found = new Map<string, Reading>(
    questions.map((question, i) => [questionKey(question), { before: before[i] ?? null, after: null }]),
  )
  // An id that is minted has an owner only afterwards. These stand last: one that has none ends the run.
  const isMinted = ({ data }: Question): boolean => data.startsWith(OWNER_OF)
  const answered = questions.filter((question) => found.get(questionKey(question))?.before !== null)
  let open = [...answered, ...questions.filter((question) => !answered.includes(question) && isMinted(question))]
  while (open.length > 0) {
    const asking = open.map(({ target, data }): Call => ({
      to: target,
      value: 0n,
      data,
      gasLimit: null,
      maxFeePerGasWei: null,
      label: null,
      holder: guard,
    }))
    const calls = [...request.calls, ...asking]
    const { steps } = await simulator.simulate({ ...request, calls, intent: null, isLookAhead: false })
    const answers = steps.slice(request.calls.length)
    // A getter that fails only after the batch ends the run; it has no answer, and the others are asked again.
    const failed = answers.findIndex(({ status }) => status !== 'success')
    for (const [i, { status, returnData }] of answers.entries()) {
      const question = open[i]
      if (question === undefined || status !== 'success') continue
      const key = questionKey(question)
      found.set(key, { before: found.get(key)?.before ?? null, after: returnData === '0x' ? null : returnData })
    }
    if (failed < 0) break
    open = open.slice(failed + 1)
  }
  return found
}
