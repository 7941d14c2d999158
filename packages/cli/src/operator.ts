import { Clock } from '@countersign/base'
import { openOperators, type Operators } from '@countersign/server'
import { Command } from 'commander'
import type { Io } from './io.ts'
import { defaultDataDir } from './defaultDataDir.ts'
import { UsageError } from './UsageError.ts'

interface Options {
  readonly dataDir: string
  readonly name: string
  readonly app?: string
  readonly url?: string
  readonly json?: boolean
}

/** `countersign operator`: who may open the dashboard at `/admin`, straight in the data directory. */
export function operatorCommand(io: Io): Command {
  const operator = new Command('operator')
  const command = (
    spec: string,
    description: string,
    more: readonly (readonly [flags: string, description: string, value?: string])[],
    run: (operators: Operators, options: Options, id: string) => Promise<void>,
  ): void => {
    const made = operator.command(spec).description(description)
    for (const [flags, words, value] of more) made.option(flags, words, value)
    made
      .option('--data-dir <path>', 'data directory (COUNTERSIGN_DATA_DIR)', defaultDataDir(io.env))
      .option('--json', 'print JSON')
      .action(async (...given: unknown[]) => {
        const options = given.at(-2) as Options
        const operators = await openOperators({
          ...{ dataDir: options.dataDir, env: io.env, clock: Clock.system },
          // The first link may be made before the server has run once; a mistyped directory is an error for the rest.
          mustExist: spec !== 'link',
        })
        try {
          await run(operators, options, given.length > 2 ? String(given[0]) : '')
        } finally {
          await operators.close()
        }
      })
  }
  const print = (options: Options, value: unknown, words: string): void =>
    io.out(options.json === true ? JSON.stringify(value) : words)

  command(
    'link',
    'make a sign-in link for a new operator; it is good once, for 15 minutes',
    [
      ['--name <text>', 'who it is for, as the record calls them', 'operator'],
      ['--app <list>', 'comma-separated apps that the operator manages; none: every app of the server'],
      ['--url <address>', 'the address of the server, by a host name (COUNTERSIGN_PUBLIC_ORIGIN)'],
    ],
    async (operators, options) => {
      const base = dashboardAt(options.url, io.env)
      const apps = options.app === undefined ? null : options.app.split(',').map((each) => each.trim())
      const { token, expiresMs } = await operators.link({ name: options.name, apps })
      // In the fragment: browsers send it to nobody, so no log and no proxy sees it.
      const link = `${base}/admin#link=${token}`
      print(
        options,
        { link, expires_at: Clock.iso(expiresMs) },
        `${link}\n\nOpen it in the browser of the operator, who then registers a passkey. It is good once, until ${Clock.iso(expiresMs)}.`,
      )
    },
  )
  command('list', 'list operators with their passkeys', [], async (operators, options) => {
    const all = await operators.list()
    const listed = all.map(({ id, name, apps, createdMs, passkeys }) => ({
      ...{ id, name, apps, created_at: Clock.iso(createdMs) },
      passkeys: passkeys.map((each) => ({ label: each.label, host: each.rpId, created_at: Clock.iso(each.createdMs) })),
    }))
    const lines = listed.map(
      ({ id, name, apps, passkeys }) =>
        `${id}  ${name}  ${apps === null ? 'every app' : apps.join(', ')}  ${passkeys.length} ${passkeys.length === 1 ? 'passkey' : 'passkeys'}`,
    )
    print(
      options,
      listed,
      lines.length === 0 ? 'No operators yet. Make a link with `countersign operator link`.' : lines.join('\n'),
    )
  })
  command('revoke <id>', 'remove an operator with passkeys and sessions', [], async (operators, options, id) => {
    await operators.revoke({ id })
    print(options, { id, revoked: true }, `${id} is removed, and so are their passkeys and sessions.`)
  })
  return operator
}

/** Where the dashboard is, without a closing slash. @throws {UsageError} */
function dashboardAt(given: string | undefined, env: NodeJS.ProcessEnv): string {
  const [named = ''] = (env['COUNTERSIGN_PUBLIC_ORIGIN'] ?? '').split(',')
  const local = `http://localhost:${env['COUNTERSIGN_PORT'] ?? '8080'}`
  const text = given ?? (named.trim() === '' ? local : named.trim())
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new UsageError('The address of the server is not valid.', 'Give --url https://… or http://localhost:8080.')
  return new URL(text).origin
}
