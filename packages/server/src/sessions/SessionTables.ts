/** The tables of the room `sessions`. */
export interface SessionTables {
  sessions: {
    /** Ours, never shown: what every other table refers to. */
    sid: string
    /** The UUID that the client chose. */
    public_id: string
    app: string
    /** Whose namespace the UUID lives in: `key:…` or `app:…`. Two keys may use one UUID and never meet. */
    owner: string
    title: string | null
    archived: number
    user_state: string
    model: string | null
    next_tx_id: number
    next_seq: number
    /** Up to which event the snapshot, and `/api/events`, have delivered one-time system events. */
    snapshot_seq: number
    events_seq: number
    /** The running turn, so that a restart can say that it was cut off. */
    turn_id: string | null
    created_ms: number
    used_ms: number
  }
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
    sid: string
    seq: number
    kind: string
    body: string
    at_ms: number
  }
}
