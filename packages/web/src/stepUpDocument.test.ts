import { expect, test } from 'vitest'
import { stepUpDocument } from './stepUpDocument.ts'

const DIGEST = `sha256:${'ab'.repeat(32)}`
const proposal = (change: (document: Record<string, Record<string, unknown>>) => unknown = (each) => each) => {
  const document = {
    types: {},
    primaryType: 'StepUp',
    domain: { name: 'Countersign', version: '1', chainId: 31_337 },
    message: { proposal: 'prop_1', digest: `0x${'ab'.repeat(32)}`, app: 'trader' },
  }
  return {
    id: 'prop_1',
    digest: DIGEST,
    step_up: { methods: ['retype', 'wallet'], typed_data: change(document as never) },
  } as unknown as Parameters<typeof stepUpDocument>[0]
}

test('promise: the document goes to the wallet as the server shows it', () => {
  const each = proposal()
  expect(stepUpDocument(each)).toBe(JSON.stringify(each.step_up?.typed_data))
})

test.each([
  ['of another kind', (d) => ({ ...d, primaryType: 'Permit' })],
  ['with another name', (d) => ({ ...d, domain: { ...d['domain'], name: 'USD Coin' } })],
  ['that a contract takes', (d) => ({ ...d, domain: { ...d['domain'], verifyingContract: '0x00' } })],
  ['of another proposal', (d) => ({ ...d, message: { ...d['message'], proposal: 'prop_2' } })],
  ['of another digest', (d) => ({ ...d, message: { ...d['message'], digest: `0x${'cd'.repeat(32)}` } })],
  ['of no proposal', (d) => ({ ...d, message: {} })],
] as [string, Parameters<typeof proposal>[0]][])('promise: a document %s never reaches the wallet', (_name, change) => {
  expect(stepUpDocument(proposal(change))).toBeNull()
})

test('promise: where only typing counts, and before there is a digest, there is none', () => {
  expect(stepUpDocument({ ...proposal(), step_up: { methods: ['retype'] } as never })).toBeNull()
  expect(stepUpDocument({ ...proposal(), digest: null } as never)).toBeNull()
})
