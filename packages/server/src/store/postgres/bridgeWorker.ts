import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import type pg from 'pg'
import type { Answer, BridgeData, Question } from './bridge.ts'
import { closeConnection, connect, toPgError } from './connect.ts'
import { StoreUnavailableError } from '../StoreErrors.ts'

/** The thread that reads for a thread that waits: one connection, one statement at a time. */
const { url, answered, port } = workerData as BridgeData & { port: MessagePort }
const newest = new Int32Array(answered)
let client: pg.Client | null = null

async function run(question: Question): Promise<Answer> {
  const { id, name, text, values, isWrite } = question
  // A connection that was lost since the last question shows at the next: that one is asked again.
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (client === null) {
        const onEnd = (ended: pg.Client): void => {
          if (client === ended) client = null
        }
        client = await connect(url, { readOnly: true, name: 'reader', onEnd })
      }
      if (isWrite) await client.query('begin read write')
      const { rows, rowCount } = await client.query({ name, text, values: [...values] })
      if (isWrite) await client.query('commit')
      return { id, result: { rows, changes: rowCount ?? 0 } }
    } catch (error) {
      const { code, message } = error as { code?: string; message: string }
      const isLost = toPgError(error) instanceof StoreUnavailableError
      if (isLost || isWrite) {
        const gone = client
        client = null
        if (gone !== null) await closeConnection(gone)
      }
      if (!isLost || attempt > 1) return { id, failure: { code: code ?? '', message } }
    }
  }
}

// What is loaded here takes longer than an answer.
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage('ready')

let tail: Promise<void> = Promise.resolve()
port.on('message', (question: Question | 'close') => {
  tail = tail.then(async () => {
    if (question === 'close') {
      if (client !== null) await closeConnection(client)
      port.close()
      return
    }
    const answer = await run(question)
    port.postMessage(answer)
    Atomics.store(newest, 0, question.id)
    Atomics.notify(newest, 0)
  })
})
