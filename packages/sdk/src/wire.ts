/**
 * The words spoken over HTTP. Written by `npm run docs` from the schemas of the server's routes
 * (packages/server/src/http: answers.ts, schemas.ts, components.json); do not edit it here. Snake case, JSON only, amounts as
 * decimal strings in the smallest unit, addresses in EIP-55, bytes as 0x-hex, times as ISO 8601 UTC.
 */

/** A 20-byte account in EIP-55 spelling. */
export type Address = string

export interface AdminApp {
  readonly name: string
  readonly version: string | null
  readonly files: Readonly<Record<string, string>>
  readonly skills: readonly {
    readonly name: string
    readonly state: string
    readonly because: string | null
  }[]
  readonly tools: readonly {
    readonly name: string
    readonly kind: string
    readonly state: string
    readonly because: string | null
  }[]
  readonly documents: readonly {
    readonly id: string
    readonly path: string
    readonly state: 'quarantined' | 'released' | 'stale' | 'rejected'
  }[]
  readonly guards: readonly Readonly<Record<string, unknown>>[]
}

export interface AdminProposal {
  readonly id: string
  readonly session: string
  readonly kind: 'transactions' | 'signature' | 'tool_call'
  readonly state: string
  readonly chain_id: number
  readonly from: string
  readonly summary: string
  readonly door: string
  readonly verdict: 'allow' | 'warn' | 'block' | null
  readonly reason: string | null
  readonly findings: readonly {
    readonly rule: string
    readonly level: 'info' | 'warn' | 'block'
    readonly title: string
    readonly because: string
  }[]
  readonly created_at: string
  readonly updated_at: string
}

export interface AdminSession {
  readonly handle: string
  readonly owner: string
  readonly user: string | null
  readonly signed_in: boolean
  readonly bound: string | null
  readonly created_at: string
  readonly used_at: string
}

export type AnyProposal = Proposal | ToolCallProposal

/** An approval to take back, as it was listed. What names it is read; the rest is left aside. */
export interface ApprovalRef {
  readonly kind: 'erc20_allowance' | 'permit2_allowance' | 'operator' | 'nft'
  readonly contract: string
  readonly spender: string
  readonly token?: string | null
  readonly token_id?: string | null
  readonly amount?: string | null
  readonly unlimited?: boolean
  readonly expires_at?: string | null
  readonly revoke?: Readonly<Record<string, unknown>>
}

/** One line of the hash-chained record. Ids are hashed: the record opens nothing. */
export interface AuditEntry {
  readonly app: string
  readonly seq: number
  readonly at_ms: number
  readonly event: string
  readonly body: Readonly<Record<string, unknown>>
  readonly prev_hash: string
  readonly hash: string
}

export interface Backtest {
  readonly actions: number
  readonly asked: number
  readonly denied: number
  readonly sentence: string
  readonly changed: readonly {
    readonly proposal: string
    readonly was: string
    readonly would: string
    readonly spoke: readonly Readonly<Record<string, unknown>>[]
  }[]
  readonly worst: {
    readonly limits: readonly Readonly<Record<string, unknown>>[]
    readonly unbounded: readonly string[]
  }
  readonly search?: {
    readonly plans: number
    readonly found: readonly {
      readonly asset: string
      readonly amount: string
      readonly plan: string
      readonly times: number
      readonly is_over: boolean
    }[]
    readonly not_checked: readonly string[]
  }
  readonly not_checked: readonly string[]
}

/** What a receipt binds, in the spelling that is hashed and signed: canonical JSON (RFC 8785), amounts as decimal strings, addresses in EIP-55, bytes in lower-case 0x-hex, times in ISO 8601 UTC. Any other byte, order, nonce, gas limit, fee cap, block, effect, policy or time is another receipt. docs/reference/receipts.md says it for others. */
export interface Bound {
  readonly block: {
    readonly hash: Hex
    readonly number: string
    readonly state_root: Hex
  }
  readonly calls: readonly BoundCall[]
  readonly chain_id: number
  /** `Report.effectsDigest`: everybody's balances, authority, code called, failure. */
  readonly effects_digest: Digest
  readonly environment_reads: readonly string[]
  /** Every environment that was run, and whether the user's effects were the same there. */
  readonly environments: readonly {
    readonly agrees: boolean
    readonly name: string
  }[]
  readonly expires_at: string
  readonly from: Address
  readonly intent_digest: Digest | null
  readonly issued_at: string
  /** The sender's nonce at the block, for the first call; each further call has one more. */
  readonly nonce: string
  /** What it does to the user: enough to tell better from worse when only the receipt is at hand. */
  readonly outcome: BoundOutcome
  readonly policy_version: string
  readonly read_set_digest: Digest
  /** Makes every receipt one of its kind, even for the same batch on the same block. */
  readonly receipt_id: string
  /** SHA-256 of the card as text (`renderCard`): what a person was shown. */
  readonly render_digest: Digest
  /** SHA-256 of the whole report's canonical JSON, with `receipt` null. */
  readonly report_digest: Digest
  /** What simulating again needs, beside the calls. */
  readonly request: BoundRequest
  /** The hash that would be signed, of the document that was judged after the calls; null without one. */
  readonly typed_data_digest: Hex | null
  readonly verdict: 'allow' | 'warn'
  readonly version: 1
}

export interface BoundCall {
  /** EIP-2930, as it was simulated. */
  readonly access_list: readonly {
    readonly address: Address
    readonly storage_keys: readonly Hex[]
  }[]
  readonly authorization_list: readonly {
    readonly address: Address
    readonly chain_id: string
    readonly nonce: string
    readonly r: string
    readonly s: string
    readonly y_parity: number
  }[]
  readonly data: Hex
  /** The very limit that was simulated. */
  readonly gas_limit: string
  readonly label: string | null
  /** null: the wallet chooses, within what the outcome says the fee is at most. */
  readonly max_fee_per_gas: string | null
  readonly max_priority_fee_per_gas: string | null
  /** As the request stated it; left out where it did not. */
  readonly nonce?: string
  readonly to: Address | null
  readonly type?: TransactionType
  readonly value: string
}

export interface BoundOutcome {
  readonly authority_changes: readonly {
    readonly after: string
    readonly before: string
    readonly contract: Address
    readonly expires: string | null
    readonly kind: string
    readonly owner: Address
    readonly subject: Address
  }[]
  /** What was called and which code ran there, sorted. */
  readonly contracts: readonly {
    readonly address: Address
    readonly code_hash: Hex
  }[]
  /** Numbers that contracts keep for the sender and that differ; left out where there are none. */
  readonly kept_for_you?: readonly {
    readonly after: string
    readonly before: string
    readonly contract: Address
    readonly is_debt: boolean
    readonly slot: Hex
  }[]
  /** The most the batch may cost in fees. */
  readonly max_fee_wei: string
  /** The sender's own balances, fees aside. */
  readonly token_changes: readonly {
    readonly delta: string
    readonly standard: string
    readonly symbol: string | null
    readonly token: Address | null
    readonly token_id: string | null
  }[]
  /** `rule|subject` of every finding that warns, sorted. */
  readonly warnings: readonly string[]
}

export interface BoundRequest {
  readonly block: string
  /** As an intent file spells it. */
  readonly intent: Readonly<Record<string, unknown>> | null
  readonly is_agent_proposed: boolean
  readonly is_look_ahead: boolean
  readonly known: readonly {
    readonly address: Address
    readonly decimals?: number
    readonly kind: string
    readonly name: string
    readonly symbol?: string
  }[]
  /** Whom the user named as the recipient; left out where that is nobody. */
  readonly said_recipients?: readonly Address[]
  /** The document that `typed_data_digest` is of, as it came; left out without one. */
  readonly signable?: ReportSignableSource
}

export interface Chat {
  readonly message: string
  readonly app?: string
  readonly user_state?: Readonly<Record<string, unknown>>
  readonly messages_from?: number
  readonly tools?: readonly string[]
}

export interface ChecklistAnswer {
  readonly items: readonly string[]
  readonly checks: readonly {
    readonly id: string
    readonly item: number | null
    readonly about: string
    readonly status: 'pass' | 'warn' | 'fail' | 'not_checked'
    readonly evidence: string
    readonly remediation: string | null
  }[]
  readonly checked_at: string
}

export interface Decision {
  readonly answer: 'allow' | 'delay' | 'ask' | 'step-up' | 'deny'
  readonly mandate: string | null
  readonly digest: string
  readonly reservation: null
  readonly free: string | null
  readonly free_at: string | null
  readonly spoke: readonly Readonly<Record<string, unknown>>[]
  readonly effects: readonly Readonly<Record<string, unknown>>[]
  readonly code: string | null
  readonly reason: string | null
  readonly delay_ms: number | null
}

/** A 32-byte hash, 0x-hex. */
export type Digest = Hex

export interface DoorAnswer {
  readonly id: string
  readonly state: string
  readonly verdict: 'allow' | 'warn' | 'block'
  readonly digest: string
  readonly url: string
  readonly expires_at: string
  readonly reason?: string | null
  readonly code?: string | null
  readonly decision?: Readonly<Record<string, unknown>>
}

export interface DoorRequest {
  readonly transactions?: readonly {
    readonly to?: string
    readonly value?: string
    readonly data?: string
    readonly gas?: string
    readonly label?: string
    readonly from?: string
    readonly chain_id?: number | string
  }[]
  readonly typed_data?: Readonly<Record<string, unknown>>
  readonly message?: string
  readonly from: string
  readonly chain_id: number
  readonly idempotency_key?: string
  readonly client?: {
    readonly name?: string
    readonly version?: string
    readonly door?: string
  }
  readonly wallet?: {
    readonly kind: 'eoa' | '7702' | 'safe' | '4337' | '5792'
    readonly address?: string
    readonly capabilities?: unknown
  }
}

export interface Freeze {
  readonly wallet: string | null
  readonly frozen_at: string
  readonly because: string
}

export interface Frozen {
  readonly frozen_at: string
  readonly effective_at: string
  readonly confirmed: number
  readonly live: number
  readonly lapsed: number
  readonly outstanding: readonly Readonly<Record<string, unknown>>[]
  readonly mandates: readonly Readonly<Record<string, unknown>>[]
}

export interface Grant {
  readonly grant: string
  readonly nonce: number | null
  readonly expires_at: string
}

export interface GrantRequest {
  readonly from: string
  readonly chain_id: number
}

/** Bytes as lower-case, even-length, 0x-prefixed hexadecimal. */
export type Hex = string

export interface IssuedKey {
  readonly id: string
  readonly app: string
  readonly key: string
  readonly replaces?: string
  readonly old_ends_at?: string | null
}

export type Key = {
  readonly id: string
  readonly app: string
  readonly label: string
  readonly standing: 'active' | 'pending' | 'replaced' | 'expired' | 'lapsed' | 'revoked'
  readonly last4: string
  readonly family: string
  readonly generation: number
  readonly scopes: readonly string[]
  readonly networks: readonly string[]
  readonly tools: readonly string[] | null
  readonly owner: string | null
  readonly limits: readonly string[]
  readonly guards: readonly unknown[]
  readonly created_at: string
  readonly age_days: number
  readonly rotation_due: boolean
  readonly expires_at: string | null
  readonly not_after: string | null
  readonly activate_by: string | null
  readonly replaces: string | null
  readonly revoked: boolean
  readonly revoked_at: string | null
  readonly revoked_reason: string | null
  readonly exposed_at: string | null
  readonly canary: boolean
  readonly quarantine: {
    readonly level: 'throttle' | 'proof' | 'freeze'
    readonly since: string
    readonly evidence: readonly string[]
  } | null
  readonly last_used_at: string | null
}

export interface KeyRequest {
  readonly label?: string
  readonly scopes?: readonly string[]
  readonly networks?: readonly string[]
  readonly tools?: readonly string[] | null
  readonly limits?: readonly string[]
  readonly guards?: readonly Readonly<Record<string, unknown>>[] | null
  readonly expires?: string | null
  readonly canary?: boolean
  /** Of a new key alone: the one account that it may propose to. */
  readonly owner?: string
}

export interface KeyUsage {
  readonly id: string
  readonly hours: readonly {
    readonly at: string
    readonly served: number
    readonly invalid: number
    readonly refused: number
    readonly limited: number
    readonly failed: number
  }[]
  readonly anomalies: readonly {
    readonly at: string
    readonly level: 'throttle' | 'proof' | 'freeze'
    readonly evidence: readonly string[]
  }[]
}

export interface Mandate {
  readonly id: string
  readonly app: string
  readonly owner: string
  readonly name: string
  readonly version: number
  readonly digest: string
  readonly state: 'active' | 'frozen' | 'ended' | 'expired'
  readonly frozen_because: string | null
  readonly previous: string | null
  readonly signed: boolean
  readonly valid_from: string | null
  readonly valid_until: string
  readonly worst: string
  readonly sentences: readonly string[]
  readonly policy: Readonly<Record<string, unknown>>
  readonly limits: readonly Readonly<Record<string, unknown>>[]
}

