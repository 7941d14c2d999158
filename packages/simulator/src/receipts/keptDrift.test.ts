import { Address, type Hex } from '@countersign/base'
import { describe, expect, test } from 'vitest'
import type { Bound } from '../model/Bound.ts'
import type { Report } from '../model/Report.ts'
import * as Drift from './Drift.ts'

const VAULT = Address.parse('0x5c1b0e7d4a2f96838d07c5e1b9a64f20d3e8170c')
const slotOf = (id: number): Hex.Hex => `0x${id.toString(16).padStart(64, '0')}`

type Entry = readonly [slot: number, before: bigint, after: bigint, isDebt?: boolean]
const KEPT = (entries: readonly Entry[]) =>
  entries.map(([slot, before, after, isDebt = false]) => ({
    ...{ contract: VAULT, slot: slotOf(slot), before, after, isDebt, meaning: null },
  }))

/** Whether a receipt over these entries still stands when they end as the others. */
function drift(were: readonly Entry[], are: readonly Entry[], isPartial = false) {
  const bound = {
    environments: [],
    outcome: {
      ...{ token_changes: [], authority_changes: [], contracts: [], warnings: [], max_fee_wei: '0' },
      kept_for_you: KEPT(were).map(({ contract, slot, before, after, isDebt }) => ({
        ...{ contract, slot, before: before.toString(), after: after.toString(), is_debt: isDebt },
      })),
    },
  } as unknown as Bound
  const report = {
    ...{ from: VAULT, controlled: [], tokenChanges: [], authorityChanges: [], keptForYou: KEPT(are) },
    ...{ contractCalls: [], findings: [], environments: [], gasEstimate: { maxFeeWei: 0n, expectedFeeWei: 0n } },
  } as unknown as Report
  return Drift.between(bound, report, { inflowToleranceBps: 0, isPartial }).worse.map(({ kind }) => kind)
}

describe('promise: what a contract keeps for you may not end lower than the receipt shows', () => {
  test.each<[string, readonly Entry[], readonly Entry[], readonly string[]]>([
    ['the same', [[1, 0n, 1_000n]], [[1, 0n, 1_000n]], []],
    ['more', [[1, 0n, 1_000n]], [[1, 0n, 2_000n]], []],
    ['a hundredth less', [[1, 0n, 1_000n]], [[1, 0n, 990n]], []],
    ['a twentieth less', [[1, 0n, 1_000n]], [[1, 0n, 950n]], ['assets']],
    ['missing', [[1, 0n, 1_000n]], [], ['assets']],
    ['under the next number, because somebody came first', [[1, 0n, 1_000n]], [[2, 0n, 1_000n]], []],
    ['less under the next number', [[1, 0n, 1_000n]], [[2, 0n, 500n]], ['assets']],
    ['a fall that was shown', [[1, 1_000n, 0n]], [[1, 1_000n, 0n]], []],
    ['a fall that does not happen', [[1, 1_000n, 0n]], [], []],
    ['a fall that was not shown', [], [[1, 1_000n, 0n]], ['assets']],
    ['a debt a twentieth higher', [[1, 0n, 1_000n, true]], [[1, 0n, 1_050n, true]], ['assets']],
    ['a debt that is lower', [[1, 0n, 1_000n, true]], [[1, 0n, 500n, true]], []],
    ['a debt that was not shown', [], [[1, 0n, 1_000n, true]], ['assets']],
  ])('%s', (_, were, are, expected) => {
    expect(drift(were, are)).toEqual(expected)
  })

  test('the rest of a batch is not asked for what the first steps did', () => {
    expect(drift([[1, 0n, 1_000n]], [], true)).toEqual([])
  })
})
