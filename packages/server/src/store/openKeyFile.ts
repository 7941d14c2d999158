import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'

/**
 * Reads a file with 32 random bytes as 64 hex digits, readable by the owner alone, or makes it on first use. It appears
 * whole and once: two processes that start together end up with one.
 *
 * @returns The bytes; null where the file holds something else.
 */
export function openKeyFile(path: string): Buffer | null {
  try {
    return read(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const part = `${path}.${randomBytes(6).toString('hex')}.part`
  try {
    const file = openSync(part, 'w', 0o600)
    writeSync(file, randomBytes(32).toString('hex'))
    fsyncSync(file)
    closeSync(file)
    linkSync(part, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(part, { force: true })
  }
  return read(path)
}

function read(path: string): Buffer | null {
  const text = readFileSync(path, 'utf8').trim()
  return /^[0-9a-f]{64}$/.test(text) ? Buffer.from(text, 'hex') : null
}
