import { describeBot, describeReach, readBotSettings, readReachSettings } from '@countersign/server'
import { sentenceOf, type Check } from './Check.ts'

/** By what owners are told that something waits. Nothing is sent. */
export function checkReach(env: NodeJS.ProcessEnv): Check[] {
  const at = { id: 'reach', item: null, about: 'server' } as const
  try {
    const settings = readReachSettings(env)
    const bot = readBotSettings(env)
    const { mail, telegram, push } = settings
    const evidence = `${describeReach(settings).join('; ')}.`
    if (mail === null && telegram === null && push === null)
      return [
        {
          ...{ ...at, status: 'not_checked', evidence: `Owners are told on the page alone. ${evidence}` },
          remediation: 'Set up mail, Telegram or browser push: docs/guide/reach.md.',
        },
      ]
    const checks: Check[] = [
      (env['COUNTERSIGN_PUBLIC_ORIGIN'] ?? '') === ''
        ? {
            ...{ ...at, status: 'warn', evidence: `Links in messages lead to this machine. ${evidence}` },
            remediation: 'Set COUNTERSIGN_PUBLIC_ORIGIN to where owners open the page.',
          }
        : { ...at, status: 'pass', evidence, remediation: null },
    ]
    if (telegram !== null)
      checks.push({
        ...{ ...at, id: 'telegram', status: bot.direct === 'open' ? 'warn' : 'pass', evidence: `${describeBot(bot)}.` },
        remediation:
          bot.direct === 'open' ? 'Name users in COUNTERSIGN_TELEGRAM_ALLOW: anyone who writes costs a turn.' : null,
      })
    return checks
  } catch (error) {
    return [
      {
        ...{ ...at, status: 'fail', evidence: sentenceOf(error) },
        remediation: 'Correct the setting: docs/guide/reach.md and docs/guide/telegram.md.',
      },
    ]
  }
}
