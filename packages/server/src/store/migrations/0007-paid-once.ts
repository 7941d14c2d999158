import type { Migration } from './Migration.ts'

/**
 * What was handed to a wallet is looked for on chain until its sender's nonce is accounted for, whatever becomes of
 * the card. A hash is claimed by a transaction that was compared, no longer by whoever reports it first.
 */
export const migration: Migration = {
  id: 7,
  sql: [
    `alter table proposals add column wallet_opened_ms bigint`,
    `alter table proposals add column watch_nonce bigint`,
    `alter table proposals add column watch_block bigint`,
    `alter table proposals add column watch_since_block bigint`,
    `alter table proposals add column watch_until_ms bigint`,
    `alter table proposal_calls add column tx_nonce bigint`,
    `alter table proposal_calls add column tx_block bigint`,
    `alter table proposal_calls add column tx_block_hash text`,
    `create index proposals_watched on proposals (chain_id, sender, watch_until_ms) where watch_until_ms is not null`,
    `create index proposal_calls_by_block on proposal_calls (tx_block) where tx_block is not null`,
    `create table reported_hashes (
        proposal_id text not null references proposals (id) on delete cascade, tx_hash text not null,
        steps text not null, at_ms bigint not null, primary key (proposal_id, tx_hash))`,
    `delete from claimed_hashes where proposal_id in (select id from proposals where state not in ('settled'))`,
    // What may have been handed to a wallet before this was kept is watched from the block it was simulated on.
    `update proposals set watch_nonce = 0, watch_block = cast(json_extract(report, '$.block.number') as integer),
        watch_since_block = cast(json_extract(report, '$.block.number') as integer),
        wallet_opened_ms = case when wallet_lease is null then null else updated_ms end,
        watch_until_ms = updated_ms + 86400000
      where state in ('pending', 'submitted') and report is not null`,
  ],
}
