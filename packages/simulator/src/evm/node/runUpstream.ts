import { BaseError, type Address, type Hex } from '@countersign/base'
import type { RawFrame } from '../../model/Trace.ts'
import type { NotChecked } from '../../model/Finding.ts'
import type { Call } from '../../model/Call.ts'
import { addAccess, accessOf, type AccessSet, type Prestate } from '../../model/Access.ts'
import { expectResult, UpstreamError, type RpcAnswer, type RpcCall, type RpcEndpoint } from '../../chain/rpc/Rpc.ts'
import { blockOverrides } from '../BlockEnv.ts'
import type { BlockEnv } from '../../model/Block.ts'
import * as Coin from '../../model/Coin.ts'
import * as Overlay from '../Overlay.ts'
import { capWei, priceWei } from '../Fee.ts'
import { limitFor, unaffordable } from '../runBatch.ts'
import type { BatchRun, StepRefusal, StepRun } from '../../model/Run.ts'

export interface UpstreamRun {
  readonly run: BatchRun
  /** What this way of running leaves out; each line belongs in the report. */
  readonly notChecked: readonly NotChecked[]
}

/** Where `traceTransfers` reports native payments (ethereum/execution-apis, `eth_simulateV1`). */
const NATIVE = '0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee'
/** keccak256("Transfer(address,address,uint256)") */
const TRANSFER = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'

interface SimulatedCall {
  readonly returnData: Hex.Hex
  readonly logs: readonly { readonly address: string; readonly topics: readonly string[]; readonly data: string }[]
  readonly gasUsed: string
  readonly status: string
  readonly error?: { readonly code?: number; readonly message: string; readonly data?: Hex.Hex }
}

/**
 * Runs an ordered batch on the chain's own node, because no EVM that runs here models the chain: `eth_simulateV1` for
 * the outcome, with fees and nonces checked where the node can, and `debug_traceCall` for call tree and state diff
 * where it is offered. Both are asked for the same block; where they part, there is no answer.
 *
 * Without a trace, a step's tree has its top frame and one frame for each native payment that the node reports.
 *
 * @throws {UpstreamInconsistentError} `simulation:upstream:inconsistent`; {UpstreamRunError}
 *   `simulation:upstream:unsupported` when the node has neither method; {UpstreamError}.
 */
