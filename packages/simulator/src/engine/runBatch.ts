import { BaseError, type Address, type Hex } from '@countersign/base'
import type { RawFrame } from '../effects/Trace.ts'
import type { Call } from '../Request.ts'
import {
  accessOf,
  addAccess,
  type AccessSet,
  type CodeStore,
  type Prestate,
  type StateCache,
} from '../state/StateCache.ts'
import type { RpcAnswer } from '../state/Upstream.ts'
import { blockOverrides, type BlockEnv } from './BlockEnv.ts'
import type { EthereumjsEngine } from './ethereumjs/createEthereumjsEngine.ts'
import type { ExecuteInput } from './ethereumjs/protocol.ts'
import type { EnginePool, EngineWorker } from './EnginePool.ts'
import * as Overlay from './Overlay.ts'

/** One transaction's run in the fork. */
export interface StepRun {
  readonly trace: RawFrame
  readonly diff: Overlay.StateDiff
  readonly gasLimit: bigint
  readonly gasUsed: bigint
  readonly gasPriceWei: bigint
}

/** Why a transaction could not even start; nodes refuse it before it runs. */
export interface StepRefusal {
  readonly refused: 'insufficient-funds' | 'gas-limit'
  readonly because: string
}

export interface BatchRun {
  readonly steps: readonly (StepRun | StepRefusal)[]
  /** Everything that the runs read. */
  readonly touched: AccessSet
  readonly after: Overlay.Overlay
}

/** EIP-7825: no transaction may ask for more than 2^24 gas. */
export const MAX_TX_GAS = 2n ** 24n
/** Gas for what the holder of a signature does; nobody bounds it, so it is ample. */
const HOLDER_GAS = 10_000_000n
/** What any transaction costs at least (Yellow Paper, G_transaction). */
const INTRINSIC_GAS = 21_000n

export interface Fork {
  readonly chainId: number
  readonly pool: EnginePool
  readonly worker: EngineWorker
  readonly cache: StateCache
  readonly codes: CodeStore
  readonly env: BlockEnv
  /**
   * False only for a request that ran before on the same block in the same environment and was found whole: the
   * same run reads the same state, so asking again what it reads is left out.
   */
  readonly isClosureChecked: boolean
  /** The other EVM: for what the first gets wrong, for watching, and to check the first. */
  readonly second: EthereumjsEngine
  /** What is lent to accounts that a simulation makes up, before its first step. */
  readonly start?: Overlay.Overlay
  /** Run on the other EVM. */
  readonly isOnSecond?: boolean
  /** Digests for which ecrecover answers an account, whatever the signature. Only the other EVM can. */
  readonly recovers?: ReadonlyMap<Hex.Hex, string>
}

/**
 * Runs an ordered batch on a fork that exists only here: each call on the state left by the one before, the first
 * on the cached block. Nothing outside is written, so any number of batches run at once and never meet.
 *
 * @param gasHints - Limits derived for the same calls before, to spare the first of two runs.
 * @param gasLimits - Limits to run at, whatever the calls ask for.
 * @param isLean - Only status, gas and state are wanted: the traces have no inner calls and no logs.
 *
 * A call without a gas limit is run twice: once with all the gas it may have, then at exactly the limit derived
 * from it, and that second run is the one that counts.
 */
export async function runBatch(
  fork: Fork,
  access: AccessSet,
  {
    from,
    calls,
    gasHints = [],
    gasLimits,
    isLean = false,
  }: {
    from: Address.Address
    calls: readonly Call[]
    gasHints?: readonly bigint[]
    gasLimits?: readonly bigint[]
    isLean?: boolean
  },
): Promise<BatchRun> {
  const sender = from.toLowerCase()
  const after = fork.start === undefined ? Overlay.empty() : Overlay.copy(fork.start)
  const touched: AccessSet = new Map()
  const steps: (StepRun | StepRefusal)[] = []

  for (const [i, call] of calls.entries()) {
    const gasLimit = gasLimits?.[i]
    const run = await runStep(fork, access, after, {
      sender,
      call: gasLimit === undefined ? call : { ...call, gasLimit },
      touched,
      gasHint: gasHints[i] ?? null,
      isLean,
    })
    steps.push(run)
    if ('refused' in run || run.trace.error !== undefined) break
    Overlay.apply(after, run.diff)
  }
  return { steps, touched, after }
}

