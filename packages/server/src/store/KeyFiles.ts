import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** Where an installation keeps its keys: files of the data directory, or encrypted rows that all instances share. */
export interface KeyFiles {
  /** What messages call one. */
  nameOf(name: string): string
  names(): readonly string[]
  read(name: string): string | null
  /** Keeps a text where there is none yet, whole and once, and gives what is kept: of two that start together, one wins. */
  keep(name: string, text: string): string
}

/** Keys that instances share; these may also be replaced and deleted. */
export interface SharedKeys extends KeyFiles {
  replace(name: string, text: string): void
  remove(name: string): void
}

/** Keys as files, readable by the owner alone. */
export function keysInDirectory(directory: string): KeyFiles {
  const read = (name: string): string | null => {
    try {
      return readFileSync(join(directory, name), 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      return null
    }
  }
  return {
    nameOf: (name) => join(directory, name),
    names: () => readdirSync(directory),
    read,
    keep(name, text) {
      const found = read(name)
      if (found !== null) return found
      const path = join(directory, name)
      const part = `${path}.${randomBytes(6).toString('hex')}.part`
      try {
        const file = openSync(part, 'w', 0o600)
        writeSync(file, text)
        fsyncSync(file)
        closeSync(file)
        linkSync(part, path)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      } finally {
        rmSync(part, { force: true })
      }
      return readFileSync(path, 'utf8')
    },
  }
}

/**
 * 32 random bytes as 64 hex digits, made on first use.
 *
 * @returns The bytes; null where something else is kept under the name.
 */
export function openKey(keys: KeyFiles, name: string): Buffer | null {
  const text = (keys.read(name) ?? keys.keep(name, randomBytes(32).toString('hex'))).trim()
  return /^[0-9a-f]{64}$/.test(text) ? Buffer.from(text, 'hex') : null
}
