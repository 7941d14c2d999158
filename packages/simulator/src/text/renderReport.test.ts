import { Address } from '@countersign/base'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWorld } from '../../catalogue/openWorld.ts'
import type { World } from '../../catalogue/World.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const ETHER = 10n ** 18n

test('promise: what the card leaves out is counted and summed, and large amounts come first', async () => {
  const people = Array.from({ length: 40 }, (_, i) =>
    Address.parse(`0x${(0xa11ce0000 + i).toString(16).padStart(40, '0')}`),
  )
  const { card, report } = await world.play(async () => ({
    calls: [
      world.call(
        'TryBatch',
        await world.deploy('TryBatch'),
        'run',
        [people.map((target, i) => ({ target, value: BigInt(i + 1) * 10n ** 15n, data: '0x' }))],
        { value: ETHER },
      ),
    ],
  }))
  const paid = report.tokenChanges.filter(({ account }) => people.includes(account))
  expect(paid.length).toBe(40)
  const [, others = ''] = card.split('Others\n')
  const [first = ''] = others.split('\n')
  // The batch keeps what it was not asked to pay; of the people the last gets most.
  expect(others.indexOf(people[39] as string)).toBeGreaterThanOrEqual(0)
  expect(others.indexOf(people[39] as string)).toBeLessThan(others.indexOf(people[38] as string))
  expect(first).not.toContain(people[0])
  expect(card.replaceAll(/\s+/g, ' ')).toMatch(/and 29 more accounts of 42 in all, which together get \+0\.435 ETH/)
})
