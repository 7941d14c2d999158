/** In which of its states a card is, in words: what happened, and what a person can do now. */
import type { Proposal } from '@countersign/sdk'
import { readable } from './Sentence.ts'
import { t } from '../text/text.ts'

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
      text: t().card.mismatch,
      next: t().card.mismatchNext(mismatch),
    }
  if (proposal.state === 'submitted' || phase.kind === 'confirming')
    return {
      name: 'submitted',
      tone: 'plain',
      text: t().card.submitted,
      next: t().card.submittedNext,
    }
  if (phase.kind === 'wallet')
    return {
      name: 'wallet',
      tone: 'plain',
      text: t().card.inWallet,
      next: t().card.inWalletNext,
    }
  if (phase.kind === 'checking') return { name: 'checking', tone: 'plain', text: t().card.checking, next: null }
  if (proposal.state !== 'pending') return beforePending(proposal)
  return pending(proposal, nowMs, hasDrifted)
}

function beforePending(proposal: Proposal): CardState {
  if (proposal.state === 'blocked') return blocked(proposal)
  if (proposal.report === null && proposal.reason !== null)
    return {
      name: 'not-simulated',
      tone: 'bad',
      text: t().card.notSimulated,
      next: t().card.notSimulatedNext,
    }
  return { name: 'simulating', tone: 'plain', text: t().card.simulating, next: null }
}

function pending(proposal: Proposal, nowMs: number, hasDrifted: boolean): CardState {
  if (nowMs >= Date.parse(proposal.expires_at))
    return { name: 'expired', tone: 'plain', text: t().card.expired, next: t().card.expiredNext }
  if (hasDrifted)
    return {
      name: 'drifted',
      tone: 'care',
      text: t().card.drifted,
      next: t().card.driftedNext,
    }
  if (proposal.level === 'step-up' && !proposal.level_given)
    return {
      name: 'question',
      tone: 'care',
      text: t().card.question,
      next: t().card.questionNext,
    }
  if (proposal.report?.verdict === 'warn')
    return { name: 'warn', tone: 'care', text: cautionText(proposal), next: null }
  if (isStale(proposal, nowMs))
    return {
      name: 'stale',
      tone: 'plain',
      text: t().card.waiting,
      next: null,
    }
  return { name: 'allow', tone: 'plain', text: t().card.waiting, next: null }
}

export function isStale({ report }: Proposal, nowMs: number): boolean {
  return report !== null && nowMs - Date.parse(report.block.timestamp) > STALE_AFTER_S * 1000
}

function cautionText({ report }: Proposal): string {
  const [worst, ...others] = report?.findings.filter(({ level }) => level === 'warn') ?? []
  if (worst === undefined) return t().card.cautionChecks
  return others.length === 0 ? t().card.caution(lower(worst.title)) : t().card.cautions(others.length + 1)
}

function blocked(proposal: Proposal): CardState {
  const rules = new Set(proposal.report?.findings.flatMap(({ level, rule }) => (level === 'block' ? [rule] : [])) ?? [])
  const base = { tone: 'bad', next: null } as const
  if (proposal.report?.will_revert === true)
    return {
      ...base,
      name: 'would-revert',
      text: t().card.wouldFail,
      next: t().card.wouldFailNext,
    }
  if (rules.has('engines-disagree'))
    return {
      ...base,
      name: 'engines-disagree',
      text: t().card.disagree,
      next: t().card.disagreeNext,
    }
  if ([...rules].some((rule) => UNFINISHED.has(rule)))
    return {
      ...base,
      name: 'incomplete',
      text: t().card.incomplete,
      next: t().card.incompleteNext,
    }
  return { ...base, name: 'blocked', text: t().card.blocked }
}

/** The state of a card that is over; null while it is not. */
function endOf({ state, settlement, half_done: half, reason, calls }: Proposal): CardState | null {
  switch (state) {
    case 'settled':
      return settlement?.signature_digest === undefined
        ? { name: 'settled', tone: 'good', text: t().card.settled, next: null }
        : { name: 'signed', tone: 'good', text: t().card.signed, next: t().card.nothingSent }
    case 'mismatched':
      if (failedIn(settlement) !== null)
        return {
          name: 'failed',
          tone: 'bad',
          text: t().card.failed,
          next: calls.some(({ status }) => status === 'confirmed') ? t().card.failedPart : t().card.failedAll,
        }
      return {
        name: 'different',
        tone: 'bad',
        text: t().card.different,
        next: t().card.differentNext,
      }
    case 'rejected':
      return {
        name: 'rejected',
        tone: 'plain',
        text: t().card.rejected,
        next: half === null ? t().card.rejectedNext : null,
      }
    case 'superseded':
      return {
        name: 'replaced',
        tone: 'plain',
        text: t().card.replaced,
        next: t().card.replacedNext,
      }
    case 'expired':
      return {
        name: 'expired',
        tone: 'plain',
        text: t().card.expired,
        next: half === null && reason === null ? t().card.expiredNext : t().card.askAgain,
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
export function reasonText(
  proposal: Proposal,
  coin: string,
): { readonly text: string; readonly isServers: boolean } | null {
  if (proposal.reason === null || proposal.state === 'superseded') return null
  const isSaid = proposal.report?.findings.some(({ because }) => because === proposal.reason) === true
  if (isSaid && proposal.state === 'blocked') return null
  const block = failedIn(proposal.settlement)
  if (block !== null) return { text: t().card.failedIn(block), isServers: false }
  if (/^Rejected in the wallet\.$/.test(proposal.reason))
    return { text: proposal.half_done === null ? t().card.rejectedInWallet : t().card.rejectedHalf, isServers: false }
  const text = readable(proposal.reason, { from: proposal.from, coin })
  return { text: text.charAt(0).toUpperCase() + text.slice(1), isServers: true }
}

function lower(title: string): string {
  return /^[A-Z][a-z]/.test(title) ? title[0]?.toLowerCase() + title.slice(1) : title
}
