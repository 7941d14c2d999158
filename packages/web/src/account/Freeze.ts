/** A freeze in words: what it stops, what it did, and what it could not call back. */
import type { Routes } from '@countersign/sdk'

export type Frozen = Routes['POST /api/freeze']['answer']
export type Mandate = Routes['GET /api/mandates']['answer'][number]

/** What a person reads before the one press that freezes; and what it does not stop. */
export const STOPS: readonly string[] = [
  'Agents can get nothing more signed under any mandate of this account.',
  'What was handed to an agent before can still be sent. It is listed afterwards.',
  'A program’s key with the scope “guard” is not stopped: the operator revokes it.',
  'Your own wallet still works, and permissions on the chain stay: take those back above.',
]

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
  const servers = `${confirmed} of ${live} running ${live === 1 ? 'server' : 'servers'} confirmed it.`
  const isComplete = live > 0 && confirmed === live && frozen === mandates.length
  const counted =
    frozen === 0 ? 'There was no mandate to freeze.' : `${count(frozen, 'mandate is', 'mandates are')} frozen.`
  return {
    isComplete,
    text: isComplete
      ? `${counted} ${servers}`
      : `${counted} ${servers} Press again, and tell the operator if it stays so.`,
  }
}

/** What was handed out before the freeze and can still move, a sentence each. Amounts come as decimals. */
export function outstandingOf({ outstanding }: Pick<Frozen, 'outstanding'>): readonly string[] {
  return outstanding.map((each) => {
    const assets = Array.isArray(each['could_still_move']) ? (each['could_still_move'] as unknown[]) : []
    const what = assets.length === 0 ? 'an unknown amount' : assets.map(amountOf).join(' and ')
    return `Still able to move: ${what} from ${typeof each['account'] === 'string' ? each['account'] : 'an unknown account'}.`
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
    ? 'No mandate is active: nothing is allowed in advance.'
    : `${count(active.length, 'mandate lets', 'mandates let')} agents act without asking you: ${active.map(({ name }) => name).join(', ')}.`
}

function amountOf(asset: unknown): string {
  const { symbol, token, amount, decimals } = (asset ?? {}) as Record<string, unknown>
  const unit = typeof symbol === 'string' ? symbol : typeof token === 'string' ? token : 'an unknown token'
  if (typeof amount !== 'string') return `an unknown amount of ${unit}`
  return `${amount} ${typeof decimals === 'number' ? '' : 'smallest units of '}${unit}`
}

const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`
