import type { Clock } from '@countersign/base'
import { createAppendAudit } from '../audit/appendAudit.ts'
import { createEventLog } from '../sessions/EventLog.ts'
import { rotateSessionsOf } from '../sessions/rotateSession.ts'
import { openStore } from '../store/openStore.ts'
import { awaitChanges, type Fence } from './awaitFence.ts'
import { changeKey, type KeyChange } from './changeKey.ts'
import { issueKey, listKeys, type IssuedKey, type IssueInput } from './issueKey.ts'
import type { KeyRecord } from './KeyRecord.ts'
import type { KeyTools } from './KeyTools.ts'
import { isLeaked } from './leaks.ts'
import { openPepper, rotatePepper } from './openPepper.ts'
import { releaseKey } from './quarantineKey.ts'
import { revokeKey, undoRevocation } from './revokeKey.ts'
import { rotateKey, type RotationStyle } from './rotateKey.ts'

/** Everything that can be done with keys: what the command line and the admin routes stand on. */
export interface Keyring {
  issue(input: IssueInput): Promise<IssuedKey>
  list(input: { app?: string }): Promise<KeyRecord[]>
  change(input: { id: string; app: string | null; change: KeyChange }): Promise<KeyRecord>
  rotate(input: {
    id: string
    app: string | null
    style?: RotationStyle
  }): Promise<IssuedKey & { readonly replaces: string; readonly oldEndsMs: number | null }>
  revoke(input: {
    id: string
    app: string | null
    reason?: string
    isExposed?: boolean
  }): Promise<{ readonly key: KeyRecord; readonly fence: Fence }>
  undo(input: { id: string; app: string | null }): Promise<KeyRecord>
  release(input: { id: string; app: string | null; by: string }): Promise<KeyRecord>
  /** Whether a key was reported as seen in public. */
  isLeaked(text: string): Promise<boolean>
}

/** The verbs, bound to their tools. What may take something from a key is answered when every live instance acts on it. */
export function createKeyring(tools: KeyTools): Keyring {
  const confirmed = async <T>(change: Promise<T>): Promise<T> => {
    const changed = await change
    await awaitChanges({ store: tools.store, clock: tools.store.machineClock })
    return changed
  }
  return {
    issue: (input) => issueKey(tools, input),
    list: (input) => listKeys(tools, input),
    change: (input) => confirmed(changeKey(tools, input)),
    rotate: (input) => confirmed(rotateKey(tools, input)),
    revoke: (input) => revokeKey(tools, input),
    undo: (input) => undoRevocation(tools, input),
    release: (input) => releaseKey(tools, input),
    isLeaked: (text) => isLeaked(tools, { text }),
  }
}

/** Opens the keys in a data directory, for the command line; a running server sees every change at once. */
export async function openKeyring({
  dataDir,
  env,
  clock,
  mustExist = false,
}: {
  dataDir: string
  env: NodeJS.ProcessEnv
  clock: Clock.Clock
  /** For what only reads or takes away: neither a store nor a pepper is made. */
  mustExist?: boolean
}): Promise<Keyring & { rotatePepper(): number; nowMs(): number; close(): Promise<void> }> {
  const store = await openStore({ clock }, { dataDir, mustExist, env })
  try {
    const peppers = openPepper({ keys: store.keys, env, mustExist })
    const audit = createAppendAudit({ clock })
    const events = createEventLog({ store, clock })
    return {
      ...createKeyring({
        store,
        clock,
        audit,
        peppers,
        onScopesRaised: (write, { family }) =>
          rotateSessionsOf({ store, clock, audit, events }, write, {
            owner: `key:${family}`,
            because: 'scopes-raised',
          }),
      }),
      rotatePepper: () => rotatePepper({ keys: store.keys, env }),
      nowMs: () => clock.nowMs(),
      close: async () => {
        events.close()
        await store.close()
      },
    }
  } catch (error) {
    await store.close()
    throw error
  }
}
