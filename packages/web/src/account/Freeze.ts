/** A freeze in words: what it stops, what it did, and what it could not call back. */
import type { Routes } from '@countersign/sdk'
import { around } from '../text/around.ts'

export type Frozen = Routes['POST /api/freeze']['answer']
export type Mandate = Routes['GET /api/mandates']['answer'][number]

/**
 * What the server answered.
 *
 * @returns `isComplete` is false where a running server did not confirm, so that it is not shown as done.
 */
export function resultOf({ confirmed, live, mandates }: Pick<Frozen, 'confirmed' | 'live' | 'mandates'>): {
  readonly isComplete: boolean
  readonly text: string
} {
  const frozen = mandates.filter(({ state }) => state === 'frozen').length
  const words = around().freeze
  const servers = words.confirmed(confirmed, live)
  const isComplete = live > 0 && confirmed === live && frozen === mandates.length
  const counted = frozen === 0 ? words.none : words.frozen(frozen)
  return { isComplete, text: [counted, servers, ...(isComplete ? [] : [words.again])].join(' ') }
}

/** What was handed out before the freeze and can still move, a sentence each. Amounts come as decimals. */
export function outstandingOf({ outstanding }: Pick<Frozen, 'outstanding'>): readonly string[] {
  const words = around().freeze
  return outstanding.map((each) => {
    const assets = Array.isArray(each['could_still_move']) ? (each['could_still_move'] as unknown[]) : []
    const what = assets.length === 0 ? words.unknownAmount : assets.map(amountOf).join(words.and)
    return words.couldMove(what, typeof each['account'] === 'string' ? each['account'] : words.unknownAccount)
  })
}

/** The mandates under which an agent can act now, and those that the owner can unfreeze. */
export function byState(mandates: readonly Mandate[]): {
  readonly active: readonly Mandate[]
  readonly frozen: readonly Mandate[]
} {
  return {
    active: mandates.filter(({ state }) => state === 'active'),
    frozen: mandates.filter(({ state }) => state === 'frozen'),
  }
}

export function activeText(mandates: readonly Mandate[]): string {
  const { active } = byState(mandates)
  return active.length === 0
    ? around().freeze.noneActive
    : around().freeze.active(active.length, active.map(({ name }) => name).join(', '))
}

function amountOf(asset: unknown): string {
  const { symbol, token, amount, decimals } = (asset ?? {}) as Record<string, unknown>
  const words = around().freeze
  const unit = typeof symbol === 'string' ? symbol : typeof token === 'string' ? token : words.unknownToken
  if (typeof amount !== 'string') return words.unknownAmountOf(unit)
  return typeof decimals === 'number' ? `${amount} ${unit}` : words.smallestUnits(amount, unit)
}
