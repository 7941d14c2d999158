import type { Migration } from './Migration.ts'

/** Why a person released or rejected a document. */
export const migration: Migration = {
  id: 47,
  sql: [`alter table documents add column decided_because text`],
}