export async function runUpstream(
  {
    endpoint,
    blockHash,
    env,
    coin,
    hasDebug,
  }: { endpoint: RpcEndpoint; blockHash: Hex.Hex; env: BlockEnv; coin: Coin.Coin; hasDebug: boolean },
  { from, calls }: { from: Address.Address; calls: readonly Call[] },
): Promise<UpstreamRun> {
  const sender = from.toLowerCase()
  const at = { blockHash }
  const notChecked: NotChecked[] = [
    { what: 'a local run', why: 'this chain is run by its own node alone; no second engine looks at it' },
    { what: 'state reads', why: 'the node does not say all that it read, so nothing of it is proven or read again' },
  ]
  const simulation = (isValidated: boolean): RpcCall => ({
    method: 'eth_simulateV1',
    params: [
      {
        blockStateCalls: [{ calls: calls.map((call) => wireCall(sender, call, isValidated ? env : null)) }],
        traceTransfers: true,
        validation: isValidated,
      },
      at,
    ],
  })
  const [balanceAnswer, validated, plain] = await endpoint.batch([
    { method: 'eth_getBalance', params: [sender, at] },
    simulation(true),
    simulation(false),
  ])
  const balance = BigInt(expectResult<string>(balanceAnswer, 'eth_getBalance'))
  // A node refuses the whole batch when one step cannot be paid for. What comes before it still has an outcome.
  if (isUnpayable(plain)) return runPayable({ endpoint, blockHash, env, coin, hasDebug }, { from, calls, balance })
  const simulated = outcomes(validated) ?? outcomes(plain)
  if (simulated === null && isMissing(plain) && !hasDebug) throw new UpstreamRunError()
  if (simulated === null && !isMissing(plain)) expectResult(plain, 'eth_simulateV1')
  if (simulated !== null && simulated.length < calls.length) {
    throw new UpstreamError('', new Error('eth_simulateV1: calls are missing from the answer'))
  }
  if (simulated === null) notChecked.push({ what: 'eth_simulateV1', why: 'the node does not offer it' })
  else if (outcomes(validated) === null) {
    notChecked.push({
      what: 'fees and nonces by the node',
      why: 'the node only ran the batch without its own checks; the balance was compared here',
    })
  }
  if (!hasDebug) {
    notChecked.push(
      { what: 'call tree', why: 'the node has no debug_traceCall: only native payments and events are seen' },
      { what: 'state diff', why: 'the node has no debug_traceCall: changes without an event are not seen' },
    )
  }

  const after = Overlay.empty()
  const touched: AccessSet = new Map([[sender, new Set<string>()]])
  const steps: (StepRun | StepRefusal)[] = []
  let spendable = balance
  for (const [i, call] of calls.entries()) {
    const price = priceWei(env, call)
    const cap = env.isFree ? 0n : capWei(env, call)
    const outcome = simulated?.[i] ?? null
    const traced = hasDebug ? await traceStep({ endpoint, at, env, sender, call, after, touched }) : null
    if (outcome !== null && traced !== null) compareRuns(outcome, traced.trace, i)
    const trace = traced?.trace ?? (outcome === null ? null : frameOf(sender, call, outcome))
    if (trace === null) throw new UpstreamRunError()
    const gasUsed = outcome === null ? BigInt(trace.gasUsed ?? '0x0') : BigInt(outcome.gasUsed)
    const gasLimit = call.gasLimit ?? limitFor(gasUsed)
    if (spendable < call.value + gasLimit * cap) {
      steps.push({
        refused: 'insufficient-funds',
        because: unaffordable(coin, { balance: spendable, value: call.value, gasLimit, cap }),
      })
      break
    }
    if (call.gasLimit !== null && gasUsed > call.gasLimit) {
      steps.push({ refused: 'gas-limit', because: `it uses ${gasUsed} gas, and the limit is ${call.gasLimit}` })
      break
    }
    steps.push({ trace, diff: traced?.diff ?? { pre: {}, post: {} }, gasLimit, gasUsed, gasPriceWei: price })
    if (trace.error !== undefined) break
    if (traced !== null) Overlay.apply(after, traced.diff)
    spendable = spendable - gasUsed * price + ownNativeChange(sender, trace)
  }
  return { run: { steps, touched, after }, notChecked }
}

/** The longest beginning of a batch that can be paid for, and the refusal of the step after it. */
async function runPayable(
  tools: Parameters<typeof runUpstream>[0],
  { from, calls, balance }: { from: Address.Address; calls: readonly Call[]; balance: bigint },
): Promise<UpstreamRun> {
  const [last] = calls.slice(-1)
  const before = calls.slice(0, -1)
  const rest: UpstreamRun =
    before.length === 0
      ? {
          run: { steps: [], touched: new Map([[from.toLowerCase(), new Set<string>()]]), after: Overlay.empty() },
          notChecked: [{ what: 'a local run', why: 'this chain is run by its own node alone' }],
        }
      : await runUpstream(tools, { from, calls: before })
  const isWhole = rest.run.steps.length === before.length
  const hasStopped = rest.run.steps.some((step) => 'refused' in step || step.trace.error !== undefined)
  if (!isWhole || hasStopped || last === undefined) return rest
  const refusal: StepRefusal = {
    refused: 'insufficient-funds',
    because: `the node says that the account, which held ${Coin.text(tools.coin, balance)} at first, cannot pay ${Coin.text(tools.coin, last.value)} and the gas`,
  }
  return { ...rest, run: { ...rest.run, steps: [...rest.run.steps, refusal] } }
}

