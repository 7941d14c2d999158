import type { Proposal, ReportWire } from '@countersign/sdk'
import { symbolOf } from '../words.ts'
import * as Amount from './Amount.ts'
import { namesOf } from './Contracts.ts'
import { t } from '../text/text.ts'

type Change = ReportWire['token_changes'][number]

interface End {
  /** Null for the owner. */
  readonly who: string | null
  readonly amount: string
}

interface Flow {
  readonly unit: string
  readonly gives: readonly End[]
  readonly gets: readonly End[]
}

/** Per token: who ends with less and who ends with more. */
export function flowsOf(proposal: Proposal, coin: string): readonly Flow[] {
  const names = namesOf(proposal)
  const own = proposal.from.toLowerCase()
  const who = ({ account }: Change): string | null =>
    account.toLowerCase() === own ? null : (names.get(account.toLowerCase()) ?? Amount.short(account))
  const tokens = new Map<string, Change[]>()
  for (const change of proposal.report?.token_changes ?? []) {
    const key = `${change.token ?? ''}${change.token_id ?? ''}`
    tokens.set(key, [...(tokens.get(key) ?? []), change])
  }
  return [...tokens.values()].map((changes) => ({
    unit: changes[0] === undefined ? '' : symbolOf(changes[0], coin),
    gives: changes.filter(({ delta }) => delta.startsWith('-')).map((each) => end(each, who(each))),
    gets: changes.filter(({ delta }) => !delta.startsWith('-')).map((each) => end(each, who(each))),
  }))
}

function end(change: Change, who: string | null): End {
  const decimals = change.standard === 'native' ? 18 : change.decimals
  return { who, amount: Amount.rounded(change.delta, decimals, change.delta.startsWith('-') ? 'up' : 'down') }
}

/** The same as a sentence: the picture's text twin. */
export function flowText({ unit, gives, gets }: Flow): string {
  const words = t().details
  const list = (ends: Flow['gives'], own: (amount: string) => string, other: (who: string, amount: string) => string) =>
    ends
      .map(({ who, amount }) => (who === null ? own(`${amount} ${unit}`) : other(who, `${amount} ${unit}`)))
      .join(', ')
  return [list(gives, words.youGive, words.gives), list(gets, words.youGet, words.gets)]
    .filter((text) => text !== '')
    .join('; ')
}

/** One figure for each token: who gives on the left, who gets on the right. */
export function FundFlow({ proposal, coin }: { proposal: Proposal; coin: string }) {
  return flowsOf(proposal, coin).map((flow, i) => (
    <figure key={i} className="mb-2">
      <div className="hidden items-center gap-2 sm:flex" role="img" aria-label={flowText(flow)} data-testid="fund-flow">
        <Ends ends={flow.gives} unit={flow.unit} sign="−" />
        <svg viewBox="0 0 80 12" className="h-3 w-20 shrink-0 text-quiet" aria-hidden="true">
          <path d="M0 6H74M68 1l7 5-7 5" fill="none" stroke="currentColor" strokeWidth="1.5" />
        </svg>
        <Ends ends={flow.gets} unit={flow.unit} sign="+" />
      </div>
      <figcaption className="text-quiet">{flowText(flow)}.</figcaption>
    </figure>
  ))
}

function Ends({ ends, unit, sign }: { ends: Flow['gives']; unit: string; sign: string }) {
  return (
    <div className="min-w-0 flex-1 space-y-1">
      {ends.length === 0 && (
        <p className="rounded-lg border border-dashed border-line px-2 py-1 text-quiet">{t().details.nobody}</p>
      )}
      {ends.map(({ who, amount }, i) => (
        <p key={i} className="rounded-lg border border-line px-2 py-1 [overflow-wrap:anywhere]">
          {who ?? t().details.you}{' '}
          <span className="figure">
            {sign}
            {amount}
          </span>{' '}
          {unit}
        </p>
      ))}
    </div>
  )
}
