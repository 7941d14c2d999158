import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'twenty million gas': (world) => ({ calls: [{ ...world.pay(world.friend, 1n), gasLimit: 20_000_000n }] }),
  },
  leave: {
    'as much as one transaction may have': (world) => ({
      calls: [{ ...world.pay(world.friend, 1n), gasLimit: 2n ** 24n }],
    }),
  },
}
