import type { Migration } from './Migration.ts'

/** Secrets of apps, encrypted: the operator's, and those of users. */
export const migration: Migration = {
  id: 30,
  sql: [
    `create table secrets (
      app text not null,
      name text not null,
      owner text not null,
      sid text references sessions (sid) on delete cascade,
      sealed text not null,
      at_ms integer not null,
      primary key (app, owner, name)
    )`,
    `create index secrets_session on secrets (sid)`,
  ],
}
