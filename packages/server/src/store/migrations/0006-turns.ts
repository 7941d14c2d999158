import type { Migration } from './Migration.ts'

/** Turns that one process takes, others wait for, and any may interrupt. */
export const migration: Migration = {
  id: 6,
  sql: [
    `alter table sessions add column awaiting_idx integer`,
    `alter table sessions add column turn_interrupted integer not null default 0`,
    `create index sessions_interrupted on sessions (sid) where turn_interrupted = 1`,
  ],
}
