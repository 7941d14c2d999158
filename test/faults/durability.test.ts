import { Clock, Redacted } from '@countersign/base'
import { openKeyring } from '@countersign/server'
import { expect, test } from 'vitest'
import { print } from './calls.ts'
import { fullDisk } from './fullDisk.ts'
import { killUnderLoad } from './killUnderLoad.ts'
import { manyStreams } from './manyStreams.ts'
import { slowReaders } from './slowReaders.ts'
import { tamper } from './tamper.ts'

test('promise: 20 kills under load lose nothing that was acknowledged', async () => {
  const figures = await killUnderLoad({ kills: 20, writers: 32 })
  print('kill -9 under load', { ...figures })
  expect(figures).toMatchObject({ lost: 0, gaps: 0, auditProblem: null })
})

test('10,000 sessions with 10,000 open streams fit into 400 MiB, and miss nothing', async () => {
  const figures = await manyStreams({ sessions: 10_000 })
  print('10,000 sessions and streams', { ...figures })
  expect(figures).toMatchObject({ wrong: 0, survived: 0 })
  if (figures.residentMiB !== null) expect(figures.residentMiB).toBeLessThan(400)
})

test('promise: 100 streams that never read are dropped, lose nothing, and harm nobody', async () => {
  const figures = await slowReaders({ readers: 100 })
  print('slow readers', { ...figures })
  expect(figures).toMatchObject({ dropped: 100, lost: 0 })
})

test('promise: a full disk is answered 503, reads go on, and nothing is lost', async ({ skip }) => {
  const figures = await fullDisk({ issue: revokedKey })
  if (figures === null) return skip('neither a tmpfs can be mounted nor is there prlimit')
  print('full disk', { ...figures })
  expect(figures).toMatchObject({ lost: 0, refusal: { status: 503 }, reads: [200, 200], revokedKey: 401 })
})

test('promise: a disk that becomes read-only is answered 503, reads go on, and nothing is lost', async ({ skip }) => {
  const figures = await fullDisk({ issue: revokedKey, isReadOnly: true })
  if (figures === null) return skip('files cannot be made immutable here')
  print('read-only disk', { ...figures })
  expect(figures).toMatchObject({ lost: 0, refusal: { status: 503 }, reads: [200, 200], revokedKey: 401 })
})

test('promise: what was tampered with is named in a record of a million rows', async () => {
  const figures = await tamper({ rows: 1_000_000 })
  print('audit record', { ...figures })
  expect(figures.found).toEqual({
    'one bit': 'audit:row:altered row 500001',
    deleted: 'audit:row:displaced row 500001',
    swapped: 'audit:row:displaced row 500001',
    'cut off': 'audit:row:missing row 1000000',
  })
})

async function revokedKey(dataDir: string): Promise<string> {
  const keyring = await openKeyring({ dataDir, env: {}, clock: Clock.system })
  try {
    const { id, key } = await keyring.issue({ app: 'trader', label: 'gone' })
    await keyring.revoke({ id, app: 'trader' })
    return Redacted.reveal(key)
  } finally {
    await keyring.close()
  }
}
