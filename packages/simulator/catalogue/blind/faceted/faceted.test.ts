/** Pieces of which the functions are in several contracts (EIP-2535), and the run meets only one of these. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWorld } from '../../openWorld.ts'
import type { World } from '../../World.ts'
import { contractsOf } from '../frame.ts'
import { agent } from '../journeys/frame.ts'

const { make, call } = contractsOf(join(import.meta.dirname, 'contracts.json'))
let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const pieces = async (at: World) => {
  const to = await make(at, 'Faceted', [await make(at, 'Ledger'), await make(at, 'Game')])
  await at.send(call(to, 'Ledger', 'mint', [at.me, 7n]))
  return to
}

test('promise: a piece that another facet hands on without a word leaves, and is not taken for an entry of a register', async () => {
  const { report, card } = await world.play(async (at) =>
    agent(call(await pieces(at), 'Game', 'lendTo', [7n, at.thief])),
  )
  expect(report.verdict, card).not.toBe('allow')
  expect(
    report.tokenChanges.find(({ account, standard }) => account === world.me && standard === 'erc721'),
    card,
  ).toMatchObject({ delta: -1n })
})

test('a piece that stays whose it is moves nothing', async () => {
  const { report, card } = await world.play(async (at) => agent(call(await pieces(at), 'Game', 'enter', [7n])))
  expect([report.verdict, report.tokenChanges], card).toEqual(['allow', []])
})

test('promise: a deed that a function of its own hands on leaves its owner, and is said', async () => {
  const { report, card } = await world.play(async (at) => {
    const to = await make(at, 'Deeds')
    await at.send(call(to, 'Deeds', 'record', [7n]))
    return agent(call(to, 'Deeds', 'assign', [7n, at.thief]))
  })
  expect(report.verdict, card).not.toBe('allow')
})
