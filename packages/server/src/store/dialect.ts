import {
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
} from 'kysely'
import type { Conversation } from './createWriter.ts'
import type { StoreDialect } from './Store.ts'

const PARTS: Readonly<Record<StoreDialect, Omit<Dialect, 'createDriver'>>> = {
  sqlite: {
    createAdapter: () => new SqliteAdapter(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  },
  postgres: {
    createAdapter: () => new PostgresAdapter(),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createIntrospector: (db) => new PostgresIntrospector(db),
  },
}

/** Kysely on a function that runs one statement. Transactions are the store's business, not the query builder's. */
export function dialect(kind: StoreDialect, run: Conversation['run']): Dialect {
  const connection: DatabaseConnection = {
    async executeQuery<R>({ sql, parameters }: CompiledQuery) {
      const { rows, changes } = await run(sql, parameters)
      return { rows: rows as R[], numAffectedRows: BigInt(changes) }
    },
    // oxlint-disable-next-line require-yield -- refused at the first step
    async *streamQuery() {
      throw new Error('The store does not stream rows: read pages.')
    },
  }
  const refuse = async (): Promise<void> => {
    throw new Error('Use store.write for a transaction.')
  }
  return {
    ...PARTS[kind],
    createDriver: () => ({
      init: async () => undefined,
      acquireConnection: async () => connection,
      beginTransaction: refuse,
      commitTransaction: refuse,
      rollbackTransaction: refuse,
      releaseConnection: async () => undefined,
      destroy: async () => undefined,
    }),
  }
}
