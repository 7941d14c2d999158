import { Clock, type Address } from '@countersign/base'
import * as OwnerMessage from '../proposals/OwnerMessage.ts'
import { listOwnersPending } from '../proposals/rows.ts'
import type { Gate } from '../proposals/Gate.ts'
import type { Store } from '../store/openStore.ts'

/** One proposal as the mini app shows it: plain words, and where its card is. */
export interface Waiting {
  readonly id: string
  readonly lines: readonly string[]
  readonly url: string
  readonly expires_at: string
}

/** The most that is shown; the newest first. */
const MAX_SHOWN = 20

/** What waits for the wallets whose owner is told in the private chat of this user. */
export async function listWaiting(
  { store, gate }: { store: Store; gate: Gate },
  { userId, page }: { userId: string; page: string },
): Promise<Waiting[]> {
  const rows = await store.read
    .selectFrom('owner_channels')
    .select(['owner', 'amounts'])
    .where('kind', '=', 'telegram')
    .where('target', '=', userId)
    .where('confirmed_ms', 'is not', null)
    .execute()
  const all = await Promise.all(
    rows.map(async ({ owner, amounts }) => {
      const [address = '', chain] = owner.split('@')
      const proposals = await listOwnersPending(store.read, {
        ...{
          sender: address as Address.Address,
          chainId: chain === undefined ? null : Number(chain),
          limit: MAX_SHOWN,
        },
      })
      return proposals.map((proposal) => ({ proposal, saysAmounts: amounts === 1 }))
    }),
  )
  return all
    .flat()
    .toSorted((a, b) => b.proposal.updatedMs - a.proposal.updatedMs)
    .slice(0, MAX_SHOWN)
    .map(({ proposal, saysAmounts }) => ({
      id: proposal.id,
      // The first line says what it is and for which account; the rest says what moves.
      lines: OwnerMessage.committed(proposal, gate.chains.get(proposal.chainId))
        .split('\n')
        .slice(0, saysAmounts ? undefined : 1),
      url: `${page}/p/${proposal.id}`,
      expires_at: Clock.iso(proposal.expiresMs),
    }))
}
