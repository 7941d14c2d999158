import type { Migration } from './Migration.ts'

/** Mandates and the ledger, in words that SQLite and PostgreSQL both read. */
export const migration: Migration = {
  id: 26,
  sql: [
    `create table mandates (
    id text primary key,
    app text not null,
    owner text not null,
    name text not null,
    version bigint not null,
    state text not null,
    policy text not null,
    digest text not null,
    signature text,
    previous text,
    valid_from_ms bigint,
    valid_until_ms bigint not null,
    created_ms bigint not null,
    epoch bigint not null,
    frozen_because text,
    worst text not null
  )`,
    // One per app and owner; one that expired is ended in the write that puts another in its place.
    `create unique index mandates_owner on mandates (app, owner) where state <> 'ended'`,
    `create table mandate_versions (
    mandate text not null,
    version bigint not null,
    digest text not null,
    policy text not null,
    signature text,
    at_ms bigint not null,
    primary key (mandate, version)
  )`,
    `create table mandate_drafts (
    id text primary key,
    app text not null,
    owner text not null,
    kind text not null,
    subject text not null,
    body text not null,
    typed_data text not null,
    digest text not null,
    expires_ms bigint not null,
    used_ms bigint
  )`,
    `create table mandate_limits (
    id text primary key,
    scope text not null,
    unit text not null,
    span text not null,
    cap text not null,
    decimals bigint not null,
    open text not null,
    settled text not null,
    version bigint not null,
    lifted text
  )`,
    `create index mandate_limits_scope on mandate_limits (scope)`,
    `create table reservations (
    id text primary key,
    idem text not null unique,
    mandate text,
    proposal text,
    kind text not null,
    account text not null,
    chain_id bigint not null,
    nonce bigint,
    nonce_from bigint,
    nonce_kind text not null,
    deadline_ms bigint,
    state text not null,
    holder text not null,
    policy_digest text,
    bytes_digest text not null,
    moves text not null,
    opened_ms bigint not null,
    handed_ms bigint,
    mined_block bigint,
    mined_hash text,
    closed_ms bigint,
    proof text
  )`,
    `create index reservations_open on reservations (state, chain_id, account)`,
    `create index reservations_holder on reservations (holder, state)`,
    `create index reservations_proposal on reservations (proposal)`,
    `create index reservations_mandate on reservations (mandate, kind, state)`,
    `create table reservation_lines (
    reservation text not null references reservations (id),
    limit_id text not null references mandate_limits (id),
    amount text not null,
    beyond bigint not null,
    grade text,
    settled text,
    settle_ms bigint,
    aged bigint not null,
    primary key (reservation, limit_id)
  )`,
    `create index reservation_lines_window on reservation_lines (limit_id, aged, settle_ms)`,
    `create table paid_recipients (
    reservation text not null references reservations (id),
    scope text not null,
    recipient text not null,
    is_settled bigint not null,
    primary key (reservation, scope, recipient)
  )`,
    `create index paid_recipients_scope on paid_recipients (scope, recipient)`,
    `create table signer_accounts (
    chain_id bigint not null,
    account text not null,
    next_nonce bigint not null,
    last_block bigint not null,
    primary key (chain_id, account)
  )`,
    `create table ledger_clock (
    id bigint primary key,
    high_ms bigint not null,
    boot text,
    anchor_wall_ms bigint,
    anchor_mono_ms bigint
  )`,
    `insert into ledger_clock (id, high_ms) values (1, 0)`,
  ],
}
