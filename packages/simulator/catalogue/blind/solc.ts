import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'

const solc = createRequire(join(import.meta.dirname, '../../../../chain/package.json'))('solc') as {
  compile(input: string, callbacks: { import(path: string): { contents: string } | { error: string } }): string
}

export interface Compiled {
  readonly abi: unknown
  readonly bytecode: string
}

/**
 * The contracts of some files of Solidity by name, as all blind sets are compiled.
 *
 * @param roots - Folders in which imports are looked for, in order.
 */
export function compileFiles(files: readonly string[], roots: readonly string[] = []): Record<string, Compiled> {
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(files.map((file) => [basename(file), { content: readFileSync(file, 'utf8') }])),
    settings: {
      optimizer: { enabled: true, runs: 200 },
      evmVersion: 'cancun',
      metadata: { bytecodeHash: 'none' },
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
    },
  }
  const output = JSON.parse(
    solc.compile(JSON.stringify(input), {
      import: (path) => {
        const found = roots.map((root) => join(root, path)).find((each) => existsSync(each))
        return found === undefined ? { error: `no ${path}` } : { contents: readFileSync(found, 'utf8') }
      },
    }),
  ) as {
    errors?: { severity: string; formattedMessage: string }[]
    contracts: Record<string, Record<string, { abi: unknown[]; evm: { bytecode: { object: string } } }>>
  }
  const errors = (output.errors ?? []).filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new TypeError(errors.map(({ formattedMessage }) => formattedMessage).join('\n'))
  // What only the imports hold is no contract of the set.
  const made = files.flatMap((file) => Object.entries(output.contracts[basename(file)] ?? {}))
  return Object.fromEntries(
    made
      .filter(([, { evm }]) => evm.bytecode.object !== '')
      .map(([name, { abi, evm }]) => [name, { abi, bytecode: `0x${evm.bytecode.object}` }]),
  )
}
