/** The tables of the room `telegram`. */
export interface TelegramTables {
  /** One-time codes that an owner carries from the page to the bot. */
  telegram_codes: {
    /** SHA-256 of the 256-bit code. A fast hash is right for random bits. */
    digest: string
    app: string
    address: string
    chain_id: number
    /** 1: proven by the account's own key, on every chain. */
    by_key: number
    expires_ms: number
    /** The session that made it, and alone may say whose chat it is; null for those older than this column, which connect nothing. */
    sid: string | null
    /** The chat that it was brought to; null until then. */
    bot_id: string | null
    user_id: string | null
    /** As the user calls themselves. */
    user_label: string | null
  }
  /** Which wallet a user of Telegram proposes for. It can sign nothing: the wallet does. */
  telegram_wallets: {
    bot_id: string
    user_id: string
    address: string
    chain_id: number
    by_key: number
    proven_ms: number
  }
  /** Updates and launches of the mini app that were taken: each counts once. */
  telegram_seen: { id: string; until_ms: number }
}

declare module '../store/Schema.ts' {
  interface Schema extends TelegramTables {}
}