/** One line of a conversation. A tool call shows as an agent message with `tool_result: [tool, text]`. */
export interface Message {
  readonly content: string
  readonly is_streaming: boolean
  readonly sender: 'user' | 'agent' | 'system'
  readonly timestamp: string
  readonly tool_result: readonly [string, string] | null
}

export interface OperatorSelf {
  readonly name: string
  readonly stage: 'enrol' | 'full'
  readonly apps: readonly string[]
  readonly idle_ends_at: string
  readonly ends_at: string
  readonly passkeys: readonly {
    readonly id: string
    readonly label: string
    readonly host: string
    readonly created_at: string
    readonly used_at: string | null
  }[]
  readonly sessions: readonly {
    readonly handle: string
    readonly created_at: string
    readonly used_at: string
    readonly in_this_browser: boolean
  }[]
}

export interface OwnKey {
  readonly id: string
  readonly app: string
  readonly scopes: readonly string[]
  readonly expires_at: string | null
  readonly quarantine: string | null
}

export interface OwnerChannel {
  readonly id: string
  readonly kind: 'mail' | 'telegram' | 'push'
  readonly label: string
  readonly amounts: boolean
  readonly confirmed: boolean
  readonly created_at: string
}

/** A document that a wallet may sign now; like a transaction, it exists only after a receipt and a commit. */
export interface PendingDocument {
  readonly chain_id: number
  readonly description: string
  readonly digest: string
  /** Ours: the proposal this belongs to and its digest. */
  readonly proposal_id: string
  /** EIP-712: `{types, primaryType, domain, message}`. */
  readonly typed_data: Readonly<Record<string, unknown>>
}

/** A transaction that a wallet may sign now. It exists only after a receipt and a commit. */
export interface PendingTx {
  readonly batch_status: string
  readonly chain_id: number
  readonly data: string
  readonly description: string
  readonly digest: string
  readonly from: string
  readonly gas: string
  readonly kind: string
  readonly label: string
  /** Ours: the proposal this belongs to and its digest. */
  readonly proposal_id: string
  readonly to: string
  readonly value: string
}

export type Proposal = {
  /** Whom a mandate asks beside the owner, how many of them it needs, and who approved. Null where it asks nobody. */
  readonly approvals: {
    readonly given: readonly Address[]
    readonly need: number
    readonly of: readonly Address[]
  } | null
  readonly calls: readonly ProposalCall[]
  readonly chain_id: number
  /** What the client of a door says of itself; escaped, and never trusted. Null where it says nothing. */
  readonly client: {
    readonly door: string | null
    readonly name: string | null
    readonly version: string | null
  } | null
  /** Of a refusal by a guard or a mandate: `mandates:…`. */
  readonly code: string | null
  readonly created_at: string
  /** What guards and mandate decided (docs/reference/mandates.md); null where none is about it. */
  readonly decision: Readonly<Record<string, unknown>> | null
  /** Digest over chain id, sender and ordered bytes: keccak-free, `Batch.digest`. Compare before signing. */
  readonly digest: string
  /** How it came here: from a chat, or through a door that the server names. */
  readonly door: 'chat' | 'guard' | 'rpc' | 'mcp'
  /** Until when it may be signed, unless a wallet is open for it by then. */
  readonly expires_at: string
  readonly from: string
  /** Set where it is over with only its first steps on chain: how many, and what the gate staged to go on. Choose one with `POST /api/proposals/:id/remedy`. `proposal_id` is null where nothing was left to take back. */
  readonly half_done: {
    readonly confirmed: number
    readonly remedies: readonly {
      readonly kind: RemedyKind
      readonly proposal_id: string | null
      readonly state: ProposalState | null
    }[]
  } | null
  readonly id: string
  readonly kind: 'transactions' | 'signature'
  /** `step-up`: a critical value is not the owner's, and a wallet may open only after `confirm`. */
  readonly level: 'ordinary' | 'step-up'
  readonly level_given: boolean
  /** While a mandate delays it: the time before which nothing of it can be signed. Null otherwise. */
  readonly not_before: string | null
  readonly provenance: readonly Provenance[]
  readonly questions: readonly Question[]
  /** Why it ended or stopped, in a sentence; null while all is well. */
  readonly reason: string | null
  readonly receipt: {
    readonly digest: string
    readonly expires_at: string
    readonly issued_at: string
  } | null
  /** The simulation report in wire form (simulation-report), null while none was made. */
  readonly report: ReportWire | null
  /** The conversation that it was made in; null for what came through a door. */
  readonly session_id: string | null
  readonly settlement: {
    readonly block_number: string | null
    /** Of a refusal: the bound's index in its stage; null where it cannot be named. */
    readonly bound?: number | null
    readonly differences: readonly string[]
    /** `refused`: a bound of the outcome guard did not hold, and nothing but the fee was spent. */
    readonly outcome?: 'done' | 'refused'
    /** Of a document: SHA-256 of the owner's signature, which was verified against exactly these bytes. The signature itself is a power; the wallet gave it to its owner, and the server does not keep it. */
    readonly signature_digest?: string
    readonly verified_at: string
  } | null
  /** True only while a wallet may sign it: state `pending`, receipt alive. */
  readonly signable: boolean
  readonly state: SignedState
  readonly step_up: StepUp | null
  /** One sentence written by code from the typed arguments (never by the model): "Swap 1 ETH for at least 2 480.1 USDC". */
  readonly summary: string
  readonly updated_at: string
  /** Where its owner finds it; only for what came through a door. */
  readonly url?: string
  /** The simulation's; null while none was made. */
  readonly verdict: 'allow' | 'warn' | 'block' | null
  /** Rises with every change of this proposal: of two answers, the one with the higher version is the newer. Absent from events stored before it existed. */
  readonly version?: number
}

export interface ProposalCall {
  readonly data: string
  /** The gas limit that was simulated and must be signed; null before the simulation. */
  readonly gas: string | null
  /** `sign_typed_data`: not sent but signed; `data` is the document's canonical JSON in UTF-8. `personal_sign`: the same for a text. */
  readonly kind: string
  readonly label: string
  readonly max_fee_per_gas: string | null
  readonly status: 'waiting' | 'submitted' | 'confirmed' | 'mismatched'
  /** 1-based order; also the order of signatures. */
  readonly step: number
  readonly to: string | null
  readonly tx_hash: string | null
  /** The positive integer under which stock clients know it (`tx-7` is 7). */
  readonly tx_id: number
  readonly value: string
}

/** `staged` → (simulation) → `blocked` | `receipted` → (commit) → `pending` → `submitted` → `settled` | `mismatched`; `pending` may also end as `rejected`, `expired` or `superseded`, or fall back to `staged` when the chain drifted. Only `pending` is signable. */
export type ProposalState =
  | 'staged'
  | 'blocked'
  | 'receipted'
  | 'pending'
  | 'submitted'
  | 'settled'
  | 'mismatched'
  | 'rejected'
  | 'expired'
  | 'superseded'
  | 'confirmed'
  | 'done'
  | 'failed'
  | 'unknown'
  | 'refused'

export interface ProposedMandate {
  readonly actions: number
  readonly asked?: number
  readonly denied?: number
  readonly sentence?: string
  readonly changed?: readonly {
    readonly proposal: string
    readonly was: string
    readonly would: string
    readonly spoke: readonly Readonly<Record<string, unknown>>[]
  }[]
  readonly worst?: {
    readonly limits: readonly Readonly<Record<string, unknown>>[]
    readonly unbounded: readonly string[]
  }
  readonly search?: {
    readonly plans: number
    readonly found: readonly {
      readonly asset: string
      readonly amount: string
      readonly plan: string
      readonly times: number
      readonly is_over: boolean
    }[]
    readonly not_checked: readonly string[]
  }
  readonly not_checked: readonly string[]
  readonly policy: Readonly<Record<string, unknown>> | null
  readonly expected_ask_share?: number
  readonly left_out?: readonly string[]
}

/** Where an argument came from, looked up. `model`: the model made it up; the card says so. */
export interface Provenance {
  readonly argument: string
  /** When the user did it before, of a `ledger` line. */
  readonly at?: string
  /** What answered with it, of an `untrusted` line. */
  readonly from?: string
  readonly source: ProvenanceSource
  readonly value: string
}

/** `user`: this turn's own words, in this very role. `user-earlier`: an older message, or quoted, pasted or in another role. */
export type ProvenanceSource =
  'user' | 'registry' | 'app' | 'ledger' | 'user-earlier' | 'tool' | 'untrusted' | 'document' | 'model'

/** GET /api/config: what a page needs to start. No secrets. */
export type PublicConfig = {
  readonly app: string
  readonly chains: readonly {
    readonly chain_id: number
    readonly explorer_url: string | null
    /** True for the built-in local chain: the test wallet and the faucet exist only there. */
    readonly local: boolean
    readonly name: string
    /** The chain's own coin; null where it has none. */
    readonly native: {
      readonly decimals: number
      readonly symbol: string
    } | null
    readonly native_symbol: string
    /** Same-origin JSON-RPC proxy (reads and eth_sendRawTransaction only). */
    readonly rpc_path: string
  }[]
  readonly model: {
    readonly id: string
    readonly kind: 'deterministic-grammar' | 'llm'
  }
  readonly tokens: readonly {
    readonly address: string
    readonly chain_id: number
    readonly decimals: number
    readonly symbol: string
  }[]
  /** Wallets that the operator installed beside the page. Absent where there is none. */
  readonly wallets?: readonly {
    /** Of Para; null elsewhere. */
    readonly environment: string | null
    readonly id: 'walletconnect' | 'para'
    /** The project id or the publishable key: it opens nothing by itself. */
    readonly key: string
  }[]
  readonly version: string
}

/** A value that the owner types by hand before a wallet may open. */
export interface Question {
  readonly argument: string
  readonly because: string
  readonly source: ProvenanceSource
  readonly value: string
  /** The last characters will do; the whole value will as well. */
  readonly retype?: {
    readonly length: number
    readonly part: 'last'
  }
}

export interface Ready {
  readonly ready: boolean
  readonly checks: {
    readonly store: boolean
    readonly lease: boolean
    readonly limits: string
  }
  readonly warnings?: readonly string[]
}

/** What the last look before signing answers. */
export type Rechecked = {
  /** Whom a mandate asks beside the owner, how many of them it needs, and who approved. Null where it asks nobody. */
  readonly approvals: {
    readonly given: readonly Address[]
    readonly need: number
    readonly of: readonly Address[]
  } | null
  readonly calls: readonly ProposalCall[]
  readonly chain_id: number
  /** What the client of a door says of itself; escaped, and never trusted. Null where it says nothing. */
  readonly client: {
    readonly door: string | null
    readonly name: string | null
    readonly version: string | null
  } | null
  /** Of a refusal by a guard or a mandate: `mandates:…`. */
  readonly code: string | null
  readonly created_at: string
  /** What guards and mandate decided (docs/reference/mandates.md); null where none is about it. */
  readonly decision: Readonly<Record<string, unknown>> | null
  /** Digest over chain id, sender and ordered bytes: keccak-free, `Batch.digest`. Compare before signing. */
  readonly digest: string
  /** How it came here: from a chat, or through a door that the server names. */
  readonly door: 'chat' | 'guard' | 'rpc' | 'mcp'
  /** Until when it may be signed, unless a wallet is open for it by then. */
  readonly expires_at: string
  readonly from: string
  /** Set where it is over with only its first steps on chain: how many, and what the gate staged to go on. Choose one with `POST /api/proposals/:id/remedy`. `proposal_id` is null where nothing was left to take back. */
  readonly half_done: {
    readonly confirmed: number
    readonly remedies: readonly {
      readonly kind: RemedyKind
      readonly proposal_id: string | null
      readonly state: ProposalState | null
    }[]
  } | null
  readonly id: string
  readonly kind: 'transactions' | 'signature'
  /** `step-up`: a critical value is not the owner's, and a wallet may open only after `confirm`. */
  readonly level: 'ordinary' | 'step-up'
  readonly level_given: boolean
  /** While a mandate delays it: the time before which nothing of it can be signed. Null otherwise. */
  readonly not_before: string | null
  /** The receipt and the report that the wallet may be opened for now, and until when it is believed to be open. */
  readonly opened: {
    readonly receipt: string
    readonly report: string
    readonly until: string
  } | null
  readonly provenance: readonly Provenance[]
  readonly questions: readonly Question[]
  /** Why it ended or stopped, in a sentence; null while all is well. */
  readonly reason: string | null
  readonly receipt: {
    readonly digest: string
    readonly expires_at: string
    readonly issued_at: string
  } | null
  readonly recheck: 'fresh' | 'drifted' | 'blocked'
  /** The simulation report in wire form (simulation-report), null while none was made. */
  readonly report: ReportWire | null
  /** The conversation that it was made in; null for what came through a door. */
  readonly session_id: string | null
  readonly settlement: {
    readonly block_number: string | null
    /** Of a refusal: the bound's index in its stage; null where it cannot be named. */
    readonly bound?: number | null
    readonly differences: readonly string[]
    /** `refused`: a bound of the outcome guard did not hold, and nothing but the fee was spent. */
    readonly outcome?: 'done' | 'refused'
    /** Of a document: SHA-256 of the owner's signature, which was verified against exactly these bytes. The signature itself is a power; the wallet gave it to its owner, and the server does not keep it. */
    readonly signature_digest?: string
    readonly verified_at: string
  } | null
  /** True only while a wallet may sign it: state `pending`, receipt alive. */
  readonly signable: boolean
  readonly state: SignedState
  readonly step_up: StepUp | null
  /** One sentence written by code from the typed arguments (never by the model): "Swap 1 ETH for at least 2 480.1 USDC". */
  readonly summary: string
  readonly updated_at: string
  /** Where its owner finds it; only for what came through a door. */
  readonly url?: string
  /** The simulation's; null while none was made. */
  readonly verdict: 'allow' | 'warn' | 'block' | null
  /** Rises with every change of this proposal: of two answers, the one with the higher version is the newer. Absent from events stored before it existed. */
  readonly version?: number
}

