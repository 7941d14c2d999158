/** What the blind sets share: contracts of their own. `playKinds.ts` scores a scene. */
import { readFileSync } from 'node:fs'
import type { Address } from '@countersign/base'
import type { Artifact } from '@countersign/chain'
import type { Call } from '../../src/index.ts'
import { afterDeploy, amount, calldata, creation } from '../variant.ts'
import type { Build, Scene, World } from '../World.ts'

/** Scenes of one kind of attack, with honest ones that look like it. */
export interface Kind {
  readonly title: string
  /** Rules that may be the one that speaks of an attack of this kind. */
  readonly rules: readonly string[]
  /** The attacks promise something to whoever only looks. */
  readonly isBait?: true
  /** What an honest scene may reach; nothing unless given. */
  readonly mostHonest?: 'warn'
  readonly attacks: Readonly<Record<string, Build>>
  readonly honest: Readonly<Record<string, Build>>
}

/** The contracts of a set, from the artifacts that `compile.ts` wrote. */
export function contractsOf(path: string) {
  const artifacts = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Artifact>
  const artifactOf = (name: string): Artifact => {
    const found = artifacts[name]
    if (found === undefined) throw new Error(`There is no contract ${name}.`)
    return found
  }
  return {
    async make(at: World, name: string, args: readonly unknown[] = []): Promise<Address.Address> {
      const made = await at.deployCode(name, creation(path, name, args, artifactOf))
      await afterDeploy(at.chain.rpc, made)
      return made
    },
    call: (
      to: Address.Address,
      name: string,
      functionName: string,
      args: readonly unknown[] = [],
      value = 0n,
    ): Call => ({
      ...{ to, value: amount(value), gasLimit: null, maxFeePerGasWei: null, label: null },
      data: calldata(path, { name, functionName, args }, artifactOf),
    }),
  }
}

/** A batch that an agent proposes. */
export const one = (...calls: Call[]): Scene => ({ calls, isAgentProposed: true })
