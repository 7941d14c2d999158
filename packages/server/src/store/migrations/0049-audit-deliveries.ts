import type { Migration } from './Migration.ts'

/** How far the record of each app was delivered to the operator's receiver. */
export const migration: Migration = {
  id: 49,
  sql: [
    `create table audit_deliveries (
      app text primary key,
      seq bigint not null,
      attempts bigint not null,
      next_ms bigint not null,
      lease_until_ms bigint not null
    )`,
  ],
}
