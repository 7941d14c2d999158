import { Address, Digest, type Hex } from '@countersign/base'
import { contextOf, explainCall, explainDocument } from './clearsigning/explain.ts'
import type { ClearContext } from './clearsigning/clearSign.ts'
import type { DescriptorSet } from './clearsigning/Descriptor.ts'
import { decodeCall } from './decode/KnownAbi.ts'
import { type SwitchRun, UNREADABLE, type EnvironmentRun, type Ahead } from './model/Evidence.ts'
import { evaluateIntent, isAuthorityAllowed, type IntentOutcome } from './intent/evaluateIntent.ts'
import { digestOf } from './intent/Intent.ts'
import type { Assertion, Intent } from './model/Intent.ts'
import { capWei } from './evm/Fee.ts'
import { blockRef } from './evm/BlockEnv.ts'
import type { BlockEnv, Header } from './model/Block.ts'
import type { BatchRun, StepRun } from './model/Run.ts'
import type { PoolTrade } from './effects/PoolTrade.ts'
import type { Effects } from './effects/readEffects.ts'
import { all, logsOf, MAX_FRAMES, revertOf, statusOf, toFrame } from './effects/Trace.ts'
import type { AuthorityChange } from './model/Authority.ts'
import type { ContractCall, Step } from './model/Step.ts'
import type { Environment, IntentResult, Report } from './model/Report.ts'
import type { Finding, NotChecked } from './model/Finding.ts'
import { vouchedOf } from './model/KnownAddress.ts'
import type { Call } from './model/Call.ts'
import type { SimulationRequest } from './model/Request.ts'
import { judge, verdictOf } from './rules/index.ts'
import type { EngineFacts } from './rules/Rule.ts'
import { EMPTY_CODE_HASH, type AccessSet } from './model/Access.ts'
import type { StateCache } from './chain/state/StateCache.ts'

