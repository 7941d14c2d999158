import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { assert, BaseError } from '@countersign/base'
import * as Chain from './Chain.ts'
import { familyOf, namesOf } from './names.ts'
import { readChainFile, type ChainFile } from './readChainFile.ts'
import { mergeChain, type FileFault } from './mergeChain.ts'

const SHIPPED = join(import.meta.dirname, 'data')

const shipped = new Map<number, Chain.Chain>()

/** Ids of the records that are shipped. */
export function shippedIds(): readonly number[] {
  return readdirSync(SHIPPED)
    .flatMap((name) => (/^[1-9]\d*\.yaml$/.test(name) ? [Number(name.slice(0, -5))] : []))
    .toSorted((a, b) => a - b)
}

/** What is known of a chain without an operator's file: its record, or its name and coin by viem, or its id alone. */
export function chainOf(id: number): Chain.Chain {
  let chain = shipped.get(id)
  if (chain === undefined) shipped.set(id, (chain = readShipped(id)))
  return chain
}

function readShipped(id: number): Chain.Chain {
  const bare = bareChain(id)
  const file = join(SHIPPED, `${id}.yaml`)
  if (!existsSync(file)) return bare
  const read = readChainFile(readFileSync(file, 'utf8'), { file: `${id}.yaml`, id, source: 'shipped' })
  assert('file' in read, `the shipped record of chain ${id} can be read`)
  const merged = mergeChain(bare, read.file, 'shipped')
  assert('chain' in merged, `the shipped record of chain ${id} contradicts nothing`)
  return merged.chain
}

/** What is known without a record: the name by viem, the family by its list. */
function bareChain(id: number): Chain.Chain {
  const named = namesOf(id)
  const family = familyOf(id)
  return {
    ...named,
    // viem writes its fees in dollars, which nobody holds a balance of.
    coin: family.name === 'tempo' ? null : named.coin,
    engine: { ...named.engine, kind: family.kind, profile: family.profile, why: family.why },
  }
}

/** What a chain is called; null for an id that nobody has named. */
export function chainName(id: number): string | null {
  const { name, coin, record } = chainOf(id)
  return record === null && coin?.isNamed === false ? null : name
}

/**
 * The operator's files, `<id>.yaml` in a folder, each over what is shipped. Other names in the folder are left alone,
 * except YAML files that are named for no chain.
 *
 * @throws {ChainFileError} `chains:file:invalid`, with every fault of every file.
 */
export function readChains(folder: string): ReadonlyMap<number, Chain.Chain> {
  let names: readonly string[]
  try {
    names = readdirSync(folder).toSorted()
  } catch (error) {
    throw new ChainFolderError(folder, error)
  }
  const chains = new Map<number, Chain.Chain>()
  const faults: FileFault[] = []
  for (const name of names.filter((each) => /\.ya?ml$/.test(each))) {
    const file = join(folder, name)
    const id = /^([1-9]\d{0,15})\.yaml$/.exec(name)?.[1]
    if (id === undefined) {
      faults.push({ file, line: 1, because: 'The file must be named for its chain, such as 8453.yaml.' })
      continue
    }
    const read = readOver(file, Number(id))
    if ('chain' in read) chains.set(Number(id), read.chain)
    else faults.push(...read.faults)
  }
  if (faults.length > 0) throw new ChainFileError(faults)
  return chains
}

function readOver(file: string, id: number): { chain: Chain.Chain } | { faults: readonly FileFault[] } {
  const read = readChainFile(readText(file), { file, id, source: 'file' })
  if ('faults' in read) return { faults: read.faults.map((fault) => ({ file, ...fault })) }
  return mergeChain(chainOf(id), read.file, 'file')
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new ChainFolderError(file, error)
  }
}

/** What a file says, before it is compared with anything: for the command that compares it with the chain. */
export type { ChainFile }

/** Faults in chain files, each as `FILE:LINE: what is wrong`. */
export class ChainFileError extends BaseError {
  override readonly name = 'simulator.ChainFileError'
  readonly faults: readonly FileFault[]
  constructor(faults: readonly FileFault[]) {
    super(faults.map(({ file, line, because }) => `${file}:${line}: ${because}`).join('\n'), {
      code: 'chains:file:invalid',
      kind: 'invalid',
      hint: 'Correct the file, then start again.',
    })
    this.faults = faults
  }
}

/** The folder, or a file in it, cannot be read. */
export class ChainFolderError extends BaseError {
  override readonly name = 'simulator.ChainFolderError'
  constructor(path: string, cause: unknown) {
    super(`The chain files at ${path} cannot be read.`, {
      code: 'chains:folder:unreadable',
      kind: 'invalid',
      hint: 'Set COUNTERSIGN_CHAINS_DIR, or --chains, to a folder of <id>.yaml files.',
      cause,
    })
  }
}
