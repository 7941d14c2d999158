import type { Exit } from '../../model/Evidence.ts'
import type { Finding } from '../../model/Finding.ts'
import { finding, nameOf, type Rule, type RuleContext } from '../Rule.ts'

/** What goes into a contract that nobody vouches for has a way out that was tried in the fork, and it fails. */
export const rule: Rule = {
  name: 'exit-fails',
  about:
    'An unverified contract writes down for you what you give. Its own functions for taking it out were tried, now, an hour later and up to 400 days later.',
  levels:
    'warn when none of them pays half, or only for a while; a note when it pays only later or has to be asked for first',
  remediation:
    'Put in nothing that you need back, or ask the contract’s maker how it is taken out. Try a small amount first and take it out again.',
  check: (context) => context.ahead.exits.flatMap((exit) => judge(context, exit)),
}

function judge(context: RuleContext, { contract, status, betweenS, paidBps, tried }: Exit): Finding[] {
  const say = (level: Finding['level'], title: string, because: string): Finding[] => [
    finding('exit-fails', level, title, because, {
      subject: contract,
      evidence: { status, tried: [...tried], paid_bps: paidBps, between_s: betweenS === null ? null : [...betweenS] },
    }),
  ]
  const name = nameOf(context, contract)
  switch (status) {
    case 'open':
    case 'unknown':
      return []
    case 'closing':
      return say(
        'warn',
        'The way out closes',
        `${name} pays back what you put in now, but no longer ${betweenS?.[0] === 0 ? 'an hour' : '30 days'} later, tried in the fork.`,
      )
    case 'later':
      return say(
        'info',
        'It comes out only later',
        `${name} pays back what you put in, tried in the fork: ${timesOf(betweenS)}.`,
      )
    case 'asked':
      return say('info', 'It has to be asked for first', `${name} pays back what you put in only after you ask for it.`)
    case 'shut': {
      const part = paidBps === 0 ? 'nothing' : `${paidBps / 100} %`
      return say(
        'warn',
        'You may not get it back',
        `${name} is unverified and writes down what you put in. Taking it out was tried now, an hour later and up to 400 days later, and brought back ${part}.`,
      )
    }
  }
}

function timesOf(betweenS: Exit['betweenS']): string {
  if (betweenS === null) return 'at a time that is not known'
  const words = (seconds: number) => (seconds >= 86_400 ? `${Math.floor(seconds / 86_400)} days` : 'an hour')
  const [from, to] = betweenS
  return from === 0 ? `not now, but within ${words(to)}` : `not within ${words(from)}, but within ${words(to)}`
}
