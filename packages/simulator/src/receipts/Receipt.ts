import { Address, assert, BaseError, Clock, Digest, type Hex } from '@countersign/base'
import { renderCard } from '../text/renderReport.ts'
import { effectsDigest } from './effectsDigest.ts'
import { toWire } from '../wire/spell.ts'
import { mineOf } from '../model/Controlled.ts'
import type { Receipt, Report } from '../model/Report.ts'
import type { SimulationRequest } from '../model/Request.ts'
import type { Bound, BoundOutcome } from '../model/Bound.ts'
import { boundCallsOf, boundRequestOf } from './boundRequest.ts'
import { CLOCK_MARGIN_MS, MAX_TTL_MS, type ReceiptKeys, type VerifyingKeys } from './ReceiptKeys.ts'

export type { Bound, BoundCall, BoundOutcome, BoundRequest } from '../model/Bound.ts'
export type { Receipt } from '../model/Report.ts'

/** A receipt as JSON carries it. */
export interface ReceiptWire {
  readonly digest: Digest.Digest
  readonly issued_at: string
  readonly expires_at: string
  readonly key_id: string
  readonly signature: string
  readonly bound: Bound
}

/** Written before the canonical JSON when it is signed, so that the signature can never be taken for one of something else. */
const PURPOSE = 'countersign-receipt-v1\n'

/**
 * What a report and its request bind. The digest is SHA-256 of the canonical JSON.
 *
 * @param nonce - The sender's for the first call, in the state that was simulated.
 */
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
  const { verdict } = report
  assert(verdict !== 'block' && !report.willRevert, 'what is blocked or fails never gets a receipt')
  assert(!isAssumed({ request, report }), 'what stands on assumed state never gets a receipt')
  const hasDocument = request.signature != null
  assert(
    hasDocument ? report.steps.length >= request.calls.length : report.steps.length === request.calls.length,
    'every call was simulated',
  )
  assert((report.signature?.digest ?? null) === (request.signature?.digest ?? null), 'the report is of this document')
  assert(
    (report.standsOn ?? []).map(({ hash }) => hash).join() === (request.unmined ?? []).map(({ hash }) => hash).join(),
    'the report stands on what the request named',
  )
  assert(expiresAtMs > issuedAtMs && expiresAtMs - issuedAtMs <= MAX_TTL_MS, 'a receipt lives an hour at most')
  const bound = wellFormed({
    version: 1,
    receipt_id: receiptId,
    chain_id: request.chainId,
    from: request.from,
    nonce: nonce.toString(),
    ...(report.standsOn === undefined
      ? {}
      : {
          stands_on: report.standsOn.map((each) => ({
            hash: each.hash,
            nonce: each.nonce.toString(),
            succeeds: each.status === 'success',
          })),
        }),
    calls: boundCallsOf(
      request,
      report.steps.map((step) => step.gasLimit),
    ),
    typed_data_digest: request.signature?.digest ?? null,
    block: { number: report.block.number.toString(), hash: report.block.hash, state_root: report.block.stateRoot },
    environments: report.environments.map(({ name, agrees }) => ({ name, agrees })),
    environment_reads: report.environmentReads,
    verdict,
    effects_digest: effectsDigest(report),
    render_digest: Digest.sha256(renderCard(report)),
    report_digest: reportDigest(toWire(report)),
    read_set_digest: report.readSet.digest,
    policy_version: policyVersion,
    intent_digest: report.intent?.digest ?? null,
    outcome: outcomeOf(report),
    request: boundRequestOf(request),
    issued_at: Clock.iso(issuedAtMs),
    expires_at: Clock.iso(expiresAtMs),
  })
  return { digest: Digest.ofJson(bound), bound }
}

/**
 * Whether the state was partly assumed, or some calls only stand for what was signed before: then nobody knows what these
 * transactions would do on the chain.
 */
export function isAssumed({ request, report }: { request: SimulationRequest; report: Report }): boolean {
  return (
    (request.signedBefore ?? 0) > 0 || (request.overrides ?? []).length > 0 || (report.stateOverrides ?? []).length > 0
  )
}

