/**
 * The words spoken over HTTP. Snake case, JSON only, amounts as decimal strings in the smallest unit, addresses in
 * EIP-55, bytes as 0x-hex, times as ISO 8601 UTC. The chat, state, system, events, updates, sessions, control and
 * simulate routes speak Aomi's published client protocol (generations G1 and G2); `/api/proposals`, `/api/config`,
 * `/api/rpc` and `/api/faucet` are ours.
 */

// ── What a session looks like ─────────────────────────────────────────────────────────────────────────────────

/** One line of a conversation. A tool call shows as an agent message with `tool_result: [tool, text]`. */
export interface Message {
  readonly sender: 'user' | 'agent' | 'system'
  readonly content: string
  readonly timestamp: string
  readonly is_streaming: boolean
  readonly tool_result: readonly [string, string] | null
}

export type SystemEvent =
  | { readonly InlineCall: { readonly type: string; readonly payload: unknown } }
  | { readonly SystemNotice: string }
  | { readonly SystemError: string }
  | { readonly AsyncCallback: unknown }

/** A transaction that a wallet may sign now. It exists only after a receipt and a commit. */
export interface PendingTx {
  readonly to: string
  readonly value: string
  readonly data: string
  readonly chain_id: number
  readonly from: string
  readonly gas: string
  readonly label: string
  readonly description: string
  readonly kind: string
  readonly batch_status: string
  /** Ours: the proposal this belongs to and its digest. */
  readonly proposal_id: string
  readonly digest: string
}

/** A document that a wallet may sign now; like a transaction, it exists only after a receipt and a commit. */
export interface PendingDocument {
  /** EIP-712: `{types, primaryType, domain, message}`. */
  readonly typed_data: Readonly<Record<string, unknown>>
  readonly description: string
  readonly chain_id: number
  /** Ours: the proposal this belongs to and its digest. */
  readonly proposal_id: string
  readonly digest: string
}

/** Both families at once: flat (G1) and nested (G2). `pending*` and `next_id` are owned by the server. */
export interface UserState {
  readonly address: string | null
  readonly chain_id: number | null
  readonly is_connected: boolean
  readonly ens_name?: string | null
  readonly ext?: unknown
  /** Ours: `claimed` is what the client says and grants nothing; `proven` is the wallet that signed in. */
  readonly address_status?: 'claimed' | 'proven'
  readonly pending_txs: Readonly<Record<string, PendingTx>>
  readonly pending_eip712s: Readonly<Record<string, PendingDocument>>
  readonly next_id: number
  readonly connection: { readonly is_connected: boolean }
  readonly evm: { readonly address: string | null; readonly chain_id: number | null }
  readonly pending: {
    readonly evm_txs: Readonly<Record<string, PendingTx>>
    readonly evm_sigs: Readonly<Record<string, PendingDocument>>
    readonly svm_ixs: Readonly<Record<string, never>>
    readonly svm_sigs: Readonly<Record<string, never>>
  }
}

/** Answer of chat, state and interrupt: always the whole conversation, never a delta. */
export interface Snapshot {
  readonly messages: readonly Message[]
  readonly system_events: readonly SystemEvent[]
  readonly title: string | null
  readonly is_processing: boolean
  readonly user_state: UserState | null
  readonly session_exists: boolean
  /** Ours: follow `/api/updates` with `Last-Event-ID` from here on and nothing is missed. */
  readonly last_event_id?: number
  /** Ours: the wallet that signed in to this session; null while there is only a claim. */
  readonly signed_in?: { readonly address: string; readonly chain_id: number; readonly at: string } | null
}

/** One session, for its owner. */
export interface SessionInfo {
  readonly session_id: string
  /** The same id, as newer clients name it. */
  readonly thread_id: string
  readonly title: string
  readonly is_archived: boolean
  /** `claimed`: a client said so, and it grants nothing. `proven`: it signed in (ERC-4361). */
  readonly wallet: { readonly address: string; readonly status: 'claimed' | 'proven' } | null
  /** What every call must prove to hold. */
  readonly bound: 'dpop' | 'hmac' | null
  readonly created_at: string
  readonly used_at: string
  /** The same time, as newer clients name it. */
  readonly last_active_at: string
  /** When it ends if nobody uses it any more. */
  readonly ends_at: string
  /** False for a session of the same wallet at another browser: `take-over` brings it here. */
  readonly is_here: boolean
}

