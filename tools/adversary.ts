/**
 * `npm run test:adversary`: runs every test that the threat model names and prints one table: the threat, whether it was
 * tried, whether it was stopped. `--json` prints one object on the last line; words narrow it to kinds or ids that contain them.
 * A named test that does not exist or was skipped counts as not tried. Exit 1 when a row was tried and not stopped, or not
 * tried without a reason that the test run gives.
 *
 * `--report FILE` takes the results from a report that `npm test` wrote (`COUNTERSIGN_TEST_REPORT=FILE npm test`) instead of
 * running the files again. A file that is not in it was not tried there, and says so.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { readThreats } from '../test/adversary/readThreats.ts'
import { isNamed, type ThreatTest } from '../test/adversary/Threat.ts'

interface TestResult {
  file: string
  title: string[]
  status: string
}

const root = join(import.meta.dirname, '..')
const args = process.argv.slice(2)
if (args.includes('--help')) {
  console.log(
    [
      'npm run test:adversary -- [--json] [--report FILE] [kind or id …]',
      '',
      'Runs the tests that the threat model names and prints a table: threat, tried, stopped.',
      '--report FILE   read the results of `COUNTERSIGN_TEST_REPORT=FILE npm test` instead of running them again',
      '--json          print one object, on the last line but one',
    ].join('\n'),
  )
  process.exit(0)
}
const isJson = args.includes('--json')
const reportAt = args.indexOf('--report')
const given = reportAt < 0 ? null : (args.splice(reportAt, 2)[1] ?? '')
if (given !== null && !existsSync(given)) {
  console.error(`There is no report "${given}". Write one: COUNTERSIGN_TEST_REPORT=FILE npm test`)
  process.exit(2)
}
const unknown = args.find((arg) => arg.startsWith('--') && arg !== '--json')
if (unknown !== undefined) {
  console.error(`Unknown option ${unknown}. See --help.`)
  process.exit(2)
}
const words = args.filter((arg) => !arg.startsWith('--')).map((word) => word.toLowerCase())

const kinds = (await readThreats())
  .map(({ title, threats }) => ({
    title,
    threats: threats.filter(
      ({ id }) => words.length === 0 || words.some((word) => title.toLowerCase().includes(word) || id === word),
    ),
  }))
  .filter(({ threats }) => threats.length > 0)
const files = [
  ...new Set(kinds.flatMap(({ threats }) => threats.flatMap(({ tests }) => tests.map(({ file }) => file)))),
]
if (files.length === 0) {
  console.error(`No threat matches "${words.join(' ')}".`)
  process.exit(2)
}

const results = given === null ? runTests(files) : readReport(given)
const outcomeOf = ({ file, name }: ThreatTest): 'passed' | 'failed' | 'not run' => {
  const found = results.filter((result) => result.file === file && isNamed(result.title, name))
  if (found.some(({ status }) => status === 'failed')) return 'failed'
  return found.length > 0 && found.every(({ status }) => status === 'passed') ? 'passed' : 'not run'
}

let stopped = 0
let failed = 0
let untried = 0
const rows = kinds.flatMap(({ title, threats }) =>
  threats.map((threat) => {
    const outcomes = threat.tests.map(outcomeOf)
    const isTried = outcomes.every((outcome) => outcome !== 'not run')
    const isStopped = isTried && outcomes.every((outcome) => outcome === 'passed')
    if (isStopped) stopped += 1
    else if (isTried) failed += 1
    else untried += 1
    return { kind: title, id: threat.id, threat: threat.threat, isTried, isStopped, remains: threat.remains }
  }),
)
let heading = ''
for (const { kind, id, threat, isTried, isStopped } of rows) {
  if (kind !== heading) console.log(`\n${(heading = kind)}`)
  console.log(`  ${isStopped ? 'stopped    ' : isTried ? 'NOT STOPPED' : 'NOT TRIED  '}  ${id.padEnd(12)} ${threat}`)
}
console.log(`\n${rows.length} threats, ${stopped} stopped, ${failed} not stopped, ${untried} not tried.`)
if (isJson) console.log(JSON.stringify({ threats: rows, stopped, failed, untried }))
console.log(`${stopped} passed, ${failed} failed, ${untried} skipped`)
// A run of `npm test` leaves some rows out (a third of the mentions is tried there): said above, and no failure of that run.
const isFailed = given === null ? failed + untried > 0 : rows.some(({ isTried, isStopped }) => isTried && !isStopped)
process.exit(isFailed ? 1 : 0)

/** Runs whole files: a test may need what those before it set up. */
function runTests(paths: readonly string[]): TestResult[] {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-adversary-'))
  const report = join(folder, 'report.json')
  try {
    spawnSync(
      process.execPath,
      [
        'node_modules/vitest/vitest.mjs',
        'run',
        '--reporter=dot',
        '--reporter=json',
        `--outputFile.json=${report}`,
        ...paths,
      ],
      { cwd: root, stdio: ['ignore', isJson ? 'ignore' : 'inherit', 'inherit'] },
    )
    return readReport(report)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What a report of vitest says of each test. */
function readReport(path: string): TestResult[] {
  const { testResults } = JSON.parse(readFileSync(path, 'utf8')) as {
    testResults: { name: string; assertionResults: { ancestorTitles: string[]; title: string; status: string }[] }[]
  }
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ ancestorTitles, title, status }) => ({
      file: relative(root, name),
      title: [...ancestorTitles, title],
      status,
    })),
  )
}
