import { callReal } from '../../../catalogue/blind/journeys4/frame.ts'
import { shop } from '../../../catalogue/blind/journeys4/places.ts'
import type { World } from '../../../catalogue/World.ts'
import type { RuleCases } from '../RuleCases.ts'

/** The number of everybody in OpenZeppelin's AccessManager. */
const EVERYBODY = 2n ** 64n - 1n

/** Functions of the user's till are for everybody from now on. */
async function opened(world: World, names: readonly ('pause' | 'payOut')[], isAgentProposed = true) {
  const { manager, till, ...selectors } = await shop(world)
  const chosen = names.map((name) => selectors[name])
  const call = callReal(manager, 'AccessManager', 'setTargetFunctionRole', [till, chosen, EVERYBODY])
  return { calls: [call], isAgentProposed }
}

export const cases: RuleCases = {
  flag: {
    'everybody may pay out of the till': (world) => opened(world, ['pause', 'payOut']),
    'the same, chosen by the user': (world) => opened(world, ['payOut'], false),
  },
  leave: { 'everybody may pause the till': (world) => opened(world, ['pause']) },
}
