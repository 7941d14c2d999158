import { Address, type Hex } from '@countersign/base'
import type { ChainTransaction, TraceFrame } from '@countersign/simulator'
import type { ProposalCall } from './Proposal.ts'

/** What differs between a committed call and a transaction found on chain; empty when they are the same. */
export function differences(
  expected: { chainId: number; from: Address.Address; call: Pick<ProposalCall, 'to' | 'value' | 'data'> },
  actual: ChainTransaction,
): string[] {
  const { chainId, from, call } = expected
  const found: string[] = []
  if (!Address.isEqual(actual.from, from)) found.push(`sent by ${actual.from} instead of ${from}`)
  if ((actual.to ?? '').toLowerCase() !== (call.to ?? '').toLowerCase()) {
    found.push(`sent to ${actual.to ?? 'nobody'} instead of ${call.to ?? 'nobody'}`)
  }
  if (BigInt(actual.value) !== call.value) found.push(`value ${BigInt(actual.value)} instead of ${call.value} wei`)
  if (actual.input.toLowerCase() !== call.data.toLowerCase()) found.push('different call data')
  if (actual.chainId !== undefined && Number(actual.chainId) !== chainId) {
    found.push(`chain ${Number(actual.chainId)} instead of ${chainId}`)
  }
  return found
}

/**
 * Whether a smart-account transaction (EIP-7702 or ERC-4337) made exactly the committed calls, in order, as the
 * account: what the account itself called, read from the trace. A transfer of at most `feeWeiMax` to itself or to
 * the fee recipient may follow, because stock widgets append the quoted fee.
 */
export function batchDifferences(
  expected: { from: Address.Address; calls: readonly Pick<ProposalCall, 'to' | 'value' | 'data'>[]; feeWeiMax: bigint },
  root: TraceFrame,
): string[] {
  const made = callsOf(root, expected.from.toLowerCase())
  const rest = made.slice(expected.calls.length)
  const found: string[] = []
  expected.calls.forEach((call, i) => {
    const frame = made[i]
    if (frame === undefined) found.push(`step ${i + 1} was not made`)
    else if (
      (frame.to ?? '').toLowerCase() !== (call.to ?? '').toLowerCase() ||
      BigInt(frame.value ?? '0x0') !== call.value ||
      (frame.input ?? '0x').toLowerCase() !== call.data.toLowerCase()
    ) {
      found.push(`step ${i + 1} is a different call`)
    }
  })
  const isFee = (frame: TraceFrame) =>
    (frame.input ?? '0x') === '0x' &&
    BigInt(frame.value ?? '0x0') <= expected.feeWeiMax &&
    Address.isEqual(frame.to ?? '', expected.from)
  if (rest.some((frame) => !isFee(frame))) found.push('it made further calls')
  return found
}

/** Successful calls that the account itself made, in order; its own frames to itself are looked into instead. */
function callsOf(frame: TraceFrame, account: string): TraceFrame[] {
  if (frame.error !== undefined) return []
  const inner = (frame.calls ?? []).flatMap((call) => callsOf(call, account))
  const isOwnCall =
    frame.from.toLowerCase() === account &&
    frame.type === 'CALL' &&
    !(frame.to?.toLowerCase() === account && inner.length > 0)
  const isCreation = frame.from.toLowerCase() === account && frame.type.startsWith('CREATE')
  // What a called contract does in turn is not the account's own call.
  return isOwnCall || isCreation ? [frame] : inner
}

/** Whether a found transaction is of another kind than a plain one: sent by a bundler or to the account itself. */
export function isBatched(actual: ChainTransaction, from: Address.Address): boolean {
  return Address.isEqual(actual.to ?? '', from) || !Address.isEqual(actual.from, from)
}

/** Compares hashes whatever their case. */
export function isSameHash(a: Hex.Hex, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
