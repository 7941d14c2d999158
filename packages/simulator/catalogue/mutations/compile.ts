import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import type { Artifact } from '@countersign/chain'
import { FIXTURES } from '../variant.ts'
import { apply, openFile, type Edit, type File, type Node, type Sources } from './Source.ts'

/** Solidity's compiler is a development tool of the local chain. */
const chain = join(import.meta.dirname, '../../../../chain')
const CACHE = join(chain, 'node_modules/.cache/countersign-mutants')
const blind = join(import.meta.dirname, '../blind')
const switches = join(import.meta.dirname, '../enforced/switches')

/** The sets of contracts that scenes use, by the name that `variant.ts` knows, with the folder of their sources. */
export const SETS: Readonly<Record<string, readonly string[]>> = {
  [FIXTURES]: readdirSync(join(chain, 'contracts')).map((name) => join(chain, 'contracts', name)),
  [join(blind, 'contracts.json')]: [join(blind, 'Blind.sol')],
  [join(blind, 'kept.json')]: [join(blind, 'Kept.sol')],
  [join(blind, 'value/contracts.json')]: [join(blind, 'value/Value.sol')],
  [join(switches, 'contracts.json')]: [join(switches, 'Switch.sol')],
}

/** Contracts that stand on the saved chain already. */
const FIXED: ReadonlySet<string> = new Set([
  'Usdc',
  'Usdt',
  'Dai',
  'Permit2',
  'BatchProbe',
  'ReadProbe',
  'Registry1820',
])

export function sourcesOf(set: string): Sources {
  return Object.fromEntries((SETS[set] ?? []).map((path) => [basename(path), readFileSync(path, 'utf8')]))
}

interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[]
  readonly sources?: Readonly<Record<string, { readonly ast: Node }>>
  readonly contracts?: Readonly<
    Record<string, Readonly<Record<string, { abi: unknown[]; evm: { bytecode: { object: string } } }>>>
  >
}

function run(sources: Sources, wants: readonly string[], ofFile: readonly string[]): Output {
  const solc = createRequire(join(chain, 'package.json'))('solc') as { compile(input: string): string }
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(Object.entries(sources).map(([name, content]) => [name, { content }])),
    settings: {
      // Not optimized: a third of the time, and code that no rule was written with in view.
      evmVersion: 'cancun',
      metadata: { bytecodeHash: 'none' },
      outputSelection: { '*': { '*': wants, '': ofFile } },
    },
  }
  return JSON.parse(solc.compile(JSON.stringify(input))) as Output
}

/** The same answer for the same sources, from the cache after the first time. */
function cached<T>(sources: Sources, what: string, make: () => T): T {
  const hash = createHash('sha256').update(what).update(JSON.stringify(sources)).digest('hex').slice(0, 24)
  const path = join(CACHE, `${hash}.json`)
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T
  } catch {
    const made = make()
    try {
      mkdirSync(CACHE, { recursive: true })
      writeFileSync(path, JSON.stringify(made))
    } catch {
      // Read-only checkouts compile each time.
    }
    return made
  }
}

/** Parses a set. */
export function parse(sources: Sources): File[] {
  const { errors = [], sources: parsed = {} } = cached(sources, 'ast', () => run(sources, [], ['ast']))
  const error = errors.find(({ severity }) => severity === 'error')
  if (error !== undefined) throw new MutantError(error.formattedMessage)
  return Object.entries(parsed).map(([name, { ast }]) => openFile(name, sources[name] ?? '', ast))
}

export type Edits = (files: readonly File[]) => ReadonlyMap<File, readonly Edit[]>

/** Makes edits of one kind after another. */
export function edited(sources: Sources, steps: readonly Edits[]): Sources {
  return steps.reduce((before, step) => {
    const files = parse(before)
    const edits = step(files)
    return Object.fromEntries(files.map((file) => [file.name, apply(file, edits.get(file) ?? [])]))
  }, sources)
}

/** Contracts by name. */
export function compile(sources: Sources): Readonly<Record<string, Artifact>> {
  return cached(sources, 'code', () => {
    const { errors = [], contracts = {} } = run(sources, ['abi', 'evm.bytecode.object'], [])
    const error = errors.find(({ severity }) => severity === 'error')
    if (error !== undefined) throw new MutantError(error.formattedMessage)
    return Object.fromEntries(
      Object.values(contracts)
        .flatMap((each) => Object.entries(each))
        .filter(([name, { evm }]) => evm.bytecode.object !== '' && !FIXED.has(name))
        .map(([name, { abi, evm }]) => [name, { abi, bytecode: `0x${evm.bytecode.object}` } as Artifact]),
    )
  })
}

/** A mutant that is no contract. */
export class MutantError extends Error {}
