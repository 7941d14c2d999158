import { Clock } from '@countersign/base'
import type { Write } from '../store/openStore.ts'
import type { Recorded } from './decision/recordDecision.ts'
import type { Gate } from './Gate.ts'
import { announce } from './rows.ts'

/** How long after its time a delayed proposal may still be looked at again: no server may have run. Milliseconds. */
export const MAX_LATE_MS = 24 * 3_600_000

/**
 * Says that a mandate holds a proposal back, and until when, in the write of the decision that began it: its owner has that time to
 * reject it. A delay that goes on was told before.
 */
export async function announceDelay(
  gate: Gate,
  write: Write,
  { id, sid, decided }: { id: string; sid: string; decided: Recorded | null },
): Promise<void> {
  if (decided === null || decided.waitsUntilMs === null || !decided.isDelayBegun) return
  const facts = { until: Clock.iso(decided.waitsUntilMs) }
  await announce(gate, write, { id, sid, event: 'proposals.proposal.delayed', facts })
}

/** The same of a call of a tool, which stays where it is until its time. */
export async function holdCall(
  gate: Gate,
  write: Write,
  { id, sid, decided }: { id: string; sid: string; decided: Recorded },
): Promise<void> {
  if (decided.waitsUntilMs === null) return
  const expires_ms = decided.waitsUntilMs + MAX_LATE_MS
  await write.db.updateTable('proposals').set({ expires_ms }).where('id', '=', id).execute()
  await announceDelay(gate, write, { id, sid, decided })
}
