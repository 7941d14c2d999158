import type { Migration } from './Migration.ts'

/** Which passkey opened a session of an operator, so that it ends with the passkey. */
export const migration: Migration = {
  id: 70,
  sql: ['alter table operator_sessions add column passkey_id text'],
}
