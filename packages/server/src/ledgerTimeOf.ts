import { readFileSync } from 'node:fs'
import type { Clock } from '@countersign/base'
import type { App } from './apps/App.ts'
import type { Guards } from './mandates/guards/Guards.ts'
import { databaseTime, storeTime, type Time } from './mandates/ledger/Time.ts'
import type { Store } from './store/openStore.ts'

/**
 * The ledger's time: the database's own clock, or on SQLite the machine's monotonic clock since an anchor that all processes of this boot share. A clock that is handed
 * in is the only one there is.
 */
export function ledgerTimeOf(
  { clock, storeClock }: { clock?: Clock.Clock; storeClock?: Clock.Clock },
  { dialect }: Pick<Store, 'dialect'>,
): Time {
  const given = storeClock ?? clock
  if (given !== undefined)
    return storeTime({ wallMs: () => given.nowMs(), monotonicMs: () => given.nowMs(), boot: null })
  if (dialect === 'postgres') return databaseTime
  return storeTime({
    wallMs: () => Date.now(),
    monotonicMs: () => Number(process.hrtime.bigint() / 1_000_000n),
    boot: bootId(),
  })
}

/** Names this start of the machine (Linux, `random(4)`); null where nothing does, and then each process has its own anchor. */
function bootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return null
  }
}

/** The guards of an app, as the room of proposals takes them. */
export function guardsOf(
  app: App | undefined,
): { readonly guards: Guards; readonly chains: readonly number[] | null } | null {
  return app?.guards === undefined || app.guards.lines.length === 0
    ? null
    : { guards: app.guards, chains: app.chains ?? null }
}
