/** What the fifth set stands on: its own contracts, the real ones from npm, and answers of both. */
import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import type { Address, Hex } from '@countersign/base'
import { decodeFunctionResult, type Abi } from 'viem'
import type { World } from '../../World.ts'
import { contractsOf } from '../frame.ts'

const [OWN, NPM] = [join(import.meta.dirname, 'contracts.json'), join(import.meta.dirname, 'npm.json')]
export const { make, call } = contractsOf(OWN)
/** Contracts as their npm packages publish them. */
export const { make: makeReal, call: callReal } = contractsOf(NPM)

type Artifacts = Readonly<Record<string, { readonly abi: Abi }>>
const loaded = new Map<string, Artifacts>()
function load(path: string): Artifacts {
  const all = loaded.get(path) ?? (JSON.parse(readFileSync(path, 'utf8')) as Artifacts)
  loaded.set(path, all)
  return all
}

/** What a contract of either file answers to somebody; the user unless given. */
export async function ask(
  at: World,
  [to, name]: readonly [Address.Address, string],
  functionName: string,
  args: readonly unknown[] = [],
  from: Address.Address = at.me,
): Promise<unknown> {
  const isOwn = load(OWN)[name] !== undefined
  const abi = load(isOwn ? OWN : NPM)[name]?.abi ?? []
  const data: Hex.Hex = await at.read((isOwn ? call : callReal)(to, name, functionName, args), from)
  return decodeFunctionResult({ abi, functionName, args: args as unknown[], data } as never)
}
