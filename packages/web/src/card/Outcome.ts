/** What a settled proposal really did, compared with what its card showed. */
import type { Proposal } from '@countersign/sdk'
import { symbolOf } from '../words.ts'
import * as Amount from './Amount.ts'
import { same } from './Bytes.ts'
import type { Line, Row } from './Card.ts'
import { t } from '../text/text.ts'

/** Balances of the owner around the transactions, read from the chain. */
export interface Facts {
  /** What was paid for gas, in wei, over all transactions. */
  readonly feeWei: bigint
  /** By token in lower case, the empty text for the coin. Whole numbers of the smallest unit. */
  readonly balances: ReadonlyMap<string, { readonly before: bigint; readonly after: bigint }>
}

export interface Outcome {
  readonly left: readonly (Line & { readonly now: string | null })[]
  readonly arrived: readonly (Line & { readonly now: string | null })[]
  readonly rows: readonly Row[]
}

/** The amounts that moved, and each difference in a sentence. The fee is set apart from what the coin's balance lost. */
export function outcomeOf(proposal: Proposal, facts: Facts, coin: string): Outcome {
  const shown = (proposal.report?.token_changes ?? []).filter(
    ({ account, token_id: id }) => same(account, proposal.from) && id === null,
  )
  const differences: Difference[] = []
  const lines = shown.flatMap((change) => {
    const decimals = change.standard === 'native' ? 18 : change.decimals
    const fact = facts.balances.get(change.token?.toLowerCase() ?? '')
    if (fact === undefined) return []
    const moved = fact.after - fact.before + (change.token === null ? facts.feeWei : 0n)
    const unit = symbolOf(change, coin)
    const difference = moved - BigInt(change.delta)
    const amount = `${Amount.rounded(difference.toString(), decimals, 'up')} ${unit}`
    if (difference !== 0n)
      differences.push({
        text: (difference < 0n ? t().settled.less : t().settled.more)(amount),
        isLess: difference < 0n,
      })
    if (moved === 0n) return []
    const text = moved.toString()
    return [
      {
        key: change.token ?? 'coin',
        figure: Amount.signed(text, decimals),
        unit,
        exact: Amount.exact(text, decimals),
        isGain: moved > 0n,
        whole: null,
        token: change.token,
        atLeast: null,
        now: t().settled.now(`${Amount.rounded(fact.after.toString(), decimals, 'down')} ${unit}`),
      },
    ]
  })
  const unread = shown.filter(({ token }) => !facts.balances.has(token?.toLowerCase() ?? '')).length
  return {
    left: lines.filter(({ isGain }) => !isGain),
    arrived: lines.filter(({ isGain }) => isGain),
    rows: [compared(differences, unread), feeRow(proposal, facts, coin)],
  }
}

interface Difference {
  readonly text: string
  readonly isLess: boolean
}

function compared(differences: readonly Difference[], unread: number): Row {
  const words = t().settled
  const base = { name: 'compared', label: words.compared } as const
  if (unread > 0) return { ...base, value: words.unreadAmounts(unread), tone: 'care' }
  if (differences.length === 0) return { ...base, value: words.asShown, tone: 'good' }
  return {
    ...base,
    value: differences.map(({ text }) => text).join(', '),
    note: words.moved,
    tone: differences.some(({ isLess }) => isLess) ? 'care' : 'plain',
  }
}

function feeRow({ report }: Proposal, { feeWei }: Facts, coin: string): Row {
  const most = report?.gas_estimate.max_fee_wei ?? '0'
  return {
    name: 'fee',
    label: t().settled.feePaid,
    value: `${Amount.rounded(feeWei.toString(), 18, 'up')} ${coin}`,
    note: t().settled.feeShown(Amount.rounded(most, 18, 'up')),
    ...(feeWei > BigInt(most) ? { tone: 'care' as const } : {}),
  }
}