export interface Refusal {
  readonly error: string
  readonly code: string
  readonly hint: string
  readonly request_id: string
}

/** `continue`: the steps that are not on chain. `revoke`: takes back what the steps on chain permitted. */
export type RemedyKind = 'continue' | 'revoke'

/** A power over the owner's assets that the batch leaves behind, grows or takes away. */
export interface ReportAuthorityChange {
  readonly after: string
  readonly before: string
  readonly contract: Address
  readonly decimals: number | null
  readonly expires: string | null
  readonly kind: ReportAuthorityKind
  readonly owner: Address
  /** Who gains (or loses) the power. */
  readonly subject: Address
  /** For people: symbol and decimals of `contract` where it is a token. */
  readonly symbol: string | null
  /** More than the owner holds and than there is of the token, or an allowance that no use lowers. */
  readonly unlimited: boolean
  readonly value_at_risk: readonly {
    readonly amount: string
    readonly token: Address | null
  }[]
}

export type ReportAuthorityKind =
  | 'erc20_allowance'
  | 'operator'
  | 'permit2_allowance'
  | 'ownership'
  | 'proxy_implementation'
  | 'module'
  | 'account_code'
  | 'delegation'
  | 'votes'
  | 'unknown_grant'

export interface ReportBlockRef {
  readonly hash: Hex
  readonly number: string
  readonly state_root: Hex
  readonly timestamp: string
}

export interface ReportCallFrame {
  readonly args: readonly unknown[] | null
  readonly calls: readonly ReportCallFrame[]
  readonly from: Address
  readonly gas_used: string
  /** Why it failed, escaped; left out where it did not. */
  readonly reason?: string
  readonly selector: Hex | null
  readonly signature: string | null
  readonly status: 'success' | 'revert' | 'halt'
  readonly to: Address | null
  readonly type: 'CALL' | 'STATICCALL' | 'DELEGATECALL' | 'CALLCODE' | 'CREATE' | 'CREATE2' | 'SELFDESTRUCT'
  readonly value: string
}

export interface ReportClearField {
  readonly label: string
  /** A call inside of the call, in the words of its own descriptor. */
  readonly nested: ReportClearSigning | null
  readonly value: string
}

/** A call or a document in the words of its ERC-7730 descriptor. All texts are escaped for people. It explains, and that is all: what really happens is in the effects, and nothing is trusted because a descriptor names it. */
export interface ReportClearSigning {
  /** The file that says so. */
  readonly descriptor: string
  readonly fields: readonly ReportClearField[]
  readonly intent: string
  /** The intent as one sentence with the values in it; null where the descriptor has none. */
  readonly interpolated_intent: string | null
  /** Arguments that the descriptor leaves out of sight. They stand with the call, or in the document's lines. */
  readonly left_out: readonly string[]
  readonly owner: string | null
  /** Fields that could not be shown as the descriptor asks, and why; they are shown raw. */
  readonly unformatted: readonly {
    readonly label: string
    readonly why: string
  }[]
}

/** One contract call, flattened from the call tree in execution order. */
export interface ReportContractCall {
  readonly address: Address
  readonly code_hash: Hex
  /** 0 is the transaction itself. */
  readonly depth: number
  /** A name from the caller's registry of known contracts, never from the chain. */
  readonly name: string | null
  readonly signature: string | null
  readonly step: number
  readonly value: string
}

/** An account that acts on the sender's authority: what leaves it is the user's loss as much as what leaves the sender. */
export interface ReportControlled {
  readonly account: Address
  /** The sender owns a Safe; owns the account by its code's own word; or signed what an entry point passed on to it. */
  readonly by: 'safe-owner' | 'account-code' | 'entry-point'
  /** How many owners have to sign, where the account says so. */
  readonly threshold: number | null
}

/** What of a report the chain itself enforces (docs/reference/enforcement.md). */
export type ReportEnforcement = {
  /** One sentence where nothing is enforced; else null. */
  readonly because: string | null
  readonly bounds: readonly {
    readonly data: string | null
    readonly derives_from: 'report' | 'intent' | 'policy'
    readonly index: number
    readonly op: 'at_least' | 'at_most' | 'equals' | 'falls_at_most' | 'rises_at_least' | 'rises_at_most' | 'unchanged'
    readonly source: 'call' | 'call_hash' | 'balance' | 'code_hash' | 'gas_price' | 'timestamp' | 'block_number'
    readonly stage: 'open' | 'close'
    readonly target: Address | null
    readonly text: string
    readonly value: string
    readonly word: number
  }[]
  readonly bounds_digest: string | null
  /** The whole inner list: open, the user's calls, close. Empty where nothing is enforced. */
  readonly calls: readonly {
    readonly data: string
    readonly to: Address
    readonly value: string
  }[]
  readonly gas_overhead: string | null
  readonly guard: {
    readonly address: Address
    readonly code_hash: string
    readonly version: number
  } | null
  /** The line of the card. */
  readonly line: string
  readonly not_enforced: readonly {
    readonly what: string
    readonly why: string
  }[]
  readonly route: '7702' | 'safe' | '4337' | '5792' | null
  readonly status: 'enforced' | 'partly' | 'none'
}

/** A block the transaction could land in, and whether the user's effects are the same there. Disagreeing ones first. */
export interface ReportEnvironment {
  readonly agrees: boolean
  /** The opcodes whose value decides; empty where it agrees. */
  readonly decided_by: readonly string[]
  readonly differs: readonly string[]
  readonly name: string
  /** What it does to the user there; empty where it agrees. */
  readonly token_changes: readonly ReportTokenChange[]
}

export interface ReportFinding {
  readonly because: string
  readonly evidence: Readonly<Record<string, unknown>>
  readonly level: 'info' | 'warn' | 'block'
  /** One plain sentence: what to do about it. */
  readonly remediation?: string
  /** Rule name, such as `approval-unlimited`. Its meaning never changes. */
  readonly rule: string
  readonly step: number | null
  readonly subject: string | null
  readonly title: string
}

export interface ReportGasEstimate {
  readonly expected_fee_wei: string
  readonly gas_limit: string
  readonly gas_used: string
  readonly l1_fee_wei: string | null
  readonly max_fee_wei: string
}

/** The intent's assertions, each with whether it holds in every environment and why. */
export interface ReportIntentResult {
  readonly assertions: readonly {
    readonly because: string
    readonly holds: boolean
    readonly name: string
  }[]
  readonly digest: Digest
  readonly goal: string | null
}

/** A number that a contract keeps under the user's account and that differs afterwards: a stake, shares, a debt. */
export interface ReportKeptForYou {
  readonly after: string
  /** In a unit that only the contract knows. Several numbers of one word are entries of their own. */
  readonly before: string
  readonly contract: Address
  /** It is what the user owes: more of it is worse. */
  readonly is_debt: boolean
  /** What it is, where a known getter says so: the name of the getter, such as `borrowBalanceOf`. */
  readonly meaning: string | null
  readonly slot: Hex
}

/** One field as people read it: exact, and escaped where somebody else chose the text. */
export interface ReportLine {
  readonly label: string
  readonly value: string
}

export interface ReportLog {
  readonly address: Address
  readonly args: Readonly<Record<string, unknown>> | null
  readonly data: Hex
  readonly event: string | null
  readonly topics: readonly Hex[]
}

export interface ReportLookahead {
  readonly actor: Address
  readonly can_take: readonly {
    readonly amount: string
    readonly token: Address | null
  }[]
  readonly means: ReportAuthorityKind
}

/** Something that changes hands by the terms that are signed. */
export interface ReportMovement {
  /** Smallest unit. Of a range, what is worse for the signer: the most that leaves, the least that comes. */
  readonly amount: string
  readonly standard: TokenStandard
  /** `null`: whoever uses the signature decides. */
  readonly to: Address | null
  /** `null` for the chain's own coin. */
  readonly token: Address | null
  /** `null`: has no id, or whoever uses the signature picks it. */
  readonly token_id: string | null
}

export interface ReportNotChecked {
  readonly what: string
  readonly why: string
}

/** A signed receipt; `Receipt.verify` says what makes one good. */
export interface ReportReceipt {
  readonly bound: Bound
  readonly digest: Digest
  readonly expires_at: string
  readonly issued_at: string
  readonly key_id: string
  /** Ed25519, base64url. */
  readonly signature: string
}

/** Which chain it is, which EVM judged it, and what that rests on. */
export interface ReportReportedChain {
  /** What its own coin is called; null where it has none, or nobody said what it is called. */
  readonly coin: string | null
  /** `node`: no EVM that runs here models the chain, so its own node ran the batch. */
  readonly engine: 'local' | 'node'
  readonly id: number
  /** False exactly when `engine` is `node`. */
  readonly modelled: boolean
  readonly name: string
  /** Whether recent transactions of the chain were replayed here and came out as the chain recorded them. */
  readonly probe: 'conforms' | 'conforms-except' | 'differs' | 'not-asked'
  /** Who speaks of the chain: a record that is shipped, or the operator's file; null where neither does. */
  readonly record: 'shipped' | 'file' | null
}

/** What is to be signed, as it came: enough to read it again. One field, which says what it is. */
export type ReportSignableSource =
  | {
      readonly typed_data: Readonly<Record<string, unknown>>
    }
  | {
      readonly authorization: Readonly<Record<string, unknown>>
    }
  | {
      readonly message: string
    }
  | {
      readonly hash: Hex
    }

export type ReportSignatureKind =
  | 'eip2612'
  | 'dai-permit'
  | 'permit2-single'
  | 'permit2-batch'
  | 'permit2-transfer'
  | 'permit2-batch-transfer'
  | 'permit2-witness'
  | 'erc3009'
  | 'seaport-order'
  | 'token-order'
  | 'safe-tx'
  | 'delegation'
  | 'vote-delegation'
  | 'authorization-7702'
  | 'user-operation'
  | 'message'
  | 'hash'
  | 'unknown'

/** What a preview assumes of one account instead of what the chain says. What is absent is as the chain has it. */
export interface ReportStateOverride {
  readonly address: Address
  /** In the smallest unit of the chain's coin. */
  readonly balance?: string
  readonly code?: Hex
  readonly nonce?: string
  /** Stored words, by slot; the others are as the chain has them. */
  readonly state_diff?: readonly {
    readonly slot: Hex
    readonly value: Hex
  }[]
  /** What the account holds of a token, in the token's smallest unit. */
  readonly tokens?: readonly {
    readonly amount: string
    readonly token: Address
  }[]
}

export type ReportStep = {
  readonly calls: ReportCallFrame | null
  /** The call in the words of its ERC-7730 descriptor, which explain it and vouch for nothing; null without one. */
  readonly clear_signing: ReportClearSigning | null
  readonly gas_limit: string
  readonly gas_used: string
  readonly label: string | null
  readonly logs: readonly ReportLog[]
  readonly return_data: Hex
  readonly revert: {
    readonly data: Hex
    readonly error: string | null
    readonly reason: string
  } | null
  /** `halt` is an exceptional stop (out of gas, invalid opcode); `skipped` follows a failed step. */
  readonly status: 'success' | 'revert' | 'halt' | 'skipped'
  /** 1-based position in the batch. */
  readonly step: number
}

/** A transaction that the account signed before and that is not mined: the batch runs on what it leaves behind. */
export interface ReportStoodOn {
  readonly hash: Hex
  readonly nonce: string
  /** How it is expected to end. */
  readonly status: 'success' | 'reverted'
  readonly to: Address | null
  /** In the smallest unit of the chain's coin. */
  readonly value: string
}

