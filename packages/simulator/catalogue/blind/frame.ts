/** What the blind sets share: contracts of their own, and how a scene is scored. */
import { readFileSync } from 'node:fs'
import { Address, type Hex } from '@countersign/base'
import { encodeDeployData, encodeFunctionData, type Abi } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Call } from '../../src/index.ts'
import { ETHER } from '../moves.ts'
import { openWorld } from '../openWorld.ts'
import type { Build, Scene, World } from '../World.ts'

/** Scenes of one kind of attack, with honest ones that look like it. */
export interface Kind {
  readonly title: string
  /** Rules that may be the one that speaks of an attack of this kind. */
  readonly rules: readonly string[]
  /** The attacks promise something to whoever only looks. */
  readonly isBait?: true
  readonly attacks: Readonly<Record<string, Build>>
  readonly honest: Readonly<Record<string, Build>>
}

/** The contracts of a set, from the `contracts.json` that `compile.ts` wrote. */
export function contractsOf(path: string) {
  const artifacts = JSON.parse(readFileSync(path, 'utf8')) as Record<string, { abi: Abi; bytecode: Hex.Hex }>
  const artifactOf = (name: string) => {
    const found = artifacts[name]
    if (found === undefined) throw new Error(`There is no contract ${name}.`)
    return found
  }
  return {
    make: (at: World, name: string, args: readonly unknown[] = []): Promise<Address.Address> =>
      at.deployCode(
        name,
        encodeDeployData({ abi: artifactOf(name).abi, bytecode: artifactOf(name).bytecode, args: args as unknown[] }),
      ),
    call: (
      to: Address.Address,
      name: string,
      functionName: string,
      args: readonly unknown[] = [],
      value = 0n,
    ): Call => ({
      ...{ to, value, gasLimit: null, maxFeePerGasWei: null, label: null },
      data: encodeFunctionData({ abi: artifactOf(name).abi, functionName, args: args as unknown[] }),
    }),
  }
}

/** A batch that an agent proposes. */
export const one = (...calls: Call[]): Scene => ({ calls, isAgentProposed: true })

/**
 * Plays a set: an attack must be warned of or blocked by a rule that is about it; an honest scene must be allowed.
 *
 * @param known - What is known to fail, by its title (with `attack: ` or `honest: ` before it where both have one), and why. `test.fails`: the day that it is right, the list says so.
 */
export function playKinds(kinds: readonly Kind[], known: Readonly<Record<string, string>>): void {
  const play = (title: string, side: string) => (title in known || `${side}: ${title}` in known ? test.fails : test)
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  describe.each(kinds)('$title', ({ rules, attacks, honest, isBait }) => {
    for (const [title, build] of Object.entries(attacks))
      play(title, 'attack')(`attack: ${title}`, async () => {
        const { report, card } = await world.play(build)
        const heard = report.findings.filter(({ level }) => level !== 'info').map(({ rule }) => rule)
        expect(report.willRevert, card).toBe(false)
        // A bait that is never met in any surroundings deceives no one: the card shows the loss as it is.
        const isTold =
          isBait === true && report.tokenChanges.some(({ account, delta }) => account === world.me && delta === -ETHER)
        const about = heard.filter((rule) => rules.includes(rule))
        expect(about.length > 0 || isTold, card).toBe(true)
      })
    for (const [title, build] of Object.entries(honest))
      play(title, 'honest')(`honest: ${title}`, async () => {
        const { report, card } = await world.play(build)
        expect(report.willRevert, card).toBe(false)
        expect(
          report.findings.filter(({ level }) => level !== 'info').map(({ rule, level }) => `${level} ${rule}`),
          card,
        ).toEqual([])
      })
  })
}
