import type { Reader } from '../../store/openStore.ts'

/** Whether a proposal was staged by its owner to cancel another one: no mandate decides about it, its owner's wallet does. */
export async function isCancellation(read: Reader, proposal: string): Promise<boolean> {
  const row = await read
    .selectFrom('cancellations')
    .select('proposal')
    .where('proposal', '=', proposal)
    .executeTakeFirst()
  return row !== undefined
}
