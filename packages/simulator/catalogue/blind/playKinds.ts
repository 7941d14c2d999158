import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ETHER } from '../moves.ts'
import { openWorld } from '../openWorld.ts'
import type { World } from '../World.ts'
import type { Kind } from './frame.ts'

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

  describe.each(kinds)('$title', ({ rules, attacks, honest, isBait, mostHonest }) => {
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
          report.findings
            .filter(({ level }) => level !== 'info' && level !== mostHonest)
            .map(({ rule, level }) => `${level} ${rule}`),
          card,
        ).toEqual([])
      })
  })
}
