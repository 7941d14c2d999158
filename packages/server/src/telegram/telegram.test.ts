import { expect, test } from 'vitest'
import { BotSettingError, describeBot, mayTalk, readBotSettings } from './BotSettings.ts'

test('what is not set is closed', () => {
  const settings = readBotSettings({})
  expect(describeBot(settings)).toBe('0 users may write to it, groups are off, by polling')
  for (const isPrivate of [true, false])
    expect(mayTalk(settings, { isPrivate, userId: '1', isAddressed: true })).toBe(false)
})

test.each([
  // direct, groups, listed, private, addressed → may
  ['allowlist', 'disabled', true, true, false, true],
  ['allowlist', 'disabled', false, true, true, false],
  ['open', 'disabled', false, true, false, true],
  ['disabled', 'always', true, true, true, false],
  ['allowlist', 'mention', true, false, true, true],
  ['allowlist', 'mention', true, false, false, false],
  ['allowlist', 'always', true, false, false, true],
  ['allowlist', 'always', false, false, true, false],
  ['open', 'always', false, false, false, true],
  ['open', 'disabled', true, false, true, false],
] as const)(
  'promise: %s, groups %s, listed %s, private %s, named %s: %s',
  (direct, groups, isListed, isPrivate, isAddressed, may) => {
    const settings = readBotSettings({
      ...{ COUNTERSIGN_TELEGRAM_DM: direct, COUNTERSIGN_TELEGRAM_GROUPS: groups },
      COUNTERSIGN_TELEGRAM_ALLOW: '42',
    })
    expect(mayTalk(settings, { isPrivate, userId: isListed ? '42' : '43', isAddressed })).toBe(may)
  },
)

test.each([
  { COUNTERSIGN_TELEGRAM_DM: 'everybody' },
  { COUNTERSIGN_TELEGRAM_GROUPS: 'yes' },
  { COUNTERSIGN_TELEGRAM_ALLOW: '@alice' },
  { COUNTERSIGN_TELEGRAM_APPS: 'Not An App' },
  { COUNTERSIGN_TELEGRAM_WEBHOOK_SECRET: 'short' },
])('refuses %j without repeating it', (env) => {
  expect(() => readBotSettings(env)).toThrow(BotSettingError)
  try {
    readBotSettings(env)
  } catch (error) {
    for (const value of Object.values(env)) expect(JSON.stringify(error)).not.toContain(value)
  }
})
