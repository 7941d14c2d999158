import type { Address, Hex } from '@countersign/base'
import type { EffectKind } from '../policy/scope.ts'

/** How well an amount is known. `declared` counts as proven. */
export type Grade = 'simulated' | 'declared' | 'proven' | 'enforced'

/** One thing that a request would do. Amounts in the smallest unit; null where there is none, or it has no end. */
export interface Effect {
  readonly kind: EffectKind | 'fee'
  /** 1-based; 0 for what is about the whole request. */
  readonly step: number
  readonly chainId: number
  /** The coin's, token's or collection's symbol as the registry has it, else null. */
  readonly asset: string | null
  /** Null for the chain's own coin, and where there is no asset. */
  readonly token: Address.Address | null
  readonly isNative: boolean
  /** Who receives, or who gains the right. */
  readonly counterparty: Address.Address | null
  readonly contract: Address.Address | null
  readonly selector: Hex.Hex | null
  readonly amount: bigint | null
  /** The right has no end, or the amount none. */
  readonly isUnlimited: boolean
  readonly decimals: number | null
  readonly grade: Grade | null
  readonly because: string
  /** Of a right: its kind in the report. Of a document: its scheme. */
  readonly detail: string | null
  /** Of an allowance: no more than the owner holds. */
  readonly isExact: boolean
}

/** One call of the request. */
export interface StepMoves {
  readonly step: number
  readonly to: Address.Address | null
  readonly data: Hex.Hex
  readonly value: bigint
  /** Nothing but one effect: it is named by the rule that names this effect. */
  readonly isSingle: boolean
  /** What arrives for the owner in this step, by asset. */
  readonly arrives: readonly Asset[]
  readonly leaves: readonly Asset[]
}

export interface Asset {
  readonly token: Address.Address | null
  readonly isNative: boolean
  readonly amount: bigint
  readonly decimals: number | null
}

/** What moves of one asset, over the whole request. */
export interface Total extends Asset {
  /** The largest prefix: outflows of its steps and rights standing after it. */
  readonly amount: bigint
  readonly isUnlimited: boolean
  readonly grade: Grade
}

/** What a request would move, read from the reports of its prefixes. */
export interface Moves {
  readonly chainId: number
  readonly owner: Address.Address
  readonly steps: readonly StepMoves[]
  readonly effects: readonly Effect[]
  readonly totals: readonly Total[]
  /** What arrives over the whole request in the worst environment. */
  readonly arrivals: readonly Asset[]
  /** Gas limit × fee cap + twice the fee below. Wei. */
  readonly feeWei: bigint
  readonly document: { readonly scheme: string; readonly deadlineMs: number | null } | null
  readonly tool: {
    readonly name: string
    readonly arguments: Readonly<Record<string, unknown>>
    readonly level: 'ordinary' | 'step-up'
  } | null
  readonly verdict: 'allow' | 'warn' | 'block'
  readonly findings: readonly {
    readonly rule: string
    readonly level: 'info' | 'warn' | 'block'
    readonly subject: string | null
    readonly because: string
  }[]
  /** Why what moves could not all be read; empty where it could. */
  readonly unreadable: readonly string[]
  /** The batch carries the outcome guard. */
  readonly isEnforced: boolean
}
