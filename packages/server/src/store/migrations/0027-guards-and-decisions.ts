import type { Migration } from './Migration.ts'

/** Guards of keys and sessions, and what was decided about a proposal. */
export const migration: Migration = {
  id: 27,
  sql: [
    `alter table keys add column guards text`,
    `alter table sessions add column guards text`,
    `create table proposal_decisions (
      proposal_id text primary key references proposals (id) on delete cascade,
      answer text not null,
      mandate text,
      reservation text,
      body text not null,
      code text,
      owed integer not null,
      not_before_ms integer,
      approvals text not null,
      decided_ms integer not null
    )`,
    `create index proposal_decisions_reservation on proposal_decisions (reservation)`,
  ],
}
