import type { Migration } from './Migration.ts'

/** What a decision was about, kept so that another policy can be tried on it later. */
export const migration: Migration = {
  id: 40,
  sql: [`alter table proposal_decisions add column moves text`],
}
