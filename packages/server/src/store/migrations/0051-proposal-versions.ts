import type { Migration } from './Migration.ts'

/** Answers about a proposal overtake one another: the version says which is the newer. */
export const migration: Migration = {
  id: 51,
  sql: ['alter table proposals add column version bigint not null default 0'],
}
