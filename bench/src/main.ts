/** `npm run bench -- NAME [--json] [--only PART]`: one benchmark, or a part of it; with `--json` the last line is one JSON object. */
import { run as gateway } from './gateway.ts'
import { render, type Result } from './Result.ts'
import { run as detection } from './detection.ts'
import { run as simulator } from './simulator.ts'

const BENCHES: Readonly<Record<string, (log: (text: string) => void, only?: string | null) => Promise<Result>>> = {
  detection,
  gateway,
  simulator,
}

const name = process.argv.slice(2).find((argument) => !argument.startsWith('-'))
const bench = name === undefined ? undefined : BENCHES[name]
if (bench === undefined) {
  console.error(`Usage: npm run bench -- NAME [--json]. Benchmarks: ${Object.keys(BENCHES).join(', ')}.`)
  process.exit(2)
}
const only = process.argv.includes('--only') ? (process.argv[process.argv.indexOf('--only') + 1] ?? null) : null
const result = await bench((text) => process.stderr.write(`${text}\n`), only)
console.log(render(result))
if (process.argv.includes('--json')) console.log(JSON.stringify(result))
