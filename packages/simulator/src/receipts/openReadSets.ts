import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Digest } from '@countersign/base'
import { makeDirectory } from '../disk/makeDirectory.ts'
import * as ReadSet from './ReadSet.ts'
import { CLOCK_MARGIN_MS, MAX_TTL_MS } from './ReceiptKeys.ts'

/**
 * Read sets kept in `readsets/<digest>.json` of the data directory, for re-checking receipts later. A file goes once
 * no receipt that could need it is alive: the longest life after it was last put.
 */
export function openReadSets({ dataDir }: { dataDir: string }): ReadSet.ReadSetShelf {
  const directory = join(dataDir, 'readsets')
  const pathOf = (digest: Digest.Digest) => join(directory, `${digest}.json`)
  return {
    put(readSet) {
      makeDirectory(directory)
      prune(directory)
      const digest = ReadSet.digest(readSet)
      const temporary = `${pathOf(digest)}.${process.pid}.part`
      writeFileSync(temporary, ReadSet.toJson(readSet), { mode: 0o600 })
      renameSync(temporary, pathOf(digest))
      return digest
    },
    get(digest) {
      // The digest comes from a file that somebody hands in: it must not name a path elsewhere.
      if (!/^0x[0-9a-f]{64}$/.test(digest)) return null
      let text: string
      try {
        text = readFileSync(pathOf(digest), 'utf8')
      } catch {
        return null
      }
      return ReadSet.parse(text, digest)
    },
  }
}

function prune(directory: string): void {
  const oldestMs = Date.now() - MAX_TTL_MS - CLOCK_MARGIN_MS
  for (const name of readdirSync(directory)) {
    const path = join(directory, name)
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat !== undefined && stat.mtimeMs < oldestMs) rmSync(path, { force: true })
  }
}
