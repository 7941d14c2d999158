/**
 * `npm run bench -- NAME [--json] [--only PART] [--long] [--strict] [--mutations]`: one benchmark, or a part of it; with
 * `--json` the last line is one JSON object, with `--long` what takes many minutes is measured too, with `--strict` a bar
 * that does not hold fails the command, and `detection --mutations` plays variants of the catalogue.
 */
import { run as cli } from './cli.ts'
import { run as adaptive } from './adaptive.ts'
import { run as containment } from './containment.ts'
import { run as gateway } from './gateway.ts'
import { run as journeys } from './journeys.ts'
import { render, type Result } from './Result.ts'
import { run as detection } from './detection.ts'
import { run as enforcement } from './enforcement.ts'
import { run as mandates } from './mandates.ts'
import { run as mutations } from './mutations.ts'
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
  containment: (log, { only }) => containment(log, only),
  detection: (log, { isMutated, isLong }) => (isMutated ? mutations(log, isLong) : detection(log)),
  enforcement,
  gateway: (log, { only }) => gateway(log, only),
  journeys: (log) => journeys(log),
  mandates,
  scanner: (log, { only }) => scanner(log, only),
  simulator,
}

const name = process.argv.slice(2).find((argument) => !argument.startsWith('-'))
const bench = name === undefined ? undefined : BENCHES[name]
// Asking how to call it must not run it: a run reads the fold that is held back.
if (bench === undefined || process.argv.includes('--help')) {
  console.error(
    `Usage: npm run bench -- NAME [--json] [--only PART] [--long] [--strict]. Benchmarks: ${Object.keys(BENCHES).join(', ')}.`,
  )
  process.exit(2)
}
const only = process.argv.includes('--only') ? (process.argv[process.argv.indexOf('--only') + 1] ?? null) : null
const result = await bench((text) => process.stderr.write(`${text}\n`), {
  only,
  isLong: process.argv.includes('--long'),
  isMutated: process.argv.includes('--mutations'),
})
console.log(render(result))
if (process.argv.includes('--json')) console.log(JSON.stringify(result))
if (process.argv.includes('--strict') && result.bars.some((bar) => !bar.holds)) process.exitCode = 1
