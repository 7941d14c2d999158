/** Mandates and the ledger of what they let move. Amounts are decimal text in the smallest unit of their row. */
export interface MandateTables {
  mandates: {
    id: string
    app: string
    /** EIP-55. */
    owner: string
    name: string
    version: number
    state: 'active' | 'frozen' | 'ended'
    /** Canonical JSON (RFC 8785). */
    policy: string
    digest: string
    /** Null for a version that narrowed another one. */
    signature: string | null
    previous: string | null
    valid_from_ms: number | null
    valid_until_ms: number
    created_ms: number
    /** Raised by every freeze: an unfreeze is signed for one of them. */
    epoch: number
    frozen_because: string | null
    /** Text of the worst case as it was signed. */
    worst: string
  }
  /** Versions that were in force, for replays and the record. */
  mandate_versions: {
    mandate: string
    version: number
    digest: string
    policy: string
    signature: string | null
    at_ms: number
  }
  /** What counts towards `freeze_when`: one row a proposal and kind, until the mandate is unfrozen. */
  mandate_marks: { mandate: string; kind: 'mismatched' | 'refused'; proposal: string; at_ms: number }
  /** When a mandate last told its targets something, and how much was kept back since. */
  mandate_notices: { mandate: string; last_ms: number; kept_back: number }
  mandate_drafts: {
    id: string
    app: string
    owner: string
    kind: 'grant' | 'unfreeze' | 'not-signed'
    /** Of a grant: the policy's digest; of the others: the mandate or the reservation. */
    subject: string
    body: string
    typed_data: string
    digest: string
    expires_ms: number
    used_ms: number | null
  }
  mandate_limits: {
    id: string
    /** `mandate:<app>:<owner>`, `app:…`, `key:…`, `skill:…`, `session:…`. */
    scope: string
    unit: string
    span: string
    cap: string
    decimals: number
    open: string
    settled: string
    version: number
    /** What lifted the row over its cap: `narrowed`, `beyond`, `overrun`, `outside`; null while it holds. */
    lifted: string | null
  }
  reservations: {
    id: string
    /** Proposal, step and decision: the same question is reserved once. */
    idem: string
    mandate: string | null
    proposal: string | null
    kind: 'tx' | 'document' | 'call' | 'allowance' | 'outside'
    account: string
    chain_id: number
    /** Null while held, and where the wallet chose it. */
    nonce: number | null
    /** From which nonce on the bytes are looked for, where the wallet chooses. */
    nonce_from: number | null
    nonce_kind: 'bound' | 'allocated' | 'wallet' | 'none'
    deadline_ms: number | null
    state: 'held' | 'open' | 'settled' | 'released'
    /** The session, or the key where there is none: who may hold so many. */
    holder: string
    policy_digest: string | null
    bytes_digest: string
    /** What moves, by asset: limits are rebuilt from it, and recipients and allowances are read from it. */
    moves: string
    opened_ms: number
    handed_ms: number | null
    mined_block: number | null
    mined_hash: string | null
    closed_ms: number | null
    proof: string | null
  }
  reservation_lines: {
    reservation: string
    limit_id: string
    amount: string
    /** 0 counts; 1 waits for the owner and counts nothing; 2 was confirmed beyond the cap and counts. */
    beyond: number
    grade: string | null
    settled: string | null
    settle_ms: number | null
    aged: number
  }
  /** Whom a reservation pays, for each layer that counts or names recipients. */
  paid_recipients: {
    reservation: string
    scope: string
    /** Lower case. */
    recipient: string
    is_settled: number
  }
  freezes: {
    app: string
    /** EIP-55; empty for every wallet of the app. */
    wallet: string
    at_ms: number
    because: string
  }
  signer_accounts: {
    chain_id: number
    account: string
    next_nonce: number
    last_block: number
  }
  ledger_clock: {
    id: number
    /** The latest time ever used. */
    high_ms: number
    boot: string | null
    anchor_wall_ms: number | null
    anchor_mono_ms: number | null
  }
}

declare module '../store/Schema.ts' {
  interface Schema extends MandateTables {}
}
