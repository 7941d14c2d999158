import { DOLLAR, ETHER, swapDollars, usdc } from '../../../catalogue/moves.ts'
import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'another recipient': (world) => ({
      calls: [usdc(world, 'transfer', [world.thief, 5n * DOLLAR])],
      intent: [
        { name: 'max_outflow', token: world.chain.addresses.usdc, amount: '5000000' },
        { name: 'recipient_receives', account: world.friend, token: world.chain.addresses.usdc, amount: '5000000' },
        { name: 'allowed_recipients', recipients: [world.friend] },
      ],
    }),
    'less than was asked for': (world) => ({
      calls: swapDollars(world, 1_000n * DOLLAR, ETHER / 10n),
      intent: [
        { name: 'max_outflow', token: world.chain.addresses.usdc, amount: '1000000000' },
        { name: 'min_inflow', token: null, amount: ETHER.toString() },
      ],
    }),
  },
  leave: {
    'exactly what was meant': (world) => ({
      calls: [usdc(world, 'transfer', [world.friend, 5n * DOLLAR])],
      intent: [
        { name: 'max_outflow', token: world.chain.addresses.usdc, amount: '5000000' },
        { name: 'recipient_receives', account: world.friend, token: world.chain.addresses.usdc, amount: '5000000' },
        { name: 'allowed_recipients', recipients: [world.friend] },
      ],
    }),
  },
}
