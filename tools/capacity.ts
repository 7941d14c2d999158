/**
 * `npm run capacity -- [--bench FILE]… [--set NAME=VALUE]… [--json]`: how many machines a load needs, what breaks first and at
 * which figure, computed from measured costs. `--bench` takes the last line of `npm run bench -- NAME --json`; `--set` changes a
 * cost or the load. Costs that nobody measured are marked as assumed.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Result } from '../bench/src/Result.ts'
import { costsOf, plan, STANDARD, type Inputs } from './capacity/plan.ts'

const HELP = `npm run capacity -- [--bench FILE]… [--set NAME=VALUE]… [--json]

Names and their values now:
${Object.entries(STANDARD)
  .map(([name, { value, unit, source }]) => `  ${name} = ${value} ${unit} (${source})`)
  .join('\n')}`

const { values } = parseArgs({
  options: {
    bench: { type: 'string', multiple: true, default: [] },
    set: { type: 'string', multiple: true, default: [] },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
if (values.help) {
  console.log(HELP)
  process.exit(0)
}
try {
  let inputs: Inputs = STANDARD
  for (const file of values.bench) inputs = { ...inputs, ...costsOf(readResult(file)) }
  for (const text of values.set) inputs = { ...inputs, ...settingOf(text) }
  const result = plan(inputs)
  if (values.json) console.log(JSON.stringify({ inputs, ...result }))
  else {
    const width = Math.max(...result.needs.map(({ what }) => what.length))
    console.log(`${inputs['sessionsPerDay']?.value.toLocaleString('en')} sessions a day, at the busiest moment:`)
    for (const { what, needed, of } of result.needs)
      console.log(`  ${what.padEnd(width)}  ${needed.toLocaleString('en')} ${of}`)
    console.log('\nWhat breaks, in this order:')
    for (const { what, atSessionsPerDay, advice } of result.breaks)
      console.log(`  ${Math.floor(atSessionsPerDay).toLocaleString('en')} sessions a day: ${what}. ${advice}`)
    const assumed = Object.entries(inputs).filter(([, { source }]) => source.startsWith('assumed'))
    console.log(`\nAssumed, not measured: ${assumed.map(([name]) => name).join(', ')}.`)
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exit(2)
}

/** The last line of a bench's output is its JSON. */
function readResult(file: string): Result {
  const line = readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? ''
  const parsed = JSON.parse(line) as Result
  if (!Array.isArray(parsed.rows)) throw new Error(`${file} does not end with the JSON of a bench.`)
  return parsed
}

function settingOf(text: string): Inputs {
  const [, name = '', value = ''] = /^(\w+)=(.+)$/.exec(text) ?? []
  const known = (STANDARD as Inputs)[name]
  const number = Number(value)
  if (known === undefined || !(number > 0))
    throw new Error(`"${text}" is not NAME=VALUE. Run with --help for the names.`)
  return { [name]: { ...known, value: number, source: 'set on the command line' } }
}
