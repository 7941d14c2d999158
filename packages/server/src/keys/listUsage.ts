import { Json } from '@countersign/base'
import type { Store } from '../store/openStore.ts'
import { KeyHandleError } from './KeyTools.ts'
import { OUTCOMES, type Outcome } from './Outcomes.ts'

/** What one key did, an hour at a time, and when it was held back. */
export interface KeyUsage {
  readonly hours: readonly { readonly hourMs: number; readonly counts: Readonly<Record<Outcome, number>> }[]
  readonly anomalies: readonly { readonly atMs: number; readonly level: string; readonly evidence: readonly string[] }[]
}

/** At most so many anomalies are listed, the newest first. */
const MAX_ANOMALIES = 100

/**
 * Reads the usage of a key of an app since a time. Hours without a request are left out.
 *
 * @throws {KeyHandleError} 404, also for a key of another app.
 */
export async function listUsage(
  { store }: { store: Store },
  { id, app, sinceMs }: { id: string; app: string; sinceMs: number },
): Promise<KeyUsage> {
  const key = await store.read
    .selectFrom('keys')
    .select('id')
    .where('id', '=', id)
    .where('app', '=', app)
    .executeTakeFirst()
  if (key === undefined) throw new KeyHandleError()
  const rows = await store.read
    .selectFrom('key_outcomes')
    .selectAll()
    .where('key_id', '=', id)
    .where('hour_ms', '>=', sinceMs)
    .orderBy('hour_ms')
    .execute()
  const hours = new Map<number, Record<Outcome, number>>()
  for (const { hour_ms: hourMs, outcome, count } of rows) {
    const counts = hours.get(hourMs) ?? { served: 0, invalid: 0, refused: 0, limited: 0, failed: 0 }
    if (OUTCOMES.includes(outcome as Outcome)) counts[outcome as Outcome] = count
    hours.set(hourMs, counts)
  }
  const held = await store.read
    .selectFrom('key_anomalies')
    .selectAll()
    .where('key_id', '=', id)
    .where('at_ms', '>=', sinceMs)
    .orderBy('at_ms', 'desc')
    .limit(MAX_ANOMALIES)
    .execute()
  return {
    hours: [...hours].map(([hourMs, counts]) => ({ hourMs, counts })),
    anomalies: held.map(({ at_ms: atMs, level, evidence }) => ({
      ...{ atMs, level },
      evidence: Json.parse(evidence) as string[],
    })),
  }
}
