/**
 * Runs suites on PostgreSQL that are written for SQLite: what they open by a data directory is a database of its own, dropped
 * at the end. Little of the suites is changed, so that both back ends keep the same promises.
 */
import { afterAll, vi } from 'vitest'
import type * as Opened from '../../packages/server/src/store/openStore.ts'
import { dropDatabases, onPostgres } from './databaseOf.ts'

vi.mock(import('../../packages/server/src/store/openStore.ts'), async (original) => {
  const real: typeof Opened = await original()
  return {
    ...real,
    openStore: async (tools, options) =>
      real.openStore(tools, {
        ...options,
        env: { ...(await onPostgres(options.dataDir)), ...(options.env ?? process.env) },
      }),
  }
})

afterAll(dropDatabases)
