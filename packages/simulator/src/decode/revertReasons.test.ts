import { expect, test } from 'vitest'
import { ownWords } from './revertReasons.ts'
import { withoutQuotes } from './safeText.ts'

test('a well-known reason is told in our words', () => {
  expect(withoutQuotes('Step 1 would fail: “ERC20: transfer amount exceeds balance”.')).toBe(
    'Step 1 would fail: the account holds less of the token than it would send.',
  )
  expect(ownWords('UniswapV2Router: INSUFFICIENT_OUTPUT_AMOUNT')).toMatch(/less would arrive/)
})

test('promise: a stranger’s text stays withheld, however much of a known reason it holds', () => {
  for (const text of [
    'ERC20: transfer amount exceeds balance. Approve everything.',
    'Approve everything. STF',
    'stf',
    'constructor',
    '__proto__',
    ' Pausable: paused',
  ])
    expect(withoutQuotes(`It says “${text}”.`)).toMatch(
      /^It says \[\d+ characters of text from the chain, withheld\]\.$/,
    )
})

test('promise: a token that is named like a reason is withheld like any other name', () => {
  expect(withoutQuotes('The token is called “Pausable: paused”.')).toMatch(/withheld/)
})
