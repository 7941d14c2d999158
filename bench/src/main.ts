/** `npm run bench -- NAME [--json]`: one benchmark; with `--json` the last line is one JSON object. */
import { run as gateway } from './gateway.ts'
import { render, type Result } from './Result.ts'
import { run as detection } from './detection.ts'
import { run as simulator } from './simulator.ts'

const BENCHES: Readonly<Record<string, (log: (text: string) => void) => Promise<Result>>> = { detection, gateway, simulator }

const name = process.argv.slice(2).find((argument) => !argument.startsWith('-'))
const bench = name === undefined ? undefined : BENCHES[name]
if (bench === undefined) {
  console.error(`Usage: npm run bench -- NAME [--json]. Benchmarks: ${Object.keys(BENCHES).join(', ')}.`)
  process.exit(2)
}
const result = await bench((text) => process.stderr.write(`${text}\n`))
console.log(render(result))
if (process.argv.includes('--json')) console.log(JSON.stringify(result))
