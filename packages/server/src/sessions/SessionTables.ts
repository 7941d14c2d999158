import type { Generated } from 'kysely'

/** The tables of the room `sessions`. */
export interface SessionTables {
  sessions: {
    /** Ours, never shown: what every other table refers to. */
    sid: string
    /** HMAC of the UUID that the client chose, see `SessionIds.ts`. */
    id_digest: string
    /** The UUID, encrypted; null only until `sealSessionIds` has run after an upgrade. */
    id_sealed: string | null
    /** What the audit record calls it. */
    handle: string
    app: string
    /**
     * Whose namespace the UUID lives in: `key:{family}`, `app:{app}`, `browser:{id}` or
     * `telegram:{bot}:{chat}:{user}`. Two owners may use one UUID
     * and never meet. A rotated key keeps its family, so it keeps its sessions.
     */
    owner: string
    title: string | null
    /** The version of the app that its last turn used; null where the app has none, or before the first. */
    app_version: string | null
    archived: number
    /** JSON: the tools that the session is held to; null for all of the app. */
    tools: string | null
    /** JSON: what its proposals are held to; null for nothing. */
    guards: string | null
    user_state: string
    model: string | null
    next_tx_id: number
    next_seq: number
    /** Up to which event the snapshot, and `/api/events`, have delivered one-time system events. */
    snapshot_seq: number
    events_seq: number
    /**
     * The turn that runs; whoever sets it where it was null has it, and its name says which process that is. Null when
     * none runs.
     */
    turn_id: string | null
    /** 1: the turn is to end as soon as its process sees it. */
    turn_interrupted: number
    /** The newest message that came while a turn ran and wants the next one; null when none waits. */
    awaiting_idx: number | null
    /** JSON of `Authority`: in whose name the turn runs. Null where it runs in nobody's but the session's. */
    turn_authority: string | null
    /** The same of the message that waits. */
    awaiting_authority: string | null
    /** What the session holds, counted where it is written. Bytes are of the rows' bodies. */
    message_count: number
    message_bytes: number
    event_bytes: number
    created_ms: number
    /** When the owner last did something, or a turn ended: the idle time counts from here. */
    used_ms: number
    /** When the newest turn ended: its answer may be read a little longer than the session lives. */
    turn_ended_ms: number | null
    /** The end user behind the key, as the integrator names them; null when nobody was named. */
    principal: string | null
    /** The wallet that signed in; null while there is only a claim. */
    wallet_address: string | null
    wallet_chain_id: number | null
    wallet_proven_ms: number | null
    /** 1: by a signature of the account's own key, which is good on every chain. 0: a contract said so, on its chain. */
    wallet_by_key: number
    /** What every call must prove to hold, see `proofs/Binding.ts`; null while nothing is bound. */
    binding: string | null
    /** Set once and never cleared, so that no clock that steps back brings a session to life again. */
    ended_ms: number | null
    ended_why: string | null
  }
  /** Ids that were alive once. They answer 401 for a while instead of starting something new under an old name. */
  ended_sessions: {
    owner: string
    /** SHA-256 of the UUID. */
    id_hash: string
    app: string
    why: string
    ended_ms: number
  }
  /** How many sessions an owner has open, kept in the same transaction as the sessions themselves. */
  session_counts: { owner: string; open: number }
  /** The conversation as the model and the clients see it. Index is dense from 0. */
  messages: {
    sid: string
    idx: number
    /** `user`, `assistant`, `system`, `tool`. */
    role: string
    body: string
    turn_id: string | null
    at_ms: number
  }
  /** The session's event log: gapless from 1. */
  events: {
    /** Rises over all sessions in the order of commits: how another process sees what is new. */
    id: Generated<number>
    sid: string
    seq: number
    kind: string
    body: string
    at_ms: number
  }
  /** How much conversation is stored: by `app:{app}`, `owner:{owner}`, and in all (`store`). */
  stored: { scope: string; messages: number; bytes: number }
  /** One row: rises when a credential, a session's owner, id or wallet is changed or gone (by triggers). */
  authority_epoch: { id: number; epoch: number }
}

declare module '../store/Schema.ts' {
  interface Schema extends SessionTables {}
}
