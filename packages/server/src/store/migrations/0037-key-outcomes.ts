import type { Migration } from './Migration.ts'

/** How requests with each key ended, by hour, and when a key was held back: for the dashboard. */
export const migration: Migration = {
  id: 37,
  sql: [
    `create table key_outcomes (
      key_id text not null,
      hour_ms integer not null,
      outcome text not null,
      count integer not null,
      primary key (key_id, hour_ms, outcome)
    )`,
    `create table key_anomalies (
      key_id text not null,
      at_ms integer not null,
      level text not null,
      evidence text not null,
      primary key (key_id, at_ms)
    )`,
  ],
}
