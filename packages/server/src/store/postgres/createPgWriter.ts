import { assert } from '@countersign/base'
import type pg from 'pg'
import { isValue, type Conversation, type Writer } from '../createWriter.ts'
import { BUSY_TIMEOUT_MS } from '../openDatabase.ts'
import type { QueryResult } from '../protocol.ts'
import { StoreUnavailableError } from '../StoreErrors.ts'
import { closeConnection, toPgError } from './connect.ts'
import { toPostgres } from './Statement.ts'

/** Names the lock that every write holds: "coun" in ASCII. Advisory locks belong to one database. */
export const WRITE_LOCK = 0x636f756e
/** Where commits are told of. */
export const CHANNEL = 'countersign_commits'

/** A group is committed when nothing waits, or at this size or age, whichever comes first. Round trips take longer than a file. */
const MAX_GROUP = 128
const MAX_GROUP_MS = 20

type Outcome = { readonly keep: true; readonly value: unknown } | { readonly keep: false; readonly error: unknown }

interface Entry {
  readonly body: (conversation: Conversation) => Promise<unknown>
  resolve(value: unknown): void
  reject(error: unknown): void
}

export interface PgWriterTools {
  readonly connect: (onEnd: (client: pg.Client) => void) => Promise<pg.Client>
  /** Runs after each commit, before those who wait for it. */
  readonly onCommit: () => void
}

/**
 * Writes on PostgreSQL as on SQLite: one at a time in the whole database, whichever instance it comes from, because each
 * transaction begins by taking one lock and ends by giving it back with its commit. So a write sees everything that was
 * committed before it, and what it read is still so when it commits; `read committed` with that lock is as strict as
 * serialising. Writes that wait share a transaction, each in a savepoint of its own.
 */
export function createPgWriter(tools: PgWriterTools): Writer {
  return new PgWriter(tools)
}

class PgWriter implements Writer {
  readonly #tools: PgWriterTools
  readonly #queue: Entry[] = []
  #client: pg.Client | null = null
  #running: Promise<void> | null = null
  #isClosed = false

  constructor(tools: PgWriterTools) {
    this.#tools = tools
  }

  write<T>(body: (conversation: Conversation) => Promise<T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(new StoreUnavailableError('stopped'))
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ body, resolve: resolve as (value: unknown) => void, reject })
      this.#running ??= this.#drain()
    })
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#running
    if (this.#client !== null) await closeConnection(this.#client)
    this.#client = null
  }

  async #drain(): Promise<void> {
    // What is asked in one turn of the loop shares a transaction.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#queue.length > 0) await this.#group()
    this.#running = null
  }

  /** One transaction: as many of the writes that wait as fit. */
  async #group(): Promise<void> {
    let client: pg.Client
    try {
      client = await this.#open()
    } catch (error) {
      // Nobody else's connection would open either.
      for (const entry of this.#queue.splice(0)) entry.reject(error)
      return
    }
    let before = `begin; set local lock_timeout = ${BUSY_TIMEOUT_MS}; select pg_advisory_xact_lock(${WRITE_LOCK}); `
    // All of these wait for the lock from here on, and give up together.
    const waiting = this.#queue.length
    const members: { readonly entry: Entry; readonly outcome: Outcome }[] = []
    const sinceMs = performance.now()
    let speaking: Entry | null = null
    try {
      do {
        const entry = this.#queue[0]
        assert(entry !== undefined, 'a group has a member')
        await client.query(`${before}savepoint one`)
        this.#queue.shift()
        speaking = entry
        const outcome = await speak(client, entry)
        speaking = null
        members.push({ entry, outcome })
        before = outcome.keep ? 'release savepoint one; ' : 'rollback to savepoint one; release savepoint one; '
      } while (this.#queue.length > 0 && members.length < MAX_GROUP && performance.now() - sinceMs < MAX_GROUP_MS)
    } catch (cause) {
      const error = toPgError(cause)
      if (speaking !== null) speaking.reject(error)
      // Where the transaction did not even begin, that is the answer to all who waited for it.
      else if (members.length === 0) for (const entry of this.#queue.splice(0, waiting)) entry.reject(error)
      await this.#lose(client, members, error)
      return
    }
    await this.#commit(client, before, members)
  }

  async #commit(
    client: pg.Client,
    before: string,
    members: readonly { readonly entry: Entry; readonly outcome: Outcome }[],
  ): Promise<void> {
    const isChange = members.some(({ outcome }) => outcome.keep)
    try {
      const results = (await client.query(
        `${before}${isChange ? `notify ${CHANNEL}; ` : ''}commit`,
      )) as unknown as readonly pg.QueryResult[]
      // A transaction that had failed answers COMMIT with ROLLBACK, and no error.
      assert(results.at(-1)?.command === 'COMMIT', 'the transaction was whole when it was committed')
    } catch (cause) {
      // Without a code of PostgreSQL the connection was lost on the way: the commit may be there.
      const isTold =
        typeof (cause as { code?: unknown }).code === 'string' && (cause as { code: string }).code.length === 5
      const error = isTold ? toPgError(cause) : new StoreUnavailableError('stopped', cause)
      return this.#lose(client, members, error)
    }
    if (isChange) this.#tools.onCommit()
    // Even a refusal waits for the commit: it may rest on what the same commit makes true.
    for (const { entry, outcome } of members) {
      if (outcome.keep) entry.resolve(outcome.value)
      else entry.reject(outcome.error)
    }
  }

  /** The transaction is gone, and so are its members. */
  async #lose(
    client: pg.Client,
    members: readonly { readonly entry: Entry; readonly outcome: Outcome }[],
    error: Error,
  ): Promise<void> {
    if (this.#client === client) this.#client = null
    for (const { entry } of members) entry.reject(error)
    // A connection in an unknown state is thrown away. Its locks go with it.
    await closeConnection(client)
  }

  async #open(): Promise<pg.Client> {
    if (this.#client !== null) return this.#client
    return (this.#client = await this.#tools.connect((ended) => {
      if (this.#client === ended) this.#client = null
    }))
  }
}

