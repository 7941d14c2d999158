import { Digest, type Address, type Hex } from '@countersign/base'

/** The bytes a proposal stands for: chain, sender and ordered calls. Nothing about gas or fees. */
export interface Batch {
  readonly chainId: number
  readonly from: Address.Address
  readonly calls: readonly { readonly to: Address.Address | null; readonly value: bigint; readonly data: Hex.Hex }[]
}

/**
 * SHA-256 over the canonical JSON (RFC 8785) of
 * `{version: 1, chain_id, from, calls: [{to, value, data}]}`: EIP-55 addresses, decimal wei, lower-case hex. The
 * browser recomputes it from what it is about to hand to the wallet.
 */
export function digest(batch: Batch): Digest.Digest {
  return Digest.ofJson({
    version: 1,
    chain_id: batch.chainId,
    from: batch.from,
    calls: batch.calls.map((call) => ({
      to: call.to,
      value: call.value.toString(),
      data: call.data.toLowerCase(),
    })),
  })
}

/** What stands between two batches, in words; empty when they are the same bytes in the same order. */
export function differences(expected: Batch, actual: Batch): string[] {
  const found: string[] = []
  if (expected.chainId !== actual.chainId) found.push(`chain ${actual.chainId} instead of ${expected.chainId}`)
  if (expected.from !== actual.from) found.push(`sender ${actual.from} instead of ${expected.from}`)
  if (expected.calls.length !== actual.calls.length) {
    found.push(`${actual.calls.length} calls instead of ${expected.calls.length}`)
  }
  expected.calls.forEach((call, i) => {
    const other = actual.calls[i]
    if (other === undefined) return
    const step = `step ${i + 1}`
    if (call.to !== other.to) found.push(`${step}: recipient ${other.to ?? 'none'} instead of ${call.to ?? 'none'}`)
    if (call.value !== other.value) found.push(`${step}: value ${other.value} instead of ${call.value} wei`)
    if (call.data.toLowerCase() !== other.data.toLowerCase()) found.push(`${step}: different call data`)
  })
  return found
}
