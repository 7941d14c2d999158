import type { Hex } from '@countersign/base'
import { toFunctionSelector } from 'viem'
import * as Overlay from '../evm/Overlay.ts'
import { readAsUser, type Fork } from '../evm/runBatch.ts'
import type { AccessSet } from '../model/Access.ts'
import type { KeptForYou } from '../model/KeptForYou.ts'
import type { BatchRun } from '../model/Run.ts'
import type * as Probes from './probes.ts'

/** Getters of one account that tell what it owes: Compound, Comet and what lenders call it after them. */
const DEBTS = [
  'borrowBalanceStored',
  'borrowBalanceOf',
  'borrowBalance',
  'debtOf',
  'debts',
  'debt',
  'userDebt',
  'getDebt',
  'borrowed',
  'borrows',
  'loanOf',
  'loans',
]
/** Getters of one account that tell what it has. The table may only add names: no verdict rests on one. */
const HOLDINGS = [
  'balanceOf',
  'balances',
  'stakedOf',
  'stakeOf',
  'stakes',
  'staked',
  'stakedBalance',
  'deposits',
  'depositOf',
  'shares',
  'sharesOf',
  'collateral',
  'collateralOf',
  'earned',
  'rewards',
  'pendingRewards',
  'userInfo',
  'positions',
  'locked',
]
const GETTERS = [...DEBTS.map((name) => ({ name, isDebt: true })), ...HOLDINGS.map((name) => ({ name, isDebt: false }))]
const SELECTORS = GETTERS.map(({ name }) => toFunctionSelector(`function ${name}(address)`))
/** The most contracts that are asked. */
const MAX_ASKED = 6
/** Words of one answer that are compared: a getter of a struct gives several. */
const MAX_WORDS = 8

/** Asks contracts that keep numbers for the user what those are, before and after. */
export async function nameKept(
  fork: Fork,
  access: AccessSet,
  { user, run, kept, touched }: { user: string; run: BatchRun; kept: readonly KeptForYou[]; touched: AccessSet },
): Promise<KeptForYou[]> {
  const contracts = [...new Set(kept.map(({ contract }) => contract))].slice(0, MAX_ASKED)
  if (contracts.length === 0) return []
  const argument = user.slice(2).padStart(64, '0')
  const probes = contracts.flatMap((to) =>
    SELECTORS.map((selector): Probes.Probe => ({ to, data: `${selector}${argument}` as Hex.Hex })),
  )
  const ask = (overlay: Overlay.Overlay) => readAsUser(fork, access, overlay, { from: user, probes, touched })
  const [before, after] = await Promise.all([ask(Overlay.empty()), ask(run.after)])
  return kept.map((entry) => {
    const start = contracts.indexOf(entry.contract) * SELECTORS.length
    const getter = GETTERS.find((_, i) => {
      const [was, is] = [wordsIn(before[start + i]), wordsIn(after[start + i])]
      return start >= 0 && was.some((value, k) => value === entry.before && is[k] === entry.after)
    })
    return getter === undefined ? entry : { ...entry, meaning: getter.name, isDebt: getter.isDebt }
  })
}

function wordsIn(answer: { readonly success: boolean; readonly data: Hex.Hex } | undefined): bigint[] {
  if (answer?.success !== true) return []
  return (answer.data.slice(2).match(/.{64}/g) ?? []).slice(0, MAX_WORDS).map((each) => BigInt(`0x${each}`))
}