async function runStep(
  fork: Fork,
  access: AccessSet,
  after: Overlay.Overlay,
  {
    sender,
    call,
    touched,
    gasHint,
    isLean,
  }: { sender: string; call: Call; touched: AccessSet; gasHint: bigint | null; isLean: boolean },
): Promise<StepRun | StepRefusal> {
  if (call.holder !== undefined) {
    // Whoever holds a signature pays for using it, with an account and gas of their own.
    const gasLimit = call.gasLimit ?? HOLDER_GAS
    return execute(fork, access, after, {
      sender: call.holder.toLowerCase(),
      call,
      gasLimit,
      price: 0n,
      touched,
      isLean,
    })
  }
  const balance = after.accounts.get(sender)?.balance ?? fork.cache.accounts.get(sender)?.balance ?? 0n
  const price = gasPrice(fork.env, call.maxFeePerGasWei)
  const affordable = price === 0n ? MAX_TX_GAS : (balance - call.value) / price
  if (balance < call.value || affordable < INTRINSIC_GAS) {
    // The sender's own balance decided this, so it belongs to what was read.
    addAccess(touched, new Map([[sender, new Set<string>()]]))
    return {
      refused: 'insufficient-funds',
      because: `the account holds ${balance} wei, but needs ${call.value} for the payment and at least ${INTRINSIC_GAS * price} for gas`,
    }
  }
  const ceiling = min(MAX_TX_GAS, fork.env.gasLimit)
  if (call.gasLimit !== null) {
    if (call.gasLimit > ceiling) {
      return {
        refused: 'gas-limit',
        because: `the gas limit ${call.gasLimit} is above what one transaction may use (${ceiling}, EIP-7825)`,
      }
    }
    if (call.gasLimit > affordable) {
      return {
        refused: 'insufficient-funds',
        because: `the account holds ${balance} wei, but needs ${call.value + call.gasLimit * price} for the payment and the gas limit`,
      }
    }
    return execute(fork, access, after, { sender, call, gasLimit: call.gasLimit, price, touched, isLean })
  }

  // The limit that was derived the last time usually still is the right one; the run at it is the one that counts
  // either way, and a failure at it starts the estimate anew.
  if (gasHint !== null && gasHint <= min(ceiling, affordable)) {
    const again = await execute(fork, access, after, { sender, call, gasLimit: gasHint, price, touched, isLean })
    if (again.trace.error === undefined && limitFor(again.gasUsed) === gasHint) return again
  }
  const all = min(ceiling, affordable)
  const probe = await execute(fork, access, after, { sender, call, gasLimit: all, price, touched, isLean })
  if (probe.trace.error !== undefined) return probe
  const gasLimit = min(limitFor(probe.gasUsed), all)
  const exact = await execute(fork, access, after, { sender, call, gasLimit, price, touched, isLean })
  // More was needed than the margin covers (a contract that looks at its gas): keep the run with all of it.
  return exact.trace.error === undefined ? exact : probe
}

/**
 * A limit that holds: refunds hide at most a fifth of what was needed (EIP-3529), and calls pass on 63/64 (EIP-150).
 */
export function limitFor(gasUsed: bigint): bigint {
  return (gasUsed * 13n) / 10n + 10_000n
}

/** What each unit of gas costs in the next block: base fee plus tip, within the cap that will be signed. */
export function gasPrice(env: BlockEnv, maxFeePerGasWei: bigint | null): bigint {
  if (env.isFree) return 0n
  const full = env.baseFeeWei + env.tipWei
  if (maxFeePerGasWei === null || maxFeePerGasWei >= full) return full
  return maxFeePerGasWei < env.baseFeeWei ? env.baseFeeWei : maxFeePerGasWei
}

