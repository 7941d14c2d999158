import { randomBytes } from 'node:crypto'
import { BaseError, type Clock } from '@countersign/base'
import type { Reader, Store } from '../store/openStore.ts'

/** A server process that cannot say that it lives for this long is not waited for, and trusts no cache. Milliseconds. */
export const LEASE_MS = 2_000
const RENEW_MS = 500
/** How often an instance looks whether keys have changed: one comparison, under a microsecond. */
const LOOK_MS = 5
/** Rows of instances that ended without a word are swept after this long. */
const FORGET_MS = 60_000

/** This process among those that share the store. */
export interface Instance {
  readonly id: string
  /** Whether the lease holds: what was remembered may be trusted. */
  isLeased(): boolean
  /** How many live, this one included, as of the last renewal. */
  liveCount(): number
  /**
   * Writes down what this process serves, if `mayServe` says so of the others that live: both in one transaction.
   *
   * @param mayServe - May be asked again, and must have no effect of its own.
   */
  announce(serves: string, mayServe: (others: readonly LiveInstance[]) => boolean): Promise<void>
  close(): Promise<void>
}

/**
 * Announces this process in the store, renews its lease, and confirms every change to a key as soon as it is seen.
 *
 * @param clock - The machine's: leases are about processes on machines, not about the time of the business.
 * @param epoch - The key epoch as this instance sees it; whoever calls it acts on it from then on.
 */
export async function openInstance({
  store,
  clock,
  epoch,
  onError,
}: {
  store: Store
  clock: Clock.Clock
  epoch: () => number
  onError: (error: unknown) => void
}): Promise<Instance> {
  const id = randomBytes(8).toString('hex')
  let leaseUntilMs = 0
  let acked = epoch()
  let live = 1
  let isBusy = false
  let isClosed = false
  let served = '[]'
  let seenVersion: number | null = null

  const renew = async (): Promise<void> => {
    const seen = epoch()
    const untilMs = clock.nowMs() + LEASE_MS
    const nowMs = clock.nowMs()
    await store.beat([
      {
        sql: `insert into instances (id, started_ms, lease_until_ms, acked_epoch, serves) values (?, ?, ?, ?, ?)
          on conflict (id) do update set lease_until_ms = excluded.lease_until_ms,
          acked_epoch = max(instances.acked_epoch, excluded.acked_epoch)`,
        parameters: [id, nowMs, untilMs, seen, served],
      },
      { sql: 'delete from instances where lease_until_ms < ?', parameters: [nowMs - FORGET_MS] },
    ])
    // Only what is on disk counts: an instance that cannot write cannot be waited for either.
    leaseUntilMs = untilMs
    acked = Math.max(acked, seen)
    live = Math.max(1, (await liveInstances(store.read, clock.nowMs())).length)
  }
  const acknowledge = async (): Promise<void> => {
    const seen = epoch()
    if (seen <= acked) return
    await store.batch([
      { sql: 'update instances set acked_epoch = max(acked_epoch, ?) where id = ?', parameters: [seen, id] },
    ])
    acked = Math.max(acked, seen)
  }
  // A server that starts waits for others to be done with the store, for a few times as long as one write does.
  for (let attempt = 1; ; attempt += 1) {
    try {
      await renew()
      break
    } catch (error) {
      if (!(error instanceof BaseError && error.kind === 'unavailable') || attempt >= 4) throw error
    }
  }

  const renewal = setInterval(() => {
    if (!isClosed) renew().catch(onError)
  }, RENEW_MS)
  const look = setInterval(() => {
    if (isBusy || isClosed) return
    try {
      // The epoch is a question to the database where that is another machine: it is asked when anything was committed.
      const version = store.dialect === 'postgres' ? store.version() : null
      if (version !== null && version === seenVersion) return
      if (epoch() <= acked) {
        seenVersion = version
        return
      }
    } catch (error) {
      return onError(error)
    }
    isBusy = true
    acknowledge()
      .catch(onError)
      .finally(() => {
        isBusy = false
      })
  }, LOOK_MS)
  renewal.unref()
  look.unref()

  return {
    id,
    isLeased: () => clock.nowMs() < leaseUntilMs,
    liveCount: () => live,
    async announce(serves, mayServe) {
      const isWritten = await store.write(async (write) => {
        const others = (await liveInstances(write.db, clock.nowMs())).filter((each) => each.id !== id)
        if (!mayServe(others)) return false
        await write.db.updateTable('instances').set({ serves }).where('id', '=', id).execute()
        return true
      })
      if (isWritten) served = serves
    },
    async close() {
      if (isClosed) return
      isClosed = true
      clearInterval(renewal)
      clearInterval(look)
      await store.batch([{ sql: 'delete from instances where id = ?', parameters: [id] }]).catch(() => undefined)
    },
  }
}

export interface LiveInstance {
  readonly id: string
  readonly leaseUntilMs: number
  readonly ackedEpoch: number
  /** As it was announced. */
  readonly serves: string
}

/** The instances whose lease holds. */
export async function liveInstances(read: Reader, nowMs: number): Promise<LiveInstance[]> {
  const rows = await read.selectFrom('instances').selectAll().where('lease_until_ms', '>', nowMs).execute()
  return rows.map((row) => ({
    id: row.id,
    leaseUntilMs: row.lease_until_ms,
    ackedEpoch: row.acked_epoch,
    serves: row.serves,
  }))
}
