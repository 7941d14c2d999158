import { join } from 'node:path'
import type { Address } from '@countersign/base'
import { authorize, ETHER } from '../moves.ts'
import type { Scene, World } from '../World.ts'
import type { Call } from '../../src/index.ts'
import { contractsOf } from './frame.ts'

/** The contracts of `Kept.sol`, and how scenes use them. */
export const { make, call } = contractsOf(join(import.meta.dirname, 'kept.json'))

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
