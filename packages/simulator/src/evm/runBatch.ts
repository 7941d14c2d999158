import type { StepRun, StepRefusal, BatchRun } from '../model/Run.ts'
import { BaseError, type Address, type Hex } from '@countersign/base'
import type { RawFrame } from '../model/Trace.ts'
import type { Call } from '../model/Call.ts'
import { accessOf, addAccess, type AccessSet, type Prestate } from '../model/Access.ts'
import type { CodeStore, StateCache } from '../chain/state/StateCache.ts'
import type { RpcAnswer, RpcCall } from '../chain/rpc/Rpc.ts'
import { capWei, priceWei } from './Fee.ts'
import { invalidCall } from './invalidCall.ts'
import { BATCH_PROBE_CODE, encodeBatch, readBatch } from './BatchProbe.ts'
import { said } from '../decode/safeText.ts'
import type { BlockEnv } from '../model/Block.ts'
import * as Coin from '../model/Coin.ts'
import type { EthereumjsEngine } from './ethereumjs/createEthereumjsEngine.ts'
import { intrinsicGas } from './ethereumjs/intrinsicGas.ts'
import type { ExecuteInput } from './ethereumjs/protocol.ts'
import { EngineLimitError } from './EngineLimitError.ts'
import type { Lane } from './Lane.ts'
import { NodeRefusal, type FirstEngine } from './FirstEngine.ts'
import * as Overlay from './Overlay.ts'
import { decodeReads, encodeReads, READ_PROBE_CODE, type Probe, type ProbeAnswer } from './ReadProbe.ts'

/** EIP-7825: no transaction may ask for more than 2^24 gas. */
export const MAX_TX_GAS = 2n ** 24n
/** Gas for what the holder of a signature does; nobody bounds it, so it is ample. */
const HOLDER_GAS = 10_000_000n
/** `prestateTracer`: what a run changed, without and with code, and all that it read. */
const DIFF = '{"diffMode":true,"disableCode":true}'
const DIFF_WITH_CODE = '{"diffMode":true}'
const PRESTATE = '{"diffMode":false,"disableCode":true}'

export interface Fork {
  readonly chainId: number
  readonly coin: Coin.Coin
  /** The first EVM; null where this platform has none. */
  readonly first: FirstEngine | null
  readonly cache: StateCache
  readonly codes: CodeStore
  readonly env: BlockEnv
  /**
   * False only for a request that ran before on the same block in the same environment and was found whole: the
   * same run reads the same state, so asking again what it reads is left out.
   */
  readonly isClosureChecked: boolean
  /** The parts of the state that are sent with every call, as they are written; good for this fork's lifetime. */
  readonly pieces: Overlay.Pieces
  /** The engine's work for this simulation. */
  readonly lane: Lane
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
 * @param gasHints - Limits that calls of the same kind had: tried beside the estimate, and used only when it is the same.
 * @param gasLimits - Limits to run at, whatever the calls ask for.
 * @param isLean - Only status, gas and state are wanted: the traces have no inner calls and no logs.
 * @param done - First steps that are known to come out as they did in another run: they are taken from there.
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
    done = [],
  }: {
    from: Address.Address
    calls: readonly Call[]
    gasHints?: readonly bigint[]
    gasLimits?: readonly (bigint | undefined)[]
    isLean?: boolean
    done?: readonly StepRun[]
  },
): Promise<BatchRun> {
  const sender = from.toLowerCase()
  const after = fork.start === undefined ? Overlay.empty() : Overlay.copy(fork.start)
  const touched: AccessSet = new Map()
  const steps: (StepRun | StepRefusal)[] = [...done]
  for (const { diff } of done) Overlay.apply(after, diff)

  for (const [i, call] of calls.entries()) {
    if (i < done.length) continue
    const gasLimit = gasLimits?.[i]
    const run = await ranOrRefused(
      runStep(fork, access, after, {
        sender,
        call: gasLimit === undefined ? call : { ...call, gasLimit },
        touched,
        gasHint: gasHints[i] ?? null,
        isLean,
      }),
    )
    steps.push(run)
    if ('refused' in run || run.trace.error !== undefined) break
    Overlay.apply(after, run.diff)
  }
  return { steps, touched, after }
}

