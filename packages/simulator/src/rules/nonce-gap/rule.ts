import { finding, type Rule } from '../Rule.ts'

/** The transaction is not the account's next one. */
export const rule: Rule = {
  name: 'nonce-gap',
  remediation: 'Send the earlier transactions first, or leave the nonce out.',
  about:
    'The nonce of a step is above the account’s next: it waits for earlier transactions, which were not simulated.',
  levels: 'warn',
  check: ({ request, account }) => {
    const next = account(request.from)?.nonce
    if (next === undefined) return []
    return request.calls.flatMap(({ nonce, holder }, i) => {
      const expected = next + BigInt(i)
      if (holder !== undefined || nonce === undefined || nonce <= expected) return []
      return [
        finding(
          'nonce-gap',
          'warn',
          'It waits for earlier transactions',
          `Step ${i + 1} has nonce ${nonce}, and the account’s next is ${expected}. It is mined after ${nonce - expected} other transaction${nonce - expected === 1n ? '' : 's'} of the account, which may change what it does and were not simulated.`,
          { step: i + 1, subject: request.from, evidence: { nonce: nonce.toString(), next: expected.toString() } },
        ),
      ]
    })
  },
}
