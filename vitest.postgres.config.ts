import { defineConfig } from 'vitest/config'

/** `npm run test:postgres`: the suites that hold what the store promises, on PostgreSQL instead of SQLite. */
export default defineConfig({
  test: {
    name: 'postgres',
    testTimeout: 300_000,
    hookTimeout: 300_000,
    setupFiles: ['test/postgres/setup.ts'],
    env: { COUNTERSIGN_TEST_STORE: 'postgres' },
    include: [
      'packages/server/src/{store,audit,keys,sessions,turns,outbox,proposals,mandates,apps,limits}/**/*.test.ts',
      'packages/server/src/*.test.ts',
      'test/journeys/{bounds,gate,guards,mandates,mandateWaits,paidOnce,sessions,signatures,toolCalls,turns}.test.ts',
    ],
    exclude: [
      // It opens stores of its own, with and without what they need.
      'packages/server/src/store/postgres/**',
      // It writes to SQLite by itself, without the writer's thread.
      'packages/server/src/proposals/protocol.test.ts',
      // It copies from SQLite, which it opens beside a database of its own.
      'packages/server/src/migrateFromSqlite.test.ts',
      '**/node_modules/**',
    ],
    maxWorkers: 2,
    pool: 'forks',
  },
})
