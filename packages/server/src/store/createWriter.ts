import { Worker } from 'node:worker_threads'
import { assert } from '@countersign/base'
import type { FromWriter, QueryResult, ToWriter } from './protocol.ts'
import { StoreUnavailableError, toError } from './StoreErrors.ts'

/** How a write speaks to the store. Statements are executed in the order of the calls. */
export interface Conversation {
  /** Runs one statement and answers. */
  run(sql: string, parameters: readonly unknown[]): Promise<QueryResult>
  /** Runs one statement whose answer nobody needs; when it fails, so does the write. */
  post(sql: string, parameters: readonly unknown[]): void
}

export interface Writer {
  /** One write. Resolves when it is on disk; rejects when nothing of it was kept. */
  write<T>(body: (conversation: Conversation) => Promise<T>): Promise<T>
  close(): Promise<void>
}

interface Waiting<T> {
  resolve(value: T): void
  reject(error: unknown): void
}

/**
 * The main thread's end of the writer. Bodies take turns; the next begins when one has ended, not when it is on disk,
 * so that one commit can carry many. A writer that ended is started again by the next write.
 */
export function createWriter({ path }: { path: string }): Writer {
  let worker: Worker | null = null
  let lastId = 0
  let isClosed = false
  let tail: Promise<unknown> = Promise.resolve()
  let outbox: ToWriter[] = []
  const queries = new Map<number, Waiting<QueryResult>>()
  const writes = new Map<number, Waiting<void>>()

  function start(): Worker {
    if (worker !== null) return worker
    const started = new Worker(new URL('./writer.ts', import.meta.url), {
      workerData: { path },
      name: 'countersign-store-writer',
      // Nothing of the process around it is its business.
      env: {},
      execArgv: [],
    })
    started.on('message', hear)
    const ended = (cause?: unknown): void => {
      if (worker !== started) return
      worker = null
      outbox = []
      const error = new StoreUnavailableError('stopped', cause)
      for (const waiting of [...queries.values(), ...writes.values()]) waiting.reject(error)
      queries.clear()
      writes.clear()
    }
    started.on('error', ended)
    started.on('exit', () => ended())
    worker = started
    return started
  }

  function hear(message: FromWriter): void {
    if (message.type === 'settled') {
      for (const { id, failure } of message.writes) {
        const waiting = writes.get(id)
        writes.delete(id)
        if (failure === null) waiting?.resolve()
        else waiting?.reject(toError(failure))
      }
      // An idle writer keeps no process alive.
      if (writes.size === 0) worker?.unref()
      return
    }
    const waiting = queries.get(message.query)
    queries.delete(message.query)
    if (message.type === 'result') waiting?.resolve(message.result)
    else waiting?.reject(toError(message.failure))
  }

  /** What is said in one turn of the loop, by whatever requests it served, travels in one message. */
  function say(message: ToWriter): void {
    outbox.push(message)
    if (outbox.length > 1) return
    setImmediate(() => {
      const messages = outbox
      outbox = []
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      if (messages.length > 0) start().postMessage(messages)
    })
  }

  /** Talks one write through; `settled` is about the disk, `said` about the talk. */
  function talk<T>(body: (conversation: Conversation) => Promise<T>): { said: Promise<void>; settled: Promise<T> } {
    lastId += 1
    const id = lastId
    start().ref()
    const kept = new Promise<void>((resolve, reject) => writes.set(id, { resolve, reject }))
    // Heard below; until then a writer that ends must not end the process.
    kept.catch(() => undefined)
    say({ op: 'begin', id, sentMs: Date.now() })
    let isOver = false
    const check = (parameters: readonly unknown[]): void => {
      if (isOver) throw new Error('A write was used after it had ended.')
      // The writer ended under it, and a new one knows nothing of it.
      if (!writes.has(id)) throw new StoreUnavailableError('stopped')
      assert(parameters.every(isValue), 'parameters are what SQLite stores')
    }
    const conversation: Conversation = {
      async run(sql, parameters) {
        check(parameters)
        lastId += 1
        const query = lastId
        say({ op: 'query', query, sql, parameters })
        return new Promise((resolve, reject) => queries.set(query, { resolve, reject }))
      },
      post(sql, parameters) {
        check(parameters)
        say({ op: 'post', sql, parameters })
      },
    }
    const outcome = (async () => body(conversation))().then(
      (value) => ({ value, keep: true as const }),
      (error: unknown) => ({ error, keep: false as const }),
    )
    const said = outcome.then(({ keep }) => {
      isOver = true
      if (writes.has(id)) say({ op: 'end', keep })
    })
    const settled = said
      .then(() => kept)
      .then(() => outcome)
      .then((result) => {
        // Even a refusal waits for the commit: it may rest on what the same commit makes true.
        if (!result.keep) throw result.error
        return result.value
      })
    return { said, settled }
  }

  return {
    async write(body) {
      if (isClosed) throw new StoreUnavailableError('stopped')
      const turn = tail.then(() => talk(body))
      tail = turn.then(({ said }) => said)
      const { settled } = await turn
      return settled
    },
    async close() {
      if (isClosed) return
      isClosed = true
      await tail
      const current = worker
      if (current === null) return
      const ended = new Promise((resolve) => current.once('exit', resolve))
      current.ref()
      say({ op: 'close' })
      await ended
    },
  }
}

function isValue(value: unknown): boolean {
  return (
    value === null ||
    typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    value instanceof Uint8Array
  )
}
