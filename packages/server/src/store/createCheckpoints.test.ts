import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { createCheckpoints } from './createCheckpoints.ts'
import { openDatabase } from './openDatabase.ts'

const root = mkdtempSync(join(tmpdir(), 'countersign-checkpoints-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** A database whose connection never checkpoints by itself. */
function open(name: string) {
  const path = join(root, name)
  const db = openDatabase(path, { readOnly: false })
  db.exec('pragma wal_autocheckpoint = 0; create table rows (id integer primary key, body text)')
  const insert = db.prepare('insert into rows (body) values (?)')
  const log = (): number => Number(db.prepare('pragma wal_checkpoint(noop)').get()?.['log'])
  return { path, db, log, write: () => insert.run('x'.repeat(40_000)) }
}

test('begins the log again while writes go on without a pause', async () => {
  const { path, db, log, write } = open('busy.db')
  const checkpoints = createCheckpoints({ path })
  let longest = 0
  // Ends when the log was begun again, or by the time limit of the tests.
  for (let pages = 0; pages >= longest; pages = log()) {
    longest = pages
    write()
    checkpoints.committed(db)
    await nextTurn()
  }
  expect(longest).toBeGreaterThanOrEqual(8_000)
  await checkpoints.close()
  expect(db.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' })
  db.close()
})

test('a thread that fails stops no write, and the next one is asked', async () => {
  const { db, log, write } = open('failing.db')
  const checkpoints = createCheckpoints({ path: join(root, 'absent', 'no.db') })
  for (let i = 0; i < 1_000; i += 1) {
    write()
    checkpoints.committed(db)
    await nextTurn()
  }
  expect(log()).toBeGreaterThanOrEqual(10_000)
  await checkpoints.close()
  db.close()
})

test('promise: a checkpoint that fails in the writer’s own thread does not end it', async () => {
  const { path, db } = open('closed.db')
  const checkpoints = createCheckpoints({ path })
  db.close()
  for (let i = 0; i < 32; i += 1) checkpoints.committed(db)
  await checkpoints.close()
})
