import type pg from 'pg'
import { closeConnection } from './connect.ts'
import { CHANNEL } from './createPgWriter.ts'

/** How often the database is asked what it has committed, in case a notification was lost. Milliseconds. */
const POLL_MS = 500

/**
 * A number that rises when anything was committed: by this process in the same breath, by others when their notification
 * comes, and at the latest with the next look at the database's snapshot. While the database cannot be asked it rises at
 * each look, so that whoever looks finds out.
 */
export class Commits {
  readonly #connect: (onEnd: (client: pg.Client) => void) => Promise<pg.Client>
  readonly #onPoll: ((client: pg.Client) => Promise<void>) | undefined
  #count = 0
  #snapshot = ''
  #client: pg.Client | null = null
  #timer: NodeJS.Timeout | null = null
  #polling: Promise<void> | null = null
  #isClosed = false

  /** @param onPoll - Asks something else over the same connection, at each look. */
  constructor({
    connect,
    onPoll,
  }: {
    connect: (onEnd: (client: pg.Client) => void) => Promise<pg.Client>
    onPoll?: (client: pg.Client) => Promise<void>
  }) {
    this.#connect = connect
    this.#onPoll = onPoll
  }

  rise(): void {
    this.#count += 1
  }

  /** The number. The first call begins to listen. */
  version(): number {
    if (this.#timer === null && !this.#isClosed) {
      this.#timer = setInterval(() => {
        this.#polling ??= this.#poll().finally(() => (this.#polling = null))
      }, POLL_MS).unref()
      this.#polling ??= this.#poll().finally(() => (this.#polling = null))
    }
    return this.#count
  }

  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#timer !== null) clearInterval(this.#timer)
    await this.#polling
    if (this.#client !== null) await closeConnection(this.#client)
    this.#client = null
  }

  async #poll(): Promise<void> {
    try {
      const client = (this.#client ??= await this.#listen())
      const { rows } = await client.query<{ snapshot: string }>('select pg_current_snapshot()::text as snapshot')
      const snapshot = rows[0]?.snapshot ?? ''
      if (snapshot !== this.#snapshot) this.rise()
      this.#snapshot = snapshot
      await this.#onPoll?.(client)
    } catch {
      const gone = this.#client
      this.#client = null
      this.rise()
      if (gone !== null) await closeConnection(gone)
    }
  }

  async #listen(): Promise<pg.Client> {
    const client = await this.#connect((ended) => {
      if (this.#client === ended) this.#client = null
    })
    client.on('notification', () => this.rise())
    await client.query(`listen ${CHANNEL}`)
    return client
  }
}
