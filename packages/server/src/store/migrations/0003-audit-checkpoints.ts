import type { Migration } from './Migration.ts'

export const migration: Migration = {
  id: 3,
  sql: [],
}
