import type { Migration } from './Migration.ts'

/** What a proposal asks of its owner before a wallet may open, and whether that was given. */
export const migration: Migration = {
  id: 10,
  sql: [
    `alter table proposals add column level text not null default 'ordinary'`,
    `alter table proposals add column questions text not null default '[]'`,
    `alter table proposals add column level_given_ms integer`,
    `alter table proposals add column step_up_failures integer not null default 0`,
  ],
}
