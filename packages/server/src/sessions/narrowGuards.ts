import type { Store } from '../store/openStore.ts'

/**
 * Holds a session to guards, beside those that it has already: they only ever become more.
 *
 * @param of.guards - JSON: a list, validated by the caller.
 */
export async function narrowGuards(
  { store }: { store: Store },
  { sid, guards }: { sid: string; guards: string },
): Promise<void> {
  await store.write(async (write) => {
    const row = await write.db.selectFrom('sessions').select('guards').where('sid', '=', sid).executeTakeFirstOrThrow()
    const held = row.guards === null ? [] : (JSON.parse(row.guards) as readonly unknown[])
    const added = (JSON.parse(guards) as readonly unknown[]).filter(
      (line) => !held.some((each) => JSON.stringify(each) === JSON.stringify(line)),
    )
    await write.db
      .updateTable('sessions')
      .set({ guards: JSON.stringify([...held, ...added]) })
      .where('sid', '=', sid)
      .execute()
  })
}
