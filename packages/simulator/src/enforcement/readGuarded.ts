import { Address, Hex } from '@countersign/base'
import type { BatchCall } from '../model/OutcomeBound.ts'
import { parseGuardCall } from './Guard.ts'
import { isGuarded } from './guardBatch.ts'
import { decodeBounds, type DecodedBound } from './PackedBounds.ts'
import { BATCH_MODE, accountBatch, readAccountBatch } from './shapes.ts'

/** balanceOf(address) */
const BALANCE_OF = '0x70a08231'

/** A guarded batch that an account runs by its own code, as the bytes say it. */
export interface GuardedBatch {
  /** Open, the user's calls, close. */
  readonly inner: readonly BatchCall[]
  /** What the user wants done. */
  readonly calls: readonly BatchCall[]
  readonly conditions: readonly DecodedBound[]
  readonly bounds: readonly DecodedBound[]
}

/**
 * Reads a call of an account to itself as a batch of the pinned guard, in the mode that reverts whole; null for anything else. Only
 * the exact bytes that `accountBatch` makes count: what else could stand in them is nobody's promise.
 */
export function readGuarded(
  account: Address.Address,
  call: { readonly to: Address.Address | null; readonly value: bigint; readonly data: Hex.Hex },
): GuardedBatch | null {
  if (call.to === null || !Address.isEqual(call.to, account) || call.value !== 0n) return null
  const batch = readAccountBatch(call.data)
  if (batch === null || !batch.isAtomic) return null
  const inner = batch.calls.map(({ to, value, data }) => ({ to: Address.parse(to), value, data }))
  if (!isGuarded(inner)) return null
  // Another mode, or bytes behind the list, would be another call.
  if (
    accountBatch(account, inner).data.toLowerCase() !== call.data.toLowerCase() ||
    !call.data.includes(BATCH_MODE.slice(2))
  )
    return null
  const open = parseGuardCall(inner[0]?.data ?? '0x')
  if (open === null) return null
  try {
    const [conditions, bounds] = [decodeBounds(open.conditions), decodeBounds(open.bounds)]
    return { inner, calls: inner.slice(1, -1), conditions, bounds }
  } catch {
    // The guard would refuse them, too.
    return null
  }
}

/** What may leave an account at most, by token in lower case, `native` for the coin: what the batch reverts above. */
export function mostLeaving(account: Address.Address, bounds: readonly DecodedBound[]): ReadonlyMap<string, bigint> {
  const most = new Map<string, bigint>()
  const balanceOf = `${BALANCE_OF}${account.slice(2).toLowerCase().padStart(64, '0')}`
  for (const { source, op, target, data, word, value } of bounds) {
    if (op !== 'falls_at_most' || target === null) continue
    const isCoin = source === 'balance' && Address.isEqual(target, account)
    const isToken = source === 'call' && word === 0 && data?.toLowerCase() === balanceOf
    const key = isCoin ? 'native' : isToken ? target.toLowerCase() : null
    const before = key === null ? undefined : most.get(key)
    if (key !== null && (before === undefined || value < before)) most.set(key, value)
  }
  return most
}
