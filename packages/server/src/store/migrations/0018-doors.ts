import type { Migration } from './Migration.ts'

/** Proposals that came through a door instead of a chat, and whether a sign-in was the wallet's own key or a contract's answer. */
export const migration: Migration = {
  id: 18,
  sql: [
    `create table door_proposals (
      proposal_id text primary key references proposals (id) on delete cascade,
      family text not null,
      key_id text not null,
      door text not null,
      client text,
      wallet text,
      idempotency_key text,
      bytes_digest text not null,
      created_ms integer not null
    )`,
    `create unique index door_proposals_key on door_proposals (family, idempotency_key) where idempotency_key is not null`,
    `alter table sessions add column wallet_by_key integer not null default 0`,
  ],
}
