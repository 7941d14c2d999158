/** A thread that keeps what it is sent: one write and one `fdatasync` for all that waits, then all are answered. */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'

const port = parentPort
if (port === null) throw new Error('started as a worker only')
const { path } = workerData as { path: string }
const file = openSync(path, 'w')
const page = Buffer.alloc(4_096, 1)
/** As long as the log of the store is at most: then it begins again, so that blocks are there already. */
const PAGES = 2_500
let at = 0

port.on('message', (first: number | 'close') => {
  const ids: number[] = []
  for (let next: { message: number | 'close' } | undefined = { message: first }; next !== undefined;) {
    if (next.message === 'close') {
      closeSync(file)
      return port.close()
    }
    ids.push(next.message)
    next = receiveMessageOnPort(port) as { message: number | 'close' } | undefined
  }
  const startMs = performance.now()
  writeSync(file, page, 0, page.length, (at++ % PAGES) * page.length)
  fdatasyncSync(file)
  port.postMessage({ ids, tookMs: performance.now() - startMs })
})
