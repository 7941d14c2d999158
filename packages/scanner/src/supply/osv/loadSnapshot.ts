import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { zlib } from '../../parsers.ts'
import { Compactor, isSnapshot, OsvError, parse, type Snapshot } from './Snapshot.ts'

/** An OSV record is a few kilobytes; one of this size is something else. */
const RECORD_BYTES_MAX = 8 * 1024 * 1024

/** Of one uncompressed member or file; a whole snapshot of four ecosystems is below it. */
const SNAPSHOT_BYTES_MAX = 512 * 1024 * 1024

/**
 * Reads known vulnerabilities from a file or a directory: a compacted snapshot (`.json`, `.json.gz`), OSV records as
 * `.json`, OSV's `all.zip`, or a directory of these. Links are not followed.
 *
 * @throws {OsvError} `scanner:osv:unreadable`, naming the file.
 */
export async function loadSnapshot(path: string): Promise<Snapshot> {
  const files = listFiles(path, 0)
  if (files.length === 0) throw new OsvError('there is no .json, .json.gz or .zip in it', path)
  const compactor = new Compactor()
  for (const file of files) {
    for await (const value of readValues(file)) {
      if (isSnapshot(value)) {
        if (files.length > 1) throw new OsvError('a compacted snapshot stands beside other files', file)
        return named(file, () => parse(value))
      }
      // Several records in one file are a list.
      named(file, () => {
        for (const record of Array.isArray(value) ? (value as unknown[]) : [value]) compactor.add(record)
      })
    }
  }
  return compactor.done()
}

function named<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof OsvError)
      throw new OsvError(error.message.replace(/^The vulnerability data cannot be read: |\.$/g, ''), file)
    throw error
  }
}

function listFiles(path: string, depth: number): string[] {
  let entry
  try {
    entry = lstatSync(path)
  } catch {
    throw new OsvError('it does not exist', path)
  }
  if (entry.isFile()) return depth === 0 || /\.(?:json|json\.gz|zip)$/.test(path) ? [path] : []
  if (!entry.isDirectory() || depth > 4) return []
  return readdirSync(path)
    .toSorted()
    .flatMap((name) => listFiles(join(path, name), depth + 1))
}

async function* readValues(file: string): AsyncGenerator<unknown> {
  const bytes = readFileSync(file)
  if (file.endsWith('.zip')) {
    yield* readZip(file, bytes)
    return
  }
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
  let text: string
  try {
    text = (isGzip ? zlib().gunzipSync(bytes, { maxOutputLength: SNAPSHOT_BYTES_MAX }) : bytes).toString('utf8')
  } catch {
    throw new OsvError('it cannot be unpacked', file)
  }
  yield parseJson(text, file)
}

async function* readZip(file: string, bytes: Buffer): AsyncGenerator<unknown> {
  let zip
  try {
    const { fromBufferPromise } = await import('yauzl')
    zip = await fromBufferPromise(bytes)
    for await (const entry of zip.eachEntry()) {
      if (!entry.fileName.endsWith('.json')) continue
      if (entry.uncompressedSize > RECORD_BYTES_MAX)
        throw new OsvError(`${entry.fileName} is too large for a record`, file)
      const chunks: Buffer[] = []
      for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer)
      yield parseJson(Buffer.concat(chunks).toString('utf8'), `${file}/${entry.fileName}`)
    }
  } catch (error) {
    if (error instanceof OsvError) throw error
    throw new OsvError('it is not a zip archive that can be read', file)
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new OsvError('it is not JSON', file)
  }
}
