import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Address, Hex } from '@countersign/base'
import { encodeDeployData, encodeFunctionData, type Abi } from 'viem'
import { authorize, ETHER } from '../moves.ts'
import type { Scene, World } from '../World.ts'
import type { Call } from '../../src/index.ts'

/** The contracts of `Kept.sol`, and how scenes use them. */

type Artifacts = Readonly<Record<string, { abi: Abi; bytecode: Hex.Hex }>>
const artifacts = JSON.parse(readFileSync(join(import.meta.dirname, 'kept.json'), 'utf8')) as Artifacts

function artifactOf(name: string) {
  const found = artifacts[name]
  if (found === undefined) throw new Error(`There is no contract ${name}.`)
  return found
}

export const make = (at: World, name: string, args: readonly unknown[] = []): Promise<Address.Address> =>
  at.deployCode(
    name,
    encodeDeployData({ abi: artifactOf(name).abi, bytecode: artifactOf(name).bytecode, args: args as unknown[] }),
  )

export const call = (
  to: Address.Address,
  name: string,
  functionName: string,
  args: readonly unknown[] = [],
  value = 0n,
): Call => ({
  ...{ to, value, gasLimit: null, maxFeePerGasWei: null, label: null },
  data: encodeFunctionData({ abi: artifactOf(name).abi, functionName, args: args as unknown[] }),
})

export const agent = (...calls: Call[]): Scene => ({ calls, isAgentProposed: true })

/** Two ether of the user's in each layout. */
export async function stakes(at: World, isBehindProxy = false): Promise<Address.Address> {
  const code = await make(at, 'Stakes', [at.thief])
  const to = isBehindProxy ? await make(at, 'Front', [code]) : code
  await at.send(call(to, 'Stakes', 'fill', [], 2n * ETHER))
  await at.enrich(to, 50n * ETHER)
  return to
}

/** The user's account, running `OwnCode`. */
export async function own(
  at: World,
  name: string,
  args: readonly unknown[] = [],
  isAgentProposed = true,
): Promise<Scene> {
  const { address } = await authorize(at, await make(at, 'OwnCode'))
  await at.chain.rpc('anvil_setCode', [at.me, `0xef0100${address.slice(2).toLowerCase()}`])
  return { calls: [call(at.me, 'OwnCode', name, args)], isAgentProposed }
}
