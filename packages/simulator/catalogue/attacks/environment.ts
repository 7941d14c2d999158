import type { Attack, Staged } from '../Catalogue.ts'
import { decidedBy, delta } from '../facts.ts'
import { ETHER } from '../moves.ts'
import type { World } from '../World.ts'

const POT = 1_000n * ETHER

/** A contract with a pot that pays only where it believes to be simulated; on the chain it keeps the ether. */
async function pill(
  world: World,
  name: string,
  args: readonly unknown[],
  { opcode, environment = 'spec-default' }: { opcode: string; environment?: string },
): Promise<Staged> {
  const at = await world.deploy(name)
  await world.enrich(at, POT)
  return {
    calls: [world.call(name, at, 'claim', args, { value: ETHER })],
    harm: { loses: [[null, ETHER]] },
    shows: (report, card) => ({
      'one ether leaves': delta(report, world.me, null) === -ETHER,
      'the environment that disagrees, first': report.environments[0]?.name === environment,
      'the opcode that decides': decidedBy(report, environment).includes(opcode),
      'both outcomes on the card': card.includes('-1 ETH') && /Otherwise \(/.test(card),
    }),
  }
}

const RULES = ['environment-dependent']

export const environment: readonly Attack[] = [
  {
    id: 'A01',
    title: 'bait where there is no builder',
    verdict: 'block',
    rules: RULES,
    stage: (world) => pill(world, 'RedPill', [1n], { opcode: 'COINBASE' }),
  },
  {
    id: 'A02',
    title: 'bait where the base fee is zero',
    verdict: 'block',
    rules: RULES,
    stage: (world) => pill(world, 'RedPill', [2n], { opcode: 'BASEFEE' }),
  },
  {
    id: 'A03',
    title: 'bait where gas has no price',
    verdict: 'block',
    rules: RULES,
    stage: (world) => pill(world, 'RedPill', [3n], { opcode: 'GASPRICE' }),
  },
  {
    id: 'A04',
    title: 'bait where there is no randomness',
    verdict: 'block',
    rules: RULES,
    stage: (world) => pill(world, 'RedPill', [4n], { opcode: 'PREVRANDAO' }),
  },
  {
    id: 'A05',
    title: 'bait where there is plenty of gas',
    verdict: 'block',
    rules: RULES,
    stage: (world) => pill(world, 'RedPill', [5n], { opcode: 'GAS' }),
  },
  {
    id: 'A05b',
    title: 'bait just above what an estimate gives',
    verdict: 'block',
    rules: RULES,
    stage: (world) => pill(world, 'GasPill', [], { opcode: 'GAS' }),
  },
  {
    id: 'A08',
    title: 'honest for ten minutes',
    verdict: 'block',
    rules: RULES,
    async stage(world) {
      const at = await world.deploy('TimeBomb')
      await world.enrich(at, POT)
      return {
        calls: [world.call('TimeBomb', at, 'claim', [], { value: ETHER })],
        harm: { loses: [[null, ETHER]], hidden: 'after ten minutes' },
        shows: (report, card) => ({
          'the hour that disagrees, first': report.environments[0]?.name === 'later',
          'the clock decides': decidedBy(report, 'later').includes('TIMESTAMP'),
          'the loss an hour later on the card': /Otherwise \(later.*\n\s*-1 ETH/.test(card),
        }),
      }
    },
  },
  {
    id: 'A10a',
    title: 'bait where the parent has no hash',
    verdict: 'block',
    rules: RULES,
    stage: (world) => pill(world, 'MorePills', [1n], { opcode: 'BLOCKHASH' }),
  },
  {
    id: 'A10b',
    title: 'bait where the block has a simulator’s gas limit',
    verdict: 'block',
    rules: RULES,
    stage: (world) => pill(world, 'MorePills', [2n], { opcode: 'GASLIMIT' }),
  },
  {
    id: 'A10c',
    title: 'bait on a chain id that is not this one',
    verdict: 'allow',
    rules: [],
    async stage(world) {
      const staged = await pill(world, 'MorePills', [3n], { opcode: 'CHAINID' })
      return { ...staged, shows: (report) => ({ 'one ether leaves': delta(report, world.me, null) === -ETHER }) }
    },
  },
  {
    id: 'A10d',
    title: 'bait where blobs cost nothing and gas neither',
    verdict: 'block',
    rules: RULES,
    stage: (world) => pill(world, 'MorePills', [4n], { opcode: 'BASEFEE' }),
  },
  {
    id: 'A10e',
    title: 'bait that needs two signs at once',
    verdict: 'block',
    rules: RULES,
    stage: (world) => pill(world, 'MorePills', [5n], { opcode: 'COINBASE' }),
  },
  {
    id: 'A11',
    title: 'drawn by lot, whatever the lot says now',
    verdict: 'block',
    rules: RULES,
    async stage(world) {
      const at = await world.deploy('Lottery')
      await world.enrich(at, POT)
      return {
        calls: [world.call('Lottery', at, 'play', [], { value: ETHER })],
        harm: { loses: [[null, ETHER]], hidden: 'in every other block' },
        shows: (report) => ({
          'randomness decides': report.environments.some(({ name }) => decidedBy(report, name).includes('PREVRANDAO')),
        }),
      }
    },
  },
]
