import { finding, type Rule } from '../Rule.ts'

/** No block takes a transaction with such a gas limit. */
export const rule: Rule = {
  name: 'gas-limit',
  remediation: 'Raise the gas limit to what the simulation used, or leave it out.',
  about: 'A step asks for more gas than one transaction may use (EIP-7825, or the block).',
  levels: 'block',
  check: ({ engine, request }) =>
    engine.refusals
      .filter(({ refused }) => refused === 'gas-limit')
      .map(({ step, because }) =>
        finding('gas-limit', 'block', 'Gas limit out of range', `Step ${step} cannot be sent: ${because}.`, {
          step,
          subject: request.from,
        }),
      ),
}
