import { expect, test } from 'vitest'
import { run } from '../../bench/src/payments.ts'

test('promise: from a facilitator that lies, doubles, swaps and delays nobody pays twice, and no payment is lost', async () => {
  const { bars, rates } = await run(() => undefined, { runs: 60 })
  expect(bars.filter(({ holds }) => !holds)).toEqual([])
  // Purchases do come about: a buyer that pays nothing would hold every bar.
  const paid = rates?.find(({ subject, metric }) => subject === 'countersign' && metric === 'paid')
  expect(paid?.hits).toBeGreaterThan(30)
})
