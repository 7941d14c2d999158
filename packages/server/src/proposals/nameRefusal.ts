import { Address } from '@countersign/base'
import { GUARD, parseGuardError, readGuarded } from '@countersign/simulator'
import type { ReportWire } from '@countersign/sdk'
import type { Chain } from '../chains/Chain.ts'
import * as Amount from '../mandates/policy/Amount.ts'
import type { Proposal } from './Proposal.ts'

/** Why the chain refused a guarded batch, as far as can be told. */
export interface Refusal {
  /** The bound's index in its stage; null where it cannot be named. */
  readonly bound: number | null
  readonly sentence: string
}

type Enforcement = NonNullable<ReportWire['enforcement']>

const PAID = 'You paid the network fee.'
const UNNAMED: Refusal = { bound: null, sentence: `Nothing happened: a bound was refused. ${PAID}` }

/** Whether what is signed for a proposal is a batch that the guard holds. */
export function isEnforced({ report }: Pick<Proposal, 'report'>): boolean {
  const status = report?.enforcement?.status
  return status === 'enforced' || status === 'partly'
}

/**
 * Says which bound of a guarded batch did not hold, by running the batch again on the block before the one in which it failed. That
 * block had another number, time and fee, so that the answer may be another one: then no bound is named, and nothing is guessed.
 */
export async function nameRefusal(
  chain: Chain,
  { proposal, block }: { proposal: Pick<Proposal, 'from' | 'report' | 'calls'>; block: bigint },
): Promise<Refusal> {
  const { from, report } = proposal
  const [call] = proposal.calls
  const enforcement = report?.enforcement
  const guarded = call === undefined ? null : readGuarded(from, call)
  const header = block === 0n ? null : await chain.header(block - 1n)
  if (report == null || enforcement == null || call === undefined || guarded === null || header === null) return UNNAMED
  const state = chain.at(header)
  const failed = await state.call({ from, to: from, data: call.data })
  const error = failed.status === 'failed' && failed.data !== null ? parseGuardError(failed.data) : null
  if (error === null || error.index === null) return UNNAMED
  const opened = await state.call({ from, to: GUARD.address, data: guarded.inner[0]?.data ?? '0x' })
  const stage = opened.status === 'failed' ? 'open' : 'close'
  const bound = enforcement.bounds.find((each) => each.stage === stage && each.index === error.index)
  if (bound === undefined) return UNNAMED
  return { bound: bound.index, sentence: `Nothing happened: ${whyOf(report, bound, error)} ${PAID}` }
}

function whyOf(
  report: ReportWire,
  bound: Enforcement['bounds'][number],
  { before, reading }: { before: bigint | null; reading: bigint | null },
): string {
  const { source, op, target, value, text } = bound
  if (source === 'timestamp') return 'it was included too late.'
  if (source === 'gas_price') return 'the network fee was higher than what you signed.'
  if (source === 'code_hash') return 'the code of a contract changed.'
  const unit = unitOf(report, source, target)
  if (unit !== null && before !== null && reading !== null) {
    const amount = (units: bigint): string => `${Amount.format(units < 0n ? 0n : units, unit.decimals)} ${unit.symbol}`
    if (op === 'rises_at_least')
      return `${amount(reading - before)} would have arrived instead of at least ${amount(BigInt(value))}.`
    if (op === 'falls_at_most')
      return `${amount(before - reading)} would have left instead of at most ${amount(BigInt(value))}.`
  }
  return `this would not have held: "${text}".`
}

function unitOf(
  report: ReportWire,
  source: Enforcement['bounds'][number]['source'],
  target: string | null,
): { readonly symbol: string; readonly decimals: number } | null {
  if (source === 'balance') return { symbol: report.chain.coin ?? 'coin', decimals: 18 }
  const change = report.token_changes.find(({ token }) => token !== null && Address.isEqual(token, target ?? ''))
  return change?.decimals == null || change.token_id !== null
    ? null
    : { symbol: change.symbol ?? 'units', decimals: change.decimals }
}
