/** In which of its states a card is, in words: what happened, and what a person can do now. */
import type { Proposal } from '@countersign/sdk'
import { readable } from './Sentence.ts'

export type Tone = 'plain' | 'good' | 'care' | 'bad'

export type CardStateName =
  | 'simulating'
  | 'not-simulated'
  | 'allow'
  | 'warn'
  | 'blocked'
  | 'would-revert'
  | 'engines-disagree'
  | 'incomplete'
  | 'mismatch'
  | 'question'
  | 'drifted'
  | 'stale'
  | 'checking'
  | 'wallet'
  | 'submitted'
  | 'settled'
  | 'signed'
  | 'different'
  | 'failed'
  | 'rejected'
  | 'replaced'
  | 'expired'

export interface CardState {
  readonly name: CardStateName
  readonly tone: Tone
  /** The line over the title. */
  readonly text: string
  /** What that means, and what to do; null where the card below says it. */
  readonly next: string | null
}

/** What this browser is doing with the card. */
export type Phase =
  { readonly kind: 'idle' | 'checking' } | { readonly kind: 'wallet' | 'confirming'; readonly step: number }

/** Older than this, a card that waits is checked again before anybody relies on it; signing re-checks in any case. Seconds. */
export const STALE_AFTER_S = 60

/** States in which the simulation is no ground for anything: none of its figures is shown. */
const UNRELIABLE: ReadonlySet<CardStateName> = new Set(['mismatch', 'engines-disagree', 'incomplete'])

/** Whether the figures of the simulation may be shown as what would happen. */
export function isReliable({ name }: CardState): boolean {
  return !UNRELIABLE.has(name)
}

/** Rules that say the simulation itself came to no end. */
const UNFINISHED = new Set(['engine-limit', 'too-many-state-reads', 'effects-truncated', 'effects-unreadable'])

/**
 * The state of a card. What stops a person from signing comes before what lets them.
 *
 * @param mismatches - Where the bytes and the card differ, as this browser found.
 * @param hasDrifted - The last look before the wallet found another outcome than the one that was read.
 */
export function stateOf(
  proposal: Proposal,
  {
    nowMs,
    phase = { kind: 'idle' },
    mismatches = [],
    hasDrifted = false,
  }: {
    readonly nowMs: number
    readonly phase?: Phase
    readonly mismatches?: readonly string[]
    readonly hasDrifted?: boolean
  },
): CardState {
  const over = endOf(proposal)
  if (over !== null) return over
  const [mismatch] = mismatches
  if (mismatch !== undefined)
    return {
      name: 'mismatch',
      tone: 'bad',
      text: 'Blocked: the bytes do not match this card',
      next: `${mismatch} Your browser compared them. Do not sign this; ask again.`,
    }
  if (proposal.state === 'submitted' || phase.kind === 'confirming')
    return {
      name: 'submitted',
      tone: 'plain',
      text: 'Sent, waiting for the chain',
      next: 'You can close this page. The server goes on looking for the transaction.',
    }
  if (phase.kind === 'wallet')
    return {
      name: 'wallet',
      tone: 'plain',
      text: 'Waiting in your wallet',
      next: 'Compare what your wallet shows with this card, then sign or reject there.',
    }
  if (phase.kind === 'checking')
    return { name: 'checking', tone: 'plain', text: 'Checking the chain once more', next: null }
  if (proposal.state !== 'pending') return beforePending(proposal)
  return pending(proposal, nowMs, hasDrifted)
}

function beforePending(proposal: Proposal): CardState {
  if (proposal.state === 'blocked') return blocked(proposal)
  if (proposal.report === null && proposal.reason !== null)
    return {
      name: 'not-simulated',
      tone: 'bad',
      text: 'Could not be simulated',
      next: 'Nothing is known about what it would do, so it cannot be signed. Ask again in a moment.',
    }
  return { name: 'simulating', tone: 'plain', text: 'Simulating on a copy of the chain', next: null }
}

function pending(proposal: Proposal, nowMs: number, hasDrifted: boolean): CardState {
  if (nowMs >= Date.parse(proposal.expires_at))
    return { name: 'expired', tone: 'plain', text: 'Expired', next: 'Nothing was sent. Ask again for a new card.' }
  if (hasDrifted)
    return {
      name: 'drifted',
      tone: 'care',
      text: 'Changed since you looked',
      next: 'The chain changed, so this card was made again. Read the new amounts before you sign.',
    }
  if (proposal.level === 'step-up' && !proposal.level_given)
    return {
      name: 'question',
      tone: 'care',
      text: 'Caution: the agent chose values that you did not name',
      next: 'Compare each value with its source and type it below.',
    }
  if (proposal.report?.verdict === 'warn')
    return { name: 'warn', tone: 'care', text: cautionText(proposal), next: null }
  if (isStale(proposal, nowMs))
    return {
      name: 'stale',
      tone: 'plain',
      text: 'Waiting for you',
      next: null,
    }
  return { name: 'allow', tone: 'plain', text: 'Waiting for you', next: null }
}

