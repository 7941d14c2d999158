import type { Attack } from '../Catalogue.ts'
import { delta, grants, says } from '../facts.ts'
import { buyDollars, DOLLAR, ETHER, FOREVER, router, usdc } from '../moves.ts'

export const toctou: readonly Attack[] = [
  {
    id: 'B01',
    title: 'a deposit comes back as long as its owner leaves a flag set',
    verdict: 'warn',
    rules: ['outcome-switchable'],
    async stage(world) {
      const at = await world.deploy('Flip')
      return {
        calls: [world.call('Flip', at, 'deposit', [], { value: ETHER })],
        harm: { hidden: 'the owner flips the flag, and the ether is kept' },
        shows: (report) => ({
          'nothing changes now': delta(report, world.me, null) === 0n,
          'the switch and what it would do': says(report, 'outcome-switchable', 'ETH: -1 instead of 0'),
        }),
      }
    },
  },
  {
    id: 'B04',
    title: 'a swap without a minimum, for whoever trades first',
    verdict: 'block',
    rules: ['no-minimum-output'],
    stage: (world) => ({
      calls: [buyDollars(world, ETHER, 0n)],
      harm: { hidden: 'somebody who trades first takes the difference' },
      shows: (report) => ({
        'what it would give now': says(report, 'no-minimum-output', /would give 24\d\d\.\d{6} USDC /),
        'the minimum': report.findings.some(({ evidence }) => evidence['minimum'] === '0'),
      }),
    }),
  },
  {
    id: 'B06',
    title: 'an allowance is changed from 100 to 50, and the spender takes 150',
    verdict: 'warn',
    rules: ['allowance-race'],
    async stage(world) {
      const pool = await world.deploy('Staking', [world.chain.addresses.usdc])
      await world.send(usdc(world, 'approve', [pool, 100n * DOLLAR]))
      return {
        calls: [usdc(world, 'approve', [pool, 50n * DOLLAR])],
        harm: { hidden: 'the spender takes 150' },
        shows: (report) => ({
          'the worst case': says(report, 'allowance-race', '150000000 in the worst case'),
          'the way out': says(report, 'allowance-race', 'to 0 first'),
        }),
      }
    },
  },
  {
    id: 'B07',
    title: 'the approval goes through and the swap fails',
    verdict: 'block',
    rules: ['reverts'],
    stage: (world) => {
      const { uniswapV2Router, usdc: dollar, weth } = world.chain.addresses
      return {
        calls: [
          usdc(world, 'approve', [uniswapV2Router, 100n * DOLLAR]),
          router(world, 'swapExactTokensForETH', [100n * DOLLAR, ETHER, [dollar, weth], world.me, FOREVER]),
        ],
        harm: { fails: true, grants: [{ contract: dollar, subject: uniswapV2Router }] },
        shows: (report, card) => ({
          'the step that fails': says(report, 'reverts', 'Step 2'),
          'what the first step leaves behind': grants(report, 'erc20_allowance', uniswapV2Router),
          'that it stays': says(report, 'reverts', 'the authority that they grant stays'),
          'nothing arrives': delta(report, world.me, null) === 0n && card.includes('INSUFFICIENT_OUTPUT_AMOUNT'),
        }),
      }
    },
  },
]
