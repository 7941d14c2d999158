import { finding, type Rule } from '../Rule.ts'

/** The protocol itself forbids the transaction. */
export const rule: Rule = {
  name: 'invalid-transaction',
  remediation: 'Correct the field that the reason names, then simulate again.',
  about:
    'A step breaks a rule of the protocol, so no block can hold it: creation code that is too long (EIP-3860), a priority fee above the fee cap (EIP-1559), a nonce that was used, a type without what it needs.',
  levels: 'block',
  check: ({ engine, request }) =>
    engine.refusals
      .filter(({ refused }) => refused === 'invalid')
      .map(({ step, because }) =>
        finding('invalid-transaction', 'block', 'No block can hold this', `Step ${step} cannot be sent: ${because}.`, {
          step,
          subject: request.from,
        }),
      ),
}
