import type { Migration } from './Migration.ts'

/** Where owners want to be told, and a quick look at what was sent to one target lately. */
export const migration: Migration = {
  id: 44,
  sql: [
    `create table owner_channels (
      id text primary key,
      owner text not null,
      app text not null,
      kind text not null,
      target text not null,
      amounts integer not null,
      created_ms bigint not null,
      confirmed_ms bigint
    )`,
    `create unique index owner_channels_target on owner_channels (owner, kind, target)`,
    `create table channel_requests (target_digest text not null, at_ms bigint not null)`,
    `create index channel_requests_at on channel_requests (at_ms)`,
    `create index outbox_target on outbox (target, at_ms)`,
  ],
}
