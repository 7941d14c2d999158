import { expect, test } from 'vitest'
import { BaseError } from './BaseError.ts'
import * as LogText from './LogText.ts'

const SECRETS = [
  'https://user:hunter2@rpc.invalid/v2/PROVIDERKEY?key=QUERYKEY',
  'wss://rpc.invalid/PROVIDERKEY',
  'rediss://:REDISPASS@redis.invalid:6379/0',
  'Authorization: Bearer PROVIDERTOKEN',
  'x-api-key: PROVIDERKEY1',
  '{"api_key":"PROVIDERKEY2","token":"PROVIDERTOKEN2"}',
  `sk-shop-${'ab'.repeat(24)}`,
  'sk-ant-api03-PROVIDERKEY',
  'st-PROVIDERTOKEN3',
  `0x${'1f'.repeat(65)}`,
  `0x${'2e'.repeat(32)}`,
  '5f1a54d2-7f0f-4f1e-9d4e-111111111111',
  'eyJhbGciOiJ9.eyJzdWIiOiJ9.c2lnbmF0dXJl',
  'COUNTERSIGN_SESSION_SECRET: SEALED',
  'password=hunter2',
]
const OPENS =
  /PROVIDER|hunter2|REDISPASS|SEALED|QUERYKEY|(?:ab){24}|(?:1f){20}|(?:2e){20}|111111111111|c2lnbmF0dXJl|c2lnb/

test.each(SECRETS)('promise: nothing that opens something is logged: %s', (secret) => {
  for (const text of [secret, `request to (${secret}) failed`, `a\n${secret}\n`, `${secret} ${secret}`])
    expect(LogText.redact(text)).not.toMatch(OPENS)
})

test.each([
  'HTTP 503 from https://rpc.invalid',
  'account 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 has nonce 7',
  'connect ECONNREFUSED 127.0.0.1:8545',
  'model claude-sonnet-4-5, key key_7Qm2',
  'the token symbol is not known, and the secretary left',
])('promise: what helps an operator stays: %s', (text) => {
  expect(LogText.redact(text)).toBe(text)
})

test('promise: a text is one line, without marks that move it about, and short', () => {
  expect(LogText.redact('a\r\n{"level":60}\u202e\u0007b')).toBe('a {"level":60} b')
  expect(LogText.redact('x '.repeat(5_000)).length).toBeLessThanOrEqual(501)
})

test('promise: of an error only kinds, codes, statuses and clean sentences are logged', () => {
  const api = Object.assign(new Error('401 for https://api.invalid/v1?key=QUERYKEY'), {
    name: 'APICallError',
    statusCode: 401,
    url: 'https://api.invalid/v1/PROVIDERKEY',
    requestBodyValues: { messages: ['PROVIDERMESSAGE'] },
    responseHeaders: { 'set-cookie': 'PROVIDERCOOKIE' },
    responseBody: 'PROVIDERBODY',
  })
  const outer = new BaseError('The model failed.', { code: 'a:b:c', kind: 'upstream', hint: 'h', cause: api })
  const facts = LogText.ofError(outer)
  expect(facts).toMatchObject({
    code: 'a:b:c',
    message: 'The model failed.',
    cause: { type: 'APICallError', status: 401, host: 'https://api.invalid' },
  })
  expect(facts.stack).toBeUndefined()
  expect(facts.cause?.stack).toMatch(/LogText\.test/)
  expect(JSON.stringify(facts)).not.toMatch(OPENS)
})

test('promise: causes that lead in a circle end', () => {
  const error = new Error('round') as Error & { cause?: unknown }
  error.cause = error
  expect(JSON.stringify(LogText.ofError(error)).match(/round/g)).toHaveLength(6)
})