// ── Proposals: what the page, the CLI and the owner look at ───────────────────────────────────────────────────

/**
 * `staged` → (simulation) → `blocked` | `receipted` → (commit) → `pending` → `submitted` → `settled` | `mismatched`;
 * `pending` may also end as `rejected`, `expired` or `superseded`, or fall back to `staged` when the chain drifted.
 * Only `pending` is signable.
 */
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
  // Of tool calls alone.
  | 'confirmed'
  | 'done'
  | 'failed'
  | 'unknown'
  | 'refused'

/** States of what a wallet signs. */
export type SignedState = Exclude<ProposalState, 'confirmed' | 'done' | 'failed' | 'unknown' | 'refused'>

export interface ProposalCall {
  /** 1-based order; also the order of signatures. */
  readonly step: number
  /** The positive integer under which stock clients know it (`tx-7` is 7). */
  readonly tx_id: number
  readonly to: string | null
  readonly value: string
  readonly data: string
  /** The gas limit that was simulated and must be signed; null before the simulation. */
  readonly gas: string | null
  readonly max_fee_per_gas: string | null
  readonly label: string
  /**
   * `sign_typed_data`: not sent but signed; `data` is the document's canonical JSON in UTF-8. `personal_sign`: the same for
   * a text.
   */
  readonly kind: string
  readonly status: 'waiting' | 'submitted' | 'confirmed' | 'mismatched'
  readonly tx_hash: string | null
}

/** Where an argument came from, looked up. `model`: the model made it up; the card says so. */
export interface Provenance {
  readonly argument: string
  readonly value: string
  readonly source: ProvenanceSource
  /** When the user did it before, of a `ledger` line. */
  readonly at?: string
  /** What answered with it, of an `untrusted` line. */
  readonly from?: string
}

/** `user`: this turn's own words, in this very role. `user-earlier`: an older message, or quoted, pasted or in another role. */
export type ProvenanceSource =
  'user' | 'registry' | 'app' | 'ledger' | 'user-earlier' | 'tool' | 'untrusted' | 'document' | 'model'

/** A value that the owner types by hand before a wallet may open. */
export interface Question {
  readonly argument: string
  readonly value: string
  readonly source: ProvenanceSource
  readonly because: string
  /** The last characters will do; the whole value will as well. */
  readonly retype?: { readonly part: 'last'; readonly length: number }
}

/** A call of a tool of the app's own, to be confirmed by a person. What only a transaction has is null. */
export interface ToolCallProposal {
  readonly id: string
  readonly kind: 'tool_call'
  readonly session_id: string | null
  readonly door: 'chat'
  readonly client: null
  /** `staged` → `pending` → `confirmed` → `done` | `failed` | `unknown`. */
  readonly state: ProposalState
  readonly tool: string
  readonly args: Readonly<Record<string, unknown>>
  readonly summary: string
  readonly provenance: readonly Provenance[]
  readonly level: 'ordinary' | 'step-up'
  readonly questions: readonly Question[]
  readonly step_up: StepUp | null
  readonly level_given: boolean
  /** Null while it is staged. */
  readonly digest: string | null
  readonly expires_at: string | null
  /** What the tool answered; `problem` says why a body is missing. */
  readonly result: {
    readonly status: number | null
    readonly body: unknown
    readonly at: string
    readonly problem?: string
  } | null
  readonly reason: string | null
  readonly created_at: string
  readonly updated_at: string
  readonly verdict: null
  readonly chain_id: null
  readonly from: null
  readonly calls: readonly []
  readonly report: null
  readonly receipt: null
  readonly signable: false
  readonly settlement: null
  readonly half_done: null
  readonly url?: string
}

export type AnyProposal = Proposal | ToolCallProposal

/** What a step-up accepts. `typed_data` is what the wallet signs, complete for `eth_signTypedData_v4`. */
export interface StepUp {
  readonly methods: readonly string[]
  readonly typed_data?: unknown
}