function wireCall(sender: string, call: Call, env: BlockEnv | null): Record<string, string> {
  return {
    from: sender,
    ...(call.to === null ? {} : { to: call.to }),
    value: hex(call.value),
    input: call.data,
    ...(call.gasLimit === null ? {} : { gas: hex(call.gasLimit) }),
    ...(env === null ? {} : { maxFeePerGas: hex(priceWei(env, call)), maxPriorityFeePerGas: hex(0n) }),
  }
}

async function traceStep({
  endpoint,
  at,
  env,
  sender,
  call,
  after,
  touched,
}: {
  endpoint: RpcEndpoint
  at: { blockHash: Hex.Hex }
  env: BlockEnv
  sender: string
  call: Call
  after: Overlay.Overlay
  touched: AccessSet
}): Promise<{ trace: RawFrame; diff: Overlay.StateDiff }> {
  const options = {
    stateOverrides: writtenSoFar(after),
    // Number and time of such chains are not Ethereum's to guess: they stay as the node has them.
    blockOverrides: feesOnly(env),
  }
  const tracer = (name: string, tracerConfig: Record<string, unknown>): RpcCall => ({
    method: 'debug_traceCall',
    params: [wireCall(sender, call, null), at, { ...options, tracer: name, tracerConfig }],
  })
  const [trace, diff, reads] = await endpoint.batch([
    tracer('callTracer', { withLog: true }),
    tracer('prestateTracer', { diffMode: true }),
    tracer('prestateTracer', { diffMode: false }),
  ])
  addAccess(touched, accessOf(expectResult<Prestate>(reads, 'debug_traceCall')))
  return {
    trace: expectResult<RawFrame>(trace, 'debug_traceCall'),
    diff: expectResult<Overlay.StateDiff>(diff, 'debug_traceCall'),
  }
}

function feesOnly(env: BlockEnv): Record<string, unknown> {
  const { baseFeePerGas, feeRecipient, prevRandao } = blockOverrides(env)
  return {
    ...(baseFeePerGas === undefined ? {} : { baseFeePerGas }),
    ...(feeRecipient === undefined ? {} : { feeRecipient }),
    ...(prevRandao === undefined ? {} : { prevRandao }),
  }
}

/** What earlier steps wrote, as overrides on the node's own state. */
function writtenSoFar(after: Overlay.Overlay): Record<string, Record<string, unknown>> {
  const overrides: Record<string, Record<string, unknown>> = {}
  for (const [address, { balance, nonce, code }] of after.accounts) {
    overrides[address] = {
      ...(balance === undefined ? {} : { balance: hex(balance) }),
      ...(nonce === undefined ? {} : { nonce: hex(nonce) }),
      ...(code === undefined ? {} : { code }),
    }
  }
  for (const [address, slots] of after.slots) {
    overrides[address] = { ...overrides[address], stateDiff: Object.fromEntries(slots) }
  }
  return overrides
}

/** Two answers of one node about one step: outcome and events must be the same. */
function compareRuns(outcome: SimulatedCall, trace: RawFrame, index: number): void {
  const events = (logs: readonly { address: string; topics: readonly string[]; data: string }[]): string =>
    logs
      .map(({ address, topics, data }) => [address, ...topics, data].join().toLowerCase())
      .toSorted()
      .join('|')
  const isSuccess = BigInt(outcome.status) === 1n
  const own = outcome.logs.filter((log) => log.address.toLowerCase() !== NATIVE)
  if (isSuccess !== (trace.error === undefined)) throw new UpstreamInconsistentError(index, 'whether it succeeds')
  if (isSuccess && events(own) !== events(survivingLogs(trace)))
    throw new UpstreamInconsistentError(index, 'its events')
}

function survivingLogs(frame: RawFrame): NonNullable<RawFrame['logs']>[number][] {
  if (frame.error !== undefined) return []
  return [...(frame.logs ?? []), ...(frame.calls ?? []).flatMap(survivingLogs)]
}

