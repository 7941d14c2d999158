import type { Address } from '@countersign/base'
import type { Answer, DoorName, Limit, PlainRule, Policy, TokenPlace, When } from '../policy/Policy.ts'

/** A price of one whole unit in dollars, as plain decimals: the dearest and the cheapest of the sources. */
export interface Price {
  readonly high: string
  readonly low: string
}

/** Who asks, when and by which door. */
export interface Asker {
  readonly door: DoorName
  /** `key_…`, null without one. */
  readonly key: string | null
  readonly skill: string | null
  readonly session: string | null
}

/** What the ledger remembers of one layer. */
export interface History {
  /** Paid and settled before under this layer. Lower case. */
  readonly known: ReadonlySet<string>
  /** New recipients with an open payment: a second one counts nothing. Lower case. */
  readonly openRecipients: ReadonlySet<string>
  /** Allowances that open lines of this layer count, by `coverKey`. */
  readonly covered: ReadonlyMap<string, bigint>
}

export const NO_HISTORY: History = { known: new Set(), openRecipients: new Set(), covered: new Map() }

/** Prices by asset, `native` or a token in lower case with its chain: `1/0x…`. Fresh and within the spread, or absent. */
export type Prices = ReadonlyMap<string, Price>

/** Everything outside of policy and moves that a decision rests on. History and prices are the mandate's. */
export interface Situation extends History {
  readonly nowMs: number
  readonly asker: Asker
  readonly prices: Prices
  /** The same of guards, by the scope of their layer: each counts for itself, with its own prices. */
  readonly ofGuards?: ReadonlyMap<string, History & { readonly prices: Prices }>
  /** What is asked of the owner by provenance, where there is a turn. */
  readonly stepUp: readonly { readonly value: string; readonly because: string }[]
  /** Findings whose subject a matching allow may name (`named_lifts` of docs/reference/findings.md). */
  readonly namedLifts: ReadonlySet<string>
}

/** The situation as one layer sees it. */
export function situationOf(situation: Situation, { layer, scope }: Pick<Layer, 'layer' | 'scope'>): Situation {
  if (layer === 'mandate') return situation
  return { ...situation, ...NO_HISTORY, prices: new Map(), ...situation.ofGuards?.get(scope) }
}

/** What of guards constrains one kind of effect: an effect must match one entry. Null: nothing is asked. */
export interface Allowed {
  readonly calls: readonly When[] | null
  readonly recipients: readonly When[] | null
  readonly spenders: readonly When[] | null
}

export type LayerName = 'app' | 'key' | 'skill' | 'session' | 'mandate'

/** One layer of what holds: guards of an app, a key, a skill or a session, or the mandate. All of them must agree. */
export interface Layer {
  readonly layer: LayerName
  /** Under which its limits count in the ledger. */
  readonly scope: string
  readonly tokens: Readonly<Record<string, readonly TokenPlace[]>>
  readonly limits: readonly Limit[]
  /** Of a mandate. */
  readonly rules: readonly PlainRule[]
  readonly otherwise: 'deny' | 'ask' | null
  /** Of guards. */
  readonly allowed: Allowed | null
  /** Guards of tools: the most that an argument may be. */
  readonly maxima: readonly { readonly tool: string; readonly argument: string; readonly max: string }[]
  /** Why a guard cannot be evaluated: then everything is refused. */
  readonly unreadable?: readonly string[]
  /** Why the layer refuses everything, whatever moves: it says nothing else then. */
  readonly closed?: { readonly rule: string; readonly code: string; readonly because: string }
}

export interface Mandate {
  readonly id: string
  readonly name: string
  readonly version: number
  readonly state: 'active' | 'frozen' | 'ended'
  readonly digest: string
  readonly policy: Policy
  readonly owner: Address.Address
}

/** One row of the ledger as it stands now, its window up to date. Amounts in the smallest unit. */
export interface Balance {
  readonly open: bigint
  readonly settled: bigint
  /** When so much will have left the window; null while something is open, or where that never happens. */
  freeAt(amount: bigint): number | null
}

/** What the ledger answers. `null`: the row does not exist yet. */
export type Ledger = (scope: string, unit: string, window: string) => Balance | null

export const NOTHING: Balance = { open: 0n, settled: 0n, freeAt: () => null }

export interface Spoke {
  readonly layer: LayerName | 'report'
  readonly rule?: string
  readonly limit?: string
  readonly window?: string
  readonly used?: string
  readonly asks?: string
  readonly cap?: string
  readonly answer: Answer
  readonly effect?: string
  readonly code?: string
  readonly because?: string
}
