import { migrateFromSqlite, migrateStore } from '@countersign/server'
import { Command } from 'commander'
import { defaultDataDir } from './defaultDataDir.ts'
import type { Io } from './io.ts'

/** `countersign migrate`: the schema, before the instances start. */
export function migrateCommand(io: Io): Command {
  return new Command('migrate')
    .option('--data-dir <path>', 'data directory (COUNTERSIGN_DATA_DIR)', defaultDataDir(io.env))
    .option('--json', 'print one JSON object')
    .action(async (options: { dataDir: string; json?: boolean }) => {
      const { step } = await migrateStore({ dataDir: options.dataDir, env: io.env })
      io.out(options.json === true ? JSON.stringify({ step }) : `The schema of the store is at step ${step}.`)
    })
}

/** `countersign migrate-from-sqlite`: a data directory into the database of `DATABASE_URL`. */
export function migrateFromSqliteCommand(io: Io): Command {
  return new Command('migrate-from-sqlite')
    .option('--data-dir <path>', 'data directory to copy (COUNTERSIGN_DATA_DIR)', defaultDataDir(io.env))
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nNeeds DATABASE_URL and COUNTERSIGN_MASTER_KEY, an empty database, and no server on the data directory.',
    )
    .action(async (options: { dataDir: string; json?: boolean }) => {
      const { rows, keys, heads } = await migrateFromSqlite({ dataDir: options.dataDir, env: io.env })
      if (options.json === true) return io.out(JSON.stringify({ rows, keys, heads }))
      io.out(`Copied ${rows} rows and ${keys.length} keys.`)
      for (const { app, size, hash } of heads)
        io.out(`  record of ${app}: ${size} entries, head ${hash} in both stores`)
      io.out('The data directory was left as it is. Start the server with DATABASE_URL and COUNTERSIGN_MASTER_KEY.')
    })
}
