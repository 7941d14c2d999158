import type { AuthorityChange, AuthorityKind } from './Authority.ts'
import type { BlockRef } from './Block.ts'
import type { Bound } from './Bound.ts'
import type { Controlled } from './Controlled.ts'
import type { ClearSigning } from './ClearSigning.ts'
import type { SignatureRequest } from './Document.ts'
import type { Finding, NotChecked, Verdict } from './Finding.ts'
import type { KeptForYou } from './KeptForYou.ts'
import type { Enforcement } from './OutcomeBound.ts'
import type { StateOverride } from './Override.ts'
import type { ContractCall, Step } from './Step.ts'
import type { TokenChange } from './TokenChange.ts'
import type { StoodOn } from './Unmined.ts'
import type { Address, Digest } from '@countersign/base'

/**
 * The simulation report: what a fork says a batch of calls would do. One shape everywhere; `Report.toWire` spells
 * it in snake_case for HTTP and `countersign simulate --json`. Amounts are bigint here (smallest unit) and decimal
 * strings on the wire; times are milliseconds here and ISO 8601 UTC on the wire. The field names `token_changes`,
 * `gas_estimate`, `contract_calls` and `will_revert` are Aomi's; the rest is ours.
 */
export interface Report {
  readonly version: 1
  readonly chainId: number
  readonly chain: ReportedChain
  readonly from: Address.Address
  readonly block: BlockRef
  readonly verdict: Verdict
  readonly willRevert: boolean
  /** What was assumed of the state instead of what the chain says; absent where nothing was. Such a report gets no receipt. */
  readonly stateOverrides?: readonly StateOverride[]
  /** What was signed before and is not mined: the batch stands on what it leaves behind. Absent where there is nothing. */
  readonly standsOn?: readonly StoodOn[]
  readonly steps: readonly Step[]
  readonly contractCalls: readonly ContractCall[]
  readonly tokenChanges: readonly TokenChange[]
  /** Accounts of the sender's that took part: what leaves them is the user's loss, too. */
  readonly controlled: readonly Controlled[]
  readonly authorityChanges: readonly AuthorityChange[]
  readonly keptForYou: readonly KeptForYou[]
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
  /** What the chain itself enforces; absent where enforcement was not asked for. */
  readonly enforcement?: Enforcement
  readonly receipt: Receipt | null
}

/** Which chain it is, which EVM judged it, and what that rests on. */
export interface ReportedChain {
  readonly id: number
  readonly name: string
  /** What its own coin is called; null where it has none, or nobody said what it is called. */
  readonly coin: string | null
  /** `node`: no EVM that runs here models the chain, so its own node ran the batch. */
  readonly engine: 'local' | 'node'
  /** False exactly when `engine` is `node`. */
  readonly modelled: boolean
  /** Whether recent transactions of the chain were replayed here and came out as the chain recorded them. */
  readonly probe: 'conforms' | 'conforms-except' | 'differs' | 'not-asked'
  /** Who speaks of the chain: a record that is shipped, or the operator's file; null where neither does. */
  readonly record: 'shipped' | 'file' | null
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
