import { extname } from 'node:path'
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { QueryResult } from '../protocol.ts'
import { StoreUnavailableError, type PassingReason } from '../StoreErrors.ts'
import type { Answer, Question } from './bridge.ts'
import { toPgError } from './connect.ts'
import { toPostgres } from './Statement.ts'

/** How long this thread stands still for one answer, in milliseconds. */
const WAIT_MS = 5_000

/** Reads that are answered where they are asked. */
export interface Bridge {
  ask(sql: string, parameters: readonly unknown[]): QueryResult
  /** For the table of keys alone. */
  change(sql: string, parameters: readonly unknown[]): QueryResult
  close(): Promise<void>
}

/**
 * What is asked at every request is asked without giving up the turn, so that nothing happens between an answer and what
 * rests on it; on SQLite that is a function call. Here another thread asks the database while this one waits: a round trip
 * (about 0.2 ms on one machine), and never an old answer. A database that does not answer costs one wait; until it answers
 * again, everything is refused without waiting.
 */
export async function openBridge({ url }: { url: string }): Promise<Bridge> {
  const answered = new SharedArrayBuffer(4)
  const newest = new Int32Array(answered)
  const { port1, port2 } = new MessageChannel()
  let lastId = 0
  let isClosed = false

  const worker = new Worker(new URL(`./bridgeWorker${extname(import.meta.url)}`, import.meta.url), {
    workerData: { url, answered, port: port2 },
    transferList: [port2],
    name: 'countersign-store-reader',
    execArgv: [],
  })
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  // From here on its end shows as answers that do not come.
  worker.on('error', () => undefined)
  await Promise.race([new Promise((resolve) => worker.once('message', resolve)), ended])
  worker.unref()

  function put(sql: string, parameters: readonly unknown[], isWrite: boolean): QueryResult {
    if (isClosed) throw new StoreUnavailableError('stopped')
    const statement = toPostgres(sql, parameters)
    // An earlier question is still open: the database is not asked another.
    if (Atomics.load(newest, 0) !== lastId) throw new StoreUnavailableError('unreachable')
    const before = lastId
    const id = (lastId += 1)
    const question: Question = { id, ...statement, isWrite }
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    port1.postMessage(question)
    Atomics.wait(newest, 0, before, WAIT_MS)
    for (;;) {
      const received = receiveMessageOnPort(port1) as { message: Answer } | undefined
      if (received === undefined) throw new StoreUnavailableError('unreachable')
      // One that came too late is nobody's any more.
      if (received.message.id === id) return resultOf(received.message)
    }
  }

  return {
    ask: (sql, parameters) => put(sql, parameters, false),
    change: (sql, parameters) => put(sql, parameters, true),
    async close() {
      if (isClosed) return
      isClosed = true
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      port1.postMessage('close')
      const timer = setTimeout(() => void worker.terminate(), WAIT_MS)
      worker.ref()
      await ended
      clearTimeout(timer)
      port1.close()
    },
  }
}

function resultOf(answer: Answer): QueryResult {
  if ('result' in answer) return answer.result
  const { code, message } = answer.failure
  // The other thread had named it already: an error loses its class on the way, and one without a class is answered as a bug.
  const reason = /^store:disk:(.+)$/.exec(code)?.[1] as PassingReason | undefined
  if (reason !== undefined) throw new StoreUnavailableError(reason)
  throw toPgError(Object.assign(new Error(message), code === '' ? {} : { code }))
}
