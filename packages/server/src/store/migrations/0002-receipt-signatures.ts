import type { Migration } from './Migration.ts'

export const migration: Migration = {
  id: 2,
  sql: [
    `alter table receipts add column key_id text`,
    `alter table receipts add column signature text`,
    `alter table receipts add column read_set text`,
    `create index receipts_with_read_set on receipts (expires_ms) where read_set is not null`,
  ],
}