export function isStale({ report }: Proposal, nowMs: number): boolean {
  return report !== null && nowMs - Date.parse(report.block.timestamp) > STALE_AFTER_S * 1000
}

function cautionText({ report }: Proposal): string {
  const [worst, ...others] = report?.findings.filter(({ level }) => level === 'warn') ?? []
  if (worst === undefined) return 'Caution: read the checks'
  return others.length === 0 ? `Caution: ${lower(worst.title)}` : `Caution: ${others.length + 1} things to read`
}

function blocked(proposal: Proposal): CardState {
  const rules = new Set(proposal.report?.findings.flatMap(({ level, rule }) => (level === 'block' ? [rule] : [])) ?? [])
  const base = { tone: 'bad', next: null } as const
  if (proposal.report?.will_revert === true)
    return {
      ...base,
      name: 'would-revert',
      text: 'Blocked: it would fail',
      next: 'Nothing was sent and no fee was paid.',
    }
  if (rules.has('engines-disagree'))
    return {
      ...base,
      name: 'engines-disagree',
      text: 'Blocked: two simulators disagree',
      next: 'Two independent simulators came to different results, so neither can be relied on.',
    }
  if ([...rules].some((rule) => UNFINISHED.has(rule)))
    return {
      ...base,
      name: 'incomplete',
      text: 'Blocked: not simulated to its end',
      next: 'A part of it was not seen, so it cannot be signed here.',
    }
  return { ...base, name: 'blocked', text: 'Blocked: this cannot be signed here' }
}

/** The state of a card that is over; null while it is not. */
function endOf({ state, settlement, half_done: half, reason, calls }: Proposal): CardState | null {
  switch (state) {
    case 'settled':
      return settlement?.signature_digest === undefined
        ? { name: 'settled', tone: 'good', text: 'Done, verified on chain', next: null }
        : { name: 'signed', tone: 'good', text: 'Signed and verified', next: 'Nothing was sent.' }
    case 'mismatched':
      if (failedIn(settlement) !== null)
        return {
          name: 'failed',
          tone: 'bad',
          text: 'Failed on the chain',
          next: calls.some(({ status }) => status === 'confirmed')
            ? 'A step failed, although the simulation did not. The steps before it stand.'
            : 'Nothing of it happened; only the network fee was paid.',
        }
      return {
        name: 'different',
        tone: 'bad',
        text: 'Does not match what you approved',
        next: 'Another transaction than the one on this card is on the chain. Check your wallet.',
      }
    case 'rejected':
      return {
        name: 'rejected',
        tone: 'plain',
        text: 'Rejected',
        next: half === null ? 'Nothing was sent. Ask again if you change your mind.' : null,
      }
    case 'superseded':
      return {
        name: 'replaced',
        tone: 'plain',
        text: 'Replaced by your newer request',
        next: 'This card can no longer be signed. Nothing of it was sent.',
      }
    case 'expired':
      return {
        name: 'expired',
        tone: 'plain',
        text: 'Expired',
        next:
          half === null && reason === null
            ? 'Nothing was sent. Ask again for a new card.'
            : 'Ask again for a new card.',
      }
    default:
      return null
  }
}

/** The block in which the very transaction failed; null where anything else differs. */
function failedIn(settlement: Proposal['settlement']): string | null {
  const [only, ...others] = settlement?.differences ?? []
  return others.length > 0 ? null : (/^it reverted on chain in block (\d+)/.exec(only ?? '')?.[1] ?? null)
}

/** The reason of the server, where the state and the findings do not say it already. */
export function reasonText(proposal: Proposal, coin: string): string | null {
  if (proposal.reason === null || proposal.state === 'superseded') return null
  const isSaid = proposal.report?.findings.some(({ because }) => because === proposal.reason) === true
  if (isSaid && proposal.state === 'blocked') return null
  const block = failedIn(proposal.settlement)
  if (block !== null) return `It was sent as approved and failed in block ${block}, although the simulation did not.`
  if (proposal.reason === 'Rejected in the wallet.') return 'You rejected this in your wallet. Nothing was sent.'
  const text = readable(proposal.reason, { from: proposal.from, coin })
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function lower(title: string): string {
  return /^[A-Z][a-z]/.test(title) ? title[0]?.toLowerCase() + title.slice(1) : title
}
