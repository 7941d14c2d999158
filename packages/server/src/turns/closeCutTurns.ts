import type { EventLog } from '../sessions/EventLog.ts'
import type { Store } from '../store/openStore.ts'
import { closeTurn } from './claims.ts'
import * as TurnId from './TurnId.ts'

/** What is said where a turn, or what waited behind it, ended with its process. */
export const CUT_OFF = 'The server was restarted in the middle of this turn. Ask again.'

export interface CutTurnTools {
  readonly store: Store
  readonly events: EventLog
  /** This process. */
  readonly instanceId: string
  /** Whether this process runs the turn, or is about to. */
  readonly isRunning: (turnId: string) => boolean
  /** The processes that share the store and live. */
  readonly liveInstances: () => Promise<readonly string[]>
}

/**
 * Says in every session whose turn was cut off that it was: the process that ran it is gone, or could not write how
 * it ended. Turns of other processes that live are left alone.
 *
 * @param sid - Only this session; all of them when left out.
 */
export async function closeCutTurns(tools: CutTurnTools, { sid: only }: { sid?: string } = {}): Promise<void> {
  const { store, events, instanceId, isRunning } = tools
  let query = store.read.selectFrom('sessions').select(['sid', 'turn_id']).where('turn_id', 'is not', null)
  if (only !== undefined) query = query.where('sid', '=', only)
  const open = await query.execute()
  if (open.length === 0) return
  const live = await tools.liveInstances()
  for (const { sid, turn_id: turnId } of open) {
    const owner = TurnId.instanceOf(turnId ?? '')
    if (owner === instanceId ? isRunning(turnId ?? '') : owner !== null && live.includes(owner)) continue
    await store.write(async (write) => {
      if (!(await closeTurn(write, { sid, turnId }))) return
      await events.append(write, sid, { type: 'turn_finished', turn_id: turnId, status: 'failed' })
      await events.append(write, sid, { type: 'system_error', message: CUT_OFF })
    })
  }
}

/** Looks for cut turns now and then. */
export function watchCutTurns(
  { closeCut }: { closeCut: () => Promise<void> },
  { intervalMs, onError }: { intervalMs: number; onError: (error: unknown) => void },
): { close(): Promise<void> } {
  let running: Promise<void> | null = null
  const timer = setInterval(() => {
    running ??= closeCut()
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