/** What the chain's own node refuses to run, no block of that chain holds. */
async function ranOrRefused(running: Promise<StepRun | StepRefusal>): Promise<StepRun | StepRefusal> {
  try {
    return await running
  } catch (error) {
    if (!(error instanceof NodeRefusal)) throw error
    return { refused: 'invalid', because: `the chain’s own node says ${said(error.message.slice(0, 200))}` }
  }
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
    if (gasLimit < leastGas(call)) return tooLittleGas(gasLimit, call)
    return execute(fork, access, after, {
      sender: call.holder.toLowerCase(),
      call,
      gasLimit,
      price: 0n,
      touched,
      isLean,
    })
  }
  const [now, before] = [after.accounts.get(sender), fork.cache.accounts.get(sender)]
  const balance = now?.balance ?? before?.balance ?? 0n
  const invalid = invalidCall(call, { nonce: now?.nonce ?? before?.nonce ?? 0n })
  if (invalid !== null) return { refused: 'invalid', because: invalid }
  const price = priceWei(fork.env, call)
  // Nodes take a transaction only if the account holds the most that it can cost, whatever it will cost.
  const cap = fork.env.isFree ? 0n : max(capWei(fork.env, call), price)
  const affordable = cap === 0n ? MAX_TX_GAS : (balance - call.value) / cap
  const ceiling = min(MAX_TX_GAS, fork.env.gasLimit)
  const needed = leastGas(call)
  const cannotPay = (gasLimit: bigint): StepRefusal => {
    // The sender's own balance decided this, so it belongs to what was read.
    addAccess(touched, new Map([[sender, new Set<string>()]]))
    return {
      refused: 'insufficient-funds',
      because: unaffordable(fork.coin, { balance, value: call.value, gasLimit, cap }),
    }
  }
  if (balance < call.value || affordable < needed) return cannotPay(needed)
  if (call.gasLimit !== null) {
    if (call.gasLimit < needed) return tooLittleGas(call.gasLimit, call)
    if (call.gasLimit > ceiling) {
      return {
        refused: 'gas-limit',
        because: `the gas limit ${call.gasLimit} is above what one transaction may use (${ceiling}, EIP-7825)`,
      }
    }
    if (call.gasLimit > affordable) return cannotPay(call.gasLimit)
    return execute(fork, access, after, { sender, call, gasLimit: call.gasLimit, price, touched, isLean })
  }

  const all = min(ceiling, affordable)
  const at = (gasLimit: bigint, read: AccessSet = touched): Promise<StepRun> =>
    execute(fork, access, after, { sender, call, gasLimit, price, touched: read, isLean })
  // What was estimated for another call of the same kind is run beside the estimate. It counts only when the estimate is
  // the same: which limit is signed must not depend on what was simulated before.
  if (gasHint !== null && gasHint >= needed && gasHint < all) {
    const own: AccessSet = new Map()
    const [estimate, run] = await Promise.all([
      estimateGas(fork, access, after, { sender, call, gasLimit: all, price, touched }),
      at(gasHint, own),
    ])
    const isSame = estimate.error === undefined && limitFor(estimate.gasUsed) === gasHint
    if (isSame && run.trace.error === undefined) {
      addAccess(touched, own)
      return run
    }
  }
  const probe = await at(all)
  // It might go on with more gas, and the account cannot pay for more.
  if (probe.trace.error === OUT_OF_GAS && all < ceiling) return cannotPay(ceiling)
  if (probe.trace.error !== undefined) return probe
  return findLimit(probe, all, (gasLimit) => at(gasLimit))
}

/** How geth and anvil name it. */
const OUT_OF_GAS = 'out of gas'
/** From the least gas that a transaction costs, 21,000, to the most that it may have (EIP-7825) are ten. */
const MAX_DOUBLINGS = 10

/**
 * The run at a limit near the need. The derived one nearly always does; a contract that asks how much gas is left may want
 * more than it uses, so the limit is doubled until the run succeeds, and halved back once. Never is the whole block's gas
 * taken because the first guess was too small.
 */
async function findLimit(probe: StepRun, all: bigint, at: (gasLimit: bigint) => Promise<StepRun>): Promise<StepRun> {
  let failed = 0n
  let gasLimit = min(limitFor(probe.gasUsed), all)
  for (let i = 0; i <= MAX_DOUBLINGS && gasLimit < all; i += 1) {
    const run = await at(gasLimit)
    if (run.trace.error === undefined) {
      if (failed === 0n) return run
      const middle = await at(roundUp((failed + gasLimit) / 2n))
      return middle.trace.error === undefined ? middle : run
    }
    failed = gasLimit
    gasLimit = min(roundUp(gasLimit * 2n), all)
  }
  return gasLimit === all && all !== probe.gasLimit ? at(all) : probe
}

