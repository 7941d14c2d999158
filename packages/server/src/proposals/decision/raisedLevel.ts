import { effectWire, type Decision } from '../../mandates/decide/Decision.ts'
import type { Proposal } from '../Proposal.ts'

type Question = Proposal['questions'][number]

/** Questions that a decision asked: by where they point. */
const OWN = '/effects/'

/**
 * What a decision that asks for a step-up adds to a proposal: its owner types every amount that would move, or the contract where
 * nothing has an amount. Empty where it asks for no step-up.
 */
export function raisedLevel(
  { questions }: Pick<Proposal, 'questions'>,
  decision: Decision | null,
): { readonly level?: 'step-up'; readonly questions?: string } {
  if (decision?.answer !== 'step-up') return {}
  const because =
    decision.spoke.find(({ answer }) => answer === 'step-up')?.because ?? 'The mandate asks you to type it.'
  const asked = decision.effects.flatMap((effect, i): Question[] => {
    if (effect.kind !== 'outflow' && effect.kind !== 'authority') return []
    const { amount } = effectWire(effect)
    return typeof amount === 'string'
      ? [{ argument: `${OWN}${i}/amount`, value: amount, source: 'model', because }]
      : []
  })
  const [call] = decision.effects
  const where = call?.contract ?? call?.counterparty ?? call?.detail ?? 'yes'
  const own: readonly Question[] =
    asked.length > 0 ? asked : [{ argument: `${OWN}0/contract`, value: where, source: 'model', because }]
  return { level: 'step-up', questions: JSON.stringify([...questions.filter(isOthers), ...own]) }
}

/** Whether a question came from elsewhere than an earlier decision. */
export function isOthers({ argument }: Pick<Question, 'argument'>): boolean {
  return !argument.startsWith(OWN)
}
