/**
 * Compiles the contracts of one blind set: `npx node packages/simulator/catalogue/blind/compile.ts value/Value.sol`, with
 * more sources after the first if it has them. The result stands beside the first as `contracts.json`, so that no test
 * needs the compiler.
 */
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { compileFiles } from './solc.ts'

const files = (process.argv.length > 2 ? process.argv.slice(2) : ['Blind.sol']).map((each) =>
  join(import.meta.dirname, each),
)
const [first = ''] = files
const made = Object.entries(compileFiles(files)).sort(([a], [b]) => a.localeCompare(b))
writeFileSync(join(dirname(first), 'contracts.json'), JSON.stringify(Object.fromEntries(made), null, 2) + '\n')
