/** What the enforcement bench measures, for a few scenes: routes of wallets, a switch, and an honest batch. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Simulator } from '../../src/index.ts'
import { openWorld } from '../openWorld.ts'
import type { World } from '../World.ts'
import { AT_ONCE, HOSTILE, LATER, measureScenes, measureSwitches, runRoutes } from './index.ts'

let world: World
let simulator: Simulator
beforeAll(async () => {
  world = await openWorld()
  simulator = await world.open()
})
afterAll(async () => {
  await simulator.close()
  await world.close()
})
const log = (): void => undefined

test('promise: each route holds the outcome, or is shown as not enforced', async () => {
  const runs = await runRoutes(world, simulator, log)
  const told = runs.map(({ route, status, because, arrived, isSuccessTurned, told: by }) => {
    const turned = arrived.guardedTurned ?? arrived.plainTurned
    const moved = turned === 0n ? 'nothing moved' : 'the loss took place'
    return `${route}: ${status === 'none' ? `not enforced (${because ?? ''})` : 'enforced'}; turned: ${moved}, transaction ${isSuccessTurned === true ? 'succeeds' : isSuccessTurned === false ? 'reverts' : 'not guarded'}${by === null ? '' : `, told by ${by}`}`
  })
  expect(told).toMatchInlineSnapshot(`
    [
      "7702, own batch code: enforced; turned: nothing moved, transaction reverts",
      "7702, MetaMask: enforced; turned: nothing moved, transaction reverts",
      "7702, MetaMask, try mode: not enforced (the batch goes on when a call in it fails (try mode).); turned: the loss took place, transaction succeeds",
      "Safe 1.4.1: enforced; turned: nothing moved, transaction reverts",
      "Safe 1.4.1, safeTxGas > 0: enforced; turned: nothing moved, transaction succeeds, told by ExecutionFailure",
      "4337 v0.7, MetaMask: enforced; turned: nothing moved, transaction succeeds, told by UserOperationEvent.success",
      "plain account, one by one: not enforced (this wallet sends one transaction at a time.); turned: the loss took place, transaction not guarded",
    ]
  `)
  for (const { arrived } of runs) expect(arrived.calm).toBeGreaterThan(arrived.plainTurned)
})

test('promise: an attack that changes before the block does nothing when it is enforced', async () => {
  const [scene, ...others] = await measureScenes(world, simulator, {
    ...{ only: ({ name }) => name.startsWith('B01 '), moves: HOSTILE, kinds: [null], log },
  })
  expect(others).toEqual([])
  const changed = scene?.runs.filter(({ worse }) => worse !== null && worse.length > 0) ?? []
  expect(changed.map(({ move, isPlainMined, isMined }) => ({ move, isPlainMined, isMined }))).toEqual([
    { move: 'the switch is turned', isPlainMined: true, isMined: false },
  ])
})

test('an honest batch takes effect in the next block and twenty blocks later', async () => {
  const runs = await measureScenes(world, simulator, {
    ...{
      only: ({ name }) => name.startsWith('A a vesting contract releases'),
      moves: [AT_ONCE, LATER],
      kinds: [null],
      log,
    },
  })
  expect(runs.flatMap((scene) => scene.runs.map(({ isMined, isPlainMined }) => [isPlainMined, isMined]))).toEqual([
    [true, true],
    [true, true],
  ])
})

test('promise: what a switch turns into does not happen when it is enforced, for every kind of effect that has a getter', async () => {
  const runs = await measureSwitches(world, simulator, { kinds: [null], log })
  // Otherwise there was nothing to prevent, or the guard refuses everything.
  expect(runs.filter(({ isChanged, isCalmMined }) => !isChanged || !isCalmMined)).toEqual([])
  const open = runs.filter(({ isPrevented }) => !isPrevented)
  expect(open.map(({ name, notExpressible }) => `${name}: ${notExpressible ?? 'NOT PREVENTED'}`))
    .toMatchInlineSnapshot(`
      [
        "gives an allowance of what was deposited: whoever gets it is nobody of the preview, and a bound must name the spender",
        "a token whose balance lies: the reading is the token’s own",
        "hands on what the user holds in a registry that nobody knows: no standard names a getter",
      ]
    `)
})
