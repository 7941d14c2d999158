import type { Migration } from './Migration.ts'

/** Calls of tools of apps as proposals; which turn staged a proposal; and which tools a key and a session are held to. */
export const migration: Migration = {
  id: 22,
  sql: [
    `alter table proposals add column kind text not null default 'transactions'`,
    `alter table proposals add column turn_id text`,
    `alter table proposals add column queued_ms integer`,
    `alter table proposals add column step_up text`,
    `create table tool_calls (
      proposal_id text primary key references proposals (id) on delete cascade,
      tool text not null,
      args text not null,
      definition text not null,
      principal text,
      key_id text,
      seen text not null,
      result text,
      instance text
    )`,
    `create index proposals_waiting on proposals (state, sid) where state in ('staged', 'receipted', 'confirmed')`,
    `alter table keys add column tools text`,
    `alter table sessions add column tools text`,
  ],
}
