import { NATIVE, type Policy, type Rule, type Unit, type When } from '../policy/Policy.ts'
import * as Window from '../policy/Window.ts'

/** The most that may leave in one window, and what of it somebody else could gain. */
export interface Worst {
  readonly limit: string
  readonly unit: Unit['kind']
  readonly symbol: string | null
  readonly window: string
  /** Plain decimals, in the unit. */
  readonly most: string
  /** Plain decimals; `null` where all of it goes to those whom the owner listed. */
  readonly gain: string | null
  readonly because: string
}

/**
 * What an agent that turned against its owner could do inside of a policy. A limit that asks is no bound on what the owner
 * confirms. What no limit counts has no bound: such assets are named.
 */
export function worstCase(policy: Policy): {
  readonly limits: readonly Worst[]
  readonly unbounded: readonly string[]
} {
  const allows = policy.rules.filter(({ answer, atLeast }) => answer === 'allow' && atLeast === null)
  const limits = policy.limits.flatMap(({ id, caps }) =>
    caps
      .filter(({ unit }) => unit.kind !== 'calls' && unit.kind !== 'new_recipients' && unit.kind !== 'argument')
      .map(({ unit, window, cap }): Worst => {
        const open = allows.filter((rule) => mayMove(rule, unit) && !isListed(rule))
        const isFee = unit.kind === 'fee'
        const because = isFee
          ? 'fees go to the network'
          : open.length === 0
            ? 'it goes only to addresses that the rules list'
            : `the rule "${open[0]?.id ?? ''}" binds neither who receives it nor the least that must come back`
        return {
          ...{ limit: id, unit: unit.kind, symbol: symbolOf(unit), window: Window.words(window), most: cap },
          gain: isFee || open.length === 0 ? null : cap,
          because,
        }
      }),
  )
  const counted = new Set(policy.limits.flatMap(({ caps }) => caps.map(({ unit }) => symbolOf(unit))))
  const hasDollars = policy.limits.some(({ caps }) => caps.some(({ unit }) => unit.kind === 'usd'))
  const unbounded = hasDollars ? [] : assetsOf(allows, policy).filter((asset) => !counted.has(asset))
  return { limits, unbounded }
}

function symbolOf(unit: Unit): string | null {
  return unit.kind === 'token' ? unit.token : unit.kind === 'native' || unit.kind === 'fee' ? NATIVE : null
}

/** Assets that the rules let leave, by name; `anything` for a rule that names none. */
function assetsOf(allows: readonly Rule[], policy: Policy): string[] {
  const found = new Set<string>()
  for (const { when } of allows) {
    if (when.tool !== undefined) continue
    for (const name of when.tokens ?? when.out ?? ['anything']) found.add(name)
  }
  const known = Object.keys(policy.tokens)
  return [...found].filter((name) => name === 'anything' || name === NATIVE || known.includes(name)).toSorted()
}

function mayMove({ when }: Rule, unit: Unit): boolean {
  const symbol = symbolOf(unit)
  const named = when.tokens ?? when.out
  return when.tool === undefined && (symbol === null || named === undefined || named.includes(symbol))
}

/** Whether all that the rule moves goes to addresses that stand in it, and nothing is called that could send it on. */
function isListed({ when }: Rule): boolean {
  if (when.contracts !== undefined || when.selectors !== undefined) return false
  if (when.spenders !== undefined || when.authority !== undefined || when.documents !== undefined) return false
  return when.recipients !== undefined && when.recipients.every(isAddressed)
}

function isAddressed(recipient: NonNullable<When['recipients']>[number]): boolean {
  return recipient === 'own' || recipient.startsWith('0x')
}