/** A balance before and after, for every account touched; the user's own come first. Fees are not in `native`. */
export interface ReportTokenChange {
  readonly account: Address
  readonly after: string
  readonly before: string
  readonly decimals: number | null
  readonly delta: string
  readonly proven_by: 'storage' | 'trace' | 'call'
  readonly standard: TokenStandard
  /** Escaped for people; from the registry where known, else from the chain. */
  readonly symbol: string | null
  readonly token: Address | null
  readonly token_id: string | null
}

/** The simulation report: what a fork says a batch of calls would do. One shape everywhere; `Report.toWire` spells it in snake_case for HTTP and `countersign simulate --json`. Amounts are string here (smallest unit) and decimal strings on the wire; times are milliseconds here and ISO 8601 UTC on the wire. The field names `token_changes`, `gas_estimate`, `contract_calls` and `will_revert` are Aomi's; the rest is ours. */
export type ReportWire = {
  readonly authority_changes: readonly ReportAuthorityChange[]
  readonly block: ReportBlockRef
  readonly chain: ReportReportedChain
  readonly chain_id: number
  readonly contract_calls: readonly ReportContractCall[]
  /** Accounts of the sender's that took part: what leaves them is the user's loss, too. */
  readonly controlled: readonly ReportControlled[]
  /** What the chain itself enforces; absent where enforcement was not asked for. */
  readonly enforcement?: ReportEnforcement | null
  readonly environment_reads: readonly string[]
  readonly environments: readonly ReportEnvironment[]
  readonly findings: readonly ReportFinding[]
  readonly from: Address
  readonly gas_estimate: ReportGasEstimate
  readonly intent: ReportIntentResult | null
  readonly kept_for_you: readonly ReportKeptForYou[]
  readonly lookahead: readonly ReportLookahead[]
  readonly not_checked: readonly ReportNotChecked[]
  readonly read_set: {
    readonly accounts: number
    readonly digest: Digest
    readonly slots: number
  }
  readonly receipt: ReportReceipt | null
  /** The document to be signed, in the words people read; null for transactions. */
  readonly signature: {
    readonly clear_signing: ReportClearSigning | null
    /** What the terms promise, to whom. */
    readonly considerations: readonly ReportMovement[]
    /** The EIP-712 hash that would be signed. */
    readonly digest: Hex
    readonly kind: ReportSignatureKind
    readonly lines: readonly ReportLine[]
    /** What the signer, or the account it owns, gives. */
    readonly offers: readonly ReportMovement[]
    readonly primary_type: string
    readonly title: string
    readonly verifying_contract: Address | null
  } | null
  /** What was signed before and is not mined: the batch stands on what it leaves behind. Absent where there is nothing. */
  readonly stands_on?: readonly ReportStoodOn[]
  /** What was assumed of the state instead of what the chain says; absent where nothing was. Such a report gets no receipt. */
  readonly state_overrides?: readonly ReportStateOverride[]
  readonly steps: readonly ReportStep[]
  readonly token_changes: readonly ReportTokenChange[]
  readonly verdict: Verdict
  readonly version: 1
  readonly will_revert: boolean
}

export interface Reservation {
  readonly id: string
  readonly proposal: string | null
  readonly mandate: string | null
  readonly kind: 'tx' | 'document' | 'call' | 'allowance' | 'outside'
  readonly account: string
  readonly chain_id: number
  readonly nonce: number | null
  readonly state: 'held' | 'open' | 'settled' | 'released'
  readonly waits_for: string | null
  readonly deadline: string | null
  readonly lines: readonly Readonly<Record<string, unknown>>[]
}

export type Revocation = {
  readonly id: string
  readonly app: string
  readonly label: string
  readonly standing: 'active' | 'pending' | 'replaced' | 'expired' | 'lapsed' | 'revoked'
  readonly last4: string
  readonly family: string
  readonly generation: number
  readonly scopes: readonly string[]
  readonly networks: readonly string[]
  readonly tools: readonly string[] | null
  readonly owner: string | null
  readonly limits: readonly string[]
  readonly guards: readonly unknown[]
  readonly created_at: string
  readonly age_days: number
  readonly rotation_due: boolean
  readonly expires_at: string | null
  readonly not_after: string | null
  readonly activate_by: string | null
  readonly replaces: string | null
  readonly revoked: boolean
  readonly revoked_at: string | null
  readonly revoked_reason: string | null
  readonly exposed_at: string | null
  readonly canary: boolean
  readonly quarantine: {
    readonly level: 'throttle' | 'proof' | 'freeze'
    readonly since: string
    readonly evidence: readonly string[]
  } | null
  readonly last_used_at: string | null
  readonly effective_at: string
  readonly confirmed: string
  readonly confirmed_instances: number
  readonly live_instances: number
  readonly lapsed_instances: number
}

export interface Rotation {
  readonly style?: 'clock' | 'first-use'
  readonly overlap?: string
  readonly deadline?: string
}

export interface ServerHealth {
  readonly version: string
  readonly page_sha256: string | null
  readonly chains: readonly {
    readonly chain_id: number
    readonly name: string
    readonly quorum: number
    readonly providers: readonly {
      readonly name: string
      readonly requests: number
      readonly failures: number
      readonly failures_in_a_row: number
      readonly last_fault: string | null
      readonly median_ms: number | null
      readonly last_answer_at: string | null
      readonly last_failure_at: string | null
    }[]
  }[]
  readonly models: readonly {
    readonly name: string
    readonly requests: number
    readonly failures: number
    readonly failures_in_a_row: number
    readonly last_fault: string | null
    readonly median_ms: number | null
    readonly last_answer_at: string | null
    readonly last_failure_at: string | null
    readonly kind: 'deterministic-grammar' | 'llm'
    readonly is_default: boolean
  }[]
}

/** One session, for its owner. */
export type SessionInfo = {
  /** What every call must prove to hold. */
  readonly bound: 'dpop' | 'hmac' | null
  readonly created_at: string
  /** When it ends if nobody uses it any more. */
  readonly ends_at: string
  readonly is_archived: boolean
  /** False for a session of the same wallet at another browser: `take-over` brings it here. */
  readonly is_here: boolean
  /** The same time, as newer clients name it. */
  readonly last_active_at: string
  /** The model that was chosen for it; null where it speaks with that of its app. */
  readonly model: string | null
  readonly session_id: string
  /** The same id, as newer clients name it. */
  readonly thread_id: string
  readonly title: string
  readonly used_at: string
  /** `claimed`: a client said so, and it grants nothing. `proven`: it signed in (ERC-4361). */
  readonly wallet: {
    readonly address: string
    readonly status: 'claimed' | 'proven'
  } | null
}

/** States of what a wallet signs. */
export type SignedState =
  | 'staged'
  | 'blocked'
  | 'receipted'
  | 'pending'
  | 'submitted'
  | 'settled'
  | 'mismatched'
  | 'rejected'
  | 'expired'
  | 'superseded'

export type Simulated = {
  readonly result: {
    readonly authority_changes: readonly ReportAuthorityChange[]
    readonly block: ReportBlockRef
    readonly chain: ReportReportedChain
    readonly chain_id: number
    readonly contract_calls: readonly ReportContractCall[]
    /** Accounts of the sender's that took part: what leaves them is the user's loss, too. */
    readonly controlled: readonly ReportControlled[]
    /** What the chain itself enforces; absent where enforcement was not asked for. */
    readonly enforcement?: ReportEnforcement | null
    readonly environment_reads: readonly string[]
    readonly environments: readonly ReportEnvironment[]
    readonly findings: readonly ReportFinding[]
    readonly from: Address
    readonly gas_estimate: ReportGasEstimate
    readonly intent: ReportIntentResult | null
    readonly kept_for_you: readonly ReportKeptForYou[]
    readonly lookahead: readonly ReportLookahead[]
    readonly not_checked: readonly ReportNotChecked[]
    readonly read_set: {
      readonly accounts: number
      readonly digest: Digest
      readonly slots: number
    }
    readonly receipt: ReportReceipt | null
    /** The document to be signed, in the words people read; null for transactions. */
    readonly signature: {
      readonly clear_signing: ReportClearSigning | null
      /** What the terms promise, to whom. */
      readonly considerations: readonly ReportMovement[]
      /** The EIP-712 hash that would be signed. */
      readonly digest: Hex
      readonly kind: ReportSignatureKind
      readonly lines: readonly ReportLine[]
      /** What the signer, or the account it owns, gives. */
      readonly offers: readonly ReportMovement[]
      readonly primary_type: string
      readonly title: string
      readonly verifying_contract: Address | null
    } | null
    /** What was signed before and is not mined: the batch stands on what it leaves behind. Absent where there is nothing. */
    readonly stands_on?: readonly ReportStoodOn[]
    /** What was assumed of the state instead of what the chain says; absent where nothing was. Such a report gets no receipt. */
    readonly state_overrides?: readonly ReportStateOverride[]
    readonly steps: readonly {
      readonly calls?: ReportCallFrame | null
      /** The call in the words of its ERC-7730 descriptor, which explain it and vouch for nothing; null without one. */
      readonly clear_signing?: ReportClearSigning | null
      readonly gas_limit?: string
      readonly gas_used?: number | string
      readonly label: string
      readonly logs?: readonly ReportLog[]
      readonly return_data?: Hex
      readonly revert?: {
        readonly data: Hex
        readonly error: string | null
        readonly reason: string
      } | null
      /** `halt` is an exceptional stop (out of gas, invalid opcode); `skipped` follows a failed step. */
      readonly status?: 'success' | 'revert' | 'halt' | 'skipped'
      /** 1-based position in the batch. */
      readonly step: number
      readonly success: boolean
      readonly result?: string
      readonly revert_reason?: string
      readonly tx: {
        readonly to: string | null
        readonly value_wei: string
        readonly value_eth: string
        readonly data: string
      }
    }[]
    readonly token_changes: readonly ReportTokenChange[]
    readonly verdict: Verdict
    readonly version: 1
    readonly will_revert: boolean
    readonly batch_success: boolean
    readonly stateful: boolean
    readonly network: string
    readonly total_gas: number
    readonly refusal: string | null
    readonly fee?: {
      readonly recipient: string
      readonly amount_wei: string
      readonly token: string
    }
  }
}

/** Answer of chat, state and interrupt: always the whole conversation, never a delta. */
export type Snapshot = {
  readonly is_processing: boolean
  /** Ours: follow `/api/updates` with `Last-Event-ID` from here on and nothing is missed. */
  readonly last_event_id?: number
  readonly messages: readonly Message[]
  readonly session_exists: boolean
  /** Ours: the wallet that signed in to this session; null while there is only a claim. */
  readonly signed_in?: {
    readonly address: string
    readonly at: string
    readonly chain_id: number
  } | null
  readonly system_events: readonly SystemEvent[]
  readonly title: string | null
  readonly user_state: UserState | null
}

/** What a step-up accepts. `typed_data` is what the wallet signs, complete for `eth_signTypedData_v4`. */
export interface StepUp {
  readonly methods: readonly string[]
  readonly typed_data?: unknown
}

export type SystemEvent =
  | {
      readonly InlineCall: {
        readonly payload: unknown
        readonly type: string
      }
    }
  | {
      readonly SystemNotice: string
    }
  | {
      readonly SystemError: string
    }
  | {
      readonly AsyncCallback: unknown
    }

export interface ToSign {
  readonly typed_data: Readonly<Record<string, unknown>>
  readonly draft: string
  readonly expires_at: string
  readonly worst?: string
}

export type TokenStandard = 'native' | 'erc20' | 'erc721' | 'erc1155'

/** A call of a tool of the app's own, to be confirmed by a person. What only a transaction has is null. */
export type ToolCallProposal = {
  /** Whom a mandate asks beside the owner, how many of them it needs, and who approved. Null where it asks nobody. */
  readonly approvals: {
    readonly given: readonly Address[]
    readonly need: number
    readonly of: readonly Address[]
  } | null
  readonly args: Readonly<Record<string, unknown>>
  readonly calls: readonly []
  readonly chain_id: null
  readonly client: null
  /** Of a refusal by a guard or a mandate: `mandates:…`. */
  readonly code: string | null
  readonly created_at: string
  /** What guards and mandate decided (docs/reference/mandates.md); null where none is about it. */
  readonly decision: Readonly<Record<string, unknown>> | null
  readonly digest: string | null
  readonly door: 'chat'
  readonly expires_at: string | null
  readonly from: null
  readonly half_done: null
  readonly id: string
  readonly kind: 'tool_call'
  readonly level: 'ordinary' | 'step-up'
  readonly level_given: boolean
  /** While a mandate delays it: the time before which nothing of it can be signed. Null otherwise. */
  readonly not_before: string | null
  readonly provenance: readonly Provenance[]
  readonly questions: readonly Question[]
  readonly reason: string | null
  readonly receipt: null
  readonly report: null
  readonly result: {
    readonly at: string
    readonly body: unknown
    readonly problem?: string
    readonly status: number | null
  } | null
  readonly session_id: string | null
  readonly settlement: null
  readonly signable: false
  readonly state: ProposalState
  readonly step_up: StepUp | null
  readonly summary: string
  readonly tool: string
  readonly updated_at: string
  readonly url?: string
  readonly verdict: null
  /** Rises with every change of this proposal: of two answers, the one with the higher version is the newer. Absent from events stored before it existed. */
  readonly version?: number
}

