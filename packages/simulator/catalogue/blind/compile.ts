/**
 * Compiles the contracts of one blind set: `npx node packages/simulator/catalogue/blind/compile.ts value/Value.sol`, with
 * more sources after the first if it has them. The result stands beside the first as `contracts.json`, so that no test
 * needs the compiler.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'

const solc = createRequire(join(import.meta.dirname, '../../../../chain/package.json'))('solc') as {
  compile(input: string): string
}
const [path = '', ...more] = (process.argv.length > 2 ? process.argv.slice(2) : ['Blind.sol']).map((each) =>
  join(import.meta.dirname, each),
)
const input = {
  language: 'Solidity',
  sources: Object.fromEntries([path, ...more].map((each) => [basename(each), { content: readFileSync(each, 'utf8') }])),
  settings: {
    optimizer: { enabled: true, runs: 200 },
    evmVersion: 'cancun',
    metadata: { bytecodeHash: 'none' },
    outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
  },
}
const output = JSON.parse(solc.compile(JSON.stringify(input))) as {
  errors?: { severity: string; formattedMessage: string }[]
  contracts: Record<string, Record<string, { abi: unknown[]; evm: { bytecode: { object: string } } }>>
}
const errors = (output.errors ?? []).filter(({ severity }) => severity === 'error')
if (errors.length > 0) throw new Error(errors.map(({ formattedMessage }) => formattedMessage).join('\n'))
const contracts = Object.values(output.contracts).flatMap((each) => Object.entries(each))
const made = contracts
  .filter(([, { evm }]) => evm.bytecode.object !== '')
  .map(([name, { abi, evm }]) => [name, { abi, bytecode: `0x${evm.bytecode.object}` }] as const)
  .sort(([a], [b]) => a.localeCompare(b))
writeFileSync(join(dirname(path), 'contracts.json'), JSON.stringify(Object.fromEntries(made), null, 2) + '\n')
