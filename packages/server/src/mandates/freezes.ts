import type { Address } from '@countersign/base'
import type { Reader, Write } from '../store/openStore.ts'

/**
 * Freezes of wallets and apps, whether or not a mandate is there: no key gets a grant on its own for what they are about. A
 * mandate that the owner grants afterwards decides instead, because only the owner's signature makes one.
 */
export interface Frozen {
  readonly app: string
  /** Null: every wallet of the app. */
  readonly owner: Address.Address | null
}

/** Of the whole app, in place of a wallet. */
const ALL = ''

/** Notes a freeze; a later one counts anew. */
export async function noteFreeze(
  write: Write,
  { app, owner, atMs, because }: Frozen & { readonly atMs: number; readonly because: string },
): Promise<void> {
  await write.db
    .insertInto('freezes')
    .values({ app, wallet: owner ?? ALL, at_ms: atMs, because })
    .onConflict((conflict) => conflict.columns(['app', 'wallet']).doUpdateSet({ at_ms: atMs, because }))
    .execute()
}

/** When a wallet was last frozen in an app, by itself or with all of it; null: never. Milliseconds. */
export async function frozenAt(
  read: Reader,
  { app, owner }: { app: string; owner: Address.Address },
): Promise<number | null> {
  const rows = await read
    .selectFrom('freezes')
    .select('at_ms')
    .where('app', '=', app)
    .where('wallet', 'in', [owner, ALL])
    .execute()
  return rows.length === 0 ? null : Math.max(...rows.map(({ at_ms: at }) => at))
}
