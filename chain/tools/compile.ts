/**
 * Compiles `chain/contracts/*.sol` and writes one artifact a contract to `chain/artifacts`. Run it after changing a
 * contract: `npx node chain/tools/compile.ts`. The artifacts are committed, so that nobody needs the compiler.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const solc = createRequire(import.meta.url)('solc') as { compile(input: string): string; version(): string }
const root = join(import.meta.dirname, '..')
const files = readdirSync(join(root, 'contracts')).filter((name) => name.endsWith('.sol'))
const sources = Object.fromEntries(
  files.map((name) => [name, { content: readFileSync(join(root, 'contracts', name), 'utf8') }]),
)

const output = JSON.parse(
  solc.compile(
    JSON.stringify({
      language: 'Solidity',
      sources,
      settings: {
        optimizer: { enabled: true, runs: 200 },
        evmVersion: 'cancun',
        metadata: { bytecodeHash: 'none' },
        outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
      },
    }),
  ),
) as {
  errors?: { severity: string; formattedMessage: string }[]
  contracts: Record<
    string,
    Record<string, { abi: unknown[]; evm: { bytecode: { object: string }; deployedBytecode: { object: string } } }>
  >
}
const errors = (output.errors ?? []).filter((error) => error.severity === 'error')
if (errors.length > 0) throw new Error(errors.map((error) => error.formattedMessage).join('\n'))

for (const [file, contracts] of Object.entries(output.contracts)) {
  const sourceSha256 = createHash('sha256')
    .update(sources[file]?.content ?? '')
    .digest('hex')
  for (const [contractName, contract] of Object.entries(contracts)) {
    if (contract.evm.bytecode.object === '') continue
    const artifact = {
      contractName,
      source: file,
      sourceSha256,
      compiler: `solc ${solc.version()}`,
      abi: contract.abi,
      bytecode: `0x${contract.evm.bytecode.object}`,
      deployedBytecode: `0x${contract.evm.deployedBytecode.object}`,
    }
    writeFileSync(join(root, 'artifacts', `${contractName}.json`), JSON.stringify(artifact, null, 1) + '\n')
    console.log(`${contractName}: ${(contract.evm.deployedBytecode.object.length / 2).toString()} bytes`)
  }
}
