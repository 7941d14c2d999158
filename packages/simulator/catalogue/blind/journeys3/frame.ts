/** What the third set stands on: contracts of its own, and answers of theirs. */
import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import type { Address, Hex } from '@countersign/base'
import { decodeFunctionResult, type Abi } from 'viem'
import type { World } from '../../World.ts'
import { contractsOf } from '../frame.ts'

const PATH = join(import.meta.dirname, 'contracts.json')
export const { make, call } = contractsOf(PATH)

let loaded: Readonly<Record<string, { readonly abi: Abi }>> | undefined

/** What a contract of this set answers. */
export async function ask(
  at: World,
  [to, name]: readonly [Address.Address, string],
  functionName: string,
  args: readonly unknown[] = [],
): Promise<unknown> {
  loaded ??= JSON.parse(readFileSync(PATH, 'utf8')) as Readonly<Record<string, { readonly abi: Abi }>>
  const abi = loaded[name]?.abi ?? []
  const data: Hex.Hex = await at.read(call(to, name, functionName, args))
  return decodeFunctionResult({ abi, functionName, data })
}