/** To whole thousands, so that another amount in the same call usually has the same limit. */
function roundUp(gas: bigint): bigint {
  return ((gas + 999n) / 1_000n) * 1_000n
}

/** What a transaction uses when it may use all the gas there is, and what it reads on the way. */
async function estimateGas(
  fork: Fork,
  access: AccessSet,
  after: Overlay.Overlay,
  {
    sender,
    call,
    gasLimit,
    price,
    touched,
  }: { sender: string; call: Call; gasLimit: bigint; price: bigint; touched: AccessSet },
): Promise<{ gasUsed: bigint; error: string | undefined }> {
  const { first } = fork
  if (fork.isOnSecond === true || first === null) {
    const run = await execute(fork, access, after, { sender, call, gasLimit, price, touched, isLean: true })
    return { gasUsed: run.gasUsed, error: run.trace.error }
  }
  const tracer = tracerOf({ ...fork, first }, access, after, { sender, call, gasLimit, price })
  const answers = await first.run(
    [
      tracer('callTracer', '{"onlyTopCall":true}'),
      ...(fork.isClosureChecked ? [tracer('prestateTracer', PRESTATE)] : []),
    ],
    fork.lane,
  )
  const trace = take<RawFrame>(answers[0])
  if (fork.isClosureChecked) addAccess(touched, accessOf(take<Prestate>(answers[1])))
  return { gasUsed: BigInt(trace.gasUsed ?? '0x0'), error: trace.error }
}

/** Calls that run the transaction on the first EVM under a tracer. */
function tracerOf(
  fork: Fork & { readonly first: NonNullable<Fork['first']> },
  access: AccessSet,
  after: Overlay.Overlay,
  { sender, call, gasLimit, price }: { sender: string; call: Call; gasLimit: bigint; price: bigint },
): (name: string, config: string) => RpcCall {
  const transaction = JSON.stringify({
    from: sender,
    ...(call.to === null ? {} : { to: call.to }),
    value: hex(call.value),
    input: call.data,
    gas: hex(gasLimit),
    gasPrice: hex(price),
    ...((call.accessList ?? []).length === 0 ? {} : { accessList: call.accessList }),
  })
  const { first } = fork
  const common = `[${transaction},${first.block},{"stateOverrides":${first.overrides(fork, { access, after })},"blockOverrides":${first.blocks(fork.env)}`
  return (name, config) => ({
    method: 'debug_traceCall',
    params: { json: `${common},"tracer":"${name}","tracerConfig":${config}}]` },
  })
}

/** Why an account cannot pay for a call. */
export function unaffordable(
  coin: Coin.Coin,
  { balance, value, gasLimit, cap }: { balance: bigint; value: bigint; gasLimit: bigint; cap: bigint },
): string {
  const amount = (wei: bigint): string => Coin.text(coin, wei)
  return `the account holds ${amount(balance)}, and it needs ${amount(value + gasLimit * cap)}: ${amount(value)} to pay and up to ${amount(gasLimit * cap)} for ${gasLimit} gas`
}

/** What a transaction costs whatever it does. */
function leastGas(call: Call): bigint {
  const { gas, floor } = intrinsicGas(call)
  return gas > floor ? gas : floor
}

function tooLittleGas(gasLimit: bigint, call: Call): StepRefusal {
  const because = `the gas limit ${gasLimit} is below what it costs before it runs (${leastGas(call)})`
  return { refused: 'gas-limit', because }
}

/**
 * A limit that holds: refunds hide at most a fifth of what was needed (EIP-3529), and calls pass on 63/64 (EIP-150). A
 * round number, so that another amount in the same call usually has the same limit.
 */
export function limitFor(gasUsed: bigint): bigint {
  return ((gasUsed * 13n) / 10_000n + 11n) * 1_000n
}

