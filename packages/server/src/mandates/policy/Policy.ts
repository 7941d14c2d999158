import { Digest, type Address, type Hex } from '@countersign/base'
import type { AbiFunction } from 'viem'
import type { Hours } from './Hours.ts'
import type { Window } from './Window.ts'

/** Answers of a decision, loosest first. */
export const ANSWERS = ['allow', 'delay', 'ask', 'step-up', 'deny'] as const
export type Answer = (typeof ANSWERS)[number]
/** What a limit answers when it is full. */
export type Over = 'ask' | 'step-up' | 'deny'
/** How well an amount must be known, weakest first. */
export const BOUNDS = ['simulated', 'proven', 'enforced'] as const
export type BoundName = (typeof BOUNDS)[number]
export const DOORS = ['page', 'chat', 'guard', 'rpc', 'mcp'] as const
export type DoorName = (typeof DOORS)[number]

export function strictest(answers: Iterable<Answer>): Answer {
  let found: Answer = 'allow'
  for (const answer of answers) if (isStricter(answer, found)) found = answer
  return found
}

export function isStricter(answer: Answer, other: Answer): boolean {
  return ANSWERS.indexOf(answer) > ANSWERS.indexOf(other)
}

/** A token by its symbol, on every chain of the policy that has it; `native` for the chain's coin. */
export type TokenName = string
export const NATIVE: TokenName = 'native'

/** Where a symbol lives. A policy carries it, so that a change of the registry changes no mandate. */
export interface TokenPlace {
  readonly chainId: number
  readonly address: Address.Address
  readonly decimals: number
}

export interface Selector {
  readonly selector: Hex.Hex
  /** The signature with the names of its parameters; null where only the 4 bytes are given. */
  readonly signature: string | null
  readonly abi: AbiFunction | null
}

export interface ArgumentTest {
  /** JSON pointer into the decoded call, by name or position. */
  readonly at: string
  /** `own` stands for the owner's address. Sorted. */
  readonly in?: readonly string[]
  readonly min?: string
  readonly max?: string
}

export type Recipient = Address.Address | 'own' | 'known' | 'new'

/** All conditions must hold. A key that is absent asks nothing. */
export interface When {
  readonly chains?: readonly number[]
  readonly contracts?: readonly Address.Address[]
  readonly selectors?: readonly Selector[]
  readonly arguments?: readonly ArgumentTest[]
  readonly recipients?: readonly Recipient[]
  readonly spenders?: readonly Address.Address[]
  readonly allowance?: 'exact' | 'bounded' | 'never'
  readonly tokens?: readonly TokenName[]
  readonly out?: readonly TokenName[]
  readonly in?: readonly TokenName[]
  /** Plain decimals: token units, dollars, the native coin. */
  readonly amountOver?: string
  readonly usdOver?: string
  readonly feeOver?: string
  readonly authority?: readonly string[]
  readonly documents?: readonly string[]
  readonly time?: Hours
  readonly doors?: readonly DoorName[]
  readonly keys?: readonly string[]
  readonly skills?: readonly string[]
  readonly sessions?: readonly string[]
  readonly tool?: string
  readonly argument?: string
  readonly max?: string
}

export interface Rule {
  readonly id: string
  readonly answer: Answer
  /** Only beside `allow`. */
  readonly atLeast: Exclude<Answer, 'allow' | 'deny'> | null
  readonly delayMs: number | null
  readonly when: When
}

export type Unit =
  | { readonly kind: 'token'; readonly token: TokenName }
  | { readonly kind: 'native' | 'fee' | 'usd' | 'usd.loss' | 'calls' | 'new_recipients' }
  | { readonly kind: 'argument'; readonly tool: string; readonly argument: string }

export interface Cap {
  readonly unit: Unit
  readonly window: Window
  /** Plain decimal text in the unit. */
  readonly cap: string
}

export interface PriceSource {
  readonly tool: string
  readonly argument: string
  readonly value: string
  readonly asOf: string | null
}

