import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '@countersign/base'
import { openDatabase } from './openDatabase.ts'

/**
 * The thread that copies the log into the database while the writer goes on: a passive checkpoint holds no lock that a
 * commit needs. Each message asks for one and is answered when it is over. An error ends the thread, and with it a
 * connection whose disk failed; the writer starts another.
 */
const port = parentPort
assert(port !== null, 'this file is only ever started as a worker')
const { path } = workerData as { path: string }

const checkpoint = openDatabase(path, { readOnly: false }).prepare('pragma wal_checkpoint(passive)')
port.on('message', () => {
  checkpoint.get()
  port.postMessage('copied')
})
