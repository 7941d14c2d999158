import type { Migration } from './Migration.ts'

/** Who had an address asked, so that nobody uses up the questions that others need. */
export const migration: Migration = {
  id: 71,
  sql: [
    'alter table channel_requests add column owner_digest text',
    'alter table channel_requests add column app text',
  ],
}
