import type { Migration } from './Migration.ts'

/** Lifetimes, proof of possession, sign-in, browser credentials. */
export const migration: Migration = {
  id: 5,
  sql: [
    `alter table sessions add column turn_ended_ms bigint`,
    `alter table sessions add column principal text`,
    `alter table sessions add column wallet_address text`,
    `alter table sessions add column wallet_chain_id integer`,
    `alter table sessions add column wallet_proven_ms bigint`,
    `alter table sessions add column binding text`,
    `alter table sessions add column ended_ms bigint`,
    `alter table sessions add column ended_why text`,
    `create index sessions_by_use on sessions (used_ms)`,
    `create index sessions_by_age on sessions (created_ms)`,
    `create index sessions_ended on sessions (ended_ms) where ended_ms is not null`,
    `create index sessions_by_wallet on sessions (app, wallet_address) where wallet_address is not null`,
    `create table ended_sessions (
      owner text not null, id_hash text not null, app text not null, why text not null, ended_ms bigint not null,
      primary key (owner, id_hash))`,
    `create index ended_sessions_by_id on ended_sessions (id_hash)`,
    `create index ended_sessions_by_age on ended_sessions (ended_ms)`,
    `create table session_counts (owner text primary key, open integer not null)`,
    `insert into session_counts (owner, open) select owner, count(*) from sessions group by owner`,
    `create table used_proofs (id text primary key, until_ms bigint not null)`,
    `create index used_proofs_by_age on used_proofs (until_ms)`,
    `create table sign_in_nonces (
      digest text primary key, sid text not null references sessions (sid) on delete cascade,
      expires_ms bigint not null)`,
    `create index sign_in_nonces_by_session on sign_in_nonces (sid)`,
    `create table browsers (
      id text primary key, digest text not null unique, created_ms bigint not null, used_ms bigint not null)`,
    `create table session_tokens (
      digest text primary key, kind text not null, sid text not null references sessions (sid) on delete cascade,
      origin text not null, expires_ms bigint not null)`,
    `create index session_tokens_by_age on session_tokens (expires_ms)`,
    `create index session_tokens_by_session on session_tokens (sid)`,
  ],
}
