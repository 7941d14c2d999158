import { Clock, Digest } from '@countersign/base'
import * as Amount from '../policy/Amount.ts'
import type { Answer } from '../policy/Policy.ts'
import type { Effect, Moves } from './Moves.ts'
import type { Mandate, Spoke } from './Situation.ts'

/** One line that a reservation takes, in one row of the ledger. Amounts in the smallest unit of the row. */
export interface Line {
  readonly scope: string
  readonly unit: string
  readonly window: string
  /** The lowest cap of the row. */
  readonly cap: bigint
  readonly decimals: number
  readonly amount: bigint
  /** It did not fit, and its limit asks: it counts once the owner has confirmed it. */
  readonly isBeyond: boolean
}

export interface Decision {
  readonly answer: Answer
  readonly mandate: Mandate | null
  readonly spoke: readonly Spoke[]
  readonly effects: readonly Effect[]
  readonly lines: readonly Line[]
  /** Room in the limit that answered strictest, in its unit; null where none was full. */
  readonly free: string | null
  readonly freeAtMs: number | null
  /** How long it must wait, in milliseconds; null where it need not. */
  readonly delayMs: number | null
  readonly approvers: { readonly of: readonly string[]; readonly need: number } | null
  /** `mandates:…` of what denied; null otherwise. */
  readonly code: string | null
  readonly reason: string | null
}

/** `proposal.decision`, as it goes over the wire. */
export function toWire(
  decision: Decision,
  { reservation }: { reservation: string | null },
): Readonly<Record<string, unknown>> {
  const { answer, mandate, free, freeAtMs } = decision
  return {
    answer,
    mandate: mandate === null ? null : `${mandate.name}@${mandate.version}`,
    digest: digestOf(decision),
    reservation,
    free,
    free_at: freeAtMs === null ? null : Clock.iso(freeAtMs),
    spoke: decision.spoke,
    effects: decision.effects.map(effectWire),
    ...(decision.approvers === null ? {} : { approvers: decision.approvers }),
  }
}

/** Over answer, policy, rules that spoke and effects. Not over what was used, what is free, or times. */
export function digestOf({
  answer,
  mandate,
  spoke,
  effects,
}: Pick<Decision, 'answer' | 'mandate' | 'spoke' | 'effects'>): string {
  const digest = Digest.ofJson({
    answer,
    policy: mandate?.digest ?? null,
    spoke: spoke.map(({ layer, rule, limit, answer: said, effect, code }) => ({
      layer,
      rule: rule ?? null,
      limit: limit ?? null,
      answer: said,
      effect: effect ?? null,
      code: code ?? null,
    })),
    effects: effects.map(effectWire),
  })
  return `sha256:${digest.slice(2)}`
}

/** An effect with all its fields, null where it has none. */
export function effectWire(effect: Effect): Readonly<Record<string, unknown>> {
  const {
    kind,
    step,
    chainId,
    asset,
    token,
    counterparty,
    contract,
    selector,
    amount,
    isUnlimited,
    isNative,
    decimals,
    grade,
    because,
    detail,
  } = effect
  const isMeasured = amount !== null && decimals !== null && !isUnlimited
  return {
    kind,
    step,
    chain_id: chainId,
    asset,
    token,
    counterparty,
    contract,
    selector,
    amount: isUnlimited ? 'unlimited' : isMeasured ? Amount.format(amount, decimals) : (amount?.toString() ?? null),
    unit: amount === null && !isUnlimited ? null : isNative ? 'native' : kind === 'fee' ? 'fee' : 'token',
    symbol: asset,
    decimals,
    grade,
    because: because === '' ? null : because,
    detail,
  }
}

/** What every decision about moves says of a fee, as the last of the effects. */
export function feeEffect(moves: Moves, coin: string): Effect {
  return {
    kind: 'fee',
    step: 0,
    chainId: moves.chainId,
    asset: coin,
    token: null,
    isNative: true,
    counterparty: null,
    contract: null,
    selector: null,
    amount: moves.feeWei,
    isUnlimited: false,
    decimals: 18,
    grade: 'proven',
    because: 'gas limit × fee cap',
    detail: null,
    isExact: false,
  }
}
