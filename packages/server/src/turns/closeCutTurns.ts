import type { EventLog } from '../sessions/EventLog.ts'
import type { Store } from '../store/openStore.ts'
import * as TurnId from './TurnId.ts'

export interface CutTurnTools {
  readonly store: Store
  readonly events: EventLog
  /** This process. */
  readonly instanceId: string
  /** Whether this process is running a turn of the session now. */
  readonly isProcessing: (sid: string) => boolean
  /** The processes that share the store and live. */
  readonly liveInstances: () => Promise<readonly string[]>
}

/**
 * Says in every session whose turn was cut off that it was: the process that ran it is gone, or could not write how
 * it ended. Turns of other processes that live are left alone.
 */
export async function closeCutTurns(tools: CutTurnTools): Promise<void> {
  const { store, events, instanceId, isProcessing } = tools
  const open = await store.read
    .selectFrom('sessions')
    .select(['sid', 'turn_id'])
    .where('turn_id', 'is not', null)
    .execute()
  if (open.length === 0) return
  const live = await tools.liveInstances()
  for (const { sid, turn_id: turnId } of open) {
    const owner = TurnId.instanceOf(turnId ?? '')
    if (owner === instanceId ? isProcessing(sid) : owner !== null && live.includes(owner)) continue
    await store.write(async (write) => {
      const closed = await write.db
        .updateTable('sessions')
        .set({ turn_id: null })
        .where('sid', '=', sid)
        .where('turn_id', '=', turnId)
        .returning('sid')
        .executeTakeFirst()
      // Another process was quicker, or the turn ended by itself.
      if (closed === undefined) return
      await events.append(write, sid, { type: 'turn_finished', turn_id: turnId, status: 'failed' })
      await events.append(write, sid, {
        type: 'system_error',
        message: 'The server was restarted in the middle of this turn. Ask again.',
      })
    })
  }
}

/** Looks for cut turns now and then. */
export function watchCutTurns(
  tools: CutTurnTools,
  { intervalMs, onError }: { intervalMs: number; onError: (error: unknown) => void },
): { close(): Promise<void> } {
  let running: Promise<void> | null = null
  const timer = setInterval(() => {
    running ??= closeCutTurns(tools)
      .catch(onError)
      .finally(() => {
        running = null
      })
  }, intervalMs)
  timer.unref()
  return {
    async close() {
      clearInterval(timer)
      await running
    },
  }
}
