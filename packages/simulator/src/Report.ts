import type { ClearSigning } from './clearsigning/clearSign.ts'
import type { SignatureRequest } from './signatures/SignatureRequest.ts'
import { Clock, Digest as DigestNoun, type Address, type Digest, type Hex } from '@countersign/base'
import type { Bound } from './receipts/Bound.ts'

/**
 * The simulation report: what a fork says a batch of calls would do. One shape everywhere; `Report.toWire` spells
 * it in snake_case for HTTP and `countersign simulate --json`. Amounts are bigint here (smallest unit) and decimal
 * strings on the wire; times are milliseconds here and ISO 8601 UTC on the wire. The field names `token_changes`,
 * `gas_estimate`, `contract_calls` and `will_revert` are Aomi's; the rest is ours.
 */
export interface Report {
  readonly version: 1
  readonly chainId: number
  readonly from: Address.Address
  readonly block: BlockRef
  readonly verdict: Verdict
  readonly willRevert: boolean
  readonly steps: readonly Step[]
  readonly contractCalls: readonly ContractCall[]
  readonly tokenChanges: readonly TokenChange[]
  readonly authorityChanges: readonly AuthorityChange[]
  readonly gasEstimate: GasEstimate
  readonly environments: readonly Environment[]
  readonly environmentReads: readonly string[]
  readonly lookahead: readonly Lookahead[]
  readonly intent: IntentResult | null
  /** The document to be signed, in the words people read; null for transactions. */
  readonly signature:
    | (Pick<
        SignatureRequest,
        'digest' | 'kind' | 'title' | 'primaryType' | 'verifyingContract' | 'lines' | 'offers' | 'considerations'
      > & { readonly clearSigning: ClearSigning | null })
    | null
  readonly findings: readonly Finding[]
  readonly notChecked: readonly NotChecked[]
  readonly readSet: { readonly digest: Digest.Digest; readonly slots: number; readonly accounts: number }
  readonly receipt: Receipt | null
}

/** The worst finding decides: `block` never becomes signable, `warn` needs the owner's explicit look. */
export type Verdict = 'allow' | 'warn' | 'block'

export interface BlockRef {
  readonly number: bigint
  readonly hash: Hex.Hex
  readonly stateRoot: Hex.Hex
  readonly timestampMs: number
}

export interface Step {
  /** 1-based position in the batch. */
  readonly step: number
  readonly label: string | null
  /** `halt` is an exceptional stop (out of gas, invalid opcode); `skipped` follows a failed step. */
  readonly status: 'success' | 'revert' | 'halt' | 'skipped'
  readonly revert: { readonly reason: string; readonly error: string | null; readonly data: Hex.Hex } | null
  readonly gasUsed: bigint
  readonly gasLimit: bigint
  readonly returnData: Hex.Hex
  readonly calls: CallFrame | null
  readonly logs: readonly Log[]
  /** The call in the words of its ERC-7730 descriptor, which explain it and vouch for nothing; null without one. */
  readonly clearSigning: ClearSigning | null
}

export interface CallFrame {
  readonly type: 'CALL' | 'STATICCALL' | 'DELEGATECALL' | 'CALLCODE' | 'CREATE' | 'CREATE2' | 'SELFDESTRUCT'
  readonly from: Address.Address
  readonly to: Address.Address | null
  readonly value: bigint
  readonly selector: Hex.Hex | null
  readonly signature: string | null
  readonly args: readonly unknown[] | null
  readonly gasUsed: bigint
  readonly status: 'success' | 'revert' | 'halt'
  /** Why it failed, escaped; left out where it did not. */
  readonly reason?: string
  readonly calls: readonly CallFrame[]
}

export interface Log {
  readonly address: Address.Address
  readonly topics: readonly Hex.Hex[]
  readonly data: Hex.Hex
  readonly event: string | null
  readonly args: Readonly<Record<string, unknown>> | null
}

/** One contract call, flattened from the call tree in execution order. */
export interface ContractCall {
  readonly address: Address.Address
  /** A name from the caller's registry of known contracts, never from the chain. */
  readonly name: string | null
  readonly signature: string | null
  readonly step: number
  /** 0 is the transaction itself. */
  readonly depth: number
  readonly value: bigint
  readonly codeHash: Hex.Hex
}

export type TokenStandard = 'native' | 'erc20' | 'erc721' | 'erc1155'

/** A balance before and after, for every account touched; the user's own come first. Fees are not in `native`. */
export interface TokenChange {
  readonly account: Address.Address
  readonly standard: TokenStandard
  readonly token: Address.Address | null
  readonly tokenId: bigint | null
  /** Escaped for people; from the registry where known, else from the chain. */
  readonly symbol: string | null
  readonly decimals: number | null
  readonly before: bigint
  readonly after: bigint
  readonly delta: bigint
  readonly provenBy: 'storage' | 'trace' | 'call'
}

