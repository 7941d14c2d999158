import type { RawFrame } from '../model/Trace.ts'
import { Address, Hex } from '@countersign/base'
import { decodeCall, decodeLog, decodeRevert } from '../decode/KnownAbi.ts'
import type { CallFrame, Log, Step } from '../model/Step.ts'

/** How deep and how wide a call tree is kept; beyond it the report says that it was cut. */
const MAX_FRAMES = 2_000

/** A frame tree as the report has it. */
export function toFrame(raw: RawFrame, budget: { left: number }): CallFrame {
  budget.left -= 1
  const input = (raw.input ?? '0x') as Hex.Hex
  const isCreate = raw.type.startsWith('CREATE')
  const decoded = isCreate ? null : decodeCall(input)
  return {
    type: raw.type as CallFrame['type'],
    from: Address.parse(raw.from),
    to: raw.to === undefined ? null : Address.parse(raw.to),
    value: BigInt(raw.value ?? '0x0'),
    selector: isCreate || input.length < 10 ? null : (input.slice(0, 10) as Hex.Hex),
    signature: decoded?.signature ?? null,
    args: decoded?.args ?? null,
    gasUsed: BigInt(raw.gasUsed ?? '0x0'),
    status: statusOf(raw),
    ...(raw.error === undefined ? {} : { reason: revertOf(raw)?.reason ?? raw.error.slice(0, 80) }),
    calls: (raw.calls ?? []).flatMap((call) => (budget.left > 0 ? [toFrame(call, budget)] : [])),
  }
}

export { MAX_FRAMES }

/** A revert is the contract's own word; everything else that stops a call is a halt. */
export function statusOf(raw: RawFrame): Step['status'] & CallFrame['status'] {
  if (raw.error === undefined) return 'success'
  return /revert/i.test(raw.error) ? 'revert' : 'halt'
}

/** What a failed call said, in words. */
export function revertOf(raw: RawFrame): Step['revert'] {
  if (raw.error === undefined) return null
  const data = (raw.output ?? '0x') as Hex.Hex
  if (statusOf(raw) === 'halt') return { reason: haltReason(raw.error), error: null, data }
  return { ...decodeRevert(data), data }
}

function haltReason(error: string): string {
  if (/out ?of ?gas/i.test(error)) return 'out of gas'
  if (/invalid ?opcode|InvalidFEOpcode/i.test(error)) return 'invalid opcode'
  if (/stack/i.test(error)) return 'stack limit reached'
  return error.slice(0, 80)
}

const decodedLogs = new WeakMap<RawFrame, Log[]>()

/** The logs that survive (not inside a failed call), in the order they were emitted. */
export function logsOf(raw: RawFrame): Log[] {
  const known = decodedLogs.get(raw)
  if (known !== undefined) return known
  const collected: { order: number; log: Log }[] = []
  const walk = (frame: RawFrame): void => {
    if (frame.error !== undefined) return
    const logs = frame.logs ?? []
    const calls = frame.calls ?? []
    for (const log of logs) {
      const topics = log.topics as Hex.Hex[]
      const data = log.data as Hex.Hex
      const decoded = decodeLog(topics, data)
      collected.push({
        order: log.index === undefined ? collected.length : Number(log.index),
        log: {
          address: Address.parse(log.address),
          topics,
          data,
          event: decoded?.event ?? null,
          args: decoded?.args ?? null,
        },
      })
    }
    calls.forEach(walk)
  }
  walk(raw)
  const logs = collected.sort((a, b) => a.order - b.order).map(({ log }) => log)
  decodedLogs.set(raw, logs)
  return logs
}

/** Every surviving frame in execution order, with its depth. */
export function* surviving(raw: RawFrame, depth = 0): Generator<{ frame: RawFrame; depth: number }> {
  if (raw.error !== undefined) return
  yield { frame: raw, depth }
  for (const call of raw.calls ?? []) yield* surviving(call, depth + 1)
}

/** Every frame, failed ones included. */
export function* all(raw: RawFrame, depth = 0): Generator<{ frame: RawFrame; depth: number }> {
  yield { frame: raw, depth }
  for (const call of raw.calls ?? []) yield* all(call, depth + 1)
}

/** Native movement by the trace alone: value of calls that survived. Delegate and static calls move nothing. */
export function nativeMoves(raw: RawFrame): Map<string, bigint> {
  const moves = new Map<string, bigint>()
  for (const { frame } of surviving(raw)) {
    if (!['CALL', 'CREATE', 'CREATE2', 'SELFDESTRUCT'].includes(frame.type)) continue
    const value = BigInt(frame.value ?? '0x0')
    if (value === 0n || frame.to === undefined) continue
    const from = frame.from.toLowerCase()
    const to = frame.to.toLowerCase()
    moves.set(from, (moves.get(from) ?? 0n) - value)
    moves.set(to, (moves.get(to) ?? 0n) + value)
  }
  return moves
}

/**
 * Coin that ceases to exist: a contract that was made in this transaction ends and names itself as its heir (EIP-6780).
 */
export function destroyedIn(raw: RawFrame): Map<string, bigint> {
  const made = new Set<string>()
  const gone = new Map<string, bigint>()
  for (const { frame } of surviving(raw)) {
    const to = frame.to?.toLowerCase()
    if (to !== undefined && frame.type.startsWith('CREATE')) made.add(to)
    if (frame.type === 'SELFDESTRUCT' && to === frame.from.toLowerCase() && made.has(to))
      gone.set(to, (gone.get(to) ?? 0n) + BigInt(frame.value ?? '0x0'))
  }
  return gone
}

/** Addresses that stand as whole words in call data: candidates for recipients and spenders. */
export function mentionedAddresses(data: Hex.Hex): string[] {
  const found = new Set<string>()
  const body = data.slice(10)
  for (let i = 0; i + 64 <= body.length && found.size < 64; i += 64) {
    const text = body.slice(i, i + 64)
    // Where data is not cut at words, an amount stands further left: no address ends in so many zeros.
    const isNumber = text.startsWith('0'.repeat(48)) || text.endsWith('0'.repeat(16))
    if (text.startsWith('0'.repeat(24)) && !isNumber) found.add(`0x${text.slice(24)}`)
  }
  return [...found]
}
