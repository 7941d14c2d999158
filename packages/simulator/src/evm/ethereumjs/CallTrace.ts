import type { RawFrame } from '../../model/Trace.ts'
import { hexOf, hexOfNumber } from './hex.ts'

/** A frame while it runs. */
export interface OpenFrame {
  readonly type: string
  readonly from: string
  readonly to: string | null
  readonly value: bigint | null
  readonly gas: bigint
  readonly input: Uint8Array
}

interface Frame {
  readonly type: string
  readonly from: string
  to: string | null
  readonly value: bigint | null
  readonly gas: bigint
  readonly input: string
  gasUsed: bigint
  output: string | null
  error: string | null
  readonly calls: Frame[]
  readonly logs: { address: string; topics: string[]; data: string; order: number; position: number }[]
}

/** No honest transaction makes that many calls; a tree beyond it is a bomb, and a tree cut short would hide calls. */
export const MAX_FRAMES = 10_000
/** Call data and results are kept whole up to this many bytes in one trace; beyond it only the head of each. */
const WHOLE_BYTES = 4 * 2 ** 20
/** A selector and eight words. */
const HEAD_BYTES = 260

/** The tree of calls, as `callTracer` tells it. */
export class CallTrace {
  #root: Frame | null = null
  readonly #open: Frame[] = []
  #frames = 0
  #bytes = 0
  #logs = 0

  enter({ input, ...frame }: OpenFrame): void {
    this.#frames += 1
    if (this.#frames > MAX_FRAMES) throw new TraceLimit(`more than ${MAX_FRAMES} calls`)
    const opened: Frame = {
      ...frame,
      input: this.#hex(input),
      gasUsed: 0n,
      output: null,
      error: null,
      calls: [],
      logs: [],
    }
    if (this.#root === null) this.#root = opened
    else this.#open.at(-1)?.calls.push(opened)
    this.#open.push(opened)
  }

  exit({
    gasUsed,
    output,
    error,
    created,
  }: {
    gasUsed: bigint
    output: Uint8Array
    error: string | null
    created: string | null
  }): void {
    const frame = this.#open.pop()
    if (frame === undefined) return
    frame.gasUsed = gasUsed
    frame.error = error
    if (created !== null) frame.to = created
    if (output.length > 0 && (error === null || error === REVERTED)) frame.output = this.#hex(output)
  }

  /** A call that was over before it began: too deep, or without the ether it sends. */
  failed(frame: OpenFrame, error: string): void {
    this.enter(frame)
    this.exit({ gasUsed: 0n, output: new Uint8Array(0), error, created: null })
  }

  log(address: string, topics: readonly Uint8Array[], data: Uint8Array): void {
    const frame = this.#open.at(-1)
    if (frame === undefined) return
    // Log data costs 8 gas a byte, so the gas cap bounds it; it is evidence and is never cut.
    frame.logs.push({
      address,
      topics: topics.map(hexOf),
      data: hexOf(data),
      order: this.#logs,
      position: frame.calls.length,
    })
    this.#logs += 1
  }

  /** The finished tree. As anvil has it, the root's `gasUsed` is the whole transaction's, after refunds. */
  finish(gasUsed: bigint): RawFrame {
    const root = this.#root
    if (root === null) throw new Error('a trace is finished after its run')
    const indexes = new Map<number, number>()
    collectLogs(root, indexes)
    return { ...wire(root, indexes), gasUsed: hexOfNumber(gasUsed) }
  }

  #hex(bytes: Uint8Array): string {
    this.#bytes += bytes.length
    return hexOf(this.#bytes > WHOLE_BYTES ? bytes.subarray(0, HEAD_BYTES) : bytes)
  }
}

export const REVERTED = 'execution reverted'

/** Logs are numbered in the order they were emitted; what failed frames emitted is gone, and has no number. */
function collectLogs(root: Frame, indexes: Map<number, number>): void {
  const orders: number[] = []
  const walk = (frame: Frame): void => {
    if (frame.error !== null) return
    for (const log of frame.logs) orders.push(log.order)
    frame.calls.forEach(walk)
  }
  walk(root)
  orders.sort((a, b) => a - b).forEach((order, index) => indexes.set(order, index))
}

function wire(frame: Frame, indexes: ReadonlyMap<number, number>): RawFrame {
  const logs = frame.logs.flatMap(({ address, topics, data, order, position }) => {
    const index = indexes.get(order)
    return index === undefined
      ? []
      : [{ address, topics, data, index: hexOfNumber(BigInt(index)), position: hexOfNumber(BigInt(position)) }]
  })
  return {
    type: frame.type,
    from: frame.from,
    ...(frame.to === null ? {} : { to: frame.to }),
    ...(frame.value === null ? {} : { value: hexOfNumber(frame.value) }),
    gas: hexOfNumber(frame.gas),
    gasUsed: hexOfNumber(frame.gasUsed),
    input: frame.input,
    ...(frame.output === null ? {} : { output: frame.output }),
    ...(frame.error === null ? {} : { error: frame.error }),
    ...(frame.calls.length === 0 ? {} : { calls: frame.calls.map((call) => wire(call, indexes)) }),
    ...(logs.length === 0 ? {} : { logs }),
  }
}

/** The run asks for more than a report can hold. */
export class TraceLimit extends Error {
  override readonly name = 'TraceLimit'
}
