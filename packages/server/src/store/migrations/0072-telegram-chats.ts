import type { Migration } from './Migration.ts'

/** A code belongs to the session that made it, and names the chat that it was brought to. */
export const migration: Migration = {
  id: 72,
  sql: [
    'alter table telegram_codes add column sid text',
    'alter table telegram_codes add column bot_id text',
    'alter table telegram_codes add column user_id text',
    'alter table telegram_codes add column user_label text',
  ],
}
