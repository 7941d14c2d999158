import type pg from 'pg'
import type { Statement } from '../protocol.ts'
import { closeConnection, toPgError } from './connect.ts'
import { toPostgres } from './Statement.ts'

/** Writes of an instance about itself, over a connection of its own: they wait for no other write, so a busy database ends no lease. */
export class Heartbeat {
  readonly #connect: (onEnd: (client: pg.Client) => void) => Promise<pg.Client>
  #client: pg.Client | null = null
  #tail: Promise<unknown> = Promise.resolve()

  constructor({ connect }: { connect: (onEnd: (client: pg.Client) => void) => Promise<pg.Client> }) {
    this.#connect = connect
  }

  /** One after another, each durable by itself. */
  beat(statements: readonly Statement[]): Promise<void> {
    const done = this.#tail.then(() => this.#run(statements))
    this.#tail = done.catch(() => undefined)
    return done
  }

  async close(): Promise<void> {
    await this.#tail
    if (this.#client !== null) await closeConnection(this.#client)
    this.#client = null
  }

  async #run(statements: readonly Statement[]): Promise<void> {
    try {
      this.#client ??= await this.#connect((ended) => {
        if (this.#client === ended) this.#client = null
      })
      for (const { sql, parameters } of statements) {
        const statement = toPostgres(sql, parameters)
        await this.#client.query({ ...statement, values: [...statement.values] })
      }
    } catch (error) {
      const gone = this.#client
      this.#client = null
      if (gone !== null) await closeConnection(gone)
      throw toPgError(error)
    }
  }
}