/** One transaction on the state that `after` leaves, with exactly the gas limit and the price that it is given. */
export async function execute(
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
  const { first } = fork
  if (fork.isOnSecond === true || first === null) {
    const input = secondInput(fork, access, after, { from: sender, call, gasLimit, price })
    const result = await fork.second.execute(input, fork.lane)
    addAccess(touched, result.touched)
    return { trace: result.trace, diff: result.diff, gasLimit, gasUsed: result.gasUsed, gasPriceWei: price }
  }
  const tracer = tracerOf({ ...fork, first }, access, after, { sender, call, gasLimit, price })
  const run = (calls: readonly RpcCall[]) => first.run(calls, fork.lane)
  const answers = await run([
    tracer('callTracer', isLean ? '{"onlyTopCall":true}' : '{"withLog":true}'),
    tracer('prestateTracer', call.to === null ? DIFF_WITH_CODE : DIFF),
    ...(fork.isClosureChecked ? [tracer('prestateTracer', PRESTATE)] : []),
  ])
  const [own] = answers
  if (first.isNode && own?.ok === false) throw new NodeRefusal(own.message)
  const trace = take<RawFrame>(own)
  let diff = take<Overlay.StateDiff>(answers[1])
  // Code is most of an answer and changes only where a contract is made, which always moves its maker's nonce (EIP-161).
  if (call.to !== null && Object.entries(diff.post).some(([key, { nonce }]) => nonce !== undefined && key !== sender))
    diff = take<Overlay.StateDiff>((await run([tracer('prestateTracer', DIFF_WITH_CODE)]))[0])
  if (fork.isClosureChecked) addAccess(touched, accessOf(take<Prestate>(answers[2])))
  return { trace, diff, gasLimit, gasUsed: BigInt(trace.gasUsed ?? '0x0'), gasPriceWei: price }
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
    state: Overlay.overrides(fork, access, after),
    transaction: {
      from,
      to: call.to === null ? null : call.to.toLowerCase(),
      value: call.value,
      data: call.data,
      gasLimit,
      gasPriceWei: price,
      authorizationList: call.authorizationList ?? [],
      accessList: call.accessList ?? [],
    },
    ...(fork.recovers === undefined ? {} : { recovers: fork.recovers }),
    isFree: call.holder !== undefined,
  }
}

/** The most requests that one list of reads is spread over, when contracts burn the gas they are read with. */
const MAX_READ_ROUNDS = 20

/**
 * Reads inside the fork, as the user, in the state that `after` leaves. Nothing that is read can change what is read next.
 *
 * @throws {EngineLimitError} when contracts burn so much gas that their reads do not come to an end.
 */
export async function readAsUser(
  fork: Fork,
  access: AccessSet,
  after: Overlay.Overlay,
  { from, probes, touched }: { from: string; probes: readonly Probe[]; touched: AccessSet },
): Promise<ProbeAnswer[]> {
  const answers: ProbeAnswer[] = []
  for (let round = 0; answers.length < probes.length; round += 1) {
    if (round === MAX_READ_ROUNDS) throw new EngineLimitError(new Error('contracts burn all gas when read'))
    const data = encodeReads(probes.slice(answers.length))
    const answer = await callAsUser(fork, access, after, { from, code: READ_PROBE_CODE, data, touched })
    const read = answer === null ? [] : decodeReads(answer)
    if (read.length === 0) throw new EngineLimitError(new Error('nothing could be read'))
    answers.push(...read)
  }
  return answers
}

/**
 * Plays calls in order from an account, each on the state left by the one before: answers, or none at all when the
 * calls used up all gas together, or what came back are no answers.
 */
export async function playAs(
  fork: Fork,
  access: AccessSet,
  after: Overlay.Overlay,
  { from, calls, touched }: { from: string; calls: readonly Probe[]; touched: AccessSet },
): Promise<ProbeAnswer[]> {
  const data = encodeBatch(calls.map((call) => ({ ...call, value: 0n })))
  const answer = await callAsUser(fork, access, after, { from, code: BATCH_PROBE_CODE, data, touched })
  return readBatch(answer ?? undefined) ?? []
}

/**
 * One call from the user, as a wallet would ask: nothing is lent, nobody has code who has none on chain. Slower than
 * `readAsUser`, and what a contract cannot tell from a wallet's own question.
 *
 * @returns null when it failed.
 */