/** Runs a body in the open savepoint. Throws only when the connection is lost: then the group is. */
async function speak(client: pg.Client, { body }: Entry): Promise<Outcome> {
  const talk = new Talk(client)
  let outcome: Outcome
  try {
    outcome = { keep: true, value: await body(talk) }
  } catch (error) {
    outcome = { keep: false, error }
  }
  const failure = await talk.end()
  if (failure instanceof StoreUnavailableError) throw failure
  if (failure !== null && outcome.keep) return { keep: false, error: failure }
  return outcome
}

/** What a body speaks with. Statements run in the order of the calls, one at a time. */
class Talk implements Conversation {
  readonly #client: pg.Client
  #tail: Promise<unknown> = Promise.resolve()
  #failure: Error | null = null
  #isOver = false
  constructor(client: pg.Client) {
    this.#client = client
  }

  /**
   * Where a statement fails, PostgreSQL takes nothing more in this savepoint: the write has failed, whether or not its body
   * catches the error. (On SQLite a body may go on after it.)
   */
  async run(sql: string, parameters: readonly unknown[]): Promise<QueryResult> {
    return this.#add(sql, parameters)
  }

  post(sql: string, parameters: readonly unknown[]): void {
    // A failure is kept, and is the write's.
    this.#add(sql, parameters).catch(() => undefined)
  }

  /** Waits for what was said; gives what went wrong. */
  async end(): Promise<Error | null> {
    this.#isOver = true
    await this.#tail
    return this.#failure
  }

  #add(sql: string, parameters: readonly unknown[]): Promise<QueryResult> {
    if (this.#isOver) throw new Error('A write was used after it had ended.')
    assert(parameters.every(isValue), 'parameters are what SQLite stores')
    const statement = toPostgres(sql, parameters)
    const answer = this.#tail.then(async () => {
      if (this.#failure !== null) throw this.#failure
      try {
        const { rows, rowCount, fields } = await this.#client.query({ ...statement, values: [...statement.values] })
        return { rows: rows as readonly unknown[], changes: fields.length > 0 ? 0 : (rowCount ?? 0) }
      } catch (error) {
        throw (this.#failure = toPgError(error))
      }
    })
    this.#tail = answer.catch(() => undefined)
    return answer
  }
}
