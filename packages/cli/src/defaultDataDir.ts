import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where data lives unless told otherwise: `COUNTERSIGN_DATA_DIR`, or `.countersign` in the home directory. */
export function defaultDataDir(env: NodeJS.ProcessEnv): string {
  return env['COUNTERSIGN_DATA_DIR'] ?? join(homedir(), '.countersign')
}