export interface Pricing {
  readonly sources: readonly PriceSource[]
  readonly maxAgeMs: number
  /** How far apart two sources may be, in basis points. */
  readonly spreadBps: number
}

/** One entry of `limits`: one unit (dollars: two) with its caps. */
export interface Limit {
  readonly id: string
  readonly caps: readonly Cap[]
  readonly over: Over
  readonly pricing: Pricing | null
}

export interface Policy {
  readonly name: string
  readonly owner: 'session' | Address.Address
  /** `null`: any. */
  readonly agent: {
    readonly keys: readonly string[] | null
    readonly skills: readonly string[] | null
    readonly doors: readonly DoorName[] | null
  }
  readonly chains: readonly number[]
  readonly fromMs: number | null
  readonly untilMs: number
  readonly otherwise: 'deny' | 'ask'
  readonly bound: BoundName
  readonly trusts: readonly { readonly contract: Address.Address; readonly code: Hex.Hex }[]
  readonly tolerates: readonly string[]
  readonly rules: readonly Rule[]
  readonly limits: readonly Limit[]
  readonly approvers: { readonly of: readonly Address.Address[]; readonly need: number; readonly when: When } | null
  readonly freezeWhen: { readonly mismatched: number | null; readonly refusedPerHour: number | null }
  readonly notify: readonly { readonly kind: 'webhook' | 'telegram' | 'mail' | 'push'; readonly target: string }[]
  /** Every symbol that the policy uses, and where it lives. */
  readonly tokens: Readonly<Record<TokenName, readonly TokenPlace[]>>
}

/** A rule as the decision reads it: `at_least` is a raise of its own with the same `when`. */
export interface PlainRule {
  readonly id: string
  readonly answer: Answer
  readonly delayMs: number | null
  readonly when: When
}

/** The rules with `at_least` expanded. */
export function expand(rules: readonly Rule[]): readonly PlainRule[] {
  return rules.flatMap(({ id, answer, atLeast, delayMs, when }) =>
    atLeast === null
      ? [{ id, answer, delayMs, when }]
      : [
          { id, answer, delayMs: null, when },
          { id, answer: atLeast, delayMs, when },
        ],
  )
}

/** The most decimals that a unit has on any of its chains; 0 for what is counted. */
export function decimalsOf(policy: Pick<Policy, 'tokens'>, unit: Unit): number {
  switch (unit.kind) {
    case 'token':
      return tokenDecimals(policy, unit.token)
    case 'native':
    case 'fee':
    case 'argument':
      return 18
    case 'usd':
    case 'usd.loss':
      return 6
    case 'calls':
    case 'new_recipients':
      return 0
  }
}

export function tokenDecimals(policy: Pick<Policy, 'tokens'>, token: TokenName): number {
  if (token === NATIVE) return 18
  return Math.max(0, ...(policy.tokens[token] ?? []).map(({ decimals }) => decimals))
}

/** How a unit stands in the ledger: what tells two units apart. */
export function unitKey(policy: Pick<Policy, 'tokens'>, unit: Unit): string {
  if (unit.kind === 'argument') return `argument:${unit.tool}:${unit.argument}`
  if (unit.kind !== 'token') return unit.kind
  const places = (policy.tokens[unit.token] ?? []).map(({ chainId, address }) => `${chainId}/${address.toLowerCase()}`)
  return `token:${places.toSorted().join(',')}`
}

/** The places of a token in a key of a unit, as `chain/address`; empty for everything that is no token. */
export function placesIn(key: string): readonly string[] {
  return key.startsWith('token:') ? key.slice('token:'.length).split(',').filter(Boolean) : []
}

/** Whether two keys of units count the same thing: the same unit, or tokens of which one stands at the same address of the same chain. */
export function isSameMoney(unit: string, other: string): boolean {
  if (unit === other) return true
  const places = new Set(placesIn(other))
  return placesIn(unit).some((place) => places.has(place))
}

/** SHA-256 of the canonical JSON of a policy's canonical form. */
export function digestOf(canonical: Readonly<Record<string, unknown>>): Digest.Digest {
  return Digest.ofJson(canonical)
}
