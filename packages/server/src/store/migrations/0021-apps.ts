import type { Migration } from './Migration.ts'

/** Apps that are folders: what was pushed with a key, and which version a session last used. */
export const migration: Migration = {
  id: 21,
  sql: [
    `create table pushed_apps (
      name text primary key,
      version text not null,
      files text not null,
      key_id text not null,
      at_ms integer not null
    )`,
    `alter table sessions add column app_version text`,
  ],
}
