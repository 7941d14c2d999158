/** A thread that keeps what it is sent: one write and one `fsync` for all that waits, then all are answered. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { openLogFile } from './yardsticks.ts'

const port = parentPort
if (port === null) throw new Error('started as a worker only')
const { path } = workerData as { path: string }
const log = openLogFile(path)

port.on('message', (first: number | 'close') => {
  const ids: number[] = []
  for (let next: { message: number | 'close' } | undefined = { message: first }; next !== undefined;) {
    if (next.message === 'close') {
      log.close()
      return port.close()
    }
    ids.push(next.message)
    next = receiveMessageOnPort(port) as { message: number | 'close' } | undefined
  }
  port.postMessage({ ids, tookMs: log.keep() })
})