export interface Proposal {
  readonly id: string
  readonly kind: 'transactions' | 'signature'
  /** The conversation that it was made in; null for what came through a door. */
  readonly session_id: string | null
  /** How it came here: from a chat, or through a door that the server names. */
  readonly door: 'chat' | 'guard' | 'rpc' | 'mcp'
  /** What the client of a door says of itself; escaped, and never trusted. Null where it says nothing. */
  readonly client: {
    readonly name: string | null
    readonly version: string | null
    readonly door: string | null
  } | null
  readonly state: SignedState
  /** The simulation's; null while none was made. */
  readonly verdict: 'allow' | 'warn' | 'block' | null
  /** One sentence written by code from the typed arguments (never by the model): "Swap 1 ETH for at least 2 480.1 USDC". */
  readonly summary: string
  readonly chain_id: number
  readonly from: string
  readonly calls: readonly ProposalCall[]
  readonly provenance: readonly Provenance[]
  /** `step-up`: a critical value is not the owner's, and a wallet may open only after `confirm`. */
  readonly level: 'ordinary' | 'step-up'
  readonly questions: readonly Question[]
  readonly step_up: StepUp | null
  readonly level_given: boolean
  /** Digest over chain id, sender and ordered bytes: keccak-free, `Batch.digest`. Compare before signing. */
  readonly digest: string
  /** The simulation report in wire form (simulation-report), null while none was made. */
  readonly report: ReportWire | null
  readonly receipt: { readonly digest: string; readonly issued_at: string; readonly expires_at: string } | null
  /** Why it ended or stopped, in a sentence; null while all is well. */
  readonly reason: string | null
  /** True only while a wallet may sign it: state `pending`, receipt alive. */
  readonly signable: boolean
  readonly created_at: string
  readonly updated_at: string
  /** Until when it may be signed, unless a wallet is open for it by then. */
  readonly expires_at: string
  /** Where its owner finds it; only for what came through a door. */
  readonly url?: string
  readonly settlement: {
    readonly verified_at: string
    readonly block_number: string | null
    readonly differences: readonly string[]
    /**
     * Of a document: SHA-256 of the owner's signature, which was verified against exactly these bytes. The signature itself
     * is a power; the wallet gave it to its owner, and the server does not keep it.
     */
    readonly signature_digest?: string
  } | null
  /**
   * Set where it is over with only its first steps on chain: how many, and what the gate staged to go on. Choose one with
   * `POST /api/proposals/:id/remedy`. `proposal_id` is null where nothing was left to take back.
   */
  readonly half_done: {
    readonly confirmed: number
    readonly remedies: readonly {
      readonly kind: RemedyKind
      readonly proposal_id: string | null
      readonly state: ProposalState | null
    }[]
  } | null
}

/** `continue`: the steps that are not on chain. `revoke`: takes back what the steps on chain permitted. */
export type RemedyKind = 'continue' | 'revoke'

/** What the last look before signing answers. */
export interface Rechecked extends Proposal {
  readonly recheck: 'fresh' | 'drifted' | 'blocked'
  /** The receipt and the report that the wallet may be opened for now, and until when it is believed to be open. */
  readonly opened: { readonly receipt: string; readonly report: string; readonly until: string } | null
}

/** What changes hands by the terms of a document. */
export interface SignatureMovement {
  readonly standard: 'native' | 'erc20' | 'erc721' | 'erc1155'
  readonly token: string | null
  readonly token_id: string | null
  readonly amount: string
  /** null: whoever uses the signature decides. */
  readonly to: string | null
}

/** A call or a document in the words of its ERC-7730 descriptor. Escaped for people; somebody else's words all the same. */
export interface ClearSigningWire {
  readonly intent: string
  readonly interpolated_intent: string | null
  readonly owner: string | null
  readonly descriptor: string
  readonly fields: readonly {
    readonly label: string
    readonly value: string
    readonly nested: ClearSigningWire | null
  }[]
  readonly unformatted: readonly { readonly label: string; readonly why: string }[]
  readonly left_out: readonly string[]
}

