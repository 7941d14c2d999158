import { Clock, Redacted } from '@countersign/base'
import { Command } from 'commander'
import { openKeyring } from '@countersign/server'
import type { Io } from './io.ts'
import { defaultDataDir } from './launch.ts'

/** `countersign keys`: issue and list API keys, straight in the data directory; the server may be running. */
export function keysCommand(io: Io): Command {
  const keys = new Command('keys').description('issue and list API keys')
  const dataDir = (command: Command): Command =>
    command.option('--data-dir <path>', 'data directory (COUNTERSIGN_DATA_DIR)', defaultDataDir(io.env))

  dataDir(keys.command('issue').description('issue a key; the secret is shown once'))
    .requiredOption('--app <name>', 'the app it opens')
    .option('--label <text>', 'a note for yourself', '')
    .option('--json', 'print one JSON object')
    .action(async (options: { app: string; label: string; dataDir: string; json?: boolean }) => {
      const keyring = await openKeyring({ dataDir: options.dataDir, env: io.env, clock: Clock.system })
      try {
        const { id, app, key } = await keyring.issue({ app: options.app, label: options.label })
        const secret = Redacted.reveal(key)
        io.out(
          options.json === true
            ? JSON.stringify({ id, app, key: secret })
            : `${secret}\n\n${id} opens the app "${app}". This is the only time the key is shown.`,
        )
      } finally {
        await keyring.close()
      }
    })

  dataDir(keys.command('list').description('list keys, without secrets'))
    .option('--app <name>', 'only those of one app')
    .option('--json', 'print one JSON array')
    .action(async (options: { app?: string; dataDir: string; json?: boolean }) => {
      const keyring = await openKeyring({ dataDir: options.dataDir, env: io.env, clock: Clock.system })
      try {
        const rows = await keyring.list(options.app === undefined ? {} : { app: options.app })
        if (options.json === true) {
          io.out(
            JSON.stringify(
              rows.map((row) => ({
                id: row.id,
                app: row.app,
                label: row.label,
                last4: row.last4,
                created_at: Clock.iso(row.created_ms),
                revoked: row.revoked_ms !== null,
              })),
            ),
          )
          return
        }
        if (rows.length === 0) io.out('No keys yet. Issue one with `countersign keys issue --app NAME`.')
        for (const row of rows)
          io.out(
            `${row.id}  ${row.app}  …${row.last4}  ${Clock.iso(row.created_ms)}  ${row.revoked_ms === null ? 'active' : 'revoked'}  ${row.label}`,
          )
      } finally {
        await keyring.close()
      }
    })
  return keys
}
