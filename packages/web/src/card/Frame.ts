/** The call tree of a simulated step, read from the report without trusting its shape. */
import type { Proposal } from '@countersign/sdk'

export interface Frame {
  readonly type: string
  readonly from: string
  readonly to: string
  readonly value: string
  /** The function's name without its types; the selector where it is unknown; empty for a plain payment. */
  readonly name: string
  readonly hasFailed: boolean
  readonly calls: readonly Frame[]
}

/** Deeper trees are cut, and the cut is counted. */
const MAX_DEPTH = 64

/** The outermost call of each step that has one. */
export function framesOf({ report }: Proposal): readonly Frame[] {
  return (report?.steps ?? []).flatMap((step) => frameOf(step['calls'], 0))
}

function frameOf(given: unknown, depth: number): readonly Frame[] {
  if (typeof given !== 'object' || given === null || depth > MAX_DEPTH) return []
  const { type, from, to, value, signature, selector, status, calls } = given as Readonly<Record<string, unknown>>
  const text = (each: unknown): string => (typeof each === 'string' ? each : '')
  return [
    {
      type: text(type),
      from: text(from),
      to: text(to),
      value: text(value),
      name: text(signature).split('(')[0] || text(selector),
      hasFailed: text(status) !== 'success',
      calls: Array.isArray(calls) ? calls.flatMap((each) => frameOf(each, depth + 1)) : [],
    },
  ]
}

/** Every frame of the trees, outermost first. */
export function flat(frames: readonly Frame[]): readonly Frame[] {
  return frames.flatMap((frame) => [frame, ...flat(frame.calls)])
}
