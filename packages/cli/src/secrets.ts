import { text } from 'node:stream/consumers'
import { Clock } from '@countersign/base'
import { openSecrets, SECRET_NAME, type Secrets } from '@countersign/server'
import { Command } from 'commander'
import type { Io } from './io.ts'
import { defaultDataDir } from './defaultDataDir.ts'
import { UsageError } from './UsageError.ts'

interface Options {
  readonly dataDir: string
  readonly app?: string
  readonly json?: boolean
}

const read = (stream: AsyncIterable<string | Uint8Array>): Promise<string> => text(stream as AsyncIterable<Uint8Array>)

/** `countersign secrets`: the secrets of an app, straight in the data directory; the server may be running. */
export function secretsCommand(io: Io): Command {
  const secrets = new Command('secrets')
  const command = (
    spec: string,
    description: string,
    run: (opened: Secrets, given: { app: string; name: string }, options: Options) => Promise<void>,
  ): void => {
    secrets
      .command(spec)
      .description(description)
      .option('--app <name>', 'the app that names it in "secrets"')
      .option('--data-dir <path>', 'data directory (COUNTERSIGN_DATA_DIR)', defaultDataDir(io.env))
      .option('--json', 'print JSON')
      .action(async (...args: unknown[]) => {
        const options = args.at(-2) as Options
        const name = args.length > 2 ? String(args[0]) : ''
        if (options.app === undefined || options.app === '')
          throw new UsageError('No app is named.', 'Name the app: --app NAME.')
        if (args.length > 2 && !SECRET_NAME.test(name))
          throw new UsageError('The name of the secret is not valid.', 'Use capitals, digits and "_".')
        // The first secret may be set before the server has run once; a mistyped directory is an error for the rest.
        const mustExist = !spec.startsWith('set')
        const opened = await openSecrets({ dataDir: options.dataDir, clock: Clock.system, mustExist })
        try {
          await run(opened, { app: options.app, name }, options)
        } finally {
          await opened.close()
        }
      })
  }
  const print = (options: Options, value: unknown, words: string): void =>
    io.out(options.json === true ? JSON.stringify(value) : words)

  command(
    'set <name>',
    'set a secret; the value is read from standard input',
    async (opened, { app, name }, options) => {
      // A file, a pipe and a terminal end a line; the break is no part of the value.
      const value = (await read(io.stdin ?? process.stdin)).replace(/\r?\n$/, '')
      await opened.set({ app, name, value })
      print(options, { app, name, state: 'set' }, `The secret ${name} of ${app} is set.`)
    },
  )
  command('list', 'the names of the secrets that are set, without values', async (opened, { app }, options) => {
    const listed = opened.list({ app }).map(({ name, setMs, isReadable }) => ({
      name,
      state: isReadable ? 'set' : 'unreadable',
      set_at: Clock.iso(setMs),
    }))
    const lines = listed.map(({ name, state, set_at: at }) => `${name}  ${state}  ${at}`)
    print(options, listed, lines.length === 0 ? `No secret of ${app} is set.` : lines.join('\n'))
  })
  command('delete <name>', 'delete a secret', async (opened, { app, name }, options) => {
    const deleted = await opened.delete({ app, name })
    if (!deleted) throw new UsageError(`The app ${app} has no secret ${name}.`, 'See `countersign secrets list`.')
    print(options, { app, name, deleted }, `The secret ${name} of ${app} is deleted.`)
  })
  return secrets
}
