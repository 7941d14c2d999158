import { finding, type Rule } from '../Rule.ts'

/** The account cannot pay for a step and its gas. */
export const rule: Rule = {
  name: 'insufficient-funds',
  remediation: 'Add funds to the account, or send less.',
  about: 'A step cannot be sent: the account does not hold what it pays and what its gas costs.',
  levels: 'block',
  check: ({ engine, request }) =>
    engine.refusals
      .filter(({ refused }) => refused === 'insufficient-funds')
      .map(({ step, because }) =>
        finding('insufficient-funds', 'block', 'Not enough funds', `Step ${step} cannot be sent: ${because}.`, {
          step,
          subject: request.from,
        }),
      ),
}
