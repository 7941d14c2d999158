import type { Migration } from './Migration.ts'

/**
 * Simulations that other processes run, and those processes. On PostgreSQL alone, and not logged: after a crash of the database
 * there are none, and whoever waits for one is told that it could not be simulated.
 */
export const migration: Migration = {
  id: 60,
  sql: [],
  postgres: [
    `create unlogged table simulation_jobs (
      id text collate "C" primary key,
      chain_id bigint not null,
      version text not null,
      job bytea not null,
      mac bytea not null,
      fence bigint not null,
      lease_until timestamptz not null,
      asked_at timestamptz not null,
      expires_at timestamptz not null,
      answer bytea,
      answer_mac bytea
    )`,
    `create index simulation_jobs_open on simulation_jobs (asked_at) where answer is null`,
    `create unlogged table simulation_workers (
      id text collate "C" primary key,
      chains bigint[] not null,
      version text not null,
      lease_until timestamptz not null
    )`,
  ],
}
