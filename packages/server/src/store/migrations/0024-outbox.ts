import type { Migration } from './Migration.ts'

/**
 * Messages to webhooks and other targets outside, written with the change that they report and sent after it; and the one
 * account that a key may propose to.
 */
export const migration: Migration = {
  id: 24,
  sql: [
    `create table outbox (
      id text primary key,
      app text not null,
      event text not null,
      mandate text,
      body text not null,
      target text not null,
      at_ms bigint not null,
      next_ms bigint not null,
      attempts bigint not null,
      lease_until_ms bigint not null,
      sent_ms bigint,
      failed text
    )`,
    `create index outbox_next on outbox (next_ms) where sent_ms is null and failed is null`,
    `alter table keys add column owner text`,
  ],
}