export function askPlainly(
  fork: Fork,
  access: AccessSet,
  after: Overlay.Overlay,
  { from, probe, touched }: { from: string; probe: Probe; touched: AccessSet },
): Promise<Hex.Hex | null> {
  return callAsUser(fork, access, after, { from, to: probe.to, code: null, data: probe.data, touched })
}

/** A call from the user, to itself where code is lent to it; null when it failed. */
async function callAsUser(
  fork: Fork,
  access: AccessSet,
  after: Overlay.Overlay,
  {
    from,
    to = from,
    code,
    data,
    touched,
  }: { from: string; to?: string; code: Hex.Hex | null; data: Hex.Hex; touched: AccessSet },
): Promise<Hex.Hex | null> {
  if (fork.first === null) return callOnSecond(fork, access, after, { from, to, code, data, touched })
  const { first } = fork
  const lent = code === null ? {} : { lent: { address: from, code } }
  const stateOverrides = first.overrides(fork, { access, after, ...lent })
  const price = readPriceWei(fork, after, from)
  const paying = price === 0n ? '' : `,"gasPrice":"${hex(price)}"`
  const transaction = `{"from":"${from}","to":"${to}","input":"${data}","gas":"${hex(fork.env.gasLimit)}"${paying}}`
  const blocks = first.blocks(fork.env)
  const [answer, prestate] = await first.run(
    [
      { method: 'eth_call', params: { json: `[${transaction},${first.block},${stateOverrides},${blocks}]` } },
      ...(fork.isClosureChecked
        ? [
            {
              method: 'debug_traceCall',
              params: {
                json: `[${transaction},${first.block},{"stateOverrides":${stateOverrides},"blockOverrides":${blocks},"tracer":"prestateTracer","tracerConfig":${PRESTATE}}]`,
              },
            },
          ]
        : []),
    ],
    fork.lane,
  )
  if (fork.isClosureChecked) addAccess(touched, accessOf(take<Prestate>(prestate)))
  return answer?.ok === true ? (answer.result as Hex.Hex) : null
}

/**
 * What gas costs while somebody is asked: as in the transaction, so that a contract cannot tell one from the other. An account
 * that could not pay for all the gas of a block is asked at none, as a node asks.
 */
function readPriceWei({ env, cache, first }: Fork, after: Overlay.Overlay, from: string): bigint {
  if (first?.isNode === true) return 0n
  const price = priceWei(env, { maxFeePerGasWei: null })
  const balance = after.accounts.get(from)?.balance ?? cache.accounts.get(from)?.balance ?? 0n
  return balance >= price * env.gasLimit ? price : 0n
}

/** The same on the other EVM, which bounds a call's gas as a transaction's. */
async function callOnSecond(
  fork: Fork,
  access: AccessSet,
  after: Overlay.Overlay,
  {
    from,
    to,
    code,
    data,
    touched,
  }: { from: string; to: string; code: Hex.Hex | null; data: Hex.Hex; touched: AccessSet },
): Promise<Hex.Hex | null> {
  const lent = Overlay.copy(after)
  if (code !== null) lent.accounts.set(from, { ...lent.accounts.get(from), code })
  const call: Call = {
    to: to as Address.Address,
    value: 0n,
    data,
    gasLimit: null,
    maxFeePerGasWei: null,
    label: null,
  }
  const gasLimit = min(MAX_TX_GAS, fork.env.gasLimit)
  const input = secondInput(fork, access, lent, { from, call, gasLimit, price: readPriceWei(fork, after, from) })
  const result = await fork.second.execute({ ...input, isFree: true }, fork.lane)
  addAccess(touched, result.touched)
  return result.trace.error === undefined ? ((result.trace.output ?? '0x') as Hex.Hex) : null
}

function take<T>(answer: RpcAnswer | undefined): T {
  if (answer === undefined || !answer.ok) throw new EngineAnswerError(answer?.message ?? 'no answer')
  return answer.result as T
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`
}

/** The engine refused the run instead of reporting an outcome: there is no answer, so nothing may be signed. */
export class EngineAnswerError extends BaseError {
  override readonly name = 'simulator.EngineAnswerError'
  constructor(message: string) {
    // What the engine wrote is for the log: it may be JSON, or text of a contract or a node.
    super('The simulator could not run the transaction.', {
      code: 'simulation:engine:refused',
      kind: 'upstream',
      hint: 'Nothing was simulated, so nothing may be signed. The log of the server has the cause.',
      cause: message,
    })
  }
}
