/** Attribution by content: what a run writes about the user is told, wherever and however it is written. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WRITTEN_AWAY, WRITTEN_HONESTLY } from './attribution.ts'
import { openWorld } from './openWorld.ts'
import type { World } from './World.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

describe('promise: harm is told wherever it is written', () => {
  test.each(Object.entries(WRITTEN_AWAY))('%s', async (_, build) => {
    const { report, card } = await world.play(async (at) => ({ ...(await build(at)), isAgentProposed: true }))
    expect(report.willRevert, card).toBe(false)
    expect(report.verdict, card).not.toBe('allow')
  })
})

describe('what people do every day is not blocked', () => {
  test.each(Object.entries(WRITTEN_HONESTLY))('%s', async (_, build) => {
    for (const isAgentProposed of [false, true]) {
      const { report, card } = await world.play(async (at) => ({ ...(await build(at)), isAgentProposed }))
      expect(report.willRevert, card).toBe(false)
      expect(report.verdict, card).not.toBe('block')
    }
  })
})
