import { Command } from 'commander'
import { backUp } from '@countersign/server'
import type { Io } from './io.ts'
import { refuseOnPostgres } from './refuseOnPostgres.ts'
import { defaultDataDir } from './defaultDataDir.ts'

/** `countersign backup`: a copy of the data directory, while the server runs. */
export function backupCommand(io: Io): Command {
  return new Command('backup')
    .argument('<directory>', 'where to; must not exist yet')
    .option('--data-dir <path>', 'data directory (COUNTERSIGN_DATA_DIR)', defaultDataDir(io.env))
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nThe copy holds the keys that open the server: keep it as you keep them.')
    .action((target: string, options: { dataDir: string; json?: boolean }) => {
      refuseOnPostgres(io.env, 'Back up the database with pg_dump, and keep COUNTERSIGN_MASTER_KEY beside the copy.')
      const copy = backUp({ dataDir: options.dataDir, target })
      if (options.json === true) return io.out(JSON.stringify(copy))
      io.out(`Backed up to ${copy.path} (${(copy.bytes / 1024).toFixed(0)} KiB: ${copy.files.join(', ')}).`)
      io.out('To restore, start with --data-dir pointing at it, or put it in the place of the data directory.')
    })
}
