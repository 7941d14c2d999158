import type { Clock } from '@countersign/base'
import { handle } from '../audit/Audit.ts'
import { awaitFence } from './awaitFence.ts'
import type { KeyRecord, Quarantine, QuarantineLevel } from './KeyRecord.ts'
import { KeyStateError, loadKey, raiseEpoch, type KeyTools } from './KeyTools.ts'

/** A person who let a key go has seen what there was: for this long it is not held back again by itself. */
const TRUST_MS = 3_600_000

const RANK: Readonly<Record<QuarantineLevel, number>> = { throttle: 1, proof: 2, freeze: 3 }

/**
 * Holds a key back, with what was seen. A higher level replaces a lower one; a lower one changes nothing, because only
 * a person lets a key go.
 *
 * @returns The key when it is held back harder than before, and the epoch from which it is; null when nothing changed.
 */
export async function quarantineKey(
  { store, clock, audit }: Omit<KeyTools, 'peppers'>,
  { id, level, evidence }: { id: string; level: QuarantineLevel; evidence: readonly string[] },
): Promise<{ readonly key: KeyRecord; readonly epoch: number } | null> {
  return store.write(async (write) => {
    const key = await loadKey(write, { id, app: null })
    if (key.quarantine !== null && RANK[key.quarantine.level] >= RANK[level]) return null
    if (key.releasedMs !== null && clock.nowMs() - key.releasedMs < TRUST_MS) return null
    const quarantine: Quarantine = { level, sinceMs: clock.nowMs(), evidence: evidence.slice(0, 20) }
    await write.db
      .updateTable('keys')
      .set({ quarantine: JSON.stringify(quarantine) })
      .where('id', '=', id)
      .execute()
    await write.db
      .insertInto('key_anomalies')
      .values({ key_id: id, at_ms: quarantine.sinceMs, level, evidence: JSON.stringify(quarantine.evidence) })
      .onConflict((conflict) => conflict.columns(['key_id', 'at_ms']).doUpdateSet({ level }))
      .execute()
    const epoch = await raiseEpoch(write)
    await audit(write, {
      app: key.app,
      event: 'keys.key.quarantined',
      body: { key: handle(id), level, evidence: quarantine.evidence },
    })
    return { key: await loadKey(write, { id, app: null }), epoch }
  })
}

/**
 * Waits until every live instance holds these keys back, and writes down how many said so. The keys are held back
 * without it: each instance sees a change at the next turn of its event loop that verifies a key.
 */
export async function confirmQuarantine(
  {
    store,
    audit,
    machineClock = store.machineClock,
  }: Pick<KeyTools, 'store' | 'audit'> & { machineClock?: Clock.Clock },
  { keys, epoch }: { keys: readonly KeyRecord[]; epoch: number },
): Promise<void> {
  const fence = await awaitFence({ store, clock: machineClock }, { epoch })
  await store.write(async (write) => {
    for (const key of keys) {
      await audit(write, {
        app: key.app,
        event: 'keys.key.quarantine-confirmed',
        body: {
          key: handle(key.id),
          level: key.quarantine?.level ?? null,
          confirmed_instances: fence.confirmed,
          live_instances: fence.live,
          lapsed_instances: fence.lapsed,
        },
      })
    }
  })
}

/**
 * A person lets a key go.
 *
 * @throws {KeyHandleError} 404, {KeyStateError} `keys:state:not-quarantined`.
 */
export async function releaseKey(
  { store, clock, audit }: Omit<KeyTools, 'peppers'>,
  { id, app, by }: { id: string; app: string | null; by: string },
): Promise<KeyRecord> {
  return store.write(async (write) => {
    const key = await loadKey(write, { id, app })
    if (key.quarantine === null) {
      throw new KeyStateError('not-quarantined', `Key ${id} is not quarantined.`, 'There is nothing to release.')
    }
    await write.db
      .updateTable('keys')
      .set({ quarantine: null, released_ms: clock.nowMs() })
      .where('id', '=', id)
      .execute()
    await raiseEpoch(write)
    await audit(write, {
      app: key.app,
      event: 'keys.key.released',
      body: { key: handle(id), level: key.quarantine.level, by },
    })
    return loadKey(write, { id, app })
  })
}
