import { Clock } from '@countersign/base'
import type { Amount, Notice } from '../outbox/Notice.ts'
import type { Proposal, State } from './Proposal.ts'

/** Which states are reported outside, and how: those that a person or a program can act on. The rest pass within a moment. */
const SENTENCES: Readonly<Partial<Record<State, string>>> = {
  pending: 'waits for its owner',
  blocked: 'was blocked: it cannot be signed',
  confirmed: 'was confirmed by its owner',
  submitted: 'was signed and sent',
  settled: 'settled as committed',
  mismatched: 'does not match what was committed',
  rejected: 'was rejected by its owner',
  refused: 'was refused by the rules of the app',
  expired: 'expired',
  superseded: 'was replaced by another',
  done: 'was carried out',
  failed: 'failed',
  unknown: 'ended without an answer: it may have happened',
}

/**
 * What is reported of a proposal that came into its state; null where that is of no use outside. The sentence is made of
 * our words, its kind, account and chain alone: what a model, a contract or a document says is not in it.
 *
 * @param url - Where the owner finds the card.
 */
export function noticeOf(proposal: Proposal, { event, url }: { event: string; url: string }): Notice | null {
  const said = event === 'proposals.proposal.delayed' ? delayed(proposal) : SENTENCES[proposal.state]
  const isNews = event === 'proposals.proposal.delayed' || event === `proposals.proposal.${proposal.state}`
  if (said === undefined || !isNews) return null
  return {
    event,
    mandate: null,
    proposal: { id: proposal.id, state: proposal.state },
    sentence: `${subjectOf(proposal)} ${said}.`,
    amounts: amountsOf(proposal),
    url,
  }
}

function delayed({ decided }: Proposal): string | undefined {
  const notBeforeMs = decided?.notBeforeMs ?? null
  return notBeforeMs === null
    ? undefined
    : `is held back by a mandate until ${Clock.iso(notBeforeMs)}: its owner can reject it until then`
}

function subjectOf({ kind, calls, from, chainId }: Proposal): string {
  if (kind === 'tool_call') return 'A call of a tool'
  const what =
    kind === 'signature' ? 'signature' : calls.length === 1 ? 'transaction' : `batch of ${calls.length} transactions`
  return `A ${what} of ${from} on chain ${chainId}`
}

/** What the simulation shows to leave and to reach the account. */
function amountsOf({ report, from }: Proposal): Amount[] {
  return (report?.token_changes ?? [])
    .filter(({ account, delta }) => account.toLowerCase() === from.toLowerCase() && delta !== '0')
    .map(({ delta, token, symbol, decimals }) => ({
      direction: delta.startsWith('-') ? 'out' : 'in',
      amount: delta.replace(/^[-+]/, ''),
      token,
      symbol,
      decimals,
    }))
}
