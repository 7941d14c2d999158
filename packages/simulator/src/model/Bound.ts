import type { TransactionType } from './Call.ts'
import type { SignableSource } from './Document.ts'
import type { Address, Digest, Hex } from '@countersign/base'

/**
 * What a receipt binds, in the spelling that is hashed and signed: canonical JSON (RFC 8785), amounts as decimal
 * strings, addresses in EIP-55, bytes in lower-case 0x-hex, times in ISO 8601 UTC. Any other byte, order, nonce, gas
 * limit, fee cap, block, effect, policy or time is another receipt. docs/reference/receipts.md says it for others.
 */
export interface Bound {
  readonly version: 1
  /** Makes every receipt one of its kind, even for the same batch on the same block. */
  readonly receipt_id: string
  readonly chain_id: number
  readonly from: Address.Address
  /** The sender's nonce for the first call; each further call has one more. At the block it is less by `stands_on`. */
  readonly nonce: string
  /**
   * What the sender signed before and was not mined at the block, in the order of its nonces, with how each was expected
   * to end. Left out where there was nothing.
   */
  readonly stands_on?: readonly { readonly hash: Hex.Hex; readonly nonce: string; readonly succeeds: boolean }[]
  readonly calls: readonly BoundCall[]
  /** The hash that would be signed, of the document that was judged after the calls; null without one. */
  readonly typed_data_digest: Hex.Hex | null
  readonly block: { readonly number: string; readonly hash: Hex.Hex; readonly state_root: Hex.Hex }
  /** Every environment that was run, and whether the user's effects were the same there. */
  readonly environments: readonly { readonly name: string; readonly agrees: boolean }[]
  readonly environment_reads: readonly string[]
  readonly verdict: 'allow' | 'warn'
  /** `Report.effectsDigest`: everybody's balances, authority, code called, failure. */
  readonly effects_digest: Digest.Digest
  /** SHA-256 of the card as text (`renderCard`): what a person was shown. */
  readonly render_digest: Digest.Digest
  /** SHA-256 of the whole report's canonical JSON, with `receipt` null. */
  readonly report_digest: Digest.Digest
  readonly read_set_digest: Digest.Digest
  readonly policy_version: string
  readonly intent_digest: Digest.Digest | null
  /** What it does to the user: enough to tell better from worse when only the receipt is at hand. */
  readonly outcome: BoundOutcome
  /** What simulating again needs, beside the calls. */
  readonly request: BoundRequest
  readonly issued_at: string
  readonly expires_at: string
}

export interface BoundCall {
  readonly to: Address.Address | null
  readonly value: string
  readonly data: Hex.Hex
  /** The very limit that was simulated. */
  readonly gas_limit: string
  /** null: the wallet chooses, within what the outcome says the fee is at most. */
  readonly max_fee_per_gas: string | null
  readonly max_priority_fee_per_gas: string | null
  /** EIP-2930, as it was simulated. */
  readonly access_list: readonly { readonly address: Address.Address; readonly storage_keys: readonly Hex.Hex[] }[]
  readonly authorization_list: readonly {
    readonly chain_id: string
    readonly address: Address.Address
    readonly nonce: string
    readonly y_parity: number
    readonly r: string
    readonly s: string
  }[]
  readonly label: string | null
  /** As the request stated it; left out where it did not. */
  readonly nonce?: string
  readonly type?: TransactionType
}

export interface BoundOutcome {
  /** The sender's own balances, fees aside. */
  readonly token_changes: readonly {
    readonly standard: string
    readonly token: Address.Address | null
    readonly token_id: string | null
    readonly symbol: string | null
    readonly delta: string
  }[]
  readonly authority_changes: readonly {
    readonly owner: Address.Address
    readonly kind: string
    readonly contract: Address.Address
    readonly subject: Address.Address
    readonly before: string
    readonly after: string
    readonly expires: string | null
  }[]
  /** Numbers that contracts keep for the sender and that differ; left out where there are none. */
  readonly kept_for_you?: readonly {
    readonly contract: Address.Address
    readonly slot: Hex.Hex
    readonly before: string
    readonly after: string
    readonly is_debt: boolean
  }[]
  /** What was called and which code ran there, sorted. */
  readonly contracts: readonly { readonly address: Address.Address; readonly code_hash: Hex.Hex }[]
  /** `rule|subject` of every finding that warns, sorted. */
  readonly warnings: readonly string[]
  /** The most the batch may cost in fees. */
  readonly max_fee_wei: string
}

export interface BoundRequest {
  readonly block: string
  readonly known: readonly {
    readonly address: Address.Address
    readonly name: string
    readonly kind: string
    readonly symbol?: string
    readonly decimals?: number
  }[]
  /** As an intent file spells it. */
  readonly intent: Readonly<Record<string, unknown>> | null
  readonly is_agent_proposed: boolean
  readonly is_look_ahead: boolean
  /** Whom the user named as the recipient; left out where that is nobody. */
  readonly said_recipients?: readonly Address.Address[]
  /** The document that `typed_data_digest` is of, as it came; left out without one. */
  readonly signable?: SignableSource
}
