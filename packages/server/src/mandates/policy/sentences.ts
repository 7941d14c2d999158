import { Clock } from '@countersign/base'
import * as Hours from './Hours.ts'
import { NATIVE, type Cap, type Limit, type Policy, type Rule, type TokenName, type When } from './Policy.ts'
import * as Window from './Window.ts'

/** A policy as its owner reads and signs it. Made from the policy alone, by code. */
export interface Sentences {
  readonly agent: string
  readonly otherwise: string
  readonly rules: readonly { readonly id: string; readonly answer: string; readonly when: string }[]
  readonly limits: readonly { readonly id: string; readonly cap: string; readonly over: string }[]
  readonly more: readonly string[]
}

export function sentencesOf(policy: Policy): Sentences {
  return {
    agent: agentText(policy),
    otherwise: `Everything that no rule allows is ${policy.otherwise === 'deny' ? 'refused' : 'asked'}.`,
    rules: policy.rules.map((rule) => ({ id: rule.id, answer: answerText(rule), when: whenText(rule.when) })),
    limits: policy.limits.map((limit) => ({ id: limit.id, cap: capsText(limit), over: overText(limit) })),
    more: [
      `${policy.fromMs === null ? 'Valid' : `Valid from ${Clock.iso(policy.fromMs)}`} until ${Clock.iso(policy.untilMs)}, on chain ${policy.chains.join(', ')}.`,
      BOUND[policy.bound],
      ...policy.trusts.map(
        ({ contract, code }) => `The maximum that ${contract} declares is believed while its code is ${code}.`,
      ),
      ...policy.tolerates.map((name) => `The warning ${name} does not ask.`),
      ...(policy.approvers === null
        ? []
        : [
            `${policy.approvers.need} of ${policy.approvers.of.join(', ')} must approve when ${whenText(policy.approvers.when)}.`,
          ]),
      'An amount beyond what was reserved, and a transaction in place of one that was granted, always freeze this mandate.',
      ...(policy.freezeWhen.mismatched === null
        ? []
        : [`${policy.freezeWhen.mismatched} mismatched transactions freeze it.`]),
      ...(policy.freezeWhen.refusedPerHour === null
        ? []
        : [`${policy.freezeWhen.refusedPerHour} refused requests in an hour freeze it.`]),
      ...policy.notify.map(({ kind, target }) => `Messages go by ${kind} to ${target}.`),
      ...Object.entries(policy.tokens).map(
        ([symbol, places]) =>
          `${symbol} is ${places.map(({ chainId, address }) => `${address} on chain ${chainId}`).join(', ')}.`,
      ),
    ],
  }
}

const BOUND = {
  simulated: 'Amounts are predicted, not bounded.',
  proven: 'Amounts are bounded by the call itself, by an allowance or by a trusted contract.',
  enforced: 'Every transaction carries the outcome guard. Documents are refused.',
} as const

function agentText({ agent }: Policy): string {
  const part = (what: string, names: readonly string[] | null): string =>
    names === null ? `any ${what}` : `${what} ${names.join(', ')}`
  return [part('key', agent.keys), part('skill', agent.skills), part('door', agent.doors)].join('; ')
}

function answerText({ answer, atLeast, delayMs }: Rule): string {
  const wait = delayMs === null ? '' : ` ${Window.formatDuration(delayMs)}`
  return atLeast === null
    ? `${answer}${answer === 'delay' ? wait : ''}`
    : `allow, at least ${atLeast}${atLeast === 'delay' ? wait : ''}`
}