export type AuthorityKind =
  | 'erc20_allowance'
  | 'operator'
  | 'permit2_allowance'
  | 'ownership'
  | 'proxy_implementation'
  | 'module'
  | 'account_code'
  | 'delegation'
  | 'unknown_grant'

/** A power over the owner's assets that the batch leaves behind, grows or takes away. */
export interface AuthorityChange {
  readonly owner: Address.Address
  readonly kind: AuthorityKind
  readonly contract: Address.Address
  /** Who gains (or loses) the power. */
  readonly subject: Address.Address
  readonly before: bigint
  readonly after: bigint
  /** True from 2^255 up (or the type's maximum): wallets and people treat these as "no limit". */
  readonly unlimited: boolean
  readonly expiresMs: number | null
  readonly valueAtRisk: readonly { readonly token: Address.Address | null; readonly amount: bigint }[]
  /** For people: symbol and decimals of `contract` where it is a token. */
  readonly symbol: string | null
  readonly decimals: number | null
}

export interface GasEstimate {
  readonly gasLimit: bigint
  readonly gasUsed: bigint
  readonly maxFeeWei: bigint
  readonly expectedFeeWei: bigint
  readonly l1FeeWei: bigint | null
}

/** A block the transaction could land in, and whether the user's effects are the same there. Disagreeing ones first. */
export interface Environment {
  readonly name: string
  readonly agrees: boolean
  readonly differs: readonly string[]
  /** The opcodes whose value decides; empty where it agrees. */
  readonly decidedBy: readonly string[]
  /** What it does to the user there; empty where it agrees. */
  readonly tokenChanges: readonly TokenChange[]
}

export interface Lookahead {
  readonly actor: Address.Address
  readonly means: AuthorityKind
  readonly canTake: readonly { readonly token: Address.Address | null; readonly amount: bigint }[]
}

/** The intent's assertions, each with whether it holds in every environment and why. */
export interface IntentResult {
  readonly digest: Digest.Digest
  readonly goal: string | null
  readonly assertions: readonly { readonly name: string; readonly holds: boolean; readonly because: string }[]
}

export interface Finding {
  /** Rule name, such as `approval-unlimited`. Its meaning never changes. */
  readonly rule: string
  readonly level: 'info' | 'warn' | 'block'
  readonly title: string
  readonly because: string
  readonly step: number | null
  readonly subject: string | null
  readonly evidence: Readonly<Record<string, unknown>>
}

export interface NotChecked {
  readonly what: string
  readonly why: string
}

/** A signed receipt; `Receipt.verify` says what makes one good. */
export interface Receipt {
  readonly digest: Digest.Digest
  readonly issuedAtMs: number
  readonly expiresAtMs: number
  readonly keyId: string
  /** Ed25519, base64url. */
  readonly signature: string
  readonly bound: Bound
}

/**
 * The report as JSON: snake_case, amounts as decimal strings, times as ISO 8601 UTC. Arguments decoded from call
 * data keep their own names and become strings where JSON has no number for them.
 */
export function toWire(report: Report): Record<string, unknown> {
  return spell(report) as Record<string, unknown>
}

/**
 * A digest of what the owner is shown: who gains and loses what, which authority changes, what is called, and
 * whether it fails. Gas, block and wording are not part of it.
 */
export function effectsDigest(report: Report): Digest.Digest {
  return DigestNoun.ofJson(
    spell({
      willRevert: report.willRevert,
      tokenChanges: report.tokenChanges.map(({ account, token, tokenId, delta }) => ({
        account,
        token,
        tokenId,
        delta,
      })),
      authorityChanges: report.authorityChanges.map(({ owner, kind, contract, subject, before, after }) => ({
        owner,
        kind,
        contract,
        subject,
        before,
        after,
      })),
      contractCalls: [...new Set(report.contractCalls.map((call) => `${call.address}|${call.codeHash}`))].sort(),
    }),
  )
}

/** Decoded arguments and evidence carry other people's field names; what a receipt binds is spelled already. */
const VERBATIM = new Set(['args', 'evidence', 'bound'])

function spell(value: unknown, isVerbatim = false): unknown {
  if (typeof value === 'bigint') return value.toString()
  // Half a surrogate pair has no canonical JSON, so no digest; labels and names come from outside.
  if (typeof value === 'string') return value.toWellFormed()
  if (Array.isArray(value)) return value.map((entry) => spell(entry, isVerbatim))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]: [string, unknown]) => {
      if (isVerbatim) return [key, spell(entry, true)]
      if (key.endsWith('Ms')) return [snake(key.slice(0, -2)), typeof entry === 'number' ? Clock.iso(entry) : null]
      return [snake(key), spell(entry, VERBATIM.has(key))]
    }),
  )
}

const spelled = new Map<string, string>()

function snake(key: string): string {
  let text = spelled.get(key)
  if (text === undefined) spelled.set(key, (text = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)))
  return text
}
