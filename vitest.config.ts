import { defineConfig } from 'vitest/config'

/**
 * How long a test or a hook may take: the only place that says so. A limit is for what hangs, never for what is slow:
 * a test that needs 5 s on a quiet machine needs a minute on a busy one with slower cores, and must pass there too.
 */
const limits = { testTimeout: 300_000, hookTimeout: 300_000 }

/** Projects by what they need: nothing, a chain, the whole house, the house in a browser. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          ...limits,
          include: [
            'packages/{base,sdk,server,cli,scanner,web}/src/**/*.test.ts',
            'test/adversary/*.test.ts',
            'test/capacity.test.ts',
            'test/catalogue.test.ts',
            'test/docsLinks.test.ts',
            'test/house.test.ts',
            'test/league.test.ts',
            'test/lintRules.test.ts',
            'test/wireBreaks.test.ts',
            'test/wireTypes.test.ts',
            'tools/{mutants,pack}/*.test.ts',
          ],
        },
      },
      {
        test: {
          name: 'chain',
          ...limits,
          include: ['chain/src/**/*.test.ts', 'packages/simulator/{src,catalogue}/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'journey',
          ...limits,
          include: ['test/journeys/**/*.test.ts', 'test/doors/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'browser',
          ...limits,
          include: ['test/browser/**/*.test.ts'],
        },
      },
      // `npm run test:faults`: processes killed, disks filled, thousands of streams. Not part of `npm test`.
      {
        test: {
          name: 'faults',
          ...limits,
          // The one exception: 20 kills and 10,000 streams take minutes on a quiet machine, and a cluster of one's own takes one to start.
          testTimeout: 3_600_000,
          hookTimeout: 3_600_000,
          include: ['test/faults/**/*.test.ts'],
          fileParallelism: false,
        },
      },
    ],
    // Two cores are what CI and many laptops have.
    maxWorkers: 2,
    pool: 'forks',
  },
})
