import { Clock } from '@countersign/base'
import * as Hours from './Hours.ts'
import type { Cap, Limit, Policy, Rule, When } from './Policy.ts'
import * as Window from './Window.ts'

type Json = Readonly<Record<string, unknown>>

/**
 * The canonical form of a policy: all defaults written out, sets in order, and where each token lives. What it holds is
 * what is digested, stored and read again (`parsePolicy` with `isStored`).
 */
export function toCanonical(policy: Policy): Json {
  const { agent, freezeWhen } = policy
  return {
    mandate: policy.name,
    owner: policy.owner,
    agent: {
      keys: agent.keys ?? ['any'],
      skills: agent.skills ?? ['any'],
      ...(agent.doors === null ? {} : { doors: agent.doors }),
    },
    chains: policy.chains,
    valid: {
      ...(policy.fromMs === null ? {} : { from: Clock.iso(policy.fromMs) }),
      until: Clock.iso(policy.untilMs),
    },
    otherwise: policy.otherwise,
    bound: policy.bound,
    ...some('trusts', policy.trusts),
    ...some('tolerates', policy.tolerates),
    ...some('rules', policy.rules.map(ruleOf)),
    ...some('limits', policy.limits.map(limitOf)),
    ...(policy.approvers === null
      ? {}
      : { approvers: { of: policy.approvers.of, need: policy.approvers.need, when: whenOf(policy.approvers.when) } }),
    ...(freezeWhen.mismatched === null && freezeWhen.refusedPerHour === null
      ? {}
      : {
          freeze_when: {
            ...(freezeWhen.mismatched === null ? {} : { mismatched: freezeWhen.mismatched }),
            ...(freezeWhen.refusedPerHour === null ? {} : { refused_per_hour: freezeWhen.refusedPerHour }),
          },
        }),
    ...some(
      'notify',
      policy.notify.map(({ kind, target }) => ({ [kind]: target })),
    ),
    ...(Object.keys(policy.tokens).length === 0
      ? {}
      : {
          tokens: Object.fromEntries(
            Object.entries(policy.tokens).map(([symbol, places]) => [
              symbol,
              places.map(({ chainId, address, decimals }) => ({ chain: chainId, address, decimals })),
            ]),
          ),
        }),
  }
}

function some(key: string, list: readonly unknown[]): Json {
  return list.length === 0 ? {} : { [key]: list }
}

function ruleOf({ id, answer, atLeast, delayMs, when }: Rule): Json {
  return {
    id,
    answer,
    ...(atLeast === null ? {} : { at_least: atLeast }),
    ...(delayMs === null ? {} : { delay: Window.formatDuration(delayMs) }),
    when: whenOf(when),
  }
}

/** Conditions in the words of the file. */
export function whenOf(when: When): Json {
  const { selectors, arguments: tests, amountOver, usdOver, feeOver, time, ...same } = when
  return {
    ...same,
    ...(selectors === undefined
      ? {}
      : { selectors: selectors.map(({ selector, signature }) => signature ?? selector) }),
    ...(tests === undefined ? {} : { arguments: tests }),
    ...(amountOver === undefined ? {} : { amount: { over: amountOver } }),
    ...(usdOver === undefined ? {} : { usd: { over: usdOver } }),
    ...(feeOver === undefined ? {} : { fee: { over: feeOver } }),
    ...(time === undefined
      ? {}
      : { time: { [time.side]: Hours.formatSpan(time), days: Hours.formatDays(time.days), tz: time.tz } }),
  }
}

function limitOf({ id, caps, over, pricing }: Limit): Json {
  return {
    id,
    ...capsOf(caps),
    ...(pricing === null
      ? {}
      : {
          prices: pricing.sources.map(({ tool, argument, value, asOf }) => ({
            tool,
            argument,
            value,
            ...(asOf === null ? {} : { as_of: asOf }),
          })),
          max_age: Window.formatDuration(pricing.maxAgeMs),
          spread: `${pricing.spreadBps / 100}%`,
        }),
    over,
  }
}

function capsOf(caps: readonly Cap[]): Json {
  const unit = caps[0]?.unit
  switch (unit?.kind) {
    case undefined:
      return {}
    case 'token':
      return { token: unit.token, ...windowsOf(caps) }
    case 'native':
    case 'fee':
      return { [unit.kind]: true, ...windowsOf(caps) }
    case 'usd':
    case 'usd.loss': {
      const losses = windowsOf(caps.filter((cap) => cap.unit.kind === 'usd.loss'))
      return {
        usd: {
          ...windowsOf(caps.filter((cap) => cap.unit.kind === 'usd')),
          ...Object.fromEntries(Object.entries(losses).map(([key, cap]) => [`loss_${key}`, cap])),
        },
      }
    }
    case 'calls':
      return { calls: windowsOf(caps) }
    case 'new_recipients':
      return { new_recipients_per_day: caps[0]?.cap }
    case 'argument':
      return { tool: unit.tool, argument: unit.argument, ...windowsOf(caps) }
  }
}

const NAMES: Readonly<Record<string, string>> = {
  [Window.key(Window.CALL)]: 'per_call',
  [Window.key(Window.HOUR)]: 'per_hour',
  [Window.key(Window.DAY)]: 'per_day',
  [Window.key(Window.WEEK)]: 'per_week',
  [Window.key(Window.LIFETIME)]: 'lifetime',
}

function windowsOf(caps: readonly Cap[]): Json {
  const calendar = caps.flatMap(({ window, cap }) => (window.kind === 'calendar' ? [{ ...window, cap }] : []))
  return {
    ...Object.fromEntries(
      caps.flatMap(({ window, cap }): [string, string][] => {
        const name = NAMES[Window.key(window)]
        if (name !== undefined) return [[name, cap]]
        return window.kind === 'rolling'
          ? [
              ['per', Window.formatDuration(window.ms)],
              ['cap', cap],
            ]
          : []
      }),
    ),
    ...(calendar.length === 0
      ? {}
      : { calendar: { ...Object.fromEntries(calendar.map(({ period, cap }) => [period, cap])), tz: calendar[0]?.tz } }),
  }
}
