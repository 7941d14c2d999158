import type { Migration } from './Migration.ts'

/** What the bot of Telegram remembers: codes, whose wallet a user proposes for, and what it has taken already. */
export const migration: Migration = {
  id: 45,
  sql: [
    `create table telegram_codes (
      digest text primary key,
      app text not null,
      address text not null,
      chain_id bigint not null,
      by_key integer not null,
      expires_ms bigint not null
    )`,
    `create table telegram_wallets (
      bot_id text not null,
      user_id text not null,
      address text not null,
      chain_id bigint not null,
      by_key integer not null,
      proven_ms bigint not null,
      primary key (bot_id, user_id)
    )`,
    `create table telegram_seen (id text primary key, until_ms bigint not null)`,
  ],
}
