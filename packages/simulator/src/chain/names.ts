import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as Chain from './Chain.ts'

/** `[name, symbol, decimals, explorer]` by chain id. */
type Names = Readonly<Record<string, readonly [string, string, number, string | null]>>

/** Chains that behave alike: which engine may judge them, and why not one that runs here. */
interface Family {
  readonly kind: 'local' | 'node'
  readonly why: string | null
  readonly source: string
  readonly ids: readonly number[]
}

export type FamilyName = 'arbitrum' | 'zk' | 'celo' | 'blast' | 'megaeth' | 'tempo' | 'arc' | 'op'

let names: Names | null = null
let families: Readonly<Record<FamilyName, Family>> | null = null

/** A chain by what viem calls it (`data/names.json`, made by `tools/build-chains.ts`); by its id alone where it does not. */
export function namesOf(id: number): Chain.Chain {
  names ??= read<{ chains: Names }>('names.json').chains
  const found = names[id]
  if (found === undefined) return Chain.unknown(id)
  const [name, symbol, decimals, explorer] = found
  return { ...Chain.unknown(id), name, coin: { symbol, decimals, wrapped: null, isNamed: true }, explorer }
}

/** The engine of a chain that belongs to a family that is known; nothing said of others. */
export function familyOf(
  id: number,
): Pick<Chain.Chain['engine'], 'kind' | 'profile' | 'why'> & { readonly name: FamilyName | null } {
  const name = Object.entries(allFamilies()).find(([, { ids }]) => ids.includes(id))?.[0] as FamilyName | undefined
  if (name === undefined) return { name: null, kind: null, profile: null, why: null }
  const { kind, why } = allFamilies()[name]
  return { name, kind, profile: name === 'op' ? 'op' : null, why }
}

/** Why no local EVM models a family, in words for people. */
export function whyNot(name: FamilyName): string {
  return allFamilies()[name].why ?? 'no local EVM models this chain'
}

function allFamilies(): Readonly<Record<FamilyName, Family>> {
  return (families ??= read<Readonly<Record<FamilyName, Family>>>('families.json'))
}

function read<T>(name: string): T {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'data', name), 'utf8')) as T
}
