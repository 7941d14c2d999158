import { Clock, Digest, type Address, type Hex } from '@countersign/base'
import { effectsDigest, type Report } from './Report.ts'
import type { SimulationRequest } from './Request.ts'

/**
 * What a receipt binds, in the spelling that is hashed (canonical JSON, RFC 8785; amounts as decimal strings). Any
 * other byte, order, gas limit, fee cap, block, effect, policy or time is another receipt.
 */
export interface Bound {
  readonly version: 1
  /** Makes every receipt one of its kind, even for the same batch on the same block. */
  readonly receipt_id: string
  readonly chain_id: number
  readonly from: Address.Address
  /** The sender's next nonce when it was simulated. */
  readonly nonce: string
  readonly calls: readonly {
    readonly to: Address.Address | null
    readonly value: string
    readonly data: Hex.Hex
    readonly gas_limit: string
    readonly max_fee_per_gas: string | null
  }[]
  readonly block_hash: Hex.Hex
  readonly state_root: Hex.Hex
  readonly environments: readonly string[]
  readonly effects_digest: Digest.Digest
  readonly read_set_digest: Digest.Digest
  readonly policy_version: string
  readonly issued_at: string
  readonly expires_at: string
}

/** Binds a report to the exact bytes it speaks of. The digest is SHA-256 of the bound fields' canonical JSON. */
export function bind({
  receiptId,
  request,
  report,
  nonce,
  policyVersion,
  issuedAtMs,
  expiresAtMs,
}: {
  /** Unique; a random UUID. */
  receiptId: string
  request: SimulationRequest
  report: Report
  nonce: bigint
  policyVersion: string
  issuedAtMs: number
  expiresAtMs: number
}): { readonly digest: Digest.Digest; readonly bound: Bound } {
  const bound: Bound = {
    version: 1,
    receipt_id: receiptId,
    chain_id: request.chainId,
    from: request.from,
    nonce: nonce.toString(),
    calls: request.calls.map((call, i) => ({
      to: call.to,
      value: call.value.toString(),
      data: call.data,
      gas_limit: (report.steps[i]?.gasLimit ?? 0n).toString(),
      max_fee_per_gas: call.maxFeePerGasWei?.toString() ?? null,
    })),
    block_hash: report.block.hash,
    state_root: report.block.stateRoot,
    environments: report.environments.map((environment) => environment.name),
    effects_digest: effectsDigest(report),
    read_set_digest: report.readSet.digest,
    policy_version: policyVersion,
    issued_at: Clock.iso(issuedAtMs),
    expires_at: Clock.iso(expiresAtMs),
  }
  return { digest: Digest.ofJson(bound), bound }
}

/** What stands between a receipt and the calls somebody wants to commit; empty when it speaks of exactly these. */
export function differences(
  bound: Bound,
  actual: {
    readonly chainId: number
    readonly from: Address.Address
    readonly calls: readonly {
      readonly to: Address.Address | null
      readonly value: bigint
      readonly data: Hex.Hex
      readonly gasLimit: bigint | null
    }[]
    readonly policyVersion: string
  },
): string[] {
  const found: string[] = []
  if (bound.chain_id !== actual.chainId) found.push(`chain ${actual.chainId} instead of ${bound.chain_id}`)
  if (bound.from !== actual.from) found.push(`sender ${actual.from} instead of ${bound.from}`)
  if (bound.policy_version !== actual.policyVersion) found.push('another policy')
  if (bound.calls.length !== actual.calls.length)
    found.push(`${actual.calls.length} calls instead of ${bound.calls.length}`)
  bound.calls.forEach((call, i) => {
    const other = actual.calls[i]
    if (other === undefined) return
    const step = `step ${i + 1}`
    if (call.to !== other.to) found.push(`${step}: another recipient`)
    if (call.value !== other.value.toString()) found.push(`${step}: another value`)
    if (call.data !== other.data) found.push(`${step}: other call data`)
    if (call.gas_limit !== (other.gasLimit ?? 0n).toString()) found.push(`${step}: another gas limit`)
  })
  return found
}
