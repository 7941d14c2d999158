import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { signWebhook, verifyWebhook, type WebhookErrorCode } from './webhook.ts'

const AT_S = 1_800_000_000
const nowMs = AT_S * 1_000
const body = '{"id":"evt_1","event":"proposals.proposal.settled","sentence":"ü"}'
const codeOf = async (request: Parameters<typeof verifyWebhook>[0]): Promise<WebhookErrorCode | 'passes'> => {
  try {
    await verifyWebhook(request)
    return 'passes'
  } catch (error) {
    return (error as { code: WebhookErrorCode }).code
  }
}

test('promise: the header is the HMAC of time, point and body', async () => {
  const mark = createHmac('sha256', 'whsec-1').update(`${AT_S}.${body}`).digest('hex')
  expect(await signWebhook(body, { secrets: ['whsec-1'], atS: AT_S })).toBe(`t=${AT_S},v1=${mark}`)
  expect(await signWebhook(new TextEncoder().encode(body), { secrets: ['whsec-1'], atS: AT_S })).toContain(mark)
})

test('promise: a signed message passes, with either secret during rotation', async () => {
  const signature = await signWebhook(body, { secrets: ['new', 'old'], atS: AT_S })
  for (const secrets of ['new', 'old', ['newer', 'new']])
    expect(await verifyWebhook({ body, signature, secrets, nowMs })).toMatchObject({ id: 'evt_1' })
})

test('promise: what is not signed with the secret, or not exactly so, is refused', async () => {
  const signature = await signWebhook(body, { secrets: ['a'], atS: AT_S })
  const ask = (more: object) => codeOf({ body, signature, secrets: 'a', nowMs, ...more })
  expect(await ask({})).toBe('passes')
  expect(await ask({ secrets: 'b' })).toBe('sdk:webhook:signature')
  expect(await ask({ body: `${body} ` })).toBe('sdk:webhook:signature')
  expect(await ask({ signature: signature.replace(String(AT_S), String(AT_S + 1)) })).toBe('sdk:webhook:signature')
  expect(await ask({ secrets: [] })).toBe('sdk:webhook:secret')
  expect(await ask({ secrets: '' })).toBe('sdk:webhook:secret')
  for (const header of [null, undefined, '', 't=1', signature.replace('v1', 'v0'), `${signature},t=${AT_S}`])
    expect(await ask({ signature: header }), String(header)).toBe('sdk:webhook:header')
})

test.each([
  [300, 'passes'],
  [-300, 'passes'],
  [301, 'sdk:webhook:stale'],
  [-301, 'sdk:webhook:stale'],
])('promise: a signature of %i seconds ago: %s', async (seconds, expected) => {
  const signature = await signWebhook(body, { secrets: ['a'], atS: AT_S - seconds })
  expect(await codeOf({ body, signature, secrets: 'a', nowMs })).toBe(expected)
})

test('promise: a signed body that is no message is refused', async () => {
  for (const text of ['', '[]', 'null', '{"id":1,"event":"x"}']) {
    const signature = await signWebhook(text, { secrets: ['a'], atS: AT_S })
    expect(await codeOf({ body: text, signature, secrets: 'a', nowMs }), text).toBe('sdk:webhook:body')
  }
})
