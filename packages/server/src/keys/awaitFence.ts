import type { Clock } from '@countersign/base'
import type { Store } from '../store/openStore.ts'
import { LEASE_MS, liveInstances } from './openInstance.ts'

/** Who has confirmed a change to a key. */
export interface Fence {
  /** When it held everywhere, in milliseconds since the epoch. */
  readonly effectiveMs: number
  /** Instances that said that they act on it. */
  readonly confirmed: number
  /** Instances that live now: after a fence that held, the same number. */
  readonly live: number
  /** Instances that were alive and did not answer until their lease was over: they trust nothing remembered. */
  readonly lapsed: number
}

/** How long a pause between two looks is, in milliseconds. */
const LOOK_MS = 2
/** A lease that began just before the change, and some room for a slow disk. */
const WAIT_MS = LEASE_MS + 400

/**
 * Waits until every live instance acts on an epoch: it has confirmed it, or its lease is over. Never longer than a
 * lease and a little.
 *
 * @param clock - The machine's, as for the leases.
 */
export async function awaitFence(
  { store, clock }: { store: Store; clock: Clock.Clock },
  { epoch }: { epoch: number },
): Promise<Fence> {
  const startMs = clock.nowMs()
  const waitedFor = new Set<string>()
  const confirmed = new Set<string>()
  for (;;) {
    const nowMs = clock.nowMs()
    const live = await liveInstances(store.read, nowMs)
    for (const each of live) {
      if (each.ackedEpoch >= epoch) confirmed.add(each.id)
      else waitedFor.add(each.id)
    }
    const missing = live.filter((each) => each.ackedEpoch < epoch)
    if (missing.length === 0 || nowMs - startMs > WAIT_MS) {
      const isHere = (id: string): boolean => live.some((each) => each.id === id)
      return {
        effectiveMs: nowMs,
        confirmed: live.length - missing.length,
        live: live.length,
        lapsed: [...waitedFor].filter((id) => !confirmed.has(id) && !isHere(id)).length,
      }
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

/** Waits until every live instance acts on what was changed so far, as `awaitFence` does. */
export async function awaitChanges({ store, clock }: { store: Store; clock: Clock.Clock }): Promise<Fence> {
  const { epoch } = await store.read
    .selectFrom('key_epoch')
    .select('epoch')
    .where('id', '=', 1)
    .executeTakeFirstOrThrow()
  return awaitFence({ store, clock }, { epoch })
}