/** 0 legacy, 1 with an access list (EIP-2930), 2 with two fees (EIP-1559), 4 with authorizations (EIP-7702). */
export type TransactionType = 0 | 1 | 2 | 4

/** Every frame carries `id:` (the session's gapless sequence number); reconnect with `Last-Event-ID`. */
export type UpdateEvent =
  | {
      readonly index: number
      readonly message: Message
      readonly seq: number
      readonly session_id: string
      readonly type: 'message'
    }
  | {
      readonly new_title: string
      readonly seq: number
      readonly session_id: string
      readonly type: 'title_changed'
    }
  | {
      readonly seq: number
      readonly session_id: string
      readonly turn_id: string
      readonly type: 'turn_started'
    }
  | {
      readonly seq: number
      readonly session_id: string
      readonly status: 'completed' | 'interrupted' | 'failed'
      readonly turn_id: string
      readonly type: 'turn_finished'
    }
  | {
      readonly call_id: string
      readonly id: string
      readonly result: unknown
      readonly seq: number
      readonly session_id: string
      readonly tool_name: string
      readonly type: 'tool_update' | 'tool_complete'
    }
  | {
      readonly message: string
      readonly seq: number
      readonly session_id: string
      readonly type: 'system_notice'
    }
  | {
      readonly message: string
      readonly seq: number
      readonly session_id: string
      readonly type: 'system_error'
    }
  | {
      readonly payload: unknown
      readonly seq: number
      readonly session_id: string
      readonly type: 'wallet_tx_request'
    }
  | {
      readonly payload: unknown
      readonly seq: number
      readonly session_id: string
      readonly type: 'wallet_request_withdrawn'
    }
  | {
      readonly because: string
      readonly seq: number
      readonly session_id: string
      readonly type: 'session.rotated'
    }
  | {
      readonly seq: number
      readonly session_id: string
      readonly type: 'session.ended'
      readonly why: string
    }
  | {
      readonly proposal: Proposal
      readonly seq: number
      readonly session_id: string
      readonly type: 'proposal_changed'
    }
  | {
      readonly call_id: string
      readonly code?: string
      readonly progress?: number
      readonly seq: number
      readonly session_id: string
      readonly state: 'started' | 'progress' | 'done' | 'failed'
      readonly tool: string
      readonly type: 'tool'
    }
  | {
      readonly name: string
      readonly previous: string
      readonly seq: number
      readonly session_id: string
      readonly type: 'app'
      readonly version: string
    }

/** Both families at once: flat (G1) and nested (G2). `pending*` and `next_id` are owned by the server. */
export interface UserState {
  readonly address: string | null
  /** Ours: `claimed` is what the client says and grants nothing; `proven` is the wallet that signed in. */
  readonly address_status?: 'claimed' | 'proven'
  readonly chain_id: number | null
  readonly connection: {
    readonly is_connected: boolean
  }
  readonly ens_name?: string | null
  readonly evm: {
    readonly address: string | null
    readonly chain_id: number | null
  }
  readonly ext?: unknown
  readonly is_connected: boolean
  readonly next_id: number
  readonly pending: {
    readonly evm_sigs: Readonly<Record<string, PendingDocument>>
    readonly evm_txs: Readonly<Record<string, PendingTx>>
    readonly svm_ixs: Readonly<Record<string, never>>
    readonly svm_sigs: Readonly<Record<string, never>>
  }
  readonly pending_eip712s: Readonly<Record<string, PendingDocument>>
  readonly pending_txs: Readonly<Record<string, PendingTx>>
}

/** The worst finding decides: `block` never becomes signable, `warn` needs the owner's explicit look. */
export type Verdict = 'allow' | 'warn' | 'block'

/** The same, under its older name. */
export type ClearSigningWire = ReportClearSigning

/** The same, under its older name. */
export type SignatureMovement = ReportMovement

/** The same, under its older name. */
export type ErrorBody = Refusal

/** Codes that the server answers with. A newer server may know more. */
export type ErrorCode =
  | 'agent:model:unknown'
  | 'agent:setting:unreadable'
  | 'apps:app:absent'
  | 'apps:app:owned'
  | 'apps:config:invalid'
  | 'apps:config:unreadable'
  | 'apps:document:absent'
  | 'apps:document:changed'
  | 'apps:document:unread'
  | 'apps:secret:absent'
  | 'apps:secret:unreadable'
  | 'apps:secret:users'
  | 'apps:secrets:unreadable'
  | 'audit:chain:broken'
  | 'audit:checkpoint:foreign'
  | 'audit:checkpoint:forged'
  | 'audit:checkpoint:unknown-key'
  | 'audit:key:broken'
  | 'audit:record:absent'
  | 'audit:row:altered'
  | 'audit:row:displaced'
  | 'audit:row:foreign'
  | 'audit:row:forked'
  | 'audit:row:missing'
  | 'audit:row:rewritten'
  | 'audit:row:unreadable'
  | 'base:address:checksum'
  | 'base:amount:unreadable'
  | 'base:hex:unreadable'
  | 'base:json:duplicate'
  | 'browser:code:refused'
  | 'browser:code:unknown'
  | 'browser:origin:refused'
  | 'browser:token:unknown'
  | 'chains:chain:unknown'
  | 'chains:faucet:absent'
  | 'chains:file:invalid'
  | 'chains:folder:unreadable'
  | 'chains:revocation:unreadable'
  | 'chains:rpc:unreachable'
  | 'http:account:absent'
  | 'http:body:media-type'
  | 'http:body:oversize'
  | 'http:body:unreadable'
  | 'http:body:values'
  | 'http:field:chain-id'
  | 'http:field:owner'
  | 'http:field:unknown'
  | 'http:header:count'
  | 'http:header:duplicate'
  | 'http:header:oversize'
  | 'http:hook:unsigned'
  | 'http:host:misdirected'
  | 'http:message:oversize'
  | 'http:method:refused'
  | 'http:origin:foreign'
  | 'http:origin:refused'
  | 'http:origin:unreadable'
  | 'http:page:absent'
  | 'http:parameter:duplicate'
  | 'http:parameter:unknown'
  | 'http:provider-keys:unavailable'
  | 'http:request:slow'
  | 'http:request:unreadable'
  | 'http:route:absent'
  | 'http:secrets:slot'
  | 'http:secrets:unavailable'
  | 'http:server:bug'
  | 'http:server:stopping'
  | 'http:session:ambiguous'
  | 'http:session:thread-only'
  | 'http:simulate:timeout'
  | 'http:system:unknown'
  | 'http:system:unreadable'
  | 'http:url:secret'
  | 'keys:app:refused'
  | 'keys:app:unreadable'
  | 'keys:browser:refused'
  | 'keys:duration:unreadable'
  | 'keys:expiry:past'
  | 'keys:handle:absent'
  | 'keys:key:absent'
  | 'keys:key:frozen'
  | 'keys:key:held'
  | 'keys:key:unknown'
  | 'keys:label:unreadable'
  | 'keys:leak-keys:unreadable'
  | 'keys:leak:unreadable'
  | 'keys:leak:unsigned'
  | 'keys:limit:unreadable'
  | 'keys:network:refused'
  | 'keys:network:unreadable'
  | 'keys:overlap:unreadable'
  | 'keys:owner:refused'
  | 'keys:pepper:unreadable'
  | 'keys:scope:refused'
  | 'keys:scope:unknown'
  | 'limits:budget:spent'
  | 'limits:config:unreadable'
  | 'limits:redis:unreadable'
  | 'limits:simulations:busy'
  | 'limits:streams:open'
  | 'mandates:agent:denied'
  | 'mandates:draft:absent'
  | 'mandates:effect:unnamed'
  | 'mandates:guards:unreadable'
  | 'mandates:held:full'
  | 'mandates:limit:full'
  | 'mandates:mandate:absent'
  | 'mandates:name:other'
  | 'mandates:owner:required'
  | 'mandates:owner:unproven'
  | 'mandates:policy:unreadable'
  | 'mandates:price:absent'
  | 'mandates:reservation:absent'
  | 'mandates:reservation:closed'
  | 'mandates:reservation:live'
  | 'mandates:reservation:unbound'
  | 'mandates:rule:denied'
  | 'mandates:signature:wrong'
  | 'mandates:state:active'
  | 'mandates:state:early'
  | 'mandates:state:ended'
  | 'mandates:state:expired'
  | 'mandates:state:frozen'
  | 'mandates:version:stale'
  | 'operators:app:refused'
  | 'operators:challenge:unknown'
  | 'operators:count:exceeded'
  | 'operators:host:unnamed'
  | 'operators:link:unknown'
  | 'operators:name:invalid'
  | 'operators:operator:absent'
  | 'operators:origin:refused'
  | 'operators:passkey:last'
  | 'operators:passkey:refused'
  | 'operators:session:absent'
  | 'operators:session:enrolling'
  | 'operators:session:stale'
  | 'proofs:secret:unreadable'
  | 'proposals:account:busy'
  | 'proposals:approval:changed'
  | 'proposals:approval:missing'
  | 'proposals:approval:unasked'
  | 'proposals:approver:unknown'
  | 'proposals:batch:mixed'
  | 'proposals:batch:size'
  | 'proposals:bytes:changed'
  | 'proposals:chain:unknown'
  | 'proposals:digest:mismatch'
  | 'proposals:digest:missing'
  | 'proposals:enforcement:required'
  | 'proposals:hash:claimed'
  | 'proposals:idempotency:conflict'
  | 'proposals:judgement:absent'
  | 'proposals:key:disabled'
  | 'proposals:kind:refused'
  | 'proposals:limit:reached'
  | 'proposals:owner:required'
  | 'proposals:policy:changed'
  | 'proposals:proposal:absent'
  | 'proposals:proposal:busy'
  | 'proposals:proposal:delayed'
  | 'proposals:proposal:expired'
  | 'proposals:receipt:absent'
  | 'proposals:sender:refused'
  | 'proposals:signature:mismatch'
  | 'proposals:step-up:required'
  | 'proposals:step-up:wallet'
  | 'proposals:step-up:wrong'
  | 'proposals:step:unconfirmed'
  | 'proposals:step:unknown'
  | 'proposals:transaction:sent'
  | 'proposals:transition:refused'
  | 'proposals:wallet:open'
  | 'push:service:unknown'
  | 'reach:channel:absent'
  | 'reach:channels:full'
  | 'reach:confirmation:often'
  | 'reach:kind:off'
  | 'reach:kind:unknown'
  | 'reach:link:invalid'
  | 'reach:owner:unproven'
  | 'reach:setting:invalid'
  | 'reach:target:invalid'
  | 'receipts:directory:unwritable'
  | 'receipts:key:absent'
  | 'receipts:key:unreadable'
  | 'receipts:receipt:expired'
  | 'rpc:request:refused'
  | 'scanner:baseline:unreadable'
  | 'scanner:judge:slow'
  | 'scanner:key:unreadable'
  | 'scanner:lock:not-approvable'
  | 'scanner:lock:unreadable'
  | 'scanner:osv:unreadable'
  | 'scanner:path:absent'
  | 'scanner:path:unreadable'
  | 'scanner:skill:absent'
  | 'scanner:trust-root:unreadable'
  | 'scanner:waiver:unreadable'
  | 'server:apps:unreadable'
  | 'server:chain:taken'
  | 'server:port:refused'
  | 'server:port:taken'
  | 'server:setting:unreadable'
  | 'server:telegram:app'
  | 'server:telegram:polling'
  | 'server:telemetry:invalid'
  | 'server:worker:chains'
  | 'server:worker:database'
  | 'sessions:binding:present'
  | 'sessions:limit:reached'
  | 'sessions:owner:unknown'
  | 'sessions:session:absent'
  | 'sessions:session:expired'
  | 'sessions:wallet:claimed'
  | 'sessions:wallet:unreadable'
  | 'simulation:block:absent'
  | 'simulation:bounds:unreadable'
  | 'simulation:call:unreadable'
  | 'simulation:chain:mismatch'
  | 'simulation:descriptor:unreadable'
  | 'simulation:engine:busy'
  | 'simulation:engine:failed'
  | 'simulation:engine:limit'
  | 'simulation:engine:missing'
  | 'simulation:engine:refused'
  | 'simulation:intent:unreadable'
  | 'simulation:override:refused'
  | 'simulation:override:unreadable'
  | 'simulation:play:limit'
  | 'simulation:proofs:unsupported'
  | 'simulation:signature:unreadable'
  | 'simulation:unmined:refused'
  | 'simulation:upstream:disagreement'
  | 'simulation:upstream:inconsistent'
  | 'simulation:upstream:quorum'
  | 'simulation:upstream:unreachable'
  | 'simulation:upstream:unsupported'
  | 'store:directory:absent'
  | 'store:directory:unwritable'
  | 'store:master-key:unreadable'
  | 'store:schema:newer'
  | 'store:text:invalid'
  | 'target:kind:off'
  | 'target:kind:unknown'
  | 'target:secret:absent'
  | 'telegram:bot:off'
  | 'telegram:bot:unreachable'
  | 'telegram:setting:invalid'
  | 'telegram:update:unreadable'
  | 'telegram:webhook:off'
  | 'telegram:webhook:unsigned'
  | 'tools:address:private'
  | 'tools:amount:zero'
  | 'tools:answer:schema'
  | 'tools:answer:status'
  | 'tools:answer:too-large'
  | 'tools:answer:too-slow'
  | 'tools:answer:type'
  | 'tools:answer:unreachable'
  | 'tools:approve:native'
  | 'tools:arguments:unreadable'
  | 'tools:balance:unread'
  | 'tools:call:interrupted'
  | 'tools:chain:absent'
  | 'tools:chain:refused'
  | 'tools:definition:changed'
  | 'tools:exchange:absent'
  | 'tools:path:refused'
  | 'tools:read:reverted'
  | 'tools:redirect:foreign'
  | 'tools:scope:refused'
  | 'tools:signature:unreadable'
  | 'tools:slippage:range'
  | 'tools:swap:same'
  | 'tools:swap:unavailable'
  | 'tools:token:ambiguous'
  | 'tools:token:unknown'
  | 'tools:tool:absent'
  | 'tools:tool:failed'
  | 'tools:wallet:absent'
  | 'tools:words:refused'
  | 'turns:tool:calls'
  | 'turns:tool:oversize'
  | 'turns:turn:lost'
  | 'turns:turn:refused'
  | 'wallets:frame:absent'
  | 'wallets:setting:invalid'

