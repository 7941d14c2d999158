import { expect, test } from 'vitest'
import { checkReach } from './checkReach.ts'

const TELEGRAM = { COUNTERSIGN_TELEGRAM_TOKEN: `123456:${'x'.repeat(35)}` }

test.each([
  [{}, ['not_checked']],
  [TELEGRAM, ['warn', 'pass']],
  [{ ...TELEGRAM, COUNTERSIGN_PUBLIC_ORIGIN: 'https://a.invalid' }, ['pass', 'pass']],
  [{ ...TELEGRAM, COUNTERSIGN_PUBLIC_ORIGIN: 'https://a.invalid', COUNTERSIGN_TELEGRAM_DM: 'open' }, ['pass', 'warn']],
  [{ COUNTERSIGN_SMTP_URL: 'ftp://secret@a.invalid' }, ['fail']],
  [{ COUNTERSIGN_TELEGRAM_GROUPS: 'secret' }, ['fail']],
])('promise: says by what owners are told, and no secret: %j', (env, expected) => {
  const checks = checkReach(env)
  expect(checks.map(({ status }) => status)).toEqual(expected)
  // What passes needs nothing done, and all else says what to do.
  for (const { status, remediation } of checks) expect(remediation === null, status).toBe(status === 'pass')
  expect(JSON.stringify(checks)).not.toMatch(/xxx|secret/)
})
