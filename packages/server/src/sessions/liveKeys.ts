import type { Store } from '../store/openStore.ts'

/**
 * Whether any key of a family opens its app at a time. Asked at every use of a session that a key owns by its id
 * alone: what the key may no longer do, its sessions may not do either. Two microseconds, on the reading connection.
 */
export function createLiveKeys({ store }: { store: Store }): (family: string, nowMs: number) => boolean {
  const query = store.prepare<{ id: string }>(
    `select id from keys where family = ? and revoked_ms is null
     and (expires_ms is null or expires_ms > ?) and (not_after_ms is null or not_after_ms > ?)
     and (activate_by_ms is null or activate_by_ms > ?) limit 1`,
  )
  return (family, nowMs) => query.get(family, nowMs, nowMs, nowMs) !== undefined
}
