import type { ColumnType } from 'kysely'

/**
 * All tables. Each room adds those that it owns by merging its own declaration into this interface, so that the store, which
 * stands below them all, names none. Ids and JSON are text, times are milliseconds, booleans are 0 or 1, so that the same
 * schema and the same queries can run on SQLite and PostgreSQL.
 */
export interface Schema {
  migrations: { id: number; at_ms: ColumnType<number, number, never> }
}
