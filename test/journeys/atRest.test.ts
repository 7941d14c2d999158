/** What lies in the data directory and in a backup: for its owner alone, and nothing that acts for somebody. */
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backUp, startServer, type RunningServer } from '@countersign/server'
import { openReadSets, openReceiptKeys } from '@countersign/simulator'
import { afterAll, beforeAll, expect, test } from 'vitest'

const scratch = mkdtempSync(join(tmpdir(), 'countersign-rest-'))
const dataDir = join(scratch, 'data')
const before = process.umask(0)
let server: RunningServer
const start = () => startServer({ port: 0, dataDir, chains: [], env: {}, webRoot: null, logLevel: 'silent' })
beforeAll(async () => {
  server = await start()
  await server.issueKey({ app: 'a', label: '' })
  openReceiptKeys({ dataDir }).jwks()
  openReadSets({ dataDir }).put({ builders: [], entries: [] } as never)
})
afterAll(async () => {
  await server.close()
  process.umask(before)
  rmSync(scratch, { recursive: true, force: true })
})

/** Each path below a directory, itself included, that others than its owner may use. */
function openIn(directory: string): string[] {
  const paths = ['', ...readdirSync(directory, { recursive: true, encoding: 'utf8' })]
  return paths.filter((path) => {
    const stat = statSync(join(directory, path), { throwIfNoEntry: false })
    return stat !== undefined && (stat.mode & 0o777) !== (stat.isDirectory() ? 0o700 : 0o600)
  })
}

test('promise: every file is 0600 and every directory 0700 while it runs, whatever the umask', () => {
  const names = readdirSync(dataDir)
  for (const name of [
    'countersign.db',
    'countersign.db-wal',
    'countersign.db-shm',
    'receipt-keys',
    'readsets',
    'pepper.key',
  ])
    expect(names).toContain(name)
  expect(openIn(dataDir)).toEqual([])
})

test('promise: a backup is for its owner alone as well', () => {
  const target = join(scratch, 'copies', 'one')
  const copy = backUp({ dataDir, target })
  expect(copy.files).toContain('receipt-keys')
  expect(openIn(target)).toEqual([])
})

test('a database that an older version left open to others is closed at the next start', async () => {
  await server.close()
  chmodSync(join(dataDir, 'countersign.db'), 0o644)
  server = await start()
  expect(openIn(dataDir)).toEqual([])
})
