import type { Migration } from './Migration.ts'

export const migration: Migration = {
  id: 1,
  sql: [
    `create table keys (
        id text primary key, app text not null, label text not null, digest text not null unique,
        last4 text not null, created_ms bigint not null, revoked_ms bigint)`,
    `create table sessions (
        sid text primary key, public_id text not null, app text not null, owner text not null, title text,
        archived integer not null, user_state text not null, model text, next_tx_id integer not null,
        next_seq bigint not null, snapshot_seq bigint not null, events_seq bigint not null, turn_id text,
        created_ms bigint not null, used_ms bigint not null, unique (owner, public_id))`,
    `create index sessions_by_public_id on sessions (public_id, created_ms)`,
    `create table messages (
        sid text not null references sessions (sid) on delete cascade, idx integer not null, role text not null,
        body text not null, turn_id text, at_ms bigint not null, primary key (sid, idx))`,
    `create table events (
        sid text not null references sessions (sid) on delete cascade, seq bigint not null, kind text not null,
        body text not null, at_ms bigint not null, primary key (sid, seq))`,
    `create table proposals (
        id text primary key, sid text not null references sessions (sid) on delete cascade, app text not null,
        state text not null, chain_id integer not null, sender text not null, summary text not null,
        provenance text not null, digest text not null, report text, receipt_digest text, reason text,
        settlement text, user_texts text not null, created_ms bigint not null, updated_ms bigint not null,
        expires_ms bigint not null, first_tx_id integer not null,
        wallet_lease text, wallet_until_ms bigint)`,
    `create index proposals_by_session on proposals (sid, first_tx_id)`,
    `create index proposals_by_state on proposals (state, expires_ms)`,
    `create table proposal_calls (
        proposal_id text not null references proposals (id) on delete cascade, step integer not null,
        tx_id integer not null, recipient text, value text not null, data text not null, gas text, max_fee text,
        label text not null, kind text not null, status text not null, tx_hash text, submitted_ms bigint,
        primary key (proposal_id, step))`,
    `create table claimed_hashes (
        chain_id integer not null, tx_hash text not null,
        proposal_id text not null references proposals (id) on delete cascade, primary key (chain_id, tx_hash))`,
    `create table receipts (
        digest text primary key, proposal_id text not null references proposals (id) on delete cascade,
        bound text not null, issued_ms bigint not null, expires_ms bigint not null, consumed_ms bigint)`,
    `create table audit (
        app text not null, seq bigint not null, at_ms bigint not null, event text not null, body text not null,
        prev_hash text not null, hash text not null, primary key (app, seq))`,
  ],
}
