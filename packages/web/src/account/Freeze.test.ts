import { describe, expect, test } from 'vitest'
import * as Freeze from './Freeze.ts'

const mandate = (name: string, state: Freeze.Mandate['state']) => ({ name, state }) as Freeze.Mandate

describe('resultOf', () => {
  test('promise: counts what is frozen and who confirmed', () => {
    expect(Freeze.resultOf({ confirmed: 2, live: 2, mandates: [{ state: 'frozen' }] })).toEqual({
      isComplete: true,
      text: '1 mandate is frozen. 2 of 2 running servers confirmed it.',
    })
  })

  test.each([
    ['a running server did not confirm', { confirmed: 1, live: 2, mandates: [{ state: 'frozen' }] }],
    ['no server confirmed', { confirmed: 0, live: 0, mandates: [{ state: 'frozen' }] }],
    ['a mandate is not frozen', { confirmed: 1, live: 1, mandates: [{ state: 'frozen' }, { state: 'active' }] }],
  ])('promise: is not shown as done where %s', (_, answer) => {
    expect(Freeze.resultOf(answer).isComplete).toBe(false)
    expect(Freeze.resultOf(answer).text).toContain('Press again')
  })
})

test('promise: lists what was handed out before, and leaves nothing out that it cannot read', () => {
  const outstanding = [
    { account: '0xabc', could_still_move: [{ symbol: 'USDC', token: '0x1', decimals: 6, amount: '20' }] },
    { account: '0xabc', could_still_move: [{ symbol: null, token: '0x2', decimals: null, amount: '7' }] },
    { account: '0xabc', could_still_move: [{ symbol: 'DAI' }, null] },
    { account: '0xabc' },
    {},
  ]
  expect(Freeze.outstandingOf({ outstanding })).toEqual([
    'Still able to move: 20 USDC from 0xabc.',
    'Still able to move: 7 smallest units of 0x2 from 0xabc.',
    'Still able to move: an unknown amount of DAI and an unknown amount of an unknown token from 0xabc.',
    'Still able to move: an unknown amount from 0xabc.',
    'Still able to move: an unknown amount from an unknown account.',
  ])
})

test('promise: names the mandates under which agents act now, and only those', () => {
  const mandates = [mandate('rent', 'active'), mandate('old', 'expired'), mandate('shop', 'frozen')]
  expect(Freeze.activeText(mandates)).toBe('1 mandate lets agents act without asking you: rent.')
  expect(Freeze.activeText(mandates.slice(1))).toContain('No mandate is active')
  expect(Freeze.byState(mandates).frozen.map(({ name }) => name)).toEqual(['shop'])
})
