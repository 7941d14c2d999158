/** The tables of the room `reach`. */
export interface ReachTables {
  /** Where an owner wants to be told, beside the page. */
  owner_channels: {
    id: string
    /** The wallet that the owner proved, with `@` and a chain where a contract answered for it. */
    owner: string
    /** The app of the session in which it was added: what the audit record files it under. */
    app: string
    /** `mail`, `telegram` or `push`. */
    kind: string
    /** The mail address, the id of the chat, or the browser's subscription as JSON. */
    target: string
    /** 1: messages may say amounts. */
    amounts: number
    created_ms: number
    /** When its recipient agreed to it; null until then, and until then nothing is sent but the question. */
    confirmed_ms: number | null
  }
  /** Questions that were sent to addresses of which nobody knows yet whose they are: they are few. */
  channel_requests: {
    /** HMAC of the address: the list holds no addresses. */
    target_digest: string
    /** HMAC of the owner who had it asked; null for those older than this column. */
    owner_digest: string | null
    /** The app of the session; null for those older than this column. */
    app: string | null
    at_ms: number
  }
}

declare module '../store/Schema.ts' {
  interface Schema extends ReachTables {}
}
