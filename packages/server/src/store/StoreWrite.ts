import { Kysely } from 'kysely'
import type { Conversation } from './createWriter.ts'
import { dialect } from './dialect.ts'
import type { QueryResult } from './protocol.ts'
import type { Schema } from './Schema.ts'
import type { StoreDialect, Write } from './Store.ts'

/** One write as its body sees it. */
export class StoreWrite implements Write {
  readonly dialect: StoreDialect
  readonly #conversation: Conversation
  readonly #later: (() => void)[]
  #db: Kysely<Schema> | null = null
  constructor(kind: StoreDialect, conversation: Conversation, later: (() => void)[]) {
    this.dialect = kind
    this.#conversation = conversation
    this.#later = later
  }
  run(sql: string, parameters: readonly unknown[]): Promise<QueryResult> {
    return this.#conversation.run(sql, parameters)
  }
  post(sql: string, parameters: readonly unknown[]): void {
    this.#conversation.post(sql, parameters)
  }
  /** Made when it is asked for: most writes say what they have to say by hand. */
  get db(): Kysely<Schema> {
    return (this.#db ??= new Kysely<Schema>({
      dialect: dialect(this.dialect, (sql, parameters) => this.run(sql, parameters)),
    }))
  }
  afterCommit(run: () => void): void {
    this.#later.push(run)
  }
}
