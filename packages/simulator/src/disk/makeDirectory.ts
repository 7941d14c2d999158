import { mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/**
 * Makes a directory, for its owner alone, with whatever is missing above it. One level at a time: Node's recursive `mkdir`
 * never returns where the system says that a new name in an existing directory cannot be (`/proc`).
 *
 * @throws the system's error, such as `ENOTDIR`, `EACCES` or `ENOENT`.
 */
export function makeDirectory(path: string): void {
  const missing: string[] = []
  for (let at = resolve(path); kindOf(at) === null && at !== dirname(at); at = dirname(at)) missing.unshift(at)
  for (const each of missing) {
    try {
      mkdirSync(each, { mode: 0o700 })
    } catch (error) {
      // Another process may have been faster.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  if (kindOf(resolve(path)) !== 'directory')
    throw Object.assign(new Error(`ENOTDIR: not a directory, '${path}'`), { code: 'ENOTDIR', path })
}

function kindOf(path: string): 'directory' | 'other' | null {
  try {
    return statSync(path).isDirectory() ? 'directory' : 'other'
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw error
  }
}
