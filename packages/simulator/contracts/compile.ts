/**
 * Compiles `OutcomeGuard.sol` and writes `OutcomeGuard.json` (source, compiler, settings, ABI, code) beside it and
 * `src/enforcement/guardCode.ts`, the creation code that is shipped: `npx node packages/simulator/contracts/compile.ts`.
 * Both are committed, so nothing needs the compiler. A change of one byte is another address: raise `GUARD.version`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileGuard } from './compileGuard.ts'

const source = readFileSync(join(import.meta.dirname, 'OutcomeGuard.sol'), 'utf8')
const artifact = compileGuard(source)
writeFileSync(join(import.meta.dirname, 'OutcomeGuard.json'), `${JSON.stringify(artifact, null, 1)}\n`)
writeFileSync(
  join(import.meta.dirname, '..', 'src', 'enforcement', 'guardCode.ts'),
  `// Written by packages/simulator/contracts/compile.ts from OutcomeGuard.sol (${artifact.compiler}).
import type { Hex } from '@countersign/base'

/** Creation code of OutcomeGuard. */
export const GUARD_CREATION_CODE: Hex.Hex =
  '${artifact.bytecode}'

/** Code that stands on the chain once it is deployed. */
export const GUARD_CODE: Hex.Hex =
  '${artifact.deployedBytecode}'
`,
)
console.log(`OutcomeGuard: ${(artifact.deployedBytecode.length / 2 - 1).toString()} bytes`)
