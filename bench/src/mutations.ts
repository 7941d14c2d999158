import { measure, MUTATIONS } from '@countersign/simulator/mutations'
import { empty, type Rate, type Result } from './Result.ts'
import { share } from './Wilson.ts'

/** As many proven variants as the bars ask for, and some more. */
const VARIANTS = 700
const SEED = 20_351_130

/**
 * Detection and false blocks on variants of the catalogue's scenes that a program makes: other storage layouts, names,
 * events, proxies, amounts, batches. A variant counts only if, really sent, it does to everybody what the original does and
 * the harm that the scene claims. With `--long` every variant there is.
 */
export async function run(log: (text: string) => void, isLong: boolean): Promise<Result> {
  const result = empty('detection, mutations')
  const { outcomes, missed } = await measure({ max: isLong ? null : VARIANTS, seed: SEED, log })
  const proven = outcomes.filter((outcome) => outcome.void === null)
  const rates: Rate[] = []
  const count = (name: string, isIn: (mutation: string) => boolean) => {
    const rows = proven.filter(({ mutation }) => isIn(mutation.name))
    for (const [metric, isAttack] of [
      ['detected', true],
      ['false block', false],
    ] as const) {
      const counted = rows.filter(({ seed }) => seed.isAttack === isAttack)
      const hits = counted.filter(({ isRight }) => isRight === isAttack).length
      if (counted.length > 0) rates.push({ case: name, subject: 'countersign', metric, ...share(hits, counted.length) })
    }
  }
  for (const { name, title } of MUTATIONS) count(`${name}: ${title}`, (mutation) => mutation === name)
  count('all', () => true)
  result.rates = rates
  const rateOf = (metric: string) => rates.find((each) => each.case === 'all' && each.metric === metric)?.rate ?? 0
  result.bars.push(
    { name: 'variants, proven by sending', value: proven.length, target: '≥ 500', holds: proven.length >= 500 },
    { name: 'detection', value: rateOf('detected'), target: '≥ 0.97', holds: rateOf('detected') >= 0.97 },
    { name: 'false blocks', value: rateOf('false block'), target: '≤ 0.01', holds: rateOf('false block') <= 0.01 },
  )
  const voids = Object.entries(
    Object.groupBy(
      outcomes.filter((outcome) => outcome.void !== null),
      (outcome) => `${outcome.mutation.name}, ${(outcome.void ?? '').slice(0, 60)}`,
    ),
  )
  result.leftOut = [
    ...missed.map(
      ({ outcome, smallest }) =>
        `${outcome.seed.isAttack ? 'MISSED' : 'FALSE BLOCK'} ${outcome.seed.name} (${smallest}): ${outcome.verdict} ${outcome.rules.join(' ')}`,
    ),
    ...voids.map(([why, group]) => `${group?.length ?? 0} × ${why}`),
  ]
  return result
}
