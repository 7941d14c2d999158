import { getCompileCacheDir } from 'node:module'
import { dirname, extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { assert } from '@countersign/base'
import type { FromWriter, QueryResult, ToWriter } from './protocol.ts'
import { StoreUnavailableError, toError, type SqliteFailure } from './StoreErrors.ts'

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

/** A write that waits for its turn, is being said, or is on its way to the disk. */
interface Entry extends Waiting<unknown> {
  readonly body: (conversation: Conversation) => Promise<unknown>
  /** How its body ended; null while it speaks. */
  outcome: { readonly keep: true; readonly value: unknown } | { readonly keep: false; readonly error: unknown } | null
  /** The writer ended while the body spoke: said when it has spoken. */
  lost: StoreUnavailableError | null
}

/**
 * The main thread's end of the writer. Bodies take turns; the next begins when one has ended, not when it is on disk,
 * so that one commit can carry many. A writer that ended is started again by the next write.
 *
 * A plain queue, not a chain of promises: what a chain once held, the collector keeps until its next full round.
 */
export function createWriter({ path }: { path: string }): Writer {
  let worker: Worker | null = null
  let lastId = 0
  let isClosed = false
  let isTalking = false
  let outbox: ToWriter[] = []
  let afterLast: (() => void) | null = null
  const queue: Entry[] = []
  const queries = new Map<number, Waiting<QueryResult>>()
  const writes = new Map<number, Entry>()

  function start(): Worker {
    if (worker !== null) return worker
    const started = spawnWriter(path)
    started.on('message', hear)
    const ended = (cause?: unknown): void => {
      if (worker !== started) return
      worker = null
      outbox = []
      lose({ queries, writes }, new StoreUnavailableError('stopped', cause))
    }
    started.on('error', ended)
    started.on('exit', () => ended())
    worker = started
    return started
  }

  function hear(message: FromWriter): void {
    if (message.type === 'settled') {
      for (const { id, failure } of message.writes) {
        const entry = writes.get(id)
        writes.delete(id)
        if (entry !== undefined) settle(entry, failure)
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

  /** How the body of a write speaks, while it is its turn. */
  const talk = (id: number): Talk =>
    new Talk({
      say,
      // The writer ended under it, and a new one knows nothing of it.
      isLost: () => !writes.has(id),
      ask: (sql, parameters) => {
        lastId += 1
        const query = lastId
        say({ op: 'query', query, sql, parameters })
        return new Promise((resolve, reject) => queries.set(query, { resolve, reject }))
      },
    })

  /** Lets the next write speak, when none does. */
  function next(): void {
    if (isTalking) return
    const entry = queue.shift()
    if (entry === undefined) return afterLast?.()
    isTalking = true
    lastId += 1
    const id = lastId
    start().ref()
    writes.set(id, entry)
    say({ op: 'begin', id, sentMs: Date.now() })
    const conversation = talk(id)
    const end = (outcome: Exclude<Entry['outcome'], null>): void => {
      conversation.isOver = true
      entry.outcome = outcome
      if (entry.lost === null) say({ op: 'end', keep: outcome.keep })
      else entry.reject(entry.lost)
      isTalking = false
      next()
    }
    speak(entry.body, conversation).then(
      (value) => end({ keep: true, value }),
      (error: unknown) => end({ keep: false, error }),
    )
  }

  return {
    write<T>(body: (conversation: Conversation) => Promise<T>): Promise<T> {
      if (isClosed) return Promise.reject(new StoreUnavailableError('stopped'))
      return new Promise<T>((resolve, reject) => {
        queue.push({ body, resolve: resolve as (value: unknown) => void, reject, outcome: null, lost: null })
        next()
      })
    },
    async close() {
      if (isClosed) return
      isClosed = true
      if (isTalking || queue.length > 0) await new Promise<void>((resolve) => (afterLast = resolve))
      const current = worker
      if (current === null) return
      const ended = new Promise((resolve) => current.once('exit', resolve))
      current.ref()
      say({ op: 'close' })
      await ended
    },
  }
}

/** The writer ended: nothing that it had is kept. A write whose body still speaks is told when it has spoken. */
function lose(
  { queries, writes }: { readonly queries: Map<number, Waiting<QueryResult>>; readonly writes: Map<number, Entry> },
  error: StoreUnavailableError,
): void {
  for (const waiting of queries.values()) waiting.reject(error)
  for (const entry of writes.values()) {
    if (entry.outcome === null) entry.lost = error
    else entry.reject(error)
  }
  queries.clear()
  writes.clear()
}

function spawnWriter(path: string): Worker {
  return new Worker(new URL(`./writer${extname(import.meta.url)}`, import.meta.url), {
    workerData: { path },
    name: 'countersign-store-writer',
    // Nothing of the process around it is its business but where compiled sources are kept: without that it loads the
    // compiler, which takes 15 MB and half of its start.
    env: compileCacheOf(),
    execArgv: [],
  })
}

interface TalkInput {
  readonly say: (message: ToWriter) => void
  readonly isLost: () => boolean
  readonly ask: (sql: string, parameters: readonly unknown[]) => Promise<QueryResult>
}

/** The conversation of one write. It refuses to be used after the write has ended, or when the writer ended under it. */
class Talk implements Conversation {
  readonly #input: TalkInput
  isOver = false
  constructor(input: TalkInput) {
    this.#input = input
  }
  async run(sql: string, parameters: readonly unknown[]): Promise<QueryResult> {
    this.#check(parameters)
    return this.#input.ask(sql, parameters)
  }
  post(sql: string, parameters: readonly unknown[]): void {
    this.#check(parameters)
    this.#input.say({ op: 'post', sql, parameters })
  }
  #check(parameters: readonly unknown[]): void {
    if (this.isOver) throw new Error('A write was used after it had ended.')
    if (this.#input.isLost()) throw new StoreUnavailableError('stopped')
    assert(parameters.every(isValue), 'parameters are what SQLite stores')
  }
}

function settle({ outcome, resolve, reject }: Entry, failure: SqliteFailure | null): void {
  assert(outcome !== null, 'a write is settled after it has ended')
  if (failure !== null) reject(toError(failure))
  // Even a refusal waits for the commit: it may rest on what the same commit makes true.
  else if (outcome.keep) resolve(outcome.value)
  else reject(outcome.error)
}

/** Runs a body; one that throws before it waits for anything has failed like any other. */
async function speak(
  body: (conversation: Conversation) => Promise<unknown>,
  conversation: Conversation,
): Promise<unknown> {
  return body(conversation)
}

/** The compile cache of this process, as the environment variable that names it to another thread. */
function compileCacheOf(): NodeJS.ProcessEnv {
  const directory = getCompileCacheDir()
  // Node puts a folder for its version into the one that it is told.
  return directory === undefined ? {} : { NODE_COMPILE_CACHE: dirname(directory) }
}

/** What both stores can keep. */
export function isValue(value: unknown): boolean {
  return (
    value === null ||
    typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    value instanceof Uint8Array
  )
}
