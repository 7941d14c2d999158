import { Digest } from '@countersign/base'
import { systemText } from '../agent/preamble.ts'
import type { App } from '../apps/App.ts'
import type { EventLog } from '../sessions/EventLog.ts'
import type { Store } from '../store/openStore.ts'

/** Tells a session's clients when a turn begins with another version of the app than the turn before. */
export async function noteAppVersion(
  { events, fenced }: { events: EventLog; fenced: Store },
  { sid, app }: { sid: string; app: App },
): Promise<void> {
  const { version } = app
  if (version === undefined) return
  const row = await fenced.read.selectFrom('sessions').select('app_version').where('sid', '=', sid).executeTakeFirst()
  const previous = row?.app_version ?? null
  if (previous === version) return
  await fenced.write(async (write) => {
    await write.db.updateTable('sessions').set({ app_version: version }).where('sid', '=', sid).execute()
    if (previous !== null) await events.append(write, sid, { type: 'app', name: app.name, version, previous })
  })
}

const digests = new Map<string, string>()

/** For the audit record: by digest, and by the version of the app where it has one. */
export function instructionsOf(app: App): { readonly preamble: string; readonly app_version?: string } {
  const text = app.preamble ?? ''
  const digest = digests.get(text) ?? Digest.sha256(systemText(app.preamble))
  if (digests.size < 1_000) digests.set(text, digest)
  return { preamble: digest, ...(app.version === undefined ? {} : { app_version: app.version }) }
}