/** Puts everything that was found out into one report. */
export function assembleReport({
  request,
  signatureFindings,
  l1FeeWei,
  run,
  effects,
  environments,
  trades,
  switches,
  ahead,
  env,
  header,
  cache,
  readSet,
  reading,
  notChecked,
  engine,
  descriptors,
}: {
  request: SimulationRequest
  /** What is to be said of a document to be signed. */
  signatureFindings: readonly Finding[]
  /** What an OP Stack chain takes for data on the layer below; null elsewhere. */
  l1FeeWei: bigint | null
  run: BatchRun | null
  effects: Effects | null
  environments: readonly EnvironmentRun[]
  trades: readonly PoolTrade[]
  switches: readonly SwitchRun[]
  /** Null when it was not looked at. */
  ahead: Ahead | null
  env: BlockEnv
  header: Header
  cache: StateCache
  readSet: Report['readSet']
  /** Accounts and slots that were read for it. */
  reading: AccessSet
  notChecked: NotChecked[]
  descriptors: DescriptorSet
  engine: Pick<EngineFacts, 'tooManyReads' | 'isExhausted' | 'engineDifferences' | 'proofMismatches' | 'notModelled'>
}): Report {
  const budget = { left: MAX_FRAMES }
  const clear = contextOf(request, descriptors, {
    tokenChanges: effects?.tokenChanges ?? [],
    authorityChanges: effects?.authorityChanges ?? [],
  })
  const steps = request.calls.map((call, i) => ({
    ...toStep(call, i + 1, run, budget),
    clearSigning: explainCall(clear, request, call),
  }))
  if (budget.left <= 0) notChecked.push({ what: 'call tree', why: `only the first ${MAX_FRAMES} calls are shown` })
  // What could really be taken says more than a balance beside an allowance.
  const authorityChanges = (effects?.authorityChanges ?? []).map((change) => {
    const move = ahead?.moves.find((each) => each.change === change)
    return move === undefined ? change : { ...change, valueAtRisk: move.canTake }
  })
  const grantSlots = new Map(
    (effects?.authorityChanges ?? []).flatMap((change, i) => {
      const slot = effects?.grantSlots.get(change)
      const kept = authorityChanges[i]
      return slot === undefined || kept === undefined ? [] : [[kept, slot] as const]
    }),
  )
  for (const change of ahead?.unplayed ?? []) {
    notChecked.push({
      what: 'look-ahead',
      why: `what ${change.subject} could do next with ${change.kind} at ${change.contract} could not be tried`,
    })
  }
  if (run !== null && ahead === null) {
    const why = steps.some((step) => step.status !== 'success') ? 'it fails already' : 'it was not asked for'
    notChecked.push({ what: 'look-ahead', why })
  }
  const known = vouchedOf(request)
  const account = (address: Address.Address) => {
    // What others had read is not what this simulation looked at.
    const found = reading.has(address.toLowerCase()) ? cache.accounts.get(address.toLowerCase()) : undefined
    return found === undefined
      ? undefined
      : { hasCode: found.codeHash !== EMPTY_CODE_HASH, nonce: found.nonce, balance: found.balance }
  }
  const runs = (run?.steps ?? []).filter((step): step is StepRun => !('refused' in step))
  // What the holder of a signature sends, the holder pays for.
  const own = runs.slice(0, request.calls.filter((call) => call.holder === undefined).length)
  const gasLimit = own.reduce((sum, step) => sum + step.gasLimit, 0n)
  const gasUsed = own.reduce((sum, step) => sum + step.gasUsed, 0n)
  const capOf = (i: number) => capWei(env, request.calls[i] ?? { maxFeePerGasWei: null })
  const maxFeeWei = own.reduce((sum, step, i) => sum + step.gasLimit * capOf(i), l1FeeWei ?? 0n)
  // A cap below the base fee: the run was made at the base fee, and no more than the cap will ever be paid.
  const expectedFeeWei = own.reduce(
    (sum, step, i) => sum + step.gasUsed * (step.gasPriceWei < capOf(i) ? step.gasPriceWei : capOf(i)),
    l1FeeWei ?? 0n,
  )
  const intent = request.intent ?? null
  const intentResult =
    intent === null ? null : checkIntent(intent, { request, run, effects, environments, env, maxFeeWei })
  // Authority that the intent allows is no reason to block.
  const isMeant = (change: AuthorityChange) => intent !== null && isAuthorityAllowed(intent, change)
  const named = new Set(intent === null ? [] : intent.assertions.flatMap(recipientsOf))
  const judged = judge(signatureFindings, {
    request,
    steps,
    tokenChanges: effects?.tokenChanges ?? [],
    authorityChanges: authorityChanges.filter((change) => !isMeant(change)),
    maxFeeWei,
    baseFeeWei: env.baseFeeWei,
    intent: intentResult,
    announced: effects?.announced ?? new Map(),
    grantSlots,
    credits: effects?.credits ?? new Set(),
    environments,
    trades,
    switches,
    ahead: {
      moves: (ahead?.moves ?? []).filter(({ change }) => !isMeant(change)),
      sellBacks: ahead?.sellBacks ?? [],
      unplayed: ahead?.unplayed ?? [],
    },
    engine: {
      ...engine,
      refusals: (run?.steps ?? []).flatMap((step, i) => ('refused' in step ? [{ step: i + 1, ...step }] : [])),
      unreadable: effects?.unreadable ?? [],
      disagreements: effects?.disagreements ?? [],
      wasCut: effects?.wasCut ?? false,
    },
    account,
    known: (address) => known.get(address.toLowerCase()),
    isMeantRecipient: (address) => named.has(address),
  })

  return {
    version: 1,
    chainId: request.chainId,
    from: request.from,
    block: blockRef(header),
    verdict: verdictOf(judged),
    willRevert: (run === null && request.calls.length > 0) || steps.some((step) => step.status !== 'success'),
    steps,
    contractCalls: contractCalls(runs, cache, run, known),
    tokenChanges: effects?.tokenChanges ?? [],
    authorityChanges,
    gasEstimate: {
      gasLimit,
      gasUsed,
      maxFeeWei,
      expectedFeeWei,
      l1FeeWei,
    },
    environments: environmentsOf(environments),
    environmentReads: effects?.environmentReads ?? [],
    lookahead: (ahead?.moves ?? []).map(({ actor, means, canTake }) => ({ actor, means, canTake })),
    intent: intentResult,
    signature: signatureOf(request, clear),
    findings: judged,
    notChecked,
    readSet,
    receipt: null,
  }
}

