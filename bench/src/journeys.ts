import { score } from '@countersign/simulator/journeys'
import { empty, type Rate, type Result } from './Result.ts'
import { share } from './Wilson.ts'

/**
 * Journeys of ordinary users and the attacks that look like them, written from the kinds in words before the rules were
 * read. Each is simulated, then really sent: what does not do what it claims is no case and fails the bench.
 */
export async function run(log: (text: string) => void): Promise<Result> {
  const result = empty('journeys')
  const outcomes = await score('', log)
  const proven = outcomes.filter(({ truth }) => truth === true)
  const attacks = proven.filter(({ isAttack }) => isAttack)
  const honest = proven.filter(({ isAttack }) => !isAttack)
  const found = attacks.filter(({ verdict, willRevert }) => verdict !== 'allow' && !willRevert)
  const blocked = honest.filter(({ verdict }) => verdict === 'block')
  const warned = honest.filter(({ verdict }) => verdict === 'warn')
  const rate = (metric: string, hits: number, n: number): Rate => ({
    ...{ case: 'all', subject: 'countersign', metric, ...share(hits, n) },
  })
  result.rates = [
    rate('detected', found.length, attacks.length),
    rate('false block', blocked.length, honest.length),
    rate('false warn', warned.length, honest.length),
  ]
  const bar = (name: string, value: number, target: string, holds: boolean) =>
    result.bars.push({ name, value, target, holds })
  bar('journeys proven by sending', proven.length, `= ${outcomes.length}`, proven.length === outcomes.length)
  bar('attacks found', found.length / attacks.length, '≥ 0.97', found.length >= 0.97 * attacks.length)
  bar('honest journeys blocked', blocked.length, '= 0', blocked.length === 0)
  const unbalanced = outcomes.filter((each) => each.unbalanced.length > 0)
  bar('reports whose changes do not add up', unbalanced.length, '= 0', unbalanced.length === 0)
  result.leftOut = [
    ...unbalanced.map(({ title, unbalanced: coins }) => `UNBALANCED ${title}: ${coins.join(', ')}`),
    ...outcomes
      .filter((each) => each.truth !== true || (each.isAttack ? !found.includes(each) : blocked.includes(each)))
      .map(
        ({ title, isAttack, verdict, findings, truth }) =>
          `${truth !== true ? 'UNPROVEN' : isAttack ? 'MISSED' : 'FALSE BLOCK'} ${title}: ${verdict} ${findings.join(', ')}`,
      ),
  ]
  return result
}
