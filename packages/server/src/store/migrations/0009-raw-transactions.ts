import type { Migration } from './Migration.ts'

/** A step whose signed bytes passed through the page's node proxy: which transaction it was, so that it is the only one. */
export const migration: Migration = {
  id: 9,
  sql: [
    `create table raw_transactions (
      proposal_id text not null references proposals (id) on delete cascade, step integer not null,
      tx_hash text not null, nonce bigint not null, at_ms bigint not null, primary key (proposal_id, step))`,
  ],
}