/** What is to be signed, in the words people read. */
function signatureOf(request: SimulationRequest, clear: ClearContext): Report['signature'] {
  const { signature } = request
  if (signature == null) return null
  const { digest, kind, title, primaryType, verifyingContract, lines, offers, considerations } = signature
  const clearSigning = explainDocument(clear, request)
  return { digest, kind, title, primaryType, verifyingContract, lines, offers, considerations, clearSigning }
}

/** The intent, checked against the expected block first and then against every other environment. */
function checkIntent(
  intent: Intent,
  {
    request,
    run,
    effects,
    environments,
    env,
    maxFeeWei,
  }: {
    request: SimulationRequest
    run: BatchRun | null
    effects: Effects | null
    environments: readonly EnvironmentRun[]
    env: BlockEnv
    maxFeeWei: bigint
  },
): IntentResult {
  const isComplete = effects !== null && !effects.wasCut && effects.unreadable.length === 0
  const willRevert = run === null || run.steps.length < request.calls.length || run.steps.some(isFailed)
  const expected: IntentOutcome = {
    environment: 'next-block',
    timestampMs: Number(env.timestampS) * 1000,
    willRevert,
    tokenChanges: effects?.tokenChanges ?? [],
    authorityChanges: effects?.authorityChanges ?? [],
    isComplete: isComplete && !willRevert,
  }
  // What only simulators would see is compared, but nobody lives there.
  const others = environments
    .filter(({ plan }) => plan.isRealistic)
    .map(({ plan, outcome, comparison }): IntentOutcome => ({
      environment: plan.name,
      timestampMs: Number(plan.env.timestampS) * 1000,
      willRevert: outcome.failedStep !== null,
      tokenChanges: outcome.everybody,
      authorityChanges: outcome.authority,
      isComplete: !comparison.differs.includes(UNREADABLE),
    }))
  const assertions = evaluateIntent(
    intent,
    {
      chainId: request.chainId,
      from: request.from,
      calls: request.calls,
      maxFeeWei: run === null ? null : maxFeeWei,
    },
    [expected, ...others],
  )
  return { digest: digestOf(intent), goal: intent.goal, assertions }
}

function isFailed(step: BatchRun['steps'][number]): boolean {
  return 'refused' in step || step.trace.error !== undefined
}

function recipientsOf(assertion: Assertion): readonly Address.Address[] {
  if (assertion.name === 'recipient_receives') return [assertion.account]
  return assertion.name === 'allowed_recipients' ? assertion.recipients : []
}

/** The expected block, and the others with those that disagree first. */
function environmentsOf(environments: readonly EnvironmentRun[]): Environment[] {
  const others = environments.map(({ plan, comparison, decidedBy, outcome }): Environment => ({
    name: plan.name,
    agrees: comparison.relation === 'same',
    differs: comparison.differs,
    decidedBy,
    tokenChanges: comparison.relation === 'same' ? [] : outcome.changes,
  }))
  const expected: Environment = { name: 'next-block', agrees: true, differs: [], decidedBy: [], tokenChanges: [] }
  return [...others.filter((other) => !other.agrees), expected, ...others.filter((other) => other.agrees)]
}

function toStep(
  call: Call,
  number: number,
  run: BatchRun | null,
  budget: { left: number },
): Omit<Step, 'clearSigning'> {
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
