import type { Migration } from './Migration.ts'

/** Which chains each process serves, so that two on one store never mean two chains by one id. JSON. */
export const migration: Migration = {
  id: 17,
  sql: [`alter table instances add column serves text not null default '[]'`],
}
