import type { Intent } from '../model/Intent.ts'
import type { OutcomeBound } from '../model/OutcomeBound.ts'
import type { Report } from '../model/Report.ts'
import { authority, contractsOf, hasRight } from './authority.ts'
import { holdingsAtRisk, ownBalances, recipients } from './balances.ts'
import { collectionsAtRisk } from './collections.ts'
import { codeAndReadings, inclusion } from './conditions.ts'
import { Draft, type Derivation, type OutcomeState } from './Draft.ts'

/**
 * Bounds on the outcome of a batch, from its unguarded report and the intent, by the layers of docs/reference/enforcement.md: A own
 * balances, B recipients, C authority, D code and readings, E holdings at risk, F conditions. Pure: the same input gives the
 * same bytes. Bounds are complete once `derive` misses nothing.
 */
export function deriveBounds(report: Report, intent: Intent | null, state: OutcomeState): readonly OutcomeBound[] {
  return derive(report, intent, state).bounds
}

/** What is left out so that the guard costs less gas: 1 drops layer E, 2 also the readings of D, 3 also recipients beyond four. */
export type Dropped = 0 | 1 | 2 | 3
const FEW_RECIPIENTS = 4
const TOO_DEAR = 'left out, because bounds on it would cost too much gas'

/** The same, with what no bound covers and what must still be read. */
export function derive(report: Report, intent: Intent | null, state: OutcomeState, dropped: Dropped = 0): Derivation {
  const draft = new Draft(report, intent, state)
  ownBalances(draft)
  recipients(draft, dropped >= 3 ? FEW_RECIPIENTS : Infinity)
  authority(draft)
  codeAndReadings(draft, { hasReadings: dropped < 2 })
  if (dropped < 1) {
    holdingsAtRisk(draft, hasRight(draft))
    collectionsAtRisk(draft, contractsOf(report, state.tokens))
  } else draft.cannot('what you hold and does not move', TOO_DEAR)
  if (dropped >= 2) draft.cannot('answers of other contracts that the batch reads', TOO_DEAR)
  inclusion(draft)
  if (report.signature !== null) draft.cannot('the signature', 'it can be used later, by others')
  laterSale(draft)
  return draft.finish()
}

/** What arrives may not be worth anything later: said of every token that nobody vouches for. */
function laterSale(draft: Draft): void {
  const { report, account, state } = draft
  for (const { token, delta, account: holder } of report.tokenChanges) {
    if (token === null || holder !== account || delta <= 0n) continue
    if (state.tokens.some(({ address }) => address === token)) continue
    draft.cannot(`what ${draft.nameOf(token).symbol} can be sold for later`, 'the check is over when the batch ends')
  }
}
