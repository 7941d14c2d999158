/**
 * Kinds of losses that incident reports describe, each with an honest deed that looks like it, over amounts: the loss is never
 * allowed, and the deed is never blocked. That each does what it says is shown by sending it (`score.ts --set incidents --truth`).
 */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWorld } from '../../openWorld.ts'
import type { World } from '../../World.ts'
import type { Make } from '../journeys/frame.ts'
import { pairs } from './all.ts'

/** What is known to be wrong, and why: the day that it is right, the list says so. */
const KNOWN: Readonly<Record<string, string>> = {
  'attack: coins for an account on another kind of chain':
    'thirty-two bytes that are no account of this chain: whose they are cannot be told, nor whether they are a receiver at all',
  'twin: a lock of votes merged into a lock': 'whose the other lock is stands in a word that the run never reads',
}

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const shares = fc.bigInt({ min: 20n, max: 900n })
const play = (make: Make) => world.play(async (at) => (await make(at)).scene)

describe.each(Object.keys(pairs(1n)))('%s', (title) => {
  const of = (side: string) => (`${side}: ${title}` in KNOWN ? test.fails : test)
  const pairAt = (share: bigint) => {
    const pair = pairs(share)[title]
    if (pair === undefined) throw new Error(`There is no pair ${title}.`)
    return pair
  }
  of('attack')('promise: the loss is never allowed, whatever its amount', () =>
    fc.assert(
      fc.asyncProperty(shares, async (share) => {
        const { report, card } = await play(pairAt(share).attack)
        expect(report.willRevert, card).toBe(false)
        expect(report.verdict, card).not.toBe('allow')
      }),
      { endOnFailure: true, numRuns: 2, seed: 2_026 },
    ),
  )
  of('twin')('the honest deed is never blocked', () =>
    fc.assert(
      fc.asyncProperty(shares, async (share) => {
        const { report, card } = await play(pairAt(share).twin)
        expect(report.willRevert, card).toBe(false)
        expect(report.verdict, card).not.toBe('block')
      }),
      { endOnFailure: true, numRuns: 2, seed: 2_027 },
    ),
  )
})
