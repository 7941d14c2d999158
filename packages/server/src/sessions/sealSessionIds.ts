import { handle } from '../audit/Audit.ts'
import type { Store } from '../store/openStore.ts'

/** Rows in one write: nobody else waits long for the store. */
const PAGE = 1_000

/**
 * Seals the ids that an older version left in clear (migration 15), before anything looks for a session. What SQLite freed
 * meanwhile is wiped too, so that the file does not hold them in pages that nothing uses.
 *
 * @returns how many ids were sealed.
 */
export async function sealSessionIds({ store }: { store: Store }): Promise<number> {
  let sealed = 0
  for (;;) {
    const done = await store.write(async (write) => {
      const rows = await write.db
        .selectFrom('sessions')
        .select(['sid', 'id_digest'])
        .where('id_sealed', 'is', null)
        .limit(PAGE)
        .execute()
      for (const { sid, id_digest: clear } of rows) {
        write.post(SEAL, [store.ids.digest(clear), store.ids.seal(clear, sid), handle(clear), sid])
      }
      return rows.length
    })
    sealed += done
    if (done < PAGE) break
  }
  if (sealed > 0) store.wipe()
  return sealed
}

const SEAL = 'update sessions set id_digest = ?, id_sealed = ?, handle = ? where sid = ?'
