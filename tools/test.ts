/**
 * `npm test`: every vitest project but the long `faults`, then one plain line with the totals. Arguments go to vitest,
 * such as `npm test -- --project unit`. `COUNTERSIGN_TEST_REPORT=FILE` keeps the results as JSON, from which
 * `npm run test:adversary -- --report FILE` makes its table without running anything again.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const run = (...args: string[]): number =>
  spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1

if (run('tools/build-web.ts', '--if-stale') !== 0) process.exit(1)
const folder = mkdtempSync(join(tmpdir(), 'countersign-test-'))
const report = join(folder, 'report.json')
const status = run(
  'node_modules/vitest/vitest.mjs',
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...(process.argv.includes('--project') ? [] : ['--project', '!faults']),
  ...process.argv.slice(2),
)
try {
  const totals = JSON.parse(readFileSync(report, 'utf8')) as {
    numPassedTests: number
    numFailedTests: number
    numPendingTests: number
  }
  const keepAt = process.env['COUNTERSIGN_TEST_REPORT']
  if (keepAt !== undefined && keepAt !== '') copyFileSync(report, keepAt)
  console.log(`${totals.numPassedTests} passed, ${totals.numFailedTests} failed, ${totals.numPendingTests} skipped`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exit(status)
