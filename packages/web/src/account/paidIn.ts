import type { Proposal } from '@countersign/sdk'
import { decode, same } from '../card/Bytes.ts'
import type { PaidBefore } from '../card/Card.ts'

/** Whom this account paid, and when last: from what settled. */
export function paidIn(proposals: readonly Proposal[], owner: string | undefined): PaidBefore {
  const paid = new Map<string, string>()
  for (const { state, from, calls, settlement } of proposals) {
    if (state !== 'settled' || owner === undefined || !same(from, owner)) continue
    for (const { recipient, name, isPayment } of calls.map(decode)) {
      if (recipient === null || !(isPayment || name === 'transfer')) continue
      const at = settlement?.verified_at ?? ''
      if ((paid.get(recipient.toLowerCase()) ?? '') <= at) paid.set(recipient.toLowerCase(), at)
    }
  }
  return paid
}
