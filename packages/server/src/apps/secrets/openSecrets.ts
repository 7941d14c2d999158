import type { Clock } from '@countersign/base'
import { createAppendAudit } from '../../audit/appendAudit.ts'
import { openStore } from '../../store/openStore.ts'
import { SecretStore, type ListedSecret } from './SecretStore.ts'

/** The operator's secrets of a data directory, without a server; one that runs uses them at once. */
export interface Secrets {
  set(input: { app: string; name: string; value: string }): Promise<void>
  /** Whether there was one. */
  delete(input: { app: string; name: string }): Promise<boolean>
  list(input: { app: string }): readonly ListedSecret[]
  close(): Promise<void>
}

/** Opens the secrets in a data directory, for the command line. @throws {StoreAbsentError} where there is none and must be one. */
export async function openSecrets({
  dataDir,
  clock,
  mustExist,
  env = process.env,
}: {
  dataDir: string
  clock: Clock.Clock
  mustExist: boolean
  env?: NodeJS.ProcessEnv
}): Promise<Secrets> {
  const store = await openStore({ clock }, { dataDir, mustExist, env })
  try {
    const secrets = new SecretStore({ store, clock, audit: createAppendAudit({ clock }) })
    return {
      set: ({ app, name, value }) => secrets.set(new Map([[name, value]]), { app, by: 'cli' }),
      delete: async ({ app, name }) => (await secrets.delete({ app, name, by: 'cli' })) > 0,
      list: ({ app }) => secrets.list(app),
      close: () => store.close(),
    }
  } catch (error) {
    await store.close()
    throw error
  }
}
