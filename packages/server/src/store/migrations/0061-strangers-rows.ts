import type { Migration } from './Migration.ts'

/** What strangers may write is found by its age, so that no request costs more for what was written before. */
export const migration: Migration = {
  id: 61,
  sql: [
    'create index sign_in_nonces_by_age on sign_in_nonces (expires_ms)',
    'create index browsers_by_age on browsers (used_ms)',
  ],
}
