import { describeReach, readReachSettings } from '@countersign/server'
import { sentenceOf, type Check } from './Check.ts'

/** By what owners are told that something waits. Nothing is sent. */
export function checkReach(env: NodeJS.ProcessEnv): Check {
  const at = { id: 'reach', item: null, about: 'server' } as const
  try {
    const settings = readReachSettings(env)
    const evidence = `${describeReach(settings).join('; ')}.`
    const isOn = settings.mail !== null || settings.telegram !== null || settings.push !== null
    return isOn
      ? { ...at, status: 'pass', evidence, remediation: null }
      : {
          ...{ ...at, status: 'not_checked', evidence: `Owners are told on the page alone. ${evidence}` },
          remediation: 'Set up mail, Telegram or browser push: docs/guide/reach.md.',
        }
  } catch (error) {
    return {
      ...{ ...at, status: 'fail', evidence: sentenceOf(error) },
      remediation: 'Correct the setting: docs/guide/reach.md.',
    }
  }
}