/** Labels, names and goals come from outside; half a surrogate pair in them has no canonical spelling. */
function wellFormed(bound: Bound): Bound {
  return JSON.parse(JSON.stringify(bound), (_, value: unknown) =>
    typeof value === 'string' ? value.toWellFormed() : value,
  ) as Bound
}

/** What a report says it does to the user. */
export function outcomeOf(report: Report): BoundOutcome {
  const mine = mineOf(report.from, report.controlled)
  const contracts = new Map(report.contractCalls.map(({ address, codeHash }) => [address, codeHash]))
  return {
    token_changes: report.tokenChanges
      .filter((change) => mine.has(change.account))
      .map(({ standard, token, tokenId, symbol, delta }) => ({
        standard,
        token,
        token_id: tokenId?.toString() ?? null,
        symbol,
        delta: delta.toString(),
      })),
    authority_changes: report.authorityChanges.map((change) => ({
      owner: change.owner,
      kind: change.kind,
      contract: change.contract,
      subject: change.subject,
      before: change.before.toString(),
      after: change.after.toString(),
      expires: change.expiresMs === null ? null : Clock.iso(change.expiresMs),
    })),
    ...(report.keptForYou.length === 0
      ? {}
      : {
          kept_for_you: report.keptForYou.map(({ contract, slot, before, after, isDebt }) => ({
            contract,
            slot,
            before: before.toString(),
            after: after.toString(),
            is_debt: isDebt,
          })),
        }),
    contracts: [...contracts]
      .map(([address, code_hash]) => ({ address, code_hash }))
      .sort((a, b) => (a.address < b.address ? -1 : 1)),
    warnings: warningsOf(report),
    max_fee_wei: report.gasEstimate.maxFeeWei.toString(),
  }
}

/** `rule|subject` of every finding that warns. */
function warningsOf(report: Pick<Report, 'findings'>): string[] {
  const warning = report.findings.filter((finding) => finding.level === 'warn')
  return [...new Set(warning.map(({ rule, subject }) => `${rule}|${subject ?? ''}`))].sort()
}

/** SHA-256 of a report's canonical JSON without its receipt: whether the report beside a receipt is the one it speaks of. */
export function reportDigest(wire: Readonly<Record<string, unknown>>): Digest.Digest {
  return digestOf({ ...wire, receipt: null })
}

/** Signs what was bound: Ed25519 (RFC 8032) over `countersign-receipt-v1`, a line feed, and the canonical JSON. */
export function sign(bound: Bound, keys: ReceiptKeys): Receipt {
  const { keyId, signature } = keys.sign(messageOf(bound))
  return {
    digest: Digest.ofJson(bound),
    issuedAtMs: Date.parse(bound.issued_at),
    expiresAtMs: Date.parse(bound.expires_at),
    keyId,
    signature: Buffer.from(signature).toString('base64url'),
    bound,
  }
}

/**
 * Whether a receipt, as JSON carries it, is good now: signed by a key of the set over exactly these bytes, and alive.
 * Says nothing of the chain; `checkLease` and `recheck` do.
 *
 * @throws {ReceiptInvalidError} `receipts:receipt:unreadable`, `…:forged`, `…:unknown-key` or `…:expired`.
 */
export function verify(value: unknown, keys: VerifyingKeys, { nowMs }: { nowMs: number }): Receipt {
  if (!isObject(value)) throw new ReceiptInvalidError('unreadable')
  const fields = ['bound', 'digest', 'expires_at', 'issued_at', 'key_id', 'signature']
  const isShaped = Object.keys(value).sort().join() === fields.join() && isObject(value['bound'])
  if (!isShaped) throw new ReceiptInvalidError('unreadable')
  const { digest, issued_at, expires_at, key_id, signature } = value as unknown as ReceiptWire
  const bound = value['bound'] as unknown as Bound
  if (typeof signature !== 'string' || typeof key_id !== 'string') throw new ReceiptInvalidError('unreadable')
  const raw = Buffer.from(signature, 'base64url')
  // Several texts decode to the same bytes; only one is the signature.
  const isCanonical = raw.length === 64 && raw.toString('base64url') === signature
  const issuedAtMs = Date.parse(bound.issued_at)
  const expiresAtMs = Date.parse(bound.expires_at)
  if (!isCanonical || Number.isNaN(issuedAtMs) || Number.isNaN(expiresAtMs)) throw new ReceiptInvalidError('forged')
  const actual = digestOf(bound)
  const found = keys.verify(key_id, messageOf(bound), raw, issuedAtMs)
  if (found === 'unknown') throw new ReceiptInvalidError('unknown-key')
  if (
    found !== 'good' ||
    digest !== actual ||
    issued_at !== bound.issued_at ||
    expires_at !== bound.expires_at ||
    bound.version !== 1 ||
    expiresAtMs <= issuedAtMs ||
    expiresAtMs - issuedAtMs > MAX_TTL_MS ||
    issuedAtMs > nowMs + CLOCK_MARGIN_MS
  ) {
    throw new ReceiptInvalidError('forged')
  }
  if (nowMs >= expiresAtMs) throw new ReceiptInvalidError('expired')
  return { digest, issuedAtMs, expiresAtMs, keyId: key_id, signature, bound }
}

