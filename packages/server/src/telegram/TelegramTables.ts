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
