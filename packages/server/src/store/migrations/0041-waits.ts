import type { Migration } from './Migration.ts'

/** Delays that were waited out, what counts towards the freeze of a mandate and its notices, and what an owner cancels. */
export const migration: Migration = {
  id: 41,
  sql: [
    `alter table proposal_decisions add column served integer not null default 0`,
    `create table mandate_marks (
      mandate text not null,
      kind text not null,
      proposal text not null,
      at_ms bigint not null,
      primary key (mandate, kind, proposal)
    )`,
    `create table mandate_notices (
      mandate text primary key,
      last_ms bigint not null,
      kept_back bigint not null
    )`,
    `create table cancellations (
      proposal text primary key references proposals (id) on delete cascade,
      reservation text not null,
      nonce bigint not null
    )`,
  ],
}