/** Every route that answers JSON: what it takes and what it answers. */
export interface Routes {
  /** Send one user message; answers with the snapshot, the turn goes on. */
  readonly 'POST /api/chat': {
    readonly params: null
    readonly query: null
    readonly body: Chat
    readonly answer: Snapshot
  }
  /** The snapshot of a session. */
  readonly 'GET /api/state': {
    readonly params: null
    readonly query: { readonly messages_from?: number }
    readonly body: null
    readonly answer: Snapshot
  }
  /** End the running turn. */
  readonly 'POST /api/interrupt': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: Snapshot
  }
  /** One-time system events, each once. */
  readonly 'GET /api/events': {
    readonly params: null
    readonly query: { readonly count?: number }
    readonly body: null
    readonly answer: readonly SystemEvent[]
  }
  /** What the wallet did. */
  readonly 'POST /api/system': {
    readonly params: null
    readonly query: null
    readonly body: {
      readonly message: string
    }
    readonly answer: {
      readonly res: Message
    }
  }
  /** Start a session. */
  readonly 'POST /api/sessions': {
    readonly params: null
    readonly query: null
    readonly body: Readonly<Record<string, unknown>>
    readonly answer: {
      readonly session_id: string
      readonly title: string
      readonly thread_id?: string
      readonly last_active_at?: string
      readonly mac_key?: string
      readonly code?: string
      readonly expires_at?: string
      readonly publishable_id?: string
    }
  }
  /** The sessions of the caller. */
  readonly 'GET /api/sessions': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: readonly SessionInfo[]
  }
  /** End all sessions of the caller. */
  readonly 'DELETE /api/sessions': {
    readonly params: null
    readonly query: null
    readonly body: {
      readonly keep?: string
    }
    readonly answer: {
      readonly ended: number
    }
  }
  /** One session. */
  readonly 'GET /api/sessions/{id}': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: null
    readonly answer: SessionInfo
  }
  /** Rename a session. */
  readonly 'PATCH /api/sessions/{id}': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: {
      readonly title: string
    }
    readonly answer: SessionInfo
  }
  /** Delete a session and everything in it. */
  readonly 'DELETE /api/sessions/{id}': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: null
    readonly answer: {
      readonly deleted: boolean
    }
  }
  /** Archive a session. */
  readonly 'POST /api/sessions/{id}/archive': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: null
    readonly answer: SessionInfo
  }
  /** Take a session out of the archive. */
  readonly 'POST /api/sessions/{id}/unarchive': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: null
    readonly answer: SessionInfo
  }
  /** Bind a session to a proof of possession; it gets a new id. */
  readonly 'POST /api/sessions/{id}/bind': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: {
      readonly proof?: string
    }
    readonly answer: {
      readonly session_id: string
      readonly bound: 'dpop' | 'hmac'
      readonly mac_key?: string
    }
  }
  /** A one-time code with which a page opens the session. */
  readonly 'POST /api/sessions/{id}/code': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: {
      readonly origin: string
    }
    readonly answer: {
      readonly session_id: string
      readonly code: string
      readonly expires_at: string
      readonly publishable_id: string
    }
  }
  /** Go on with a session of the same wallet, under a new id. */
  readonly 'POST /api/sessions/{id}/take-over': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: null
    readonly answer: {
      readonly session_id: string
    }
  }
  /** Start a sign-in with a wallet: nonce and message. */
  readonly 'POST /api/sign-in/nonce': {
    readonly params: null
    readonly query: null
    readonly body: {
      readonly address: string
      readonly chain_id: number
    }
    readonly answer: {
      readonly nonce: string
      readonly message: string
      readonly expires_at: string
    }
  }
  /** Bind the wallet that signed; the session gets a new id. */
  readonly 'POST /api/sign-in': {
    readonly params: null
    readonly query: null
    readonly body: {
      readonly message: string
      readonly signature: string
    }
    readonly answer: {
      readonly session_id: string
      readonly address: string
      readonly signed_in: boolean
    }
  }
  /** Our own page: get the cookie. */
  readonly 'POST /api/browser/enter': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: {
      readonly entered: boolean
    }
  }
  /** Whether this browser keeps our cookie. */
  readonly 'GET /api/browser': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: {
      readonly cookie: boolean
    }
  }
  /** End the sessions of this browser, and forget it. */
  readonly 'DELETE /api/browser': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: {
      readonly ended: number
    }
  }
  /** An embedded page: a token for a one-time code. */
  readonly 'POST /api/browser/redeem': {
    readonly params: null
    readonly query: null
    readonly body: {
      readonly code: string
      readonly publishable_id: string
    }
    readonly answer: {
      readonly token: string
      readonly session_id: string
      readonly expires_at: string
    }
  }
  /** The production checklist with its evidence. */
  readonly 'GET /api/operator/checklist': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: ChecklistAnswer
  }
  /** Version, providers and models, as this process sees them. */
  readonly 'GET /api/operator/health': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: ServerHealth
  }
  /** The operator of this browser: session, passkeys and apps. */
  readonly 'GET /api/operator': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: OperatorSelf
  }
  /** Use a one-time sign-in link up; the session registers a passkey. */
  readonly 'POST /api/operator/link': {
    readonly params: null
    readonly query: null
    readonly body: {
      readonly token: string
    }
    readonly answer: {
      readonly stage: 'enrol' | 'full'
    }
  }
  /** Start the registration of a passkey. */
  readonly 'POST /api/operator/passkeys/challenge': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: {
      readonly rp: {
        readonly name: string
        readonly id: string
      }
      readonly user: {
        readonly id: string
        readonly name: string
        readonly displayName: string
      }
      readonly challenge: string
      readonly timeout: number
      readonly attestation: string
      readonly hints?: readonly string[]
      readonly pubKeyCredParams: readonly {
        readonly type: string
        readonly alg: number
      }[]
      readonly excludeCredentials: readonly {
        readonly id: string
        readonly type: string
        readonly transports?: readonly string[]
      }[]
      readonly authenticatorSelection: {
        readonly residentKey: string
        readonly requireResidentKey: boolean
        readonly userVerification: string
      }
      readonly extensions: {
        readonly credProps: boolean
      }
    }
  }
  /** Register a passkey; the browser gets another session. */
  readonly 'POST /api/operator/passkeys': {
    readonly params: null
    readonly query: null
    readonly body: {
      readonly response: Readonly<Record<string, unknown>>
      readonly label?: string
    }
    readonly answer: {
      readonly stage: 'enrol' | 'full'
    }
  }
  /** Remove a passkey; the last one stays. */
  readonly 'DELETE /api/operator/passkeys/{id}': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: null
    readonly answer: {
      readonly deleted: boolean
    }
  }
  /** Start a sign-in by passkey; it names nobody. */
  readonly 'POST /api/operator/sign-in/challenge': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: {
      readonly rpId: string
      readonly challenge: string
      readonly timeout: number
      readonly userVerification: string
      readonly allowCredentials: readonly {
        readonly id: string
        readonly type: string
      }[]
    }
  }
  /** Sign in by passkey: get the cookie. */
  readonly 'POST /api/operator/sign-in': {
    readonly params: null
    readonly query: null
    readonly body: {
      readonly response: Readonly<Record<string, unknown>>
    }
    readonly answer: {
      readonly stage: 'enrol' | 'full'
    }
  }
  /** End a session of this operator. */
  readonly 'DELETE /api/operator/sessions/{handle}': {
    readonly params: { readonly handle: string }
    readonly query: null
    readonly body: null
    readonly answer: {
      readonly ended: boolean
    }
  }
  /** How the owner of the session is told that something waits. */
  readonly 'GET /api/reach/channels': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: {
      readonly offered: {
        readonly mail: boolean
        readonly telegram: boolean
        readonly push: {
          readonly public_key: string
        } | null
      }
      readonly channels: readonly OwnerChannel[]
    }
  }
  /** Add a mail address, which is asked first, or this browser. */
  readonly 'POST /api/reach/channels': {
    readonly params: null
    readonly query: null
    readonly body: {
      readonly kind: 'mail' | 'push'
      readonly target: unknown
      readonly amounts?: boolean
    }
    readonly answer: OwnerChannel
  }
  /** Whether messages say amounts. */
  readonly 'PATCH /api/reach/channels/{id}': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: {
      readonly amounts: boolean
    }
    readonly answer: OwnerChannel
  }
  /** Remove a channel of the owner. */
  readonly 'DELETE /api/reach/channels/{id}': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: null
    readonly answer: {
      readonly deleted: boolean
    }
  }
  /** Agree to messages, by the link in the one that asks. */
  readonly 'POST /api/reach/confirm': {
    readonly params: null
    readonly query: null
    readonly body: {
      readonly token: string
    }
    readonly answer: OwnerChannel
  }
  /** End the messages of a channel, by the link in each of them. */
  readonly 'POST /api/reach/stop': {
    readonly params: null
    readonly query: null
    readonly body: {
      readonly token: string
    }
    readonly answer: {
      readonly stopped: boolean
      readonly kind: string
      readonly label: string
    }
  }
  /** A one-time link that connects a chat of Telegram with the wallet. */
  readonly 'POST /api/reach/telegram': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: {
      readonly url: string
      readonly bot: string
      readonly expires_at: string
    }
  }
  /** The chats that were brought a code of this session, and wait for its owner. */
  readonly 'GET /api/reach/telegram': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: {
      readonly waiting: readonly {
        readonly id: string
        readonly user: string
        readonly user_id: string
        readonly expires_at: string
      }[]
    }
  }
  /** Whether such a chat is the owner’s: only then is it connected. */
  readonly 'POST /api/reach/telegram/answer': {
    readonly params: null
    readonly query: null
    readonly body: {
      readonly id: string
      readonly connect: boolean
    }
    readonly answer: {
      readonly connected: boolean
    }
  }
  /** The mini app: what waits for its user, for launch data of Telegram. */
  readonly 'POST /api/telegram/open': {
    readonly params: null
    readonly query: null
    readonly body: {
      readonly init_data: string
    }
    readonly answer: {
      readonly waiting: readonly {
        readonly id: string
        readonly lines: readonly string[]
        readonly url: string
        readonly expires_at: string
      }[]
    }
  }
  /** An update of Telegram, with the secret of the webhook. */
  readonly 'POST /telegram/webhook': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: {
      readonly taken: boolean
    }
  }
  /** The open sessions of the app. */
  readonly 'GET /api/admin/sessions': {
    readonly params: null
    readonly query: { readonly limit?: number }
    readonly body: null
    readonly answer: readonly AdminSession[]
  }
  /** End any session of the app. */
  readonly 'DELETE /api/admin/sessions/{handle}': {
    readonly params: { readonly handle: string }
    readonly query: null
    readonly body: null
    readonly answer: {
      readonly ended: boolean
    }
  }
  /** What was proposed in a session. */
  readonly 'GET /api/proposals': {
    readonly params: null
    readonly query: { readonly limit?: number; readonly before?: number }
    readonly body: null
    readonly answer: readonly AnyProposal[]
  }
  /** Propose without a chat; its owner answers on the page. */
  readonly 'POST /api/proposals': {
    readonly params: null
    readonly query: null
    readonly body: DoorRequest
    readonly answer: DoorAnswer
  }
  /** One proposal with its report. */
  readonly 'GET /api/proposals/{id}': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: null
    readonly answer: AnyProposal
  }
  /** Choose how to go on from a batch that ended half done. */
  readonly 'POST /api/proposals/{id}/remedy': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: {
      readonly kind: RemedyKind
    }
    readonly answer: Proposal
  }
  /** Hand a receipted proposal to the wallet queue. */
  readonly 'POST /api/proposals/{id}/commit': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: {
      readonly digest: string
      readonly from: string
      readonly chain_id: number
    }
    readonly answer: Proposal
  }
  /** Give the level that a proposal asks for. */
  readonly 'POST /api/proposals/{id}/confirm': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: {
      readonly digest: string
      readonly step_up?: Readonly<Record<string, unknown>>
    }
    readonly answer: AnyProposal
  }
  /** A grant to sign what was proposed, once. */
  readonly 'POST /api/proposals/{id}/grant': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: GrantRequest
    readonly answer: Grant
  }
  /** What an approver of the mandate signs; with the signature, their approval. */
  readonly 'POST /api/proposals/{id}/approve': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: {
      readonly signature?: string
    }
    readonly answer:
      | AnyProposal
      | {
          readonly typed_data: Readonly<Record<string, unknown>>
        }
  }
  /** Say how an unknown tool call ended. */
  readonly 'POST /api/proposals/{id}/resolve': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: {
      readonly outcome: 'done' | 'failed'
    }
    readonly answer: AnyProposal
  }
  /** The last look before signing. */
  readonly 'POST /api/proposals/{id}/recheck': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: {
      readonly from: string
      readonly chain_id: number
      readonly window?: string
      readonly receipt?: string
    }
    readonly answer: Rechecked
  }
  /** The owner says no. */
  readonly 'POST /api/proposals/{id}/reject': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: {
      readonly reason?: string
      readonly window?: string
    }
    readonly answer: AnyProposal
  }
  /** The hash of a signed step. */
  readonly 'POST /api/proposals/{id}/submitted': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: {
      readonly step?: number
      readonly steps?: readonly number[]
      readonly tx_hash: string
    }
    readonly answer: Proposal
  }
  /** The signature of a document. */
  readonly 'POST /api/proposals/{id}/signed': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: {
      readonly signature: string
    }
    readonly answer: Proposal
  }
  /** Simulate a batch. */
  readonly 'POST /api/simulate': {
    readonly params: null
    readonly query: null
    readonly body: {
      readonly transactions?: readonly {
        readonly to?: string
        readonly value?: string
        readonly data?: string
        readonly gas?: string
        readonly label?: string
        readonly from?: string
        readonly chain_id?: number | string
      }[]
      readonly typed_data?: Readonly<Record<string, unknown>>
      readonly from?: string
      readonly chain_id?: number
      readonly app?: string
    }
    readonly answer: Simulated
  }
  /** The apps that the caller may use. */
  readonly 'GET /api/control/apps': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer:
      | readonly string[]
      | readonly {
          readonly name: string
          readonly secrets: readonly {
            readonly name: string
            readonly description: string
            readonly required: boolean
          }[]
        }[]
  }
  /** The models that can be chosen. */
  readonly 'GET /api/control/models': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: readonly string[]
  }
  /** Choose the model of a session. */
  readonly 'POST /api/control/model': {
    readonly params: null
    readonly query: null
    readonly body: {
      readonly rig: string
      readonly app?: string
    }
    readonly answer: {
      readonly success: boolean
      readonly rig: string
      readonly baml: string
      readonly created: boolean
    }
  }
  /** The apps that the caller may use, as objects. */
  readonly 'GET /api/session/apps': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: readonly {
      readonly name: string
      readonly secrets: readonly {
        readonly name: string
        readonly description: string
        readonly required: boolean
      }[]
    }[]
  }
  /** The models that can be chosen. */
  readonly 'GET /api/session/models': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: readonly string[]
  }
  /** Choose the model of a session. */
  readonly 'POST /api/session/model': {
    readonly params: null
    readonly query: null
    readonly body: {
      readonly rig: string
      readonly app?: string
    }
    readonly answer: {
      readonly success: boolean
      readonly rig: string
      readonly baml: string
      readonly created: boolean
    }
  }
  /** Keep secrets of a user, encrypted, for the slots of the app. */
  readonly 'POST /api/secrets': {
    readonly params: null
    readonly query: null
    readonly body: {
      readonly client_id?: string
      readonly app?: string
      readonly secrets: Readonly<Record<string, string>>
    }
    readonly answer: {
      readonly handles: Readonly<Record<string, string>>
    }
  }
  /** The names of the secrets that the user of a session set. */
  readonly 'GET /api/secrets': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: {
      readonly names: readonly string[]
      readonly by_app: Readonly<Record<string, readonly string[]>>
    }
  }
  /** Delete all secrets of the user of a session. */
  readonly 'DELETE /api/secrets': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: {
      readonly cleared: boolean
    }
  }
  /** Delete a secret of the user of a session. */
  readonly 'DELETE /api/secrets/{name}': {
    readonly params: { readonly name: string }
    readonly query: null
    readonly body: null
    readonly answer: {
      readonly deleted: boolean
    }
  }
  /** The model keys of the user: none. */
  readonly 'GET /api/control/provider-keys': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: {
      readonly provider_keys: readonly string[]
    }
  }
  /** Delete a model key: there are none. */
  readonly 'DELETE /api/control/provider-keys/{provider}': {
    readonly params: { readonly provider: string }
    readonly query: null
    readonly body: null
    readonly answer: {
      readonly deleted: boolean
    }
  }
  /** The mandates of the app, or those of the owner of the session. */
  readonly 'GET /api/mandates': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: readonly Mandate[]
  }
  /** Narrow a mandate, or draft one that its owner signs; grant it with the signature. */
  readonly 'PUT /api/mandates': {
    readonly params: null
    readonly query: null
    readonly body: {
      readonly policy?: Readonly<Record<string, unknown>>
      readonly previous?: string
      readonly draft?: string
      readonly signature?: string
    }
    readonly answer: Mandate | ToSign
  }
  /** One mandate, with what is used and free of each limit. */
  readonly 'GET /api/mandates/{id}': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: null
    readonly answer: Mandate
  }
  /** End a mandate. */
  readonly 'POST /api/mandates/{id}/end': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: null
    readonly answer: Mandate
  }
  /** Freeze a mandate; answers when every live instance acts on it. */
  readonly 'POST /api/mandates/{id}/freeze': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: {
      readonly reason?: string
    }
    readonly answer: Frozen
  }
  /** Unfreeze a mandate by a signature of its owner. */
  readonly 'POST /api/mandates/{id}/unfreeze': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: {
      readonly draft?: string
      readonly signature?: string
    }
    readonly answer: Mandate | ToSign
  }
  /** Try the mandate, or another policy, on what was settled; nothing is written. */
  readonly 'POST /api/mandates/{id}/backtest': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: {
      readonly policy?: Readonly<Record<string, unknown>>
      readonly from?: string
      readonly until?: string
      readonly search?: boolean
    }
    readonly answer: Backtest
  }
  /** The narrowest mandate for what an owner did, tried on it, with the worst inside of it. */
  readonly 'POST /api/mandates/propose': {
    readonly params: null
    readonly query: null
    readonly body: {
      readonly owner?: string
      readonly from?: string
      readonly until?: string
      readonly ask_share?: number
      readonly search?: boolean
    }
    readonly answer: ProposedMandate
  }
  /** What would be decided about calls or a document; nothing is written. */
  readonly 'POST /api/mandates/decide': {
    readonly params: null
    readonly query: null
    readonly body: {
      readonly owner?: string
      readonly chain_id: number
      readonly transactions?: readonly unknown[]
      readonly typed_data?: Readonly<Record<string, unknown>>
      readonly door?: string
      readonly policy?: Readonly<Record<string, unknown>>
    }
    readonly answer: Decision
  }
  /** End what is held, or stage the smallest transaction at the nonce that was handed out. */
  readonly 'POST /api/reservations/{id}/cancel': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: null
    readonly answer:
      | {
          readonly reservation: Reservation
          readonly proposal: null
        }
      | {
          readonly reservation: Reservation
          readonly proposal: AnyProposal
        }
  }
  /** Freeze by a message that is signed with the secret of a webhook of the app. */
  readonly 'POST /api/hooks/freeze': {
    readonly params: null
    readonly query: null
    readonly body: {
      readonly app: string
      readonly mandate?: string
      readonly wallet?: string
      readonly session?: string
    }
    readonly answer: Frozen
  }
  /** Freeze a wallet, a session’s wallet or the app: its mandates, and grants without one. */
  readonly 'POST /api/freeze': {
    readonly params: null
    readonly query: null
    readonly body: {
      readonly wallet?: string
      readonly session?: string
      readonly app?: string
      readonly all?: boolean
      readonly reason?: string
    }
    readonly answer: Frozen
  }
  /** What the ledger holds for the app, or for the owner. */
  readonly 'GET /api/reservations': {
    readonly params: null
    readonly query: { readonly state?: string }
    readonly body: null
    readonly answer: readonly Reservation[]
  }
  /** Give a reservation back by the owner’s signature that nothing was signed. */
  readonly 'POST /api/reservations/{id}/not-signed': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: {
      readonly draft?: string
      readonly signature?: string
    }
    readonly answer: Reservation | ToSign
  }
  /** What a page needs to start. */
  readonly 'GET /api/config': {
    readonly params: null
    readonly query: { readonly app?: string }
    readonly body: null
    readonly answer: PublicConfig
  }
  /** Read the chain, or send what a wallet has signed. */
  readonly 'POST /api/rpc/{chainId}': {
    readonly params: { readonly chainId: string }
    readonly query: null
    readonly body:
      | {
          readonly jsonrpc?: '2.0'
          readonly id?: unknown
          readonly method: string
          readonly params?: unknown
        }
      | readonly {
          readonly jsonrpc?: '2.0'
          readonly id?: unknown
          readonly method: string
          readonly params?: unknown
        }[]
    readonly answer:
      | {
          readonly jsonrpc: '2.0'
          readonly id: string | number | null
          readonly result?: unknown
          readonly error?: {
            readonly code: number
            readonly message: string
            readonly data?: unknown
          }
        }
      | readonly {
          readonly jsonrpc: '2.0'
          readonly id: string | number | null
          readonly result?: unknown
          readonly error?: {
            readonly code: number
            readonly message: string
            readonly data?: unknown
          }
        }[]
  }
  /** Test money, on the local chain only. */
  readonly 'POST /api/faucet': {
    readonly params: null
    readonly query: null
    readonly body: {
      readonly chain_id: number
      readonly address: string
    }
    readonly answer: {
      readonly funded: boolean
    }
  }
  /** What the key that is sent may do. */
  readonly 'GET /api/key': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: OwnKey
  }
  /** The keys of the app, without secrets. */
  readonly 'GET /api/admin/keys': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: readonly Key[]
  }
  /** Issue a key; the secret is in the answer and nowhere else. */
  readonly 'POST /api/admin/keys': {
    readonly params: null
    readonly query: null
    readonly body: KeyRequest
    readonly answer: IssuedKey
  }
  /** How requests with a key ended, by hour, and when it was held back. */
  readonly 'GET /api/admin/keys/{id}/usage': {
    readonly params: { readonly id: string }
    readonly query: { readonly hours?: number }
    readonly body: null
    readonly answer: KeyUsage
  }
  /** The proposals of the app over all sessions, newest first, and why they were blocked. */
  readonly 'GET /api/admin/proposals': {
    readonly params: null
    readonly query: { readonly limit?: number; readonly before?: string; readonly state?: string }
    readonly body: null
    readonly answer: readonly AdminProposal[]
  }
  /** The freezes of the app and its wallets. */
  readonly 'GET /api/admin/freezes': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: readonly Freeze[]
  }
  /** One key. */
  readonly 'GET /api/admin/keys/{id}': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: null
    readonly answer: Key
  }
  /** Rename a key; change its scopes, networks, limits or expiry. */
  readonly 'PATCH /api/admin/keys/{id}': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: KeyRequest
    readonly answer: Key
  }
  /** Issue the successor of a key. */
  readonly 'POST /api/admin/keys/{id}/rotate': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: Rotation
    readonly answer: IssuedKey
  }
  /** Revoke a key; answers when no live instance takes it. */
  readonly 'POST /api/admin/keys/{id}/revoke': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: {
      readonly reason?: string
      readonly exposed?: boolean
    }
    readonly answer: Revocation
  }
  /** Take back a revocation, within an hour. */
  readonly 'POST /api/admin/keys/{id}/undo': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: null
    readonly answer: Key
  }
  /** Let a quarantined key go. */
  readonly 'POST /api/admin/keys/{id}/release': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: null
    readonly answer: Key
  }
  /** An app with its files, tools, documents and skills. */
  readonly 'GET /api/admin/apps/{app}': {
    readonly params: { readonly app: string }
    readonly query: null
    readonly body: null
    readonly answer: AdminApp
  }
  /** Push an app; it is checked first. */
  readonly 'PUT /api/admin/apps/{app}': {
    readonly params: { readonly app: string }
    readonly query: null
    readonly body: Readonly<Record<string, unknown>>
    readonly answer: {
      readonly name: string
      readonly version: string | null
      readonly warnings: readonly unknown[]
    }
  }
  /** The documents of the app with their findings. */
  readonly 'GET /api/admin/documents': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: readonly {
      readonly id: string
      readonly path: string
      readonly state: 'quarantined' | 'released' | 'stale' | 'rejected'
      readonly findings: readonly {
        readonly rule: 'secret' | 'hidden-text' | 'instruction' | 'contradiction' | 'stale'
        readonly severity: 'low' | 'medium' | 'high' | 'critical'
        readonly line: number
        readonly because: string
      }[]
      readonly sha256: string
      readonly stale_at: string | null
      readonly decision: {
        readonly by: string
        readonly at: string
        readonly reason: string | null
      } | null
    }[]
  }
  /** A document with the text that would be searched. */
  readonly 'GET /api/admin/documents/{id}': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: null
    readonly answer: {
      readonly id: string
      readonly path: string
      readonly state: 'quarantined' | 'released' | 'stale' | 'rejected'
      readonly findings: readonly {
        readonly rule: 'secret' | 'hidden-text' | 'instruction' | 'contradiction' | 'stale'
        readonly severity: 'low' | 'medium' | 'high' | 'critical'
        readonly line: number
        readonly because: string
      }[]
      readonly sha256: string
      readonly stale_at: string | null
      readonly decision: {
        readonly by: string
        readonly at: string
        readonly reason: string | null
      } | null
      readonly text: string
    }
  }
  /** Release the content of a document that was reviewed. */
  readonly 'POST /api/admin/documents/{id}/release': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: {
      readonly sha256: string
      readonly reason?: string
    }
    readonly answer: {
      readonly id: string
      readonly path: string
      readonly state: 'quarantined' | 'released' | 'stale' | 'rejected'
      readonly findings: readonly {
        readonly rule: 'secret' | 'hidden-text' | 'instruction' | 'contradiction' | 'stale'
        readonly severity: 'low' | 'medium' | 'high' | 'critical'
        readonly line: number
        readonly because: string
      }[]
      readonly sha256: string
      readonly stale_at: string | null
      readonly decision: {
        readonly by: string
        readonly at: string
        readonly reason: string | null
      } | null
    }
  }
  /** Reject the content of a document. */
  readonly 'POST /api/admin/documents/{id}/reject': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: {
      readonly sha256: string
      readonly reason?: string
    }
    readonly answer: {
      readonly id: string
      readonly path: string
      readonly state: 'quarantined' | 'released' | 'stale' | 'rejected'
      readonly findings: readonly {
        readonly rule: 'secret' | 'hidden-text' | 'instruction' | 'contradiction' | 'stale'
        readonly severity: 'low' | 'medium' | 'high' | 'critical'
        readonly line: number
        readonly because: string
      }[]
      readonly sha256: string
      readonly stale_at: string | null
      readonly decision: {
        readonly by: string
        readonly at: string
        readonly reason: string | null
      } | null
    }
  }
  /** The audit record of the app, oldest first, a page at a time. */
  readonly 'GET /api/audit': {
    readonly params: null
    readonly query: { readonly after?: number; readonly limit?: number }
    readonly body: null
    readonly answer: {
      readonly entries: readonly AuditEntry[]
      readonly next: number | null
    }
  }
  /** The names of the secrets of the app, without values. */
  readonly 'GET /api/admin/secrets': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: {
      readonly names: readonly string[]
      readonly secrets: readonly {
        readonly name: string
        readonly state: 'set' | 'unreadable'
        readonly set_at: string
      }[]
    }
  }
  /** Set a secret of the app; it is kept encrypted. */
  readonly 'PUT /api/admin/secrets/{name}': {
    readonly params: { readonly name: string }
    readonly query: null
    readonly body: {
      readonly value: string
    }
    readonly answer: {
      readonly name: string
      readonly state: 'set' | 'unreadable'
      readonly set_at: string
    }
  }
  /** Delete a secret of the app. */
  readonly 'DELETE /api/admin/secrets/{name}': {
    readonly params: { readonly name: string }
    readonly query: null
    readonly body: null
    readonly answer: {
      readonly deleted: boolean
    }
  }
  /** A signed report of keys seen in public. */
  readonly 'POST /api/leaks/github': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: readonly {
      readonly token_raw?: string
      readonly token_type?: string
      readonly label: string
    }[]
  }
  /** Leaked keys by the first five digits of their SHA-256. */
  readonly 'GET /api/leaks/range/{prefix}': {
    readonly params: { readonly prefix: string }
    readonly query: null
    readonly body: null
    readonly answer: {
      readonly prefix: string
      readonly suffixes: readonly string[]
    }
  }
  /** The RPC URL of a program: reads pass, what signs is judged. */
  readonly 'POST /rpc/{chainId}': {
    readonly params: { readonly chainId: string }
    readonly query: { readonly owner?: string }
    readonly body:
      | {
          readonly jsonrpc?: '2.0'
          readonly id?: unknown
          readonly method: string
          readonly params?: unknown
        }
      | readonly {
          readonly jsonrpc?: '2.0'
          readonly id?: unknown
          readonly method: string
          readonly params?: unknown
        }[]
    readonly answer:
      | {
          readonly jsonrpc: '2.0'
          readonly id: string | number | null
          readonly result?: unknown
          readonly error?: {
            readonly code: number
            readonly message: string
            readonly data?: unknown
          }
        }
      | readonly {
          readonly jsonrpc: '2.0'
          readonly id: string | number | null
          readonly result?: unknown
          readonly error?: {
            readonly code: number
            readonly message: string
            readonly data?: unknown
          }
        }[]
  }
  /** The tools of the MCP server (streamable HTTP). */
  readonly 'POST /mcp': {
    readonly params: null
    readonly query: null
    readonly body: {
      readonly jsonrpc?: '2.0'
      readonly id?: unknown
      readonly method: string
      readonly params?: unknown
    }
    readonly answer:
      | {
          readonly jsonrpc: '2.0'
          readonly id: string | number | null
          readonly result?: unknown
          readonly error?: {
            readonly code: number
            readonly message: string
            readonly data?: unknown
          }
        }
      | readonly {
          readonly jsonrpc: '2.0'
          readonly id: string | number | null
          readonly result?: unknown
          readonly error?: {
            readonly code: number
            readonly message: string
            readonly data?: unknown
          }
        }[]
  }
  /** The public keys of receipts. */
  readonly 'GET /.well-known/countersign-receipt-keys.json': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: {
      readonly keys: readonly {
        readonly kty: string
        readonly crv: string
        readonly kid: string
        readonly x: string
        readonly alg?: string
        readonly use?: string
        readonly not_after?: string | null
        readonly revoked?: boolean
        readonly retired_at?: string
      }[]
    }
  }
  /** Propose to an account to take approvals back. */
  readonly 'POST /api/approvals/revoke': {
    readonly params: null
    readonly query: null
    readonly body: {
      readonly address: string
      readonly chain_id: number
      readonly approvals: readonly ApprovalRef[]
      readonly idempotency_key?: string
      readonly client?: {
        readonly name?: string
        readonly version?: string
        readonly door?: string
      }
    }
    readonly answer: DoorAnswer
  }
  /** The standing approvals of an account. */
  readonly 'GET /api/approvals': {
    readonly params: null
    readonly query: { readonly address?: string; readonly chain_id?: number }
    readonly body: null
    readonly answer: {
      readonly address: string
      readonly chain_id: number
      readonly block: string
      readonly from_block: string
      readonly is_complete: boolean
      readonly approvals: readonly {
        readonly kind: 'erc20_allowance' | 'permit2_allowance' | 'operator' | 'nft'
        readonly contract: string
        readonly token: string | null
        readonly spender: string
        readonly amount: string | null
        readonly unlimited: boolean
        readonly token_id: string | null
        readonly expires_at: string | null
        readonly revoke: {
          readonly to: string
          readonly value: string
          readonly data: string
        }
      }[]
    }
  }
  /** This document. */
  readonly 'GET /api/openapi.json': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: {
      readonly openapi: string
    }
  }
  /** Whether requests would be served: store, lease, limits. */
  readonly 'GET /ready': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: Ready
  }
  /** As `POST /api/chat`. */
  readonly 'POST /api/thread/chat': {
    readonly params: null
    readonly query: null
    readonly body: Chat
    readonly answer: Snapshot
  }
  /** As `GET /api/state`. */
  readonly 'GET /api/thread/state': {
    readonly params: null
    readonly query: { readonly messages_from?: number }
    readonly body: null
    readonly answer: Snapshot
  }
  /** As `POST /api/interrupt`. */
  readonly 'POST /api/thread/interrupt': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: Snapshot
  }
  /** As `GET /api/events`. */
  readonly 'GET /api/thread/events': {
    readonly params: null
    readonly query: { readonly count?: number }
    readonly body: null
    readonly answer: readonly SystemEvent[]
  }
  /** As `GET /api/session/apps`. */
  readonly 'GET /api/thread/apps': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: readonly {
      readonly name: string
      readonly secrets: readonly {
        readonly name: string
        readonly description: string
        readonly required: boolean
      }[]
    }[]
  }
  /** As `GET /api/session/models`. */
  readonly 'GET /api/thread/models': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: readonly string[]
  }
  /** As `POST /api/session/model`. */
  readonly 'POST /api/thread/model': {
    readonly params: null
    readonly query: null
    readonly body: {
      readonly rig: string
      readonly app?: string
    }
    readonly answer: {
      readonly success: boolean
      readonly rig: string
      readonly baml: string
      readonly created: boolean
    }
  }
  /** As `POST /api/sessions`. */
  readonly 'POST /api/threads': {
    readonly params: null
    readonly query: null
    readonly body: Readonly<Record<string, unknown>>
    readonly answer: {
      readonly session_id: string
      readonly title: string
      readonly thread_id?: string
      readonly last_active_at?: string
      readonly mac_key?: string
      readonly code?: string
      readonly expires_at?: string
      readonly publishable_id?: string
    }
  }
  /** As `GET /api/sessions`. */
  readonly 'GET /api/threads': {
    readonly params: null
    readonly query: null
    readonly body: null
    readonly answer: readonly SessionInfo[]
  }
  /** As `GET /api/sessions/:id`. */
  readonly 'GET /api/threads/{id}': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: null
    readonly answer: SessionInfo
  }
  /** As `PATCH /api/sessions/:id`. */
  readonly 'PATCH /api/threads/{id}': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: {
      readonly title: string
    }
    readonly answer: SessionInfo
  }
  /** As `DELETE /api/sessions/:id`. */
  readonly 'DELETE /api/threads/{id}': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: null
    readonly answer: {
      readonly deleted: boolean
    }
  }
  /** As `POST /api/sessions/:id/archive`. */
  readonly 'POST /api/threads/{id}/archive': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: null
    readonly answer: SessionInfo
  }
  /** As `POST /api/sessions/:id/unarchive`. */
  readonly 'POST /api/threads/{id}/unarchive': {
    readonly params: { readonly id: string }
    readonly query: null
    readonly body: null
    readonly answer: SessionInfo
  }
  /** As `POST /api/simulate`. */
  readonly 'POST /api/exec/simulate': {
    readonly params: null
    readonly query: null
    readonly body: {
      readonly transactions?: readonly {
        readonly to?: string
        readonly value?: string
        readonly data?: string
        readonly gas?: string
        readonly label?: string
        readonly from?: string
        readonly chain_id?: number | string
      }[]
      readonly typed_data?: Readonly<Record<string, unknown>>
      readonly from?: string
      readonly chain_id?: number
      readonly app?: string
    }
    readonly answer: Simulated
  }
}
