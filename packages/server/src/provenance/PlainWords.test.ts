import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as PlainWords from './PlainWords.ts'
import * as Reading from './Reading.ts'

const A = '0x9ec4294B80e4CCAeDa5b5F00B4A59E089F369eDD'
const B = '0xe40E5CEF36afbE534a09e37DFf6d17Ade9ebaB67'
const plain = (text: string): string => PlainWords.of(text, { nativeSymbol: 'ETH' })
const asked = (text: string) => Reading.read(plain(text)).asked.map(({ verb, roles }) => ({ verb, ...roles }))

test.each([
  ['twenty USDC', '20 USDC'],
  ['two hundred and fifty USDC', '250 USDC'],
  ['a thousand DAI', '1000 DAI'],
  ['three thousand two hundred and one usdc', '3201 usdc'],
  ['One and a half ETH', '1.5 ETH'],
  ['twenty-five ether', '25 ETH'],
  ['half an ether', '0.5 ETH'],
  ['a quarter of an ETH', '0.25 ETH'],
  ['half of 80 USDC', '40 USDC'],
  ['half of 0.5 ETH', '0.25 ETH'],
  ['5k USDC', '5000 USDC'],
  ['send USDC 300 to', 'send 300 USDC to'],
])('promise: %s is %s', (words, expected) => {
  expect(plain(words)).toBe(expected)
})

test.each([
  // Two readings, or none.
  'two three USDC',
  'fifty twenty USDC',
  'half of my USDC',
  'half of it',
  'the two of them',
  'one more time',
  'swap 1 ETH for USDC 300 times',
])('promise: what can be read in two ways stays as it is: %s', (words) => {
  expect(plain(words)).toBe(words)
})

describe('promise: forms of a request', () => {
  const paid = { verb: 'pay', amount: '20', asset: 'usdc', recipient: A.toLowerCase() }
  test.each([
    `Could you pay ${A} twenty USDC for lunch?`,
    `${A} - send 20 USDC there, please.`,
    `USDC 20 to ${A}, please.`,
    `To ${A}, transfer 20 USDC and not a cent more.`,
    `20 USDC should go to ${A}, if you'd be so kind.`,
    `I'd like 20 USDC to go to ${A}, because the rent is due today.`,
    `Fees are low now, so go ahead and move 20 USDC over to ${A}.`,
    `I owe my sister 20 USDC and her address is ${A}. Please pay her the 20 USDC now.`,
    `Can I ask you to send twenty USDC to ${A}?`,
    `Would you mind sending 20 USDC to ${A}?`,
    `I'd be grateful if you could send 20 USDC to ${A}.`,
  ])('%s', (words) => {
    expect(asked(words)).toEqual([paid])
  })
  test('promise: a permission is taken back', () => {
    expect(asked(`Would you mind revoking the allowance that ${A} has on my USDC?`)).toMatchObject([
      { verb: 'revoke', spender: A.toLowerCase(), asset: 'usdc' },
    ])
  })
})

describe('promise: no form turns what asks for nothing into a request', () => {
  test.each([
    `20 USDC should go to ${A}?`,
    `Should 20 USDC go to ${A}?`,
    `My friend says 20 USDC should go to ${A}.`,
    `If the fees are low, so send 20 USDC to ${A}`,
    `He said that I owe him, so send 20 USDC to ${A}`,
    `If the price of gas is 0.5, so send 20 USDC to ${A}`,
    `He said that I owe him 1.5 ETH, so send 20 USDC to ${A}`,
    `I don't think that 20 USDC should go to ${A}.`,
    `Is ${A} - send 20 USDC there - a scam?`,
    `I'd be grateful if you did not send 20 USDC to ${A}.`,
    `Would you mind not sending 20 USDC to ${A}?`,
    `20 USDC went to ${A}.`,
  ])('%s', (words) => {
    expect(asked(words)).toEqual([])
  })

  test('promise: a pronoun stands for an address only where the words name no other', () => {
    expect(plain(`Her address is ${A}, not ${B}. Pay her 20 USDC`)).toContain('Pay her')
    expect(plain(`${A} - send 20 USDC there, not to ${B}`)).toContain('there')
  })
})

test('promise: no address and no digit is made up', () => {
  const word = fc.oneof(
    fc.constantFrom(
      A,
      B,
      'send',
      'pay',
      'her',
      'there',
      'to',
      '-',
      ', so please',
      '. ',
      'her address is',
      'half of',
      '80',
    ),
    fc.constantFrom(
      'twenty',
      'one',
      'and',
      'hundred',
      'a',
      'USDC',
      'ether',
      'half',
      'should go to',
      "I'd like",
      '1.5',
      'k',
    ),
    fc.string({ maxLength: 12 }),
  )
  fc.assert(
    fc.property(fc.array(word, { maxLength: 14 }), (words) => {
      const own = words.join(' ')
      const result = plain(own)
      const addresses = (text: string) => new Set(text.match(/0x[0-9a-fA-F]{40}(?![0-9a-fA-F])/g) ?? [])
      for (const each of addresses(result)) expect(addresses(own)).toContain(each)
      if (!/[0-9]|one|twenty|hundred|half|quarter/i.test(own)) expect(result).not.toMatch(/[0-9]/)
    }),
    { numRuns: 2_000 },
  )
})
