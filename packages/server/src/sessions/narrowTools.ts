import type { Store } from '../store/openStore.ts'

/** Holds a session to a list of tools. A list that it has already is only ever made shorter. */
export async function narrowTools(
  { store }: { store: Store },
  { sid, tools }: { sid: string; tools: readonly string[] },
): Promise<void> {
  await store.write(async (write) => {
    const row = await write.db.selectFrom('sessions').select('tools').where('sid', '=', sid).executeTakeFirstOrThrow()
    const held = row.tools === null ? null : (JSON.parse(row.tools) as readonly string[])
    const narrowed = held === null ? tools : held.filter((name) => tools.includes(name))
    await write.db
      .updateTable('sessions')
      .set({ tools: JSON.stringify(narrowed) })
      .where('sid', '=', sid)
      .execute()
  })
}
