import type { Hex } from '@countersign/base'
import type { RpcCall, RpcEndpoint } from '../../chain/rpc/Rpc.ts'

/** What a node really does when it is asked: found by asking, never by its name. */
export interface NodeCapabilities {
  /** `debug_traceCall` with call tree, state diff and state overrides: a whole run with all that it changes. */
  readonly traces: boolean
  /** Block overrides that take effect. An accepted and ignored one is the worst case: the outcome would pass for another block's. */
  readonly overrides: ReadonlySet<Override>
}

export type Override = 'time' | 'feeRecipient' | 'prevRandao' | 'baseFeePerGas' | 'gasLimit'

/** A random address for each question would do as well: nobody holds its key, and nothing stands there. */
const AT = '0x7f3c9b1e5a2d4860f1b7c3a9e5d2846f0b1c7a9e'
/**
 * Returns TIMESTAMP, COINBASE, PREVRANDAO, BASEFEE and GASLIMIT as five words. By hand: each opcode, `PUSH1 offset`,
 * `MSTORE`; then `RETURN`.
 */
const TELL: Hex.Hex = '0x425f524160205244604052486060524560805260a05ff3'
/** Values that no block has. */
const ASKED: Readonly<Record<Override, bigint>> = {
  time: 4_102_444_800n,
  feeRecipient: 0x1234567890123456789012345678901234567890n,
  prevRandao: 0x7777777777777777777777777777777777777777777777777777777777777777n,
  baseFeePerGas: 7n,
  gasLimit: 29_999_999n,
}
const NAMES = Object.keys(ASKED) as Override[]

/** Asks a node what it can do, in one request. */
export async function askCapabilities(endpoint: RpcEndpoint, blockHash: Hex.Hex): Promise<NodeCapabilities> {
  const at = { blockHash }
  const stateOverrides = { [AT]: { code: TELL, stateDiff: {} } }
  const blockOverrides = {
    ...Object.fromEntries(NAMES.map((name) => [name, `0x${ASKED[name].toString(16)}`])),
    feeRecipient: `0x${ASKED.feeRecipient.toString(16).padStart(40, '0')}`,
    prevRandao: `0x${ASKED.prevRandao.toString(16).padStart(64, '0')}`,
  }
  const transaction = { from: AT, to: AT, input: '0x', gas: '0x186a0' }
  const tracer = (name: string, tracerConfig: Record<string, unknown>): RpcCall => ({
    method: 'debug_traceCall',
    params: [transaction, at, { stateOverrides, blockOverrides, tracer: name, tracerConfig }],
  })
  const [tree, diff, reads] = await endpoint.batch([
    tracer('callTracer', { withLog: true }),
    tracer('prestateTracer', { diffMode: true }),
    tracer('prestateTracer', { diffMode: false }),
  ])
  const output = tree?.ok === true ? ((tree.result as { output?: string } | null)?.output ?? '0x') : '0x'
  const words = output.slice(2).match(/.{64}/g) ?? []
  // Five words came back: the code that was put there by override has run.
  const hasRun = words.length === NAMES.length
  const isObject = (answer: typeof diff): boolean =>
    answer?.ok === true && typeof answer.result === 'object' && answer.result !== null
  return {
    traces: hasRun && isObject(diff) && isObject(reads),
    overrides: new Set(NAMES.filter((name, i) => hasRun && BigInt(`0x${words[i] ?? '0'}`) === ASKED[name])),
  }
}
