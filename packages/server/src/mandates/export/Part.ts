import type { Address } from '@countersign/base'
import * as Amount from '../policy/Amount.ts'
import { NATIVE, tokenDecimals, type Policy, type Rule, type Selector, type TokenPlace } from '../policy/Policy.ts'
import * as Window from '../policy/Window.ts'

/** What of a policy a chain can be told: one payment or call that a rule allows, on one chain. */
export type Part =
  | {
      readonly kind: 'payment'
      readonly rule: string
      readonly chainId: number
      readonly asset: string
      /** Null for the chain's own coin. */
      readonly token: TokenPlace | null
      /** Null: whoever. */
      readonly recipients: readonly Address.Address[] | null
    }
  | {
      readonly kind: 'call'
      readonly rule: string
      readonly chainId: number
      readonly contracts: readonly Address.Address[]
      readonly selectors: readonly Selector[]
      readonly tests: NonNullable<Rule['when']['arguments']>
    }

/** A cap of one asset in its smallest unit. */
export interface AssetCap {
  readonly limit: string
  readonly window: Window.Window
  readonly amount: bigint
}

export interface Parts {
  readonly parts: readonly Part[]
  readonly capsOf: (asset: string, chainId: number) => readonly AssetCap[]
  /** What no chain can be told, in sentences. */
  readonly notExpressed: readonly string[]
}

/** Conditions that name a payment or a call. Every other one is about something that a contract cannot see. */
const SEEN = new Set(['chains', 'contracts', 'selectors', 'arguments', 'recipients', 'tokens', 'out'])

/**
 * Takes a policy apart. A rule that a chain would read more loosely is left out whole and named, so that the terms allow nothing
 * that the rules do not. Everything else that gets lost is named, too.
 */
export function partsOf(policy: Policy, owner: Address.Address): Parts {
  const lost: string[] = []
  const parts = policy.rules.flatMap((rule) => {
    const found = readRule(rule, { policy, owner })
    if (typeof found !== 'string') return found.map((part) => ({ ...part, rule: rule.id }))
    lost.push(`Rule "${rule.id}": ${found}.`)
    return []
  })
  if (policy.otherwise === 'ask') lost.push('What no rule names is refused, and not asked.')
  for (const { id, caps, over } of policy.limits) {
    const units = new Set(caps.map(({ unit }) => unit.kind))
    if ([...units].some((kind) => kind !== 'token' && kind !== 'native'))
      lost.push(`Limit "${id}": ${[...units].join(' and ')} cannot be counted on chain.`)
    else if (caps.some(({ window }) => window.kind === 'calendar'))
      lost.push(`Limit "${id}": calendar windows are not known on chain.`)
    if (over !== 'deny') lost.push(`Limit "${id}": when it is full it refuses, and does not ask.`)
    if (caps.some(({ window }) => window.kind === 'rolling'))
      lost.push(`Limit "${id}": periods are fixed, so that up to twice the cap may leave across the end of one.`)
    if (policy.chains.length > 1) lost.push(`Limit "${id}": each chain counts for itself.`)
  }
  lost.push(
    'Standing allowances, signatures and what the simulation finds: no verdict and no warning is known on chain.',
  )
  if (policy.agent.keys !== null || policy.agent.skills !== null || policy.agent.doors !== null)
    lost.push('Which key, skill or door asks.')
  return { parts, capsOf: (asset, chainId) => capsIn(policy, asset, chainId), notExpressed: lost }
}

function readRule(
  { answer, atLeast, when }: Rule,
  { policy, owner }: { policy: Policy; owner: Address.Address },
): readonly Part[] | string {
  if (answer === 'deny') return 'a refusal inside of what other rules allow is left out'
  if (answer !== 'allow' || atLeast !== null) return 'nobody is asked on chain, so it is left out'
  const unseen = Object.keys(when).filter((key) => !SEEN.has(key))
  if (unseen.length > 0) return `${unseen.join(', ')} cannot be checked, so it is left out`
  const chains = policy.chains.filter((chainId) => when.chains?.includes(chainId) ?? true)
  const { contracts, selectors, recipients } = when
  if (contracts !== undefined || selectors !== undefined) {
    if (contracts === undefined || selectors === undefined) return 'it needs contracts and selectors, so it is left out'
    if (recipients !== undefined || when.tokens !== undefined || when.out !== undefined)
      return 'which assets a call moves and who receives them cannot be checked, so it is left out'
    const tests = when.arguments ?? []
    const known = selectors.every(({ abi }) => abi !== null)
    if (tests.length > 0 && !known) return 'its arguments have no names, so it is left out'
    return chains.map((chainId) => ({ kind: 'call', rule: '', chainId, contracts, selectors, tests }))
  }
  if (when.tokens === undefined) return 'it names no asset, so it is left out'
  const listed = recipients?.map((each) => (each === 'own' ? owner : each))
  if (listed?.some((each) => !each.startsWith('0x')) === true)
    return 'known and new recipients cannot be told apart, so it is left out'
  return when.tokens.flatMap((asset) =>
    chains.flatMap((chainId): Part[] => {
      const token = asset === NATIVE ? null : policy.tokens[asset]?.find((place) => place.chainId === chainId)
      if (token === undefined) return []
      return [
        {
          kind: 'payment',
          rule: '',
          chainId,
          asset,
          token,
          recipients: (listed as Address.Address[] | undefined) ?? null,
        },
      ]
    }),
  )
}

/** Caps of an asset that a chain can count. In the smallest unit of the chain. */
function capsIn(policy: Policy, asset: string, chainId: number): readonly AssetCap[] {
  const places = asset === NATIVE ? 18 : (policy.tokens[asset]?.find((each) => each.chainId === chainId)?.decimals ?? 0)
  return policy.limits.flatMap(({ id, caps }) =>
    caps.flatMap(({ unit, window, cap }): AssetCap[] => {
      const isOf = unit.kind === 'native' ? asset === NATIVE : unit.kind === 'token' && unit.token === asset
      if (!isOf || window.kind === 'calendar') return []
      const most = Amount.parse(cap, tokenDecimals(policy, asset)) ?? 0n
      // Down, so that no cap is looser than the policy's.
      const factor = 10n ** BigInt(tokenDecimals(policy, asset) - places)
      return [{ limit: id, window, amount: most / factor }]
    }),
  )
}
