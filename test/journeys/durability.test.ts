import { Clock, Redacted } from '@countersign/base'
import { openKeyring } from '@countersign/server'
import { expect, test } from 'vitest'
import { fullDisk } from '../faults/fullDisk.ts'
import { killUnderLoad } from '../faults/killUnderLoad.ts'
import { manyStreams } from '../faults/manyStreams.ts'
import { slowReaders } from '../faults/slowReaders.ts'
import { tamper } from '../faults/tamper.ts'

// The short forms of what `npm run test:faults` does at length, on real server processes.

test('promise: a killed server has lost nothing that it acknowledged', async () => {
  expect(await killUnderLoad({ kills: 1, writers: 16 })).toMatchObject({ lost: 0, gaps: 0, auditProblem: null })
})

test('many streams miss nothing, and ended sessions stay ended', async () => {
  expect(await manyStreams({ sessions: 100 })).toMatchObject({ wrong: 0, survived: 0 })
})

test('promise: streams that never read are dropped and lose nothing', async () => {
  expect(await slowReaders({ readers: 5 })).toMatchObject({ dropped: 5, lost: 0 })
})

test('promise: a full disk is answered 503, reads go on, and nothing is lost', async ({ skip }) => {
  const issue = async (dataDir: string): Promise<string> => {
    const keyring = await openKeyring({ dataDir, env: {}, clock: Clock.system })
    try {
      const { id, key } = await keyring.issue({ app: 'trader', label: 'gone' })
      await keyring.revoke({ id, app: 'trader' })
      return Redacted.reveal(key)
    } finally {
      await keyring.close()
    }
  }
  const figures = await fullDisk({ issue })
  if (figures === null) return skip('neither can a tmpfs be mounted nor is there prlimit')
  expect(figures).toMatchObject({
    lost: 0,
    refusal: { status: 503, code: expect.stringMatching(/^store:disk:/), retryAfter: expect.any(String) },
    reads: [200, 200],
    revokedKey: 401,
  })
})

test('promise: what was tampered with is named', async () => {
  expect((await tamper({ rows: 5_000 })).found).toEqual({
    'one bit': 'audit:row:altered row 2501',
    deleted: 'audit:row:displaced row 2501',
    swapped: 'audit:row:displaced row 2501',
    'cut off': 'audit:row:missing row 5000',
  })
})
