import type { Address } from '@countersign/base'
import * as Overlay from '../evm/Overlay.ts'
import { readAsUser, type Fork } from '../evm/runBatch.ts'
import type { Log } from '../model/Step.ts'
import type { NotChecked } from '../model/Finding.ts'
import type { TokenChange } from '../model/TokenChange.ts'
import type { AccessSet } from '../model/Access.ts'
import { exchangesOf, loggedExchanges, questionsFor, tradeOf, type PoolTrade } from './PoolTrade.ts'

/** An honest route has a handful; what is beyond is reported as not checked. */
const MAX_EXCHANGES = 12

/**
 * Every pool that the run traded with, and what it would have given at its own price before the run: one batch of reads, made
 * only if the user gave something. Pools are recognised by what they answer, whatever they are called.
 */
export async function readTrades(
  fork: Fork,
  access: AccessSet,
  {
    from,
    tokenChanges,
    logs,
    touched,
  }: {
    from: Address.Address
    tokenChanges: readonly TokenChange[]
    logs: readonly Log[]
    touched: AccessSet
  },
): Promise<{ readonly trades: readonly PoolTrade[]; readonly notChecked: readonly NotChecked[] }> {
  if (!tokenChanges.some(({ account, delta }) => account === from && delta < 0n)) return { trades: [], notChecked: [] }
  const exchanges = [...exchangesOf(tokenChanges, from), ...loggedExchanges(logs)]
  const asked = exchanges.slice(0, MAX_EXCHANGES)
  if (asked.length === 0) return { trades: [], notChecked: [] }
  const questions = asked.map(questionsFor)
  const answers = await readAsUser(fork, access, Overlay.empty(), {
    from: from.toLowerCase(),
    probes: questions.flat(),
    touched,
  })
  let at = 0
  const trades = asked.flatMap((exchange, i) => {
    const count = questions[i]?.length ?? 0
    const trade = tradeOf(exchange, answers.slice(at, at + count))
    at += count
    return trade === null ? [] : [trade]
  })
  const rest = exchanges.length - asked.length
  return {
    trades,
    notChecked: rest === 0 ? [] : [{ what: 'prices', why: `${rest} more accounts took one token and gave another` }],
  }
}
