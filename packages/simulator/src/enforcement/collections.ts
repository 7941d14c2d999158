import type { Address } from '@countersign/base'
import { mayFallBy } from './balances.ts'
import { wordOf, type Draft } from './Draft.ts'
import { balanceOf, isApprovedForAll } from './getters.ts'

/** Collections and contracts that are asked about flags; each pair costs a read. */
const MAX_COLLECTIONS = 8
const MAX_CONTRACTS = 8

/**
 * Layer E for collections: where a contract of the run is an operator, the number of pieces falls by no more than was shown.
 * Which pieces stay, and how many there are of each id (ERC-1155), no getter answers.
 */
export function collectionsAtRisk(draft: Draft, contracts: readonly Address.Address[]): void {
  const { account, state } = draft
  const { collections, isListed } = state.operated
  const asked = contracts.slice(0, MAX_CONTRACTS)
  if (!isListed)
    draft.cannot(
      'NFTs that do not move',
      'the provider does not list the collections in which a contract of the run is an operator',
    )
  for (const collection of collections.slice(MAX_COLLECTIONS))
    draft.cannot(
      `your ${draft.nameOf(collection).symbol}, if a contract of the run may still move them`,
      `only the first ${MAX_COLLECTIONS} collections are asked`,
    )
  for (const collection of collections.slice(0, MAX_COLLECTIONS)) {
    const isOperated = (operator: Address.Address) =>
      (wordOf(draft.ask(collection, isApprovedForAll(account, operator)).before) ?? 0n) > 0n
    if (!asked.map(isOperated).some(Boolean)) continue
    const name = draft.nameOf(collection).symbol
    const { before, after } = draft.ask(collection, balanceOf(account))
    const [held, left] = [wordOf(before), wordOf(after)]
    if (held === 0n) continue
    if (held === null || left === null)
      draft.cannot(
        `your ${name}, which a contract of the run may move`,
        'the collection does not answer how many you hold',
      )
    else {
      mayFallBy(draft, collection, held > left ? held - left : 0n)
      draft.cannot(`which ${name} you keep`, 'their number is bounded, not which they are')
    }
  }
}