/** The report as JSON; see docs/reference/simulation-report.md for every field. */
export interface ReportWire {
  readonly version: 1
  readonly chain_id: number
  /** Which chain it is, which EVM judged it, and what that rests on. Absent in reports of older versions. */
  readonly chain?: {
    readonly id: number
    readonly name: string
    readonly coin: string | null
    readonly engine: 'local' | 'node'
    readonly modelled: boolean
    readonly probe: 'conforms' | 'conforms-except' | 'differs' | 'not-asked'
    readonly record: 'shipped' | 'file' | null
  }
  readonly from: string
  readonly block: {
    readonly number: string
    readonly hash: string
    readonly state_root: string
    readonly timestamp: string
  }
  readonly verdict: 'allow' | 'warn' | 'block'
  readonly will_revert: boolean
  readonly steps: readonly {
    readonly step: number
    readonly label: string | null
    readonly status: 'success' | 'revert' | 'halt' | 'skipped'
    readonly revert: { readonly reason: string; readonly error: string | null; readonly data: string } | null
    readonly gas_used: string
    readonly gas_limit: string
    /** The call in its ERC-7730 descriptor's words, which vouch for nothing; null without one. */
    readonly clear_signing: ClearSigningWire | null
    readonly [more: string]: unknown
  }[]
  readonly contract_calls: readonly {
    readonly address: string
    readonly name: string | null
    readonly signature: string | null
    readonly step: number
    readonly depth: number
    readonly value: string
    readonly code_hash: string
  }[]
  readonly token_changes: readonly {
    readonly account: string
    readonly standard: 'native' | 'erc20' | 'erc721' | 'erc1155'
    readonly token: string | null
    readonly token_id: string | null
    readonly symbol: string | null
    readonly decimals: number | null
    readonly before: string
    readonly after: string
    readonly delta: string
    readonly proven_by: 'storage' | 'trace' | 'call'
  }[]
  readonly authority_changes: readonly {
    readonly owner: string
    readonly kind: string
    readonly contract: string
    readonly subject: string
    readonly before: string
    readonly after: string
    readonly unlimited: boolean
    readonly expires: string | null
    readonly value_at_risk: readonly { readonly token: string | null; readonly amount: string }[]
    readonly symbol: string | null
    readonly decimals: number | null
  }[]
  /** What was assumed of the state instead of what the chain says; absent where nothing was. Such a report gets no receipt. */
  readonly state_overrides?: readonly {
    readonly address: string
    readonly balance?: string
    readonly nonce?: string
    readonly code?: string
    readonly state_diff?: readonly { readonly slot: string; readonly value: string }[]
    readonly tokens?: readonly { readonly token: string; readonly amount: string }[]
  }[]
  /** Numbers that contracts keep under the sender's account and that differ afterwards, in units of their own. Reports of older servers lack it. */
  readonly kept_for_you?: readonly {
    readonly contract: string
    readonly slot: string
    readonly before: string
    readonly after: string
    /** The getter that answers with the number; null where none is known. */
    readonly meaning: string | null
    /** It is what the sender owes: more of it is worse. */
    readonly is_debt: boolean
  }[]
  readonly gas_estimate: {
    readonly gas_limit: string
    readonly gas_used: string
    readonly max_fee_wei: string
    readonly expected_fee_wei: string
    readonly l1_fee_wei: string | null
  }
  /** Accounts of the sender's that took part: a Safe, an account by its code or behind an entry point. Reports of before have no list. */
  readonly controlled?: readonly {
    readonly account: string
    readonly by: 'safe-owner' | 'account-code' | 'entry-point'
    readonly threshold: number | null
  }[]
  readonly environments: readonly {
    readonly name: string
    readonly agrees: boolean
    readonly differs: readonly string[]
    readonly decided_by: readonly string[]
    readonly token_changes: ReportWire['token_changes']
  }[]
  readonly environment_reads: readonly string[]
  readonly lookahead: readonly {
    readonly actor: string
    readonly means: string
    readonly can_take: readonly { readonly token: string | null; readonly amount: string }[]
  }[]
  readonly intent: {
    readonly digest: string
    readonly goal: string | null
    readonly assertions: readonly { readonly name: string; readonly holds: boolean; readonly because: string }[]
  } | null
  /** The document to be signed, in the words people read; null for transactions. */
  readonly signature: {
    readonly digest: string
    readonly kind: string
    readonly title: string
    readonly primary_type: string
    readonly verifying_contract: string | null
    readonly lines: readonly { readonly label: string; readonly value: string }[]
    readonly offers: readonly SignatureMovement[]
    readonly considerations: readonly SignatureMovement[]
    readonly clear_signing: ClearSigningWire | null
  } | null
  readonly findings: readonly {
    readonly rule: string
    readonly level: 'info' | 'warn' | 'block'
    readonly title: string
    readonly because: string
    /** One plain sentence: what to do about it. */
    readonly remediation?: string
    readonly step: number | null
    readonly subject: string | null
    readonly evidence: Readonly<Record<string, unknown>>
  }[]
  readonly not_checked: readonly { readonly what: string; readonly why: string }[]
  readonly [more: string]: unknown
}