/** Conditions as one sentence. All that a rule asks is in it. */
export function whenText(when: When): string {
  const parts: string[] = []
  const add = (text: string): void => void parts.push(text)
  const tokens = (names: readonly TokenName[]): string => names.map(tokenText).join(' or ')
  if (when.chains !== undefined) add(`on chain ${when.chains.join(' or ')}`)
  if (when.contracts !== undefined) add(`the contract is ${when.contracts.join(' or ')}`)
  if (when.selectors !== undefined)
    add(`the function is ${when.selectors.map(({ signature, selector }) => signature ?? selector).join(' or ')}`)
  for (const test of when.arguments ?? []) {
    const asks = [
      ...(test.in === undefined
        ? []
        : [`is ${test.in.map((value) => (value === 'own' ? 'your own address' : value)).join(' or ')}`]),
      ...(test.min === undefined ? [] : [`is at least ${test.min}`]),
      ...(test.max === undefined ? [] : [`is at most ${test.max}`]),
    ]
    add(`argument ${test.at} ${asks.join(' and ')}`)
  }
  if (when.recipients !== undefined)
    add(`the recipient is ${when.recipients.map((each) => RECIPIENTS[each] ?? each).join(' or ')}`)
  if (when.spenders !== undefined) add(`the spender is ${when.spenders.join(' or ')}`)
  if (when.allowance !== undefined) add(ALLOWANCES[when.allowance])
  if (when.tokens !== undefined) add(`the asset is ${tokens(when.tokens)}`)
  if (when.out !== undefined) add(`nothing leaves but ${tokens(when.out)}`)
  if (when.in !== undefined) add(`something arrives, and nothing but ${tokens(when.in)}`)
  if (when.amountOver !== undefined) add(`the request moves more than ${when.amountOver} ${tokens(when.tokens ?? [])}`)
  if (when.usdOver !== undefined) add(`the request moves more than ${when.usdOver} dollars`)
  if (when.feeOver !== undefined) add(`the fee may exceed ${when.feeOver} of the coin`)
  if (when.authority !== undefined) add(`the right is ${when.authority.join(' or ')}`)
  if (when.documents !== undefined) add(`the document is ${when.documents.join(' or ')}`)
  if (when.time !== undefined)
    add(
      `the time is ${when.time.side} ${Hours.formatSpan(when.time)} on ${Hours.formatDays(when.time.days)} (${when.time.tz})`,
    )
  if (when.doors !== undefined) add(`it comes by ${when.doors.join(' or ')}`)
  if (when.keys !== undefined) add(`the key is ${when.keys.join(' or ')}`)
  if (when.skills !== undefined) add(`the skill is ${when.skills.join(' or ')}`)
  if (when.sessions !== undefined) add(`the session is ${when.sessions.join(' or ')}`)
  if (when.tool !== undefined) add(`the tool is ${when.tool}`)
  if (when.argument !== undefined) add(`its argument ${when.argument} is at most ${when.max ?? ''}`)
  return parts.join(', ')
}

const RECIPIENTS: Readonly<Record<string, string>> = {
  own: 'your own address',
  known: 'somebody paid before under this mandate',
  new: 'somebody not paid before under this mandate',
}
const ALLOWANCES = {
  exact: 'the allowance is no more than you hold',
  bounded: 'the allowance is limited',
  never: 'no allowance is left standing',
} as const

function tokenText(token: TokenName): string {
  return token === NATIVE ? 'the native coin' : token
}

function capsText({ caps, pricing }: Limit): string {
  const prices =
    pricing === null
      ? ''
      : `; prices of ${pricing.sources.map(({ tool }) => tool).join(', ')}, at most ${Window.formatDuration(pricing.maxAgeMs)} old, at most ${pricing.spreadBps / 100} % apart`
  return `${caps.map((cap) => `${unitText(cap)} ${Window.words(cap.window)}`).join(', ')}${prices}`
}

function unitText({ unit, cap }: Cap): string {
  switch (unit.kind) {
    case 'token':
      return `${cap} ${unit.token}`
    case 'native':
      return `${cap} of the native coin`
    case 'fee':
      return `${cap} of the native coin in fees`
    case 'usd':
      return `${cap} dollars`
    case 'usd.loss':
      return `${cap} dollars of loss`
    case 'calls':
      return `${cap} requests`
    case 'new_recipients':
      return `${cap} new recipients`
    case 'argument':
      return `${cap} of ${unit.argument} of ${unit.tool}`
  }
}

function overText({ over }: Limit): string {
  return over === 'deny' ? 'refused' : over === 'ask' ? 'asked' : 'asked with step-up'
}
