import type { Address } from '@countersign/base'
import { mayFall, mayFallBy } from './balances.ts'
import { wordOf, type Draft } from './Draft.ts'
import { balanceOf, balanceOfId, isApprovedForAll, isOperator } from './getters.ts'

/** Collections and contracts that are asked about flags; each pair costs a read. */
const MAX_COLLECTIONS = 8
const MAX_CONTRACTS = 8
/** Ids of one collection that are bounded, the newest first; each costs gas. */
const MAX_IDS = 8

/**
 * Layer E for collections: where a contract of the run is an operator, the number of pieces falls by no more than was shown.
 * Which pieces stay no getter answers. Where a collection counts by id (ERC-1155, ERC-6909), the ids that ever arrived are bounded.
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
      (wordOf(draft.ask(collection, isApprovedForAll(account, operator)).before) ?? 0n) > 0n ||
      (wordOf(draft.ask(collection, isOperator(account, operator)).before) ?? 0n) > 0n
    if (!asked.map(isOperated).some(Boolean)) continue
    const name = draft.nameOf(collection).symbol
    const { before, after } = draft.ask(collection, balanceOf(account))
    const [held, left] = [wordOf(before), wordOf(after)]
    if (held === 0n) continue
    if (held === null || left === null) idsAtRisk(draft, collection)
    else {
      mayFallBy(draft, collection, held > left ? held - left : 0n)
      draft.cannot(`which ${name} you keep`, 'their number is bounded, not which they are')
    }
  }
}

/** The ids of a collection that counts by id, and that do not move in the report: they do not fall. */
function idsAtRisk(draft: Draft, collection: Address.Address): void {
  const { account, state, report } = draft
  const name = draft.nameOf(collection).symbol
  const moved = new Set(
    report.tokenChanges
      .filter((change) => change.account === account && change.token === collection)
      .map(({ tokenId }) => tokenId),
  )
  const arrived = (state.operated.pieces ?? []).filter((piece) => piece.collection === collection).map(({ id }) => id)
  const ids = [...new Set(arrived.toReversed())].filter((id) => !moved.has(id))
  const held = ids
    .slice(0, MAX_ASKED)
    .filter((id) => (wordOf(draft.ask(collection, balanceOfId(account, id)).before) ?? 0n) > 0n)
  for (const id of held.slice(0, MAX_IDS)) mayFall(draft, collection, id, 0n, 'report')
  if (arrived.length === 0)
    draft.cannot(
      `your ${name}, which a contract of the run may move`,
      'the collection does not answer how many you hold, and no event says which',
    )
  if (held.length > MAX_IDS || ids.length > MAX_ASKED)
    draft.cannot(`further ids of your ${name}`, `only ${MAX_IDS} ids of a collection are bounded`)
}

/** Ids that are asked about; those that were passed on cost nothing more. */
const MAX_ASKED = 32
