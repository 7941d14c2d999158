import type { Migration } from './Migration.ts'

export const migration: Migration = {
  id: 4,
  sql: [
    `alter table keys add column family text not null default ''`,
    `update keys set family = id`,
    `alter table keys add column generation integer not null default 1`,
    `alter table keys add column pepper_version integer not null default 1`,
    `alter table keys add column scopes text not null default '["read","chat","simulate"]'`,
    `alter table keys add column networks text not null default '[]'`,
    `alter table keys add column limits text not null default '[]'`,
    `alter table keys add column expires_ms bigint`,
    `alter table keys add column not_after_ms bigint`,
    `alter table keys add column activate_by_ms bigint`,
    `alter table keys add column overlap_ms bigint`,
    `alter table keys add column replaces text`,
    `alter table keys add column revoked_reason text`,
    `alter table keys add column exposed_ms bigint`,
    `alter table keys add column quarantine text`,
    `alter table keys add column released_ms bigint`,
    `alter table keys add column canary integer not null default 0`,
    `alter table keys add column last_used_ms bigint`,
    `alter table keys add column reminded_day integer not null default 0`,
    `create index keys_by_app on keys (app, created_ms)`,
    `create index keys_by_family on keys (family)`,
    `create index keys_by_replaces on keys (replaces) where replaces is not null`,
    `create table key_epoch (id integer primary key check (id = 1), epoch bigint not null)`,
    `insert into key_epoch (id, epoch) values (1, 1)`,
    `create table instances (
      id text primary key, started_ms bigint not null, lease_until_ms bigint not null, acked_epoch bigint not null)`,
    `create table key_usage (
      key_id text not null references keys (id) on delete cascade, hour_ms bigint not null, body text not null,
      primary key (key_id, hour_ms))`,
    `create table leaked_keys (
      digest text primary key, prefix text not null, key_id text, source text not null, reported_ms bigint not null)`,
    `create index leaked_keys_by_prefix on leaked_keys (prefix)`,
  ],
}
