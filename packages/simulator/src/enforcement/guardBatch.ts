import { assert, type Address } from '@countersign/base'
import type { BatchCall } from '../model/OutcomeBound.ts'
import { closeData, GUARD, openData, parseGuardCall } from './Guard.ts'
import { encodeBounds, isRelative, type DecodedBound } from './PackedBounds.ts'

/**
 * The guarded batch: `open`, the user's calls, `close`. Nothing stands before the first or behind the last.
 *
 * @param conditions - Bounds of stage `open`, all absolute.
 * @param bounds - Bounds of stage `close`, at least one: a guard without bounds would claim what it does not hold.
 */
export function guardBatch({
  calls,
  conditions,
  bounds,
  guard = GUARD.address,
}: {
  readonly calls: readonly BatchCall[]
  readonly conditions: readonly DecodedBound[]
  readonly bounds: readonly DecodedBound[]
  readonly guard?: Address.Address
}): readonly BatchCall[] {
  assert(calls.length > 0 && bounds.length > 0, 'a guarded batch has calls and bounds')
  assert(!conditions.some(isRelative), 'conditions compare with nothing')
  assert(!calls.some(({ to }) => to === guard), 'the user’s calls do not touch the guard')
  const packed = encodeBounds(bounds)
  return [
    { to: guard, value: 0n, data: openData(encodeBounds(conditions), packed) },
    ...calls,
    { to: guard, value: 0n, data: closeData(packed) },
  ]
}

/**
 * Whether a list of calls is a guarded batch of this guard, and nothing else: `open` first, `close` last with the same bounds,
 * both without value, no other call to the guard.
 */
export function isGuarded(calls: readonly BatchCall[], guard: Address.Address = GUARD.address): boolean {
  const [first, last] = [calls[0], calls.at(-1)]
  if (first === undefined || last === undefined || calls.length < 3) return false
  const [open, close] = [parseGuardCall(first.data), parseGuardCall(last.data)]
  return (
    open?.name === 'open' &&
    close?.name === 'close' &&
    open.bounds === close.bounds &&
    open.bounds !== '0x' &&
    [first, last].every(({ to, value }) => to === guard && value === 0n) &&
    calls.slice(1, -1).every(({ to }) => to !== guard)
  )
}
