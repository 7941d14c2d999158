import { join } from 'node:path'
import type { Clock } from '@countersign/base'
import { defineFunctions } from '../../src/store/functions.ts'
import { createStatements, openDatabase } from '../../src/store/openDatabase.ts'
import { DATABASE_FILE, openStore, type Store } from '../../src/store/openStore.ts'
import { StoreWrite } from '../../src/store/StoreWrite.ts'

/**
 * The store with its writes made here, one after another and without a thread: an exploration makes a hundred thousand of them, and
 * nothing of it has to be on disk.
 */
export async function openInlineStore(tools: { clock: Clock.Clock }, options: { dataDir: string }): Promise<Store> {
  const store = await openStore(tools, { ...options, env: {} })
  const db = openDatabase(join(options.dataDir, DATABASE_FILE), { readOnly: false })
  db.exec('pragma synchronous = off; pragma secure_delete = off')
  defineFunctions(db)
  const statements = createStatements(db)
  let last: Promise<unknown> = Promise.resolve()
  const inline: Partial<Store> = {
    prepare: store.prepare.bind(store),
    write: (body) => {
      const work = last.then(async () => {
        statements.run('begin immediate', [])
        const later: (() => void)[] = []
        const conversation = {
          run: async (sql: string, parameters: readonly unknown[]) => statements.run(sql, parameters),
          post: (sql: string, parameters: readonly unknown[]) => void statements.run(sql, parameters),
        }
        try {
          const value = await body(new StoreWrite('sqlite', conversation, later))
          statements.run('commit', [])
          for (const run of later) run()
          return value
        } catch (error) {
          statements.run('rollback', [])
          throw error
        }
      })
      last = work.catch(() => undefined)
      return work
    },
    async close() {
      await last
      db.close()
      await store.close()
    },
  }
  return Object.assign(Object.create(store) as Store, inline)
}
