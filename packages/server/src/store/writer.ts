import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { DatabaseSync } from 'node:sqlite'
import { assert } from '@countersign/base'
import { createCheckpoints } from './createCheckpoints.ts'
import { defineFunctions } from './functions.ts'
import { BUSY_TIMEOUT_MS, createStatements, openDatabase, type Statements } from './openDatabase.ts'
import type { FromWriter, ToWriter } from './protocol.ts'
import { toFailure, type SqliteFailure } from './StoreErrors.ts'

/**
 * The thread that writes. Writes that arrive while one commit is on its way to the disk share the next one: each
 * runs in a savepoint of its own, so that one that fails takes nothing with it, and all are acknowledged after the
 * one commit. A lost transaction (disk full, disk gone) is answered to everybody who was in it.
 */

/** A group is committed when nothing waits, or at this size or age, whichever comes first. */
const MAX_GROUP = 128
const MAX_GROUP_MS = 5

const port = parentPort
assert(port !== null, 'this file is only ever started as a worker')
const { path } = workerData as { path: string }
const checkpoints = createCheckpoints({ path })

let db: DatabaseSync | null = null
let statements: Statements | null = null
/** Writes inside the open transaction, in order; null when none is open. */
let group: number[] | null = null
let groupSinceMs = 0
/** The write that is under way, and what already went wrong for it. */
let current: { readonly id: number; failure: SqliteFailure | null } | null = null

const send = (message: FromWriter): void => port.postMessage(message)
const settle = (ids: readonly number[], failure: SqliteFailure | null): void =>
  send({ type: 'settled', writes: ids.map((id) => ({ id, failure })) })

/** The connection, opened when it is needed: after a disk failed, that is at the next write. */
function open(): Statements {
  if (db === null || statements === null) {
    db = openDatabase(path, { readOnly: false })
    // Checkpoints are another thread's work. Here is the end of its patience: a log of 64 MiB.
    db.exec('pragma wal_autocheckpoint = 16000')
    defineFunctions(db)
    statements = createStatements(db)
  }
  return statements
}

/** A connection whose disk failed is not trusted with what it remembers: it is thrown away. */
function distrust({ errcode }: SqliteFailure): void {
  if (![8, 10, 11, 14, 26].includes(errcode & 0xff)) return
  try {
    db?.close()
  } catch {
    // It is being thrown away.
  }
  db = null
  statements = null
}

/** Starts a write: a savepoint, in the transaction that is open or in a new one. */
function begin(sentMs: number): void {
  const { run } = open()
  if (group === null) {
    // A write waits for other processes since it was sent, not longer: a queue of them gives up together.
    const leftMs = BUSY_TIMEOUT_MS - Math.max(0, Date.now() - sentMs)
    db?.exec(`pragma busy_timeout = ${Math.max(1, Math.ceil(leftMs))}`)
    run('begin immediate', [])
    group = []
    groupSinceMs = performance.now()
  }
  run('savepoint one', [])
}

/** Ends a write: what it did stays in the transaction, or is undone. */
function end(keep: boolean): void {
  const { run } = open()
  if (!keep) run('rollback to one', [])
  run('release one', [])
}

/** Runs a step. An error is the current write's; one that took the whole transaction is everybody's who was in it. */
function attempt<T>(step: () => T): { readonly value: T } | { readonly failure: SqliteFailure } {
  try {
    return { value: step() }
  } catch (error) {
    const failure = toFailure(error)
    if (db?.isTransaction !== true) {
      if (group !== null) settle(group, failure)
      group = null
      if (current !== null) current.failure = failure
      distrust(failure)
    }
    return { failure }
  }
}

function commit(): void {
  if (group === null) return
  const ids = group
  const outcome = attempt(() => open().run('commit', []))
  if (group === null) return
  if ('failure' in outcome) {
    // Not kept, so said so: a commit is not tried twice, because its writers have their own deadlines.
    attempt(() => open().run('rollback', []))
    distrust(outcome.failure)
  }
  group = null
  settle(ids, 'failure' in outcome ? outcome.failure : null)
  if (db !== null) checkpoints.committed(db)
}

function handle(message: ToWriter): void {
  switch (message.op) {
    case 'begin': {
      current = { id: message.id, failure: null }
      const outcome = attempt(() => begin(message.sentMs))
      if ('failure' in outcome) current.failure = outcome.failure
      return
    }
    case 'query': {
      assert(current !== null, 'a query belongs to a write')
      const outcome =
        current.failure === null
          ? attempt(() => open().run(message.sql, message.parameters))
          : { failure: current.failure }
      return 'value' in outcome
        ? send({ type: 'result', query: message.query, result: outcome.value })
        : send({ type: 'failure', query: message.query, failure: outcome.failure })
    }
    case 'post': {
      assert(current !== null, 'a statement belongs to a write')
      if (current.failure !== null) return
      const outcome = attempt(() => open().run(message.sql, message.parameters))
      if ('failure' in outcome) current.failure = outcome.failure
      return
    }
    case 'end': {
      assert(current !== null, 'an end belongs to a write')
      const { id, failure } = current
      // Without a transaction the write failed before it began, or was lost with its group.
      const isOpen = group !== null && db?.isTransaction === true
      const outcome = isOpen ? attempt(() => end(message.keep && failure === null)) : null
      current = null
      if (failure !== null) return settle([id], failure)
      if (outcome !== null && 'failure' in outcome) return settle([id], outcome.failure)
      group?.push(id)
      return
    }
    case 'close': {
      commit()
      db?.close()
      // Ends the thread once its answers are out.
      void checkpoints.close().then(() => port?.close())
    }
  }
}

port.on('message', (first: readonly ToWriter[]) => {
  let next: { message: readonly ToWriter[] } | undefined = { message: first }
  while (next !== undefined) {
    for (const message of next.message) {
      handle(message)
      const isDue = (group?.length ?? 0) >= MAX_GROUP || performance.now() - groupSinceMs >= MAX_GROUP_MS
      if (isDue && current === null) commit()
    }
    next = receiveMessageOnPort(port) as { message: readonly ToWriter[] } | undefined
  }
  // Nobody waits: nothing would be gained by holding the commit back. A write that is under way is let finish first.
  if (current === null) commit()
})
