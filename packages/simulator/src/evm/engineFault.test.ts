import { LogText } from '@countersign/base'
import { expect, test } from 'vitest'
import * as Coin from '../model/Coin.ts'
import { EngineRefusedError } from './ethereumjs/createEthereumjsEngine.ts'
import { EngineAnswerError, unaffordable } from './runBatch.ts'

/** What an engine or a node may write: JSON, our quotation marks, a contract's words, amounts in wei. */
const MARK = 'MARK\u202e\u200b”'
const WRITTEN = [
  MARK,
  `{"jsonrpc":"2.0","error":{"code":-32602,"message":"${MARK}"}}`,
  `invalid value: integer \`-1\`, expected u64 at line 1 column 4711 ${MARK}`,
  `insufficient funds: have 123456789012345678901234 want 999999999999999999999999 ${MARK}`,
]

test.each([
  ['EngineAnswerError', EngineAnswerError],
  ['EngineRefusedError', EngineRefusedError],
] as const)('promise: %s says nothing that an engine wrote', (_, Fault) => {
  for (const written of WRITTEN) {
    const error = new Fault(written)
    const told = JSON.stringify([error.message, error.hint, error])
    expect(told).not.toMatch(/MARK|jsonrpc|\d{5}|insufficient funds/)
    expect(error.message).toMatch(/^[A-Za-z ]+\.$/)
    // The operator finds it.
    expect(LogText.ofError(error).cause?.message).toContain('MARK')
  }
})

test('promise: a balance that is too small is told in the coin, never in wei', () => {
  const amounts = [0n, 1n, 10n ** 18n, 123_456_789_012_345_678_901_234n, 2n ** 255n]
  for (const coin of [{ symbol: 'ETH', decimals: 18 }, Coin.UNNAMED])
    for (const balance of amounts)
      for (const value of amounts) {
        const text = unaffordable(coin, { balance, value, gasLimit: 21_000n, cap: 10n ** 9n })
        expect(text).not.toMatch(/\bwei\b|[{}"]/)
        expect(text).toContain(`the account holds ${Coin.text(coin, balance)}, and it needs `)
      }
  expect(
    unaffordable(
      { symbol: 'ETH', decimals: 18 },
      {
        balance: 123_456_789_012_345_678_901_234n,
        value: 10n ** 24n,
        gasLimit: 21_000n,
        cap: 10n ** 9n,
      },
    ),
  ).toMatchInlineSnapshot(
    `"the account holds 123456.789012345678901234 ETH, and it needs 1000000.000021 ETH: 1000000 ETH to pay and up to 0.000021 ETH for 21000 gas"`,
  )
})
