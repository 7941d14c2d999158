/**
 * `npm run bench -- NAME [--json] [--only PART] [--long] [--strict] [--mutations]`: one benchmark, or a part of it; with
 * `--json` the last line is one JSON object, with `--long` what takes many minutes is measured too, with `--strict` a bar
 * that does not hold fails the command, and `detection --mutations` plays variants of the catalogue.
 *
 * `npm run bench -- all [--out DIR] [--only NAME,NAME] [--held-back]` runs all of them and writes the league table.
 */
import { resolve } from 'node:path'
import { run as cli } from './cli.ts'
import { run as adaptive } from './adaptive.ts'
import { run as cluster } from './cluster.ts'
import { run as containment } from './containment.ts'
import { run as gateway } from './gateway.ts'
import { run as journeys } from './journeys.ts'
import { all } from './league/all.ts'
import { render, type Result } from './Result.ts'
import { run as detection } from './detection.ts'
import { run as enforcement } from './enforcement.ts'
import { run as mandates } from './mandates.ts'
import { run as mutations } from './mutations.ts'
import { run as payments } from './payments.ts'
import { run as scanner } from './scanner.ts'
import { run as simulator } from './simulator.ts'

interface Options {
  /** A part of the benchmark; null: all of it. */
  readonly only: string | null
  readonly isLong: boolean
  /** Variants of the catalogue's scenes in the place of the scenes. */
  readonly isMutated: boolean
}

const BENCHES: Readonly<Record<string, (log: (text: string) => void, options: Options) => Promise<Result>>> = {
  adaptive: (log, { isLong }) => adaptive(log, isLong),
  cli: (log) => cli(log),
  cluster: (log, { only }) => cluster(log, only),
  containment: (log, { only }) => containment(log, only),
  detection: (log, { isMutated, isLong }) => (isMutated ? mutations(log, isLong) : detection(log)),
  enforcement,
  gateway: (log, { only }) => gateway(log, only),
  journeys: (log) => journeys(log),
  mandates,
  payments: (log) => payments(log),
  scanner: (log, { only }) => scanner(log, only),
  simulator,
}

const name = process.argv.slice(2).find((argument) => !argument.startsWith('-'))
const only = process.argv.includes('--only') ? (process.argv[process.argv.indexOf('--only') + 1] ?? null) : null
const log = (text: string): boolean => process.stderr.write(`${text}\n`)
if (name === 'all' && !process.argv.includes('--help')) {
  const given = process.argv.includes('--out') ? process.argv[process.argv.indexOf('--out') + 1] : undefined
  const out = resolve(process.env['INIT_CWD'] ?? '.', given ?? 'bench-results')
  const { parts } = await all({
    ...{ out, only: only?.split(',') ?? null, isHeldBackRead: process.argv.includes('--held-back') },
    log: (text) => void log(text),
  })
  const failed = parts.filter(({ result }) => result === null)
  console.log(
    `${out}: results.json, league.md and charts; ${parts.length - failed.length} of ${parts.length} parts ran.`,
  )
  process.exit(failed.length === 0 ? 0 : 1)
}
const bench = name === undefined ? undefined : BENCHES[name]
// Asking how to call it must not run it: a run reads the fold that is held back.
if (bench === undefined || process.argv.includes('--help')) {
  console.error(
    [
      `Usage: npm run bench -- NAME [--json] [--only PART] [--long] [--strict]. Benchmarks: ${Object.keys(BENCHES).join(', ')}.`,
      'npm run bench -- all [--out DIR] [--only NAME,NAME] [--held-back]: all of them (hours), as results.json, league.md and charts.',
    ].join('\n'),
  )
  process.exit(2)
}
const result = await bench((text) => void log(text), {
  only,
  isLong: process.argv.includes('--long'),
  isMutated: process.argv.includes('--mutations'),
})
console.log(render(result))
if (process.argv.includes('--json')) console.log(JSON.stringify(result))
if (process.argv.includes('--strict') && result.bars.some((bar) => !bar.holds)) process.exitCode = 1
