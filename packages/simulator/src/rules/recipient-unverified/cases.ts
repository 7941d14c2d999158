import { Address } from '@countersign/base'
import { usdc, vouch } from '../../../catalogue/moves.ts'
import type { RuleCases } from '../RuleCases.ts'

export const cases: RuleCases = {
  flag: {
    'somebody new': (world) => ({ calls: [world.pay(world.stranger, 1n)] }),
    'somebody whom the agent chose': (world) => ({ calls: [world.pay(world.friend, 1n)], isAgentProposed: true }),
    'somebody whom the user named as the recipient': (world) => ({
      calls: [world.pay(world.friend, 1n)],
      isAgentProposed: true,
      saidRecipients: [world.friend],
    }),
    'somebody whom the user only mentioned': (world) => ({
      calls: [usdc(world, 'transfer', [world.friend, 1n])],
      known: [vouch(world.friend, 'typed by you', 'user')],
      isAgentProposed: true,
    }),
    nobody: (world) => ({ calls: [world.pay(Address.ZERO, 1n)] }),
    'the token itself': (world) => ({ calls: [usdc(world, 'transfer', [world.chain.addresses.usdc, 1n])] }),
    'a contract that gives nothing back': async (world) => ({
      calls: [usdc(world, 'transfer', [await world.deploy('Counter'), 1n])],
    }),
  },
  leave: {
    'a contact': (world) => ({ calls: [world.pay(world.friend, 1n)], known: [vouch(world.friend, 'Friend')] }),
    'a recipient that the intent names': (world) => ({
      calls: [world.pay(world.friend, 1n)],
      intent: [
        { name: 'max_outflow', token: null, amount: '1' },
        { name: 'recipient_receives', account: world.friend, token: null, amount: '1' },
      ],
    }),
  },
}