async function execute(
  fork: Fork,
  access: AccessSet,
  after: Overlay.Overlay,
  {
    sender,
    call,
    gasLimit,
    price,
    touched,
    isLean,
  }: { sender: string; call: Call; gasLimit: bigint; price: bigint; touched: AccessSet; isLean: boolean },
): Promise<StepRun> {
  if (fork.isOnSecond === true) {
    const input = secondInput(fork, access, after, { from: sender, call, gasLimit, price })
    const result = await fork.second.execute(input)
    addAccess(touched, result.touched)
    return { trace: result.trace, diff: result.diff, gasLimit, gasUsed: result.gasUsed, gasPriceWei: price }
  }
  const { pool, worker } = fork
  const transaction = {
    from: sender,
    ...(call.to === null ? {} : { to: call.to }),
    value: hex(call.value),
    input: call.data,
    gas: hex(gasLimit),
    gasPrice: hex(price),
  }
  const stateOverrides = Overlay.overrides({ ...fork, installed: worker.installed }, access, after)
  const common = `[${JSON.stringify(transaction)},"latest",{"stateOverrides":${JSON.stringify(stateOverrides)},"blockOverrides":${JSON.stringify(blockOverrides(fork.env))}`
  const tracer = (name: string, tracerConfig: Record<string, unknown>) => ({
    method: 'debug_traceCall',
    params: { json: `${common},"tracer":"${name}","tracerConfig":${JSON.stringify(tracerConfig)}}]` },
  })
  const answers = await pool.run(worker, [
    tracer('callTracer', isLean ? { onlyTopCall: true } : { withLog: true }),
    tracer('prestateTracer', { diffMode: true }),
    ...(fork.isClosureChecked ? [tracer('prestateTracer', { diffMode: false })] : []),
  ])
  const trace = take<RawFrame>(answers[0])
  if (fork.isClosureChecked) addAccess(touched, accessOf(take<Prestate>(answers[2])))
  return {
    trace,
    diff: take<Overlay.StateDiff>(answers[1]),
    gasLimit,
    gasUsed: BigInt(trace.gasUsed ?? '0x0'),
    gasPriceWei: price,
  }
}

/** A transaction as the second EVM takes it: with all code, since it holds none. */
export function secondInput(
  fork: Fork,
  access: AccessSet,
  after: Overlay.Overlay,
  { from, call, gasLimit, price }: { from: string; call: Call; gasLimit: bigint; price: bigint },
): ExecuteInput {
  return {
    chainId: fork.chainId,
    env: fork.env,
    blockHashes: fork.env.blockHashes,
    state: Overlay.overrides({ ...fork, installed: new Map() }, access, after),
    transaction: {
      from,
      to: call.to === null ? null : call.to.toLowerCase(),
      value: call.value,
      data: call.data,
      gasLimit,
      gasPriceWei: price,
      authorizationList: call.authorizationList ?? [],
    },
    ...(fork.recovers === undefined ? {} : { recovers: fork.recovers }),
    isFree: call.holder !== undefined,
  }
}

/** Reads inside the fork, as the user: answer and what it touched. */
export async function readAsUser(
  fork: Fork,
  access: AccessSet,
  after: Overlay.Overlay,
  { from, code, data, touched }: { from: string; code: Hex.Hex; data: Hex.Hex; touched: AccessSet },
): Promise<Hex.Hex> {
  const stateOverrides = Overlay.overrides({ ...fork, installed: fork.worker.installed }, access, after)
  stateOverrides[from] = { ...stateOverrides[from], code }
  const transaction = { from, to: from, input: data, gas: hex(fork.env.gasLimit) }
  const blocks = blockOverrides(fork.env)
  const call = { method: 'eth_call', params: [transaction, 'latest', stateOverrides, blocks] }
  if (!fork.isClosureChecked) return take<Hex.Hex>((await fork.pool.run(fork.worker, [call]))[0])
  const answers = await fork.pool.run(fork.worker, [
    call,
    {
      method: 'debug_traceCall',
      params: [
        transaction,
        'latest',
        { stateOverrides, blockOverrides: blocks, tracer: 'prestateTracer', tracerConfig: { diffMode: false } },
      ],
    },
  ])
  addAccess(touched, accessOf(take<Prestate>(answers[1])))
  return take<Hex.Hex>(answers[0])
}

function take<T>(answer: RpcAnswer | undefined): T {
  if (answer === undefined || !answer.ok) throw new EngineAnswerError(answer?.message ?? 'no answer')
  return answer.result as T
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`
}

/** The engine refused the run instead of reporting an outcome: there is no answer, so nothing may be signed. */
export class EngineAnswerError extends BaseError {
  override readonly name = 'simulator.EngineAnswerError'
  constructor(message: string) {
    super(`The simulator could not run the transaction: ${message.slice(0, 200)}.`, {
      code: 'simulation:engine:refused',
      kind: 'upstream',
      hint: 'Nothing was simulated, so nothing may be signed. Report it with the request if it stays.',
      cause: message,
    })
  }
}
