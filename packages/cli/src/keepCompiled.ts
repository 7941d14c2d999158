import { existsSync, mkdirSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/**
 * Keeps compiled sources between runs, which halves the time to start. In the user's own cache directory, never in a
 * shared one: whoever can write there decides what runs. Node goes on without it where it cannot write, and
 * NODE_DISABLE_COMPILE_CACHE=1 switches it off.
 */
export function keepCompiled(env: NodeJS.ProcessEnv): void {
  const directory = join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'countersign')
  if (!isAbsolute(directory)) return
  try {
    // One step, never recursive: where the cache directory itself is missing, nothing is kept.
    if (!existsSync(directory)) mkdirSync(directory, { mode: 0o700 })
    enableCompileCache(directory)
  } catch {
    // Slower, and as good.
  }
}
