import type { Clock } from '@countersign/base'
import { createAppendAudit } from '../audit/appendAudit.ts'
import { openStore } from '../store/openStore.ts'
import { endSession, findByHandle } from './endSessions.ts'
import { createEventLog } from './EventLog.ts'
import { SessionAbsentError, type Session } from './Session.ts'
import { listSessions } from './sessions.ts'

/** The sessions of a data directory, without a server. */
export interface Sessions {
  list(input: {
    app?: string
    limit: number
  }): Promise<readonly { readonly handle: string; readonly session: Session }[]>
  /** Ends a session by its handle; a running server takes it at once. */
  end(input: { handle: string }): Promise<void>
  close(): Promise<void>
}

/** Opens the sessions in a data directory, for the command line. */
export async function openSessions({
  dataDir,
  clock,
  env = process.env,
}: {
  dataDir: string
  clock: Clock.Clock
  env?: NodeJS.ProcessEnv
}): Promise<Sessions> {
  const store = await openStore({ clock }, { dataDir, mustExist: true, env })
  const audit = createAppendAudit({ clock })
  const events = createEventLog({ store, clock })
  return {
    list: async (input) =>
      (await listSessions({ store }, input)).map((session) => ({ handle: session.handle, session })),
    async end(input) {
      const session = await findByHandle(store, { app: null, handle: input.handle })
      if (session === null) throw new SessionAbsentError()
      await store.write((write) => endSession({ clock, audit, events }, write, { session, why: 'admin' }))
    },
    async close() {
      events.close()
      await store.close()
    },
  }
}
