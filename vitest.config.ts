import { defineConfig } from 'vitest/config'

/** Projects by what they need: nothing, a chain, the whole house, the house in a browser. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/{base,sdk,server,cli,scanner}/src/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'chain',
          include: ['chain/src/**/*.test.ts', 'packages/simulator/{src,catalogue}/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'journey',
          include: ['test/journeys/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      // `npm run test:faults`: processes killed, disks filled, thousands of streams. Not part of `npm test`.
      {
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
    // Limits are for what hangs, not for what is slow: machines are shared.
    // Two cores are what CI and many laptops have.
    maxWorkers: 2,
    pool: 'forks',
  },
})
