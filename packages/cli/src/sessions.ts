import { Clock } from '@countersign/base'
import { openSessions, type Sessions } from '@countersign/server'
import { Command } from 'commander'
import type { Io } from './io.ts'
import { defaultDataDir } from './defaultDataDir.ts'
import { UsageError } from './UsageError.ts'

interface Options {
  readonly dataDir: string
  readonly app?: string
  readonly limit: string
  readonly json?: boolean
}

/** `countersign sessions`: look at the open sessions of a data directory and end any; the server may be running. */
export function sessionsCommand(io: Io): Command {
  const sessions = new Command('sessions')
  const withStore = async (options: Options, run: (opened: Sessions) => Promise<void>): Promise<void> => {
    const opened = await openSessions({ dataDir: options.dataDir, clock: Clock.system })
    try {
      await run(opened)
    } finally {
      await opened.close()
    }
  }
  const common = (command: Command): Command =>
    command
      .option('--data-dir <path>', 'data directory (COUNTERSIGN_DATA_DIR)', defaultDataDir(io.env))
      .option('--json', 'print JSON')

  common(sessions.command('list').description('the open sessions, newest first; a handle opens nothing'))
    .option('--app <name>', 'only those of this app')
    .option('--limit <number>', 'how many', '100')
    .action(async (options: Options) => {
      const limit = Number(options.limit)
      if (!Number.isSafeInteger(limit) || limit < 1)
        throw new UsageError('The limit cannot be used.', 'Give a number from 1.')
      await withStore(options, async (opened) => {
        const found = await opened.list({ limit, ...(options.app === undefined ? {} : { app: options.app }) })
        const rows = found.map(({ handle, session }) => ({
          handle,
          app: session.app,
          owner: session.owner.split(':')[0] ?? '',
          wallet: session.signedIn === null ? (session.wallet.address === null ? 'none' : 'claimed') : 'proven',
          bound: session.binding?.mode ?? null,
          created_at: Clock.iso(session.createdMs),
          used_at: Clock.iso(session.usedMs),
        }))
        if (options.json === true) return io.out(JSON.stringify(rows))
        if (rows.length === 0) return io.out('No session is open.')
        for (const row of rows)
          io.out(`${row.handle}  ${row.app}  ${row.owner}  wallet ${row.wallet}  used ${row.used_at}`)
      })
    })

  common(sessions.command('end <handle>').description('end a session: every call answers 401 from now on')).action(
    async (handle: string, options: Options) => {
      await withStore(options, (opened) => opened.end({ handle }))
      io.out(options.json === true ? JSON.stringify({ ended: handle }) : `Session ${handle} has ended.`)
    },
  )
  return sessions
}
