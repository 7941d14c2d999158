import type { Migration } from './Migration.ts'

/** Freezes of wallets and apps that hold where no mandate is. An empty wallet stands for every wallet of the app. */
export const migration: Migration = {
  id: 32,
  sql: [
    `create table freezes (
      app text not null,
      wallet text not null,
      at_ms integer not null,
      because text not null,
      primary key (app, wallet)
    )`,
  ],
}
