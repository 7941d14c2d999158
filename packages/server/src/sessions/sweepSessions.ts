import type { Clock } from '@countersign/base'
import type { AppendAudit } from '../audit/appendAudit.ts'
import type { Store } from '../store/openStore.ts'
import { DOOR_LIFETIME, endedWhy, READ_ON_MS, type Lifetime } from './Lifetime.ts'
import { destroySessions, fromRow } from './sessions.ts'

/** How long a dead id answers 401 before it is forgotten, in milliseconds: longer than any client holds on to one. */
export const REMEMBER_ENDED_MS = 30 * 24 * 3_600_000

/** The lifetimes of the apps that have their own, and of all others. */
export interface Lifetimes {
  readonly byApp: ReadonlyMap<string, Lifetime>
  readonly others: Lifetime
}

/**
 * Destroys a batch of sessions that are over, each with an audit entry. Expiry does not wait for this: it is decided
 * at every read, and this only frees space. A session whose transaction is on its way, or may be, stays until it is
 * accounted for.
 *
 * @returns how many were looked at; fewer than `batch` means that there are no more.
 */
export async function sweepSessions(
  { store, clock, audit }: { store: Store; clock: Clock.Clock; audit: AppendAudit },
  { lifetimes, batch, isTurnRunning }: { lifetimes: Lifetimes; batch: number; isTurnRunning: (sid: string) => boolean },
): Promise<number> {
  const nowMs = clock.nowMs()
  const custom = [...lifetimes.byApp.keys()]
  const groups = [
    ...[...lifetimes.byApp].map(([app, lifetime]) => ({ apps: [app], isOnly: true, lifetime, isDoor: false })),
    { apps: custom, isOnly: false, lifetime: lifetimes.others, isDoor: false },
    { apps: [], isOnly: false, lifetime: DOOR_LIFETIME, isDoor: true },
  ]
  let looked = 0
  for (const { apps, isOnly, lifetime, isDoor } of groups) {
    // A little later than the end, so that the answer of a last turn can still be read.
    const idleMs = nowMs - lifetime.idleMs - READ_ON_MS
    const absoluteMs = nowMs - lifetime.absoluteMs - READ_ON_MS
    let query = store.read
      .selectFrom('sessions')
      .selectAll()
      .where('owner', isDoor ? 'like' : 'not like', 'door:%')
      .where((eb) =>
        eb.or([eb('ended_ms', 'is not', null), eb('used_ms', '<=', idleMs), eb('created_ms', '<=', absoluteMs)]),
      )
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('proposals')
              .select('proposals.id')
              .whereRef('proposals.sid', '=', 'sessions.sid')
              .where((each) =>
                each.or([
                  each('proposals.state', '=', 'submitted'),
                  // A wallet was asked for it: what it sends is looked for, whether or not anybody is there to report it.
                  each.and([
                    each('proposals.wallet_opened_ms', 'is not', null),
                    each('proposals.state', '!=', 'settled'),
                    each('proposals.watch_until_ms', '>', nowMs),
                  ]),
                ]),
              ),
          ),
        ),
      )
    if (apps.length > 0) query = query.where('app', isOnly ? 'in' : 'not in', apps)
    const over = (await query.limit(batch).execute()).flatMap((row) => {
      const session = fromRow(store, row)
      const why = endedWhy(session, lifetime, { nowMs, isRead: true, isTurnRunning: isTurnRunning(row.sid) })
      return why === null ? [] : [{ session, why }]
    })
    looked += over.length
    if (over.length === 0) continue
    await store.write((write) => destroySessions({ clock, audit }, write, over))
  }
  await store.write((write) =>
    write.db
      .deleteFrom('ended_sessions')
      .where('id_hash', 'in', (eb) =>
        eb
          .selectFrom('ended_sessions')
          .select('id_hash')
          .where('ended_ms', '<', nowMs - REMEMBER_ENDED_MS)
          .limit(batch),
      )
      .where('ended_ms', '<', nowMs - REMEMBER_ENDED_MS)
      .execute(),
  )
  return looked
}
