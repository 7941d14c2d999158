import { Clock } from '@countersign/base'
import type { Decision } from '../../mandates/decide/Decision.ts'
import type { Effect } from '../../mandates/decide/Moves.ts'
import { countMark } from '../../mandates/freezeWhen.ts'
import { num, ofWrite, rowsOf } from '../../mandates/ledger/Sql.ts'
import { tellTargets } from '../../mandates/tellTargets.ts'
import type { Write } from '../../store/openStore.ts'
import type { Gate } from '../Gate.ts'
import type { Proposal } from '../Proposal.ts'

/** From which share of a cap on its owner hears of it: 80 %. */
const NEAR = { parts: 4n, of: 5n } as const

/** Until when it waits, and for whom. */
interface Wait {
  readonly notBeforeMs: number | null
  /** Whether this decision began its delay. */
  readonly isBegun: boolean
  readonly isServed: boolean
  readonly approvals: readonly string[]
}

/**
 * Tells the targets of a mandate what was decided, where somebody has to do something about it or may want to; and counts a refusal
 * towards its freeze. What is allowed passes in silence.
 *
 * @param of.lines - The reservation that was made by this decision; null where none was.
 */
export async function tellOwner(
  gate: Gate,
  write: Write,
  {
    proposal,
    decision,
    wait,
    lines,
  }: {
    proposal: Pick<Proposal, 'id' | 'state'>
    decision: Decision
    wait: Wait
    lines: string | null
  },
): Promise<void> {
  const { mandate } = decision
  if (mandate === null) return
  const what = sentenceOf(decision, wait)
  const about = { mandate: mandate.id, proposal: { id: proposal.id, state: proposal.state } }
  if (what !== null)
    await tellTargets(gate, write, {
      // A delay is a time to say no in: who hears of it late has none.
      ...{ ...about, event: `mandates.decision.${wait.isBegun ? 'delayed' : 'made'}`, what },
      amounts: decision.effects.filter(isPaid).map(amountOf),
    })
  if (decision.answer === 'deny' && !UNCOUNTED.has(decision.code ?? ''))
    await countRefusal(gate, write, { mandate: mandate.id, proposal })
  if (lines === null) return
  for (const { share, span } of await nearOf(write, lines)) {
    const near = `${share} % of the limit per ${span} is used, with what is open.`
    await tellTargets(gate, write, { ...{ ...about, event: 'mandates.limit.near', what: near } })
  }
}

/** What a session holds is no refusal of the mandate's, and what somebody else asks says nothing of its agent. */
const UNCOUNTED: ReadonlySet<string> = new Set(['mandates:held:full', 'mandates:agent:denied'])

/** Counts a refusal towards the freeze of the mandate that it is inside of. */
export async function countRefusal(
  gate: Gate,
  write: Write,
  { mandate, proposal }: { mandate: string; proposal: Pick<Proposal, 'id'> },
): Promise<void> {
  await countMark(gate, write, { mandate, mark: 'refused', proposal: proposal.id })
}

function sentenceOf(
  { answer, approvers, code }: Decision,
  { notBeforeMs, isBegun, isServed, approvals }: Wait,
): string | null {
  if (answer === 'deny') return `it refused a proposal (${code ?? 'mandates:rule:denied'}).`
  const missing = approvers === null ? 0 : approvers.need - approvals.length
  const asked = missing > 0 ? ` ${missing} of its approvers must sign it.` : ''
  if (answer === 'ask') return `a proposal waits for its owner.${asked}`
  if (answer === 'step-up') return `a proposal waits for its owner, who types what it moves.${asked}`
  if (answer === 'delay' && !isServed && notBeforeMs !== null && !isBegun) return null
  if (answer === 'delay' && !isServed && notBeforeMs !== null)
    return `a proposal can be signed from ${Clock.iso(notBeforeMs)} on. Its owner can reject it before then.${asked}`
  return asked === '' ? null : `a proposal waits for approvals.${asked}`
}

function isPaid({ kind, amount }: Effect): boolean {
  return (kind === 'outflow' || kind === 'authority') && amount !== null
}

function amountOf({ amount, token, asset, decimals }: Effect) {
  return { direction: 'out' as const, amount: (amount ?? 0n).toString(), token, symbol: asset, decimals }
}

/** Limits that this reservation took over the share at which their owner hears of it. */
async function nearOf(
  write: Write,
  reservation: string,
): Promise<readonly { readonly share: bigint; readonly span: string }[]> {
  const rows = await rowsOf<{
    amount: string
    open: string
    settled: string
    cap: string
    span: string
    beyond: unknown
  }>(
    ofWrite(write),
    `select l.amount, l.beyond, m.open, m.settled, m.cap, m.span from reservation_lines l join mandate_limits m on m.id = l.limit_id
     where l.reservation = ? order by m.id`,
    [reservation],
  )
  return rows.flatMap(({ amount, open, settled, cap, span, beyond }) => {
    const [used, most] = [BigInt(open) + BigInt(settled), BigInt(cap)]
    const before = num(beyond) === 1 ? used : used - BigInt(amount)
    const isNear = (sum: bigint): boolean => most > 0n && sum * NEAR.of >= most * NEAR.parts
    return isNear(used) && !isNear(before) ? [{ share: (used * 100n) / most, span }] : []
  })
}
