import { score, scoreBenign, type Outcome } from '@countersign/simulator/journeys'
import { empty, type Rate, type Result } from './Result.ts'
import { share } from './Wilson.ts'

/**
 * Journeys of ordinary users and the attacks that look like them, in five sets that were written from kinds in words before
 * the rules were read. Each is simulated, then really sent: what does not do what it claims is no case and fails the bench. A
 * third of each set after the first is held back: its totals count, and its cases are never named. Honest cases of the
 * catalogue are counted with them.
 */
export async function run(log: (text: string) => void): Promise<Result> {
  const result = empty('journeys')
  const bar = (name: string, value: number, target: string, holds: boolean) =>
    result.bars.push({ name, value, target, holds })
  const [first, second] = [await score('', log), await score('', log, 'journeys2')]
  const [third, fourth] = [await score('', log, 'journeys3'), await score('', log, 'journeys4')]
  const fifth = await score('', log, 'journeys5')
  const parts = [
    ['first set', first],
    ['second set, open', second.filter(({ isHeldBack }) => !isHeldBack)],
    ['second set, held back', second.filter(({ isHeldBack }) => isHeldBack)],
    ['third set, open', third.filter(({ isHeldBack }) => !isHeldBack)],
    ['third set, held back', third.filter(({ isHeldBack }) => isHeldBack)],
    ['fourth set, open', fourth.filter(({ isHeldBack }) => !isHeldBack)],
    ['fourth set, held back', fourth.filter(({ isHeldBack }) => isHeldBack)],
    ['fifth set, open', fifth.filter(({ isHeldBack }) => !isHeldBack)],
    ['fifth set, held back', fifth.filter(({ isHeldBack }) => isHeldBack)],
  ] as const
  result.rates = parts.flatMap(([name, part]) => ratesOf(name, part))
  const outcomes = [...first, ...second, ...third, ...fourth, ...fifth]
  const proven = outcomes.filter(({ truth }) => truth === true)
  const attacks = proven.filter(({ isAttack }) => isAttack)
  const honest = proven.filter(({ isAttack }) => !isAttack)
  const found = attacks.filter(isFound)
  const blocked = honest.filter(({ verdict }) => verdict === 'block')
  bar('journeys proven by sending', proven.length, `= ${outcomes.length}`, proven.length === outcomes.length)
  bar('attacks found', found.length / attacks.length, '≥ 0.97', found.length >= 0.97 * attacks.length)
  bar('honest journeys blocked', blocked.length, '= 0', blocked.length === 0)
  const unbalanced = outcomes.filter((each) => each.unbalanced.length > 0)
  bar('reports whose changes do not add up', unbalanced.length, '= 0', unbalanced.length === 0)
  const benign = await scoreBenign()
  const all = [...benign, ...honest]
  const onNpm = all.filter(({ isOnNpm }) => isOnNpm)
  bar('honest cases, catalogue and journeys', all.length, '≥ 150', all.length >= 150)
  bar('of these on contracts that npm packages publish', onNpm.length, '≥ 60', onNpm.length >= 60)
  const blockedOfAll = all.filter(({ verdict }) => verdict === 'block').length
  bar('honest cases blocked', blockedOfAll, '= 0', blockedOfAll === 0)
  log(`on npm: ${onNpm.map(({ title }) => title).join('; ')}`)
  result.leftOut = [
    ...unbalanced.map(({ title, unbalanced: coins }) => `UNBALANCED ${title}: ${coins.join(', ')}`),
    ...outcomes
      .filter(({ isHeldBack }) => !isHeldBack)
      .filter((each) => each.truth !== true || (each.isAttack ? !isFound(each) : each.verdict === 'block'))
      .map(
        ({ title, isAttack, verdict, findings, truth }) =>
          `${truth !== true ? 'UNPROVEN' : isAttack ? 'MISSED' : 'FALSE BLOCK'} ${title}: ${verdict} ${findings.join(', ')}`,
      ),
  ]
  return result
}

const isFound = ({ verdict, willRevert }: Outcome): boolean => verdict !== 'allow' && !willRevert

function ratesOf(name: string, outcomes: readonly Outcome[]): Rate[] {
  const proven = outcomes.filter(({ truth }) => truth === true)
  const [attacks, honest] = [true, false].map((side) => proven.filter(({ isAttack }) => isAttack === side)) as [
    Outcome[],
    Outcome[],
  ]
  const rate = (metric: string, hits: number, n: number): Rate => ({
    ...{ case: name, subject: 'countersign', metric, ...share(hits, n) },
  })
  return [
    rate('detected', attacks.filter(isFound).length, attacks.length),
    rate('false block', honest.filter(({ verdict }) => verdict === 'block').length, honest.length),
    rate('false warn', honest.filter(({ verdict }) => verdict === 'warn').length, honest.length),
  ]
}
