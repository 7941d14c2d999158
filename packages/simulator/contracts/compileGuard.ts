import { createRequire } from 'node:module'
import type { Hex } from '@countersign/base'

/** solc's settings, which the address of the contract depends on. */
export const SETTINGS = {
  viaIR: true,
  optimizer: { enabled: true, runs: 20_000 },
  evmVersion: 'cancun',
  metadata: { bytecodeHash: 'none', appendCBOR: false },
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
} as const

/** solc's general warning about transient storage. Notes that last until the transaction ends are what the guard is made of. */
const TRANSIENT = '2394'

/** A compiled contract with all that it came from. */
export interface GuardArtifact {
  readonly contractName: 'OutcomeGuard'
  readonly compiler: string
  readonly settings: typeof SETTINGS
  readonly source: string
  readonly abi: readonly unknown[]
  readonly bytecode: Hex.Hex
  readonly deployedBytecode: Hex.Hex
}

interface Output {
  readonly errors?: readonly {
    readonly severity: string
    readonly errorCode: string
    readonly formattedMessage: string
  }[]
  readonly contracts?: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly abi: readonly unknown[]
            readonly evm: {
              readonly bytecode: { readonly object: string }
              readonly deployedBytecode: { readonly object: string }
            }
          }
        >
      >
    >
  >
}

/**
 * Compiles the guard's source. @throws {Error} with the compiler's words when it does not compile, other warnings included unless
 * it is lenient.
 */
export function compileGuard(source: string, { isLenient = false } = {}): GuardArtifact {
  const solc = createRequire(import.meta.url)('solc') as { compile(input: string): string; version(): string }
  const sources = { 'OutcomeGuard.sol': { content: source } }
  const output = JSON.parse(
    solc.compile(JSON.stringify({ language: 'Solidity', sources, settings: SETTINGS })),
  ) as Output
  const words = (output.errors ?? [])
    .filter(({ errorCode }) => errorCode !== TRANSIENT)
    .filter(({ severity }) => !isLenient || severity === 'error')
    .map((error) => error.formattedMessage)
  const contract = output.contracts?.['OutcomeGuard.sol']?.['OutcomeGuard']
  if (contract === undefined || words.length > 0) throw new Error(words.join('\n'))
  return {
    contractName: 'OutcomeGuard',
    compiler: `solc ${solc.version()}`,
    settings: SETTINGS,
    source,
    abi: contract.abi,
    bytecode: `0x${contract.evm.bytecode.object}`,
    deployedBytecode: `0x${contract.evm.deployedBytecode.object}`,
  }
}