/** As JSON carries it. */
export function toWireReceipt(receipt: Receipt): ReceiptWire {
  return {
    digest: receipt.digest,
    issued_at: receipt.bound.issued_at,
    expires_at: receipt.bound.expires_at,
    key_id: receipt.keyId,
    signature: receipt.signature,
    bound: receipt.bound,
  }
}

/** What stands between a receipt and the calls somebody wants to commit; empty when it speaks of exactly these. */
export function differences(
  bound: Bound,
  actual: {
    readonly chainId: number
    readonly from: Address.Address
    readonly nonce?: bigint
    readonly calls: readonly {
      readonly to: Address.Address | null
      readonly value: bigint
      readonly data: Hex.Hex
      readonly gasLimit: bigint | null
      readonly maxFeePerGasWei: bigint | null
      readonly maxPriorityFeePerGasWei?: bigint
      readonly accessList?: readonly unknown[]
    }[]
    readonly policyVersion: string
  },
): string[] {
  const found: string[] = []
  if (bound.chain_id !== actual.chainId) found.push(`chain ${actual.chainId} instead of ${bound.chain_id}`)
  if (bound.from !== actual.from) found.push(`sender ${actual.from} instead of ${bound.from}`)
  // What it stands on may be mined since, or not yet.
  const earliest = BigInt(bound.nonce) - BigInt(bound.stands_on?.length ?? 0)
  if (actual.nonce !== undefined && (actual.nonce < earliest || actual.nonce > BigInt(bound.nonce)))
    found.push(`nonce ${actual.nonce} instead of ${bound.nonce}`)
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
    if (call.max_fee_per_gas !== (other.maxFeePerGasWei?.toString() ?? null)) found.push(`${step}: another fee cap`)
    if (call.max_priority_fee_per_gas !== (other.maxPriorityFeePerGasWei?.toString() ?? null))
      found.push(`${step}: another priority fee`)
    if (call.access_list.length !== (other.accessList?.length ?? 0)) found.push(`${step}: another access list`)
    if (call.authorization_list.length > 0) found.push(`${step}: authorizations that are not to be signed here`)
  })
  return found
}

/** The digest of JSON from outside. @throws {ReceiptInvalidError} for what has no canonical spelling, such as 1e999. */
export function digestOf(value: unknown): Digest.Digest {
  try {
    return Digest.ofJson(value)
  } catch {
    throw new ReceiptInvalidError('forged')
  }
}

function messageOf(bound: Bound): Uint8Array {
  return Buffer.from(PURPOSE + Digest.canonicalJson(bound), 'utf8')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The receipt is worth nothing, so nothing that it speaks of may be signed. */
export class ReceiptInvalidError extends BaseError {
  override readonly name = 'receipts.ReceiptInvalidError'
  constructor(reason: 'unreadable' | 'absent' | 'forged' | 'unknown-key' | 'expired') {
    const said = {
      unreadable: 'This is not a receipt.',
      absent: 'The report has no receipt: it was blocked, or none was asked for.',
      forged: 'The receipt or the report with it was altered, or signed by somebody else.',
      'unknown-key': 'The receipt was signed by a key that is not known here, or that was replaced long ago.',
      expired: 'The receipt has expired.',
    }[reason]
    super(said, { code: `receipts:receipt:${reason}`, kind: 'invalid', hint: 'Simulate again for a new receipt.' })
  }
}
