import { handle } from '../audit/Audit.ts'
import * as KeyRecord from './KeyRecord.ts'
import type { KeyTools } from './KeyTools.ts'
import type { Usage } from './createUsage.ts'

/** How often keys are judged: a decision within five seconds of what shows. Milliseconds. */
const JUDGE_MS = 2_000
const FLUSH_MS = 60_000
const REMIND_MS = 3_600_000

/** What has to happen with keys by the clock: judging, writing down their use, reminding of their age. */
export function watchKeys(
  tools: Omit<KeyTools, 'peppers'> & {
    usage: Usage
    onReminder: (key: KeyRecord.KeyRecord, days: number) => void
    onError: (error: unknown) => void
  },
): { close(): Promise<void> } {
  const { usage, onError } = tools
  let running: Promise<unknown> = Promise.resolve()
  const timers = [
    [JUDGE_MS, () => usage.judgeAll()],
    [FLUSH_MS, () => usage.flush()],
    [REMIND_MS, () => remindOfAge(tools)],
  ].map(([everyMs, run]) =>
    setInterval(() => {
      running = running.then(run as () => Promise<unknown>).catch(onError)
    }, everyMs as number).unref(),
  )
  running = remindOfAge(tools).catch(onError)
  return {
    async close() {
      for (const timer of timers) clearInterval(timer)
      await running
      await usage.flush().catch(onError)
    },
  }
}

/**
 * Writes the reminders that are due: keys of 76, 83, 89 and 90 days, and every day after. Once for a key and an age,
 * however many instances look.
 */
export async function remindOfAge({
  store,
  clock,
  audit,
  onReminder,
}: Omit<KeyTools, 'peppers'> & { onReminder: (key: KeyRecord.KeyRecord, days: number) => void }): Promise<void> {
  const nowMs = clock.nowMs()
  const rows = await store.read
    .selectFrom('keys')
    .selectAll()
    .where('revoked_ms', 'is', null)
    .where('created_ms', '<=', nowMs - 76 * 86_400_000)
    .execute()
  for (const row of rows) {
    const key = KeyRecord.fromRow(row)
    const days = KeyRecord.reminderDue(key, row.reminded_day, nowMs)
    if (days === null || key.isCanary || KeyRecord.standingAt(key, nowMs) !== 'active') continue
    const isMine = await store.write(async (write) => {
      const { numUpdatedRows } = await write.db
        .updateTable('keys')
        .set({ reminded_day: days })
        .where('id', '=', key.id)
        .where('reminded_day', '<', days)
        .executeTakeFirst()
      if (numUpdatedRows === 0n) return false
      await audit(write, { app: key.app, event: 'keys.key.aging', body: { key: handle(key.id), age_days: days } })
      return true
    })
    if (isMine) onReminder(key, days)
  }
}
