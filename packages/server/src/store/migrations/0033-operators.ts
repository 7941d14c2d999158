import type { Migration } from './Migration.ts'

/** Operators of the dashboard, their one-time links, passkeys and sessions. */
export const migration: Migration = {
  id: 33,
  sql: [
    `create table operators (
      id text primary key,
      name text not null,
      apps text,
      created_ms integer not null
    )`,
    `create table operator_links (
      digest text primary key,
      name text not null,
      apps text,
      expires_ms integer not null
    )`,
    `create table operator_passkeys (
      id text primary key,
      operator_id text not null references operators (id) on delete cascade,
      label text not null,
      public_key text not null,
      counter integer not null,
      transports text not null,
      rp_id text not null,
      created_ms integer not null,
      used_ms integer
    )`,
    `create index operator_passkeys_by_operator on operator_passkeys (operator_id)`,
    `create table operator_sessions (
      digest text primary key,
      handle text not null unique,
      operator_id text not null references operators (id) on delete cascade,
      stage text not null,
      created_ms integer not null,
      used_ms integer not null
    )`,
    `create index operator_sessions_by_operator on operator_sessions (operator_id)`,
    `create table operator_challenges (
      digest text primary key,
      purpose text not null,
      rp_id text not null,
      session text,
      expires_ms integer not null
    )`,
  ],
}
