import type { Generated } from 'kysely'

/** The tables of the room `proposals`. */
export interface ProposalTables {
  proposals: {
    id: string
    sid: string
    app: string
    /** `transactions`, `signature` or `tool_call`. */
    kind: Generated<string>
    /** The turn that staged it; null for what a door or the gate itself staged. */
    turn_id: string | null
    /** When its turn came to its end, and it may be asked about; null until then. */
    queued_ms: number | null
    /** JSON `{address, chainId}`: the wallet whose signature does in place of the values; null where none does. */
    step_up: string | null
    state: string
    chain_id: number
    sender: string
    summary: string
    provenance: string
    /** `Batch.digest` of chain, sender and ordered bytes. */
    digest: string
    report: string | null
    receipt_digest: string | null
    reason: string | null
    settlement: string | null
    /** `ordinary`, or `step-up`: a critical value is not the user's. */
    level: Generated<string>
    /** What the owner types before a wallet may open (JSON). */
    questions: Generated<string>
    level_given_ms: number | null
    step_up_failures: Generated<number>
    /** The user's own words at the time it was staged: look-alikes are compared with the addresses in them. */
    user_texts: string
    created_ms: number
    updated_ms: number
    /** Rises with every change that is announced. */
    version: Generated<number>
    expires_ms: number
    /** Rises with every proposal of a session: their order, however close in time. */
    first_tx_id: number
    /** Which window has the wallet open for it, and until when that is believed. */
    wallet_lease: string | null
    wallet_until_ms: number | null
    /** When a wallet was last asked for it; null when none ever was. */
    wallet_opened_ms: number | null
    /**
     * The sender's nonce from which on its transactions are still to be compared with this card, and the block up to
     * which that was done; null while nothing of it was ever handed out.
     */
    watch_nonce: number | null
    watch_block: number | null
    /** The block it was simulated on when it was first handed out: what is older was never this card's. */
    watch_since_block: number | null
    /** Until when it is watched though it is over. */
    watch_until_ms: number | null
  }
  /** What came through a door: who sent it, and under which name of the sender's own. */
  door_proposals: {
    proposal_id: string
    /** Of the key that made it; a rotated key keeps its family. */
    family: string
    key_id: string
    /** `guard`, `rpc` or `mcp`: set by the server. */
    door: string
    /** JSON of `Door.Client`: what the client says of itself; null when it says nothing. */
    client: string | null
    /** JSON: what the client says that the wallet can do. */
    wallet: string | null
    /** Null when none was given, or when its day is over. */
    idempotency_key: string | null
    /** `Door.bytesDigest`: what the idempotency key stands for. */
    bytes_digest: string
    created_ms: number
  }
  proposal_calls: {
    proposal_id: string
    step: number
    tx_id: number
    recipient: string | null
    value: string
    data: string
    gas: string | null
    max_fee: string | null
    label: string
    kind: string
    status: string
    tx_hash: string | null
    submitted_ms: number | null
    /** Of the transaction that was compared and carries this step: the sender's nonce (null when somebody else sent it). */
    tx_nonce: number | null
    /** Where it was mined; null while it is not. */
    tx_block: number | null
    tx_block_hash: string | null
  }
  /** A transaction that was compared and is a card's: it speaks for one proposal only. */
  claimed_hashes: { chain_id: number; tx_hash: string; proposal_id: string }
  /** Every hash that a client reported, whatever the state: a hint where to look, and nothing more. */
  reported_hashes: { proposal_id: string; tx_hash: string; steps: string; at_ms: number }
  /** The transaction that was sent for a step through the page's node proxy. */
  raw_transactions: { proposal_id: string; step: number; tx_hash: string; nonce: number; at_ms: number }
  /** What the gate staged for a batch that ended half done, a row a kind; `proposal_id` is null where it was nothing. */
  remedies: { of_proposal: string; kind: 'continue' | 'revoke'; proposal_id: string | null }
  receipts: {
    digest: string
    proposal_id: string
    /** The bound fields as canonical JSON, to be recomputed at commit. */
    bound: string
    /** Ed25519 by a key of the data directory; null in rows from before receipts were signed. */
    key_id: string | null
    signature: string | null
    /** What the simulation read, for as long as the receipt lives. */
    read_set: string | null
    issued_ms: number
    expires_ms: number
    consumed_ms: number | null
  }
  /** What an owner staged to take the nonce of something that was handed out. */
  cancellations: { proposal: string; reservation: string; nonce: number }
  /** What was decided about proposals that guards or a mandate are about. */
  proposal_decisions: {
    proposal_id: string
    answer: string
    /** `mandate_…`. */
    mandate: string | null
    reservation: string | null
    /** JSON: `proposal.decision`. */
    body: string
    code: string | null
    /** 1: a session with the owner's proven wallet must confirm it. */
    owed: number
    not_before_ms: number | null
    /** 1: its delay was waited out. */
    served: Generated<number>
    /** JSON: addresses of approvers that signed. */
    approvals: string
    decided_ms: number
    /** JSON: what it was about and who asked (`MovesText`); null where it was decided before this was kept. */
    moves: string | null
  }
}

declare module '../store/Schema.ts' {
  interface Schema extends ProposalTables {}
}
