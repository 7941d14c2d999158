import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWorld } from '../../openWorld.ts'
import type { World } from '../../World.ts'
import type { Journey, Make } from '../journeys/frame.ts'
import { LISTED, PURSES } from './scenes.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

/** What the report says, and whether the scene, really sent, does what it claims. */
async function play(make: Make) {
  let journey: Journey | undefined
  return world.inside(
    async (at) => {
      journey = await make(at)
      return journey.scene
    },
    async (scene) => {
      const { report, card } = await world.simulate(scene)
      for (const each of scene.calls ?? []) await world.send(each, scene.from)
      const findings = report.findings.filter(({ level }) => level !== 'info').map(({ rule }) => rule)
      return { findings, card, isTrue: await journey?.truth() }
    },
  )
}

describe.each([
  ['a record of what is listed: ', LISTED, 'proceeds-elsewhere'],
  ['a purse whose owner is a constant: ', PURSES, 'unknown-grant'],
] as const)('%s', (_, scenes, rule) => {
  test.each(Object.entries(scenes))('promise: a stranger in %s is told of', async (_name, { attack }) => {
    const { findings, card, isTrue } = await play(attack)
    expect(isTrue).toBe(true)
    expect(findings, card).toContain(rule)
  })
  test.each(Object.entries(scenes))('the honest twin with %s is left alone', async (_name, { honest }) => {
    const { findings, card, isTrue } = await play(honest)
    expect(isTrue).toBe(true)
    expect(findings, card).toEqual([])
  })
})

test('a stranger whom the user named as the recipient of what is listed is no finding', async () => {
  const [make] = Object.values(LISTED)
  const { findings, card } = await play(async (at) => {
    const journey = await make!.attack(at)
    return { ...journey, scene: { ...journey.scene, saidRecipients: [at.thief] } }
  })
  expect(findings, card).toEqual([])
})
