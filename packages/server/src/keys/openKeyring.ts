import type { Clock } from '@countersign/base'
import { createAppendAudit } from '../audit/appendAudit.ts'
import { openStore } from '../store/openStore.ts'
import { issueKey, listKeys, type IssuedKey } from './issueKey.ts'
import { openPepper } from './openPepper.ts'

/** The keys of a data directory, without a server. */
export interface Keyring {
  issue(input: { app: string; label: string }): Promise<IssuedKey>
  list(input: { app?: string }): ReturnType<typeof listKeys>
  close(): Promise<void>
}

/** Opens the keys in a data directory, for the command line; a running server sees new keys at once. */
export async function openKeyring({
  dataDir,
  env,
  clock,
}: {
  dataDir: string
  env: NodeJS.ProcessEnv
  clock: Clock.Clock
}): Promise<Keyring> {
  const store = await openStore({ clock }, { dataDir })
  const pepper = openPepper({ dataDir, env })
  const audit = createAppendAudit({ clock })
  return {
    issue: (input) => issueKey({ store, clock, audit, pepper }, input),
    list: (input) => listKeys({ store }, input),
    close: () => store.close(),
  }
}
