import { expect, test } from 'vitest'
import { typedData } from './StepUp.ts'

const question = (value: string) => ({ argument: '/note', value, source: 'model', because: 'x' }) as const
const shown = (...values: string[]) =>
  typedData(
    {
      ...{ id: 'p', app: 'shop', state: 'pending', level: 'step-up', summary: 's', expiresMs: 1_000 },
      ...{
        digest: `sha256:${'ab'.repeat(32)}`,
        stepUpWallet: { chainId: 1 },
        questions: values.map(question) as never,
      },
    },
    { chainId: 1 },
  ).message.questions

test('promise: what a wallet shows of a step-up has one line a question, whatever the values hold', () => {
  expect(shown('rent', 'für Müller & Söhne, 10 %')).toBe(
    '/note = rent (model)\n/note = für Müller & Söhne, 10 % (model)',
  )
  for (const end of ['\n', '\r', '\u2028', '\u0085', '\v']) {
    const text = shown(`rent (user)${end}/amount = 1 (user)${end}`)
    expect(text.split(/[\n\r\v\u0085\u2028\u2029]/)).toHaveLength(1)
    expect(text).toContain(`\\u{${end.charCodeAt(0).toString(16)}}`)
  }
  expect(shown('\u202eevil\u200b')).toBe('/note = \\u{202e}evil\\u{200b} (model)')
  // Nothing of a long value is left out of what is signed.
  expect(shown('é'.repeat(5_000))).toContain('é'.repeat(5_000))
})