/** A step's tree as far as `eth_simulateV1` tells it. */
function frameOf(sender: string, call: Call, outcome: SimulatedCall): RawFrame {
  const payments = outcome.logs.filter((log) => log.address.toLowerCase() === NATIVE && log.topics[0] === TRANSFER)
  const own = outcome.logs.filter((log) => log.address.toLowerCase() !== NATIVE)
  // The first payment is the call's own value, which stands in the top frame.
  const inner = call.value > 0n ? payments.slice(1) : payments
  const isSuccess = BigInt(outcome.status) === 1n
  const created = call.to === null && call.value > 0n ? addressOf(payments[0]?.topics[2]) : null
  return {
    type: call.to === null ? 'CREATE' : 'CALL',
    from: sender,
    ...(call.to !== null ? { to: call.to.toLowerCase() } : created === null ? {} : { to: created }),
    value: hex(call.value),
    gasUsed: outcome.gasUsed,
    input: call.data,
    output: outcome.returnData === '0x' ? (outcome.error?.data ?? '0x') : outcome.returnData,
    ...(isSuccess ? {} : { error: haltOrRevert(outcome) }),
    logs: own,
    calls: inner.flatMap(({ topics, data }): RawFrame[] => {
      const [payer, payee] = [addressOf(topics[1]), addressOf(topics[2])]
      return payer === null || payee === null
        ? []
        : [{ type: 'CALL', from: payer, to: payee, value: data, input: '0x' }]
    }),
  }
}

function haltOrRevert({ error, returnData }: SimulatedCall): string {
  // 3: the contract reverted (ethereum/execution-apis). Anvil says only that it failed, and gives no data.
  if (error?.code === 3) return 'execution reverted'
  return error?.message ?? (returnData === '0x' ? 'execution failed' : 'execution reverted')
}

function addressOf(topic: string | undefined): string | null {
  return topic === undefined ? null : `0x${topic.slice(-40).toLowerCase()}`
}

function ownNativeChange(sender: string, frame: RawFrame): bigint {
  if (frame.error !== undefined) return 0n
  let change = 0n
  if (['CALL', 'CREATE', 'CREATE2', 'SELFDESTRUCT'].includes(frame.type)) {
    const value = BigInt(frame.value ?? '0x0')
    if (frame.from.toLowerCase() === sender) change -= value
    if (frame.to?.toLowerCase() === sender) change += value
  }
  for (const call of frame.calls ?? []) change += ownNativeChange(sender, call)
  return change
}

function outcomes(answer: RpcAnswer | undefined): readonly SimulatedCall[] | null {
  if (answer?.ok !== true) return null
  const [block] = answer.result as { calls?: SimulatedCall[] }[]
  return block?.calls ?? null
}

/** -38014: the sender cannot pay (ethereum/execution-apis, `eth_simulateV1`); others say it in words. */
function isUnpayable(answer: RpcAnswer | undefined): boolean {
  return answer?.ok === false && (answer.code === -38014 || /insufficient (funds|balance)/i.test(answer.message))
}

function isMissing(answer: RpcAnswer | undefined): boolean {
  return answer?.ok === false && (answer.code === -32601 || /method/i.test(answer.message))
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`
}

/** One node tells two different things about one step: there is no answer to rest on. */
export class UpstreamInconsistentError extends BaseError {
  override readonly name = 'simulator.UpstreamInconsistentError'
  constructor(index: number, what: string) {
    super(`The RPC provider contradicts itself about step ${index + 1}: ${what}.`, {
      code: 'simulation:upstream:inconsistent',
      kind: 'upstream',
      hint: 'Nothing was simulated, so nothing may be signed. Try again, or use another provider.',
    })
  }
}

/** The chain can only be run by its own node, and this node does not offer that. */
export class UpstreamRunError extends BaseError {
  override readonly name = 'simulator.UpstreamRunError'
  constructor() {
    super('The RPC provider offers neither eth_simulateV1 nor debug_traceCall, and nothing here can run this chain.', {
      code: 'simulation:upstream:unsupported',
      kind: 'upstream',
      hint: 'Use a provider that offers eth_simulateV1 for this chain. Nothing was simulated.',
    })
  }
}