// ── Server-sent events on GET /api/updates ────────────────────────────────────────────────────────────────────

/** Every frame carries `id:` (the session's gapless sequence number); reconnect with `Last-Event-ID`. */
export type UpdateEvent = { readonly session_id: string; readonly seq: number } & (
  | { readonly type: 'message'; readonly message: Message; readonly index: number }
  | { readonly type: 'title_changed'; readonly new_title: string }
  | { readonly type: 'turn_started'; readonly turn_id: string }
  | {
      readonly type: 'turn_finished'
      readonly turn_id: string
      readonly status: 'completed' | 'interrupted' | 'failed'
    }
  | {
      readonly type: 'tool_update' | 'tool_complete'
      readonly id: string
      readonly call_id: string
      readonly tool_name: string
      readonly result: unknown
    }
  | { readonly type: 'system_notice'; readonly message: string }
  | { readonly type: 'system_error'; readonly message: string }
  | { readonly type: 'wallet_tx_request'; readonly payload: unknown }
  /** Instead of a request to a wallet, under its number, when what it asks for was replaced, signed or is over by now. */
  | { readonly type: 'wallet_request_withdrawn'; readonly payload: unknown }
  /** The session goes on under another id, which is not said here: only who caused it is told. The stream ends. */
  | { readonly type: 'session.rotated'; readonly because: string }
  /** The session is over. The stream ends. */
  | { readonly type: 'session.ended'; readonly why: string }
  /** The proposal as it now is; sent on every transition. */
  | { readonly type: 'proposal_changed'; readonly proposal: AnyProposal }
  /** A call of a tool within a turn: `failed` always has a code. */
  | {
      readonly type: 'tool'
      readonly call_id: string
      readonly tool: string
      readonly state: 'started' | 'progress' | 'done' | 'failed'
      readonly progress?: number
      readonly code?: string
    }
  /** The session uses a new version of its app from this turn on. */
  | { readonly type: 'app'; readonly name: string; readonly version: string; readonly previous: string }
)

// ── Our own routes ────────────────────────────────────────────────────────────────────────────────────────────

/** GET /api/config: what a page needs to start. No secrets. */
export interface PublicConfig {
  readonly version: string
  readonly app: string
  readonly chains: readonly {
    readonly chain_id: number
    readonly name: string
    /** The chain's own coin; null where it has none. */
    readonly native: { readonly symbol: string; readonly decimals: number } | null
    readonly native_symbol: string
    /** Same-origin JSON-RPC proxy (reads and eth_sendRawTransaction only). */
    readonly rpc_path: string
    /** True for the built-in local chain: the test wallet and the faucet exist only there. */
    readonly local: boolean
    readonly explorer_url: string | null
  }[]
  readonly tokens: readonly {
    readonly chain_id: number
    readonly address: string
    readonly symbol: string
    readonly decimals: number
  }[]
  readonly model: { readonly id: string; readonly kind: 'deterministic-grammar' | 'llm' }
}

/** Every error body. `error` repeats the sentence, because published clients read that field. */
export interface ErrorBody {
  readonly error: string
  readonly code: string
  readonly hint: string
  readonly request_id: string
}
