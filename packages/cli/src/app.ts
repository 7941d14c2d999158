import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { Clock } from '@countersign/base'
import {
  ApiKey,
  AppFolderError,
  checkFolders,
  DATABASE_FILE,
  isPostgres,
  formatAppFault,
  listPins,
  loadFolder,
  modelsOf,
  openSecrets,
  secretInEnvironment,
  starterFiles,
  type App,
  type AppFault,
  type ListedPin,
} from '@countersign/server'
import { Command } from 'commander'
import { adminApiOf, ApiRefusedError } from './callApi.ts'
import { defaultDataDir } from './defaultDataDir.ts'
import type { Io } from './io.ts'
import { serverOptions } from './serverOptions.ts'
import { UsageError } from './UsageError.ts'

/** `countersign app`: make, check and push the folder of an app. */
export function appCommand(io: Io): Command {
  const app = new Command('app').description('make, check and push the folder of an app')
  app
    .command('init <dir>')
    .description('a folder that passes the check, named after its last part')
    .option('--json', 'print JSON')
    .action((dir: string, options: { json?: boolean }) => {
      const name = init(dir)
      io.out(
        options.json === true
          ? JSON.stringify({ name, dir })
          : `The app "${name}" is in ${dir}. Check it with \`countersign app check ${dir}\`.`,
      )
    })
  app
    .command('check [dir]')
    .description('check the folder of an app, or a folder that holds several: exit code 0, or 2 for errors')
    .option('--json', 'print JSON')
    .option('--pins', 'print the definitions of MCP tools with their pins')
    .option('--data-dir <path>', 'data directory with secrets (COUNTERSIGN_DATA_DIR)', defaultDataDir(io.env))
    .action(async (given: string | undefined, options: { json?: boolean; pins?: boolean; dataDir: string }) => {
      await check(io, given ?? (io.env['COUNTERSIGN_APPS_DIR'] || '.'), options)
    })
  serverOptions(app.command('push <dir>'))
    .description('push an app to a server, with an admin key of the app in COUNTERSIGN_ADMIN_KEY')
    .option('--json', 'print JSON')
    .action((dir: string, options: PushOptions) => push(io, dir, options))
  return app
}

function init(dir: string): string {
  const name = basename(resolve(dir))
  if (!ApiKey.APP_NAME.test(name) || !/^[a-z]/.test(name))
    throw new UsageError(
      `"${name}" cannot be the name of an app.`,
      'Use small letters, digits and "-", a letter first.',
    )
  if (existsSync(dir) && readdirSync(dir).length > 0)
    throw new UsageError(`${dir} holds files already.`, 'Name a folder that is empty or does not exist.')
  for (const [path, text] of Object.entries(starterFiles(name))) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), text)
  }
  return name
}

async function check(io: Io, dir: string, options: { json?: boolean; pins?: boolean; dataDir: string }): Promise<void> {
  const models = await modelsOf(io.env)
  const { dataDir } = options
  const secrets =
    isPostgres(io.env) || existsSync(join(dataDir, DATABASE_FILE))
      ? await openSecrets({ dataDir, clock: Clock.system, mustExist: true, env: io.env })
      : null
  const isSet = (app: string, name: string): boolean =>
    secrets?.list({ app }).some((each) => each.name === name && each.isReadable) === true
  const { apps, faults } = checkFolders(dir, {
    models: models.list.map(({ id }) => id),
    hasSecret: (app, _by, name) => isSet(app, name) || secretInEnvironment(io.env, app, name) !== null,
  })
  const listed = options.pins === true ? await pinsOf(io, apps) : null
  await secrets?.close()
  const silent = listed?.silent ?? []
  const errors = [...faults, ...silent]
  const warnings = apps.flatMap((each) => each.warnings)
  if (options.json === true)
    io.out(
      JSON.stringify({
        ok: errors.length === 0,
        errors,
        warnings,
        ...(listed === null ? {} : { pins: listed.pins }),
      }),
    )
  else {
    for (const fault of errors) io.out(formatAppFault(fault))
    for (const warning of warnings) io.out(formatAppFault({ ...warning, message: `warning: ${warning.message}` }))
    for (const { app, server, tool, pin, state, definition } of listed?.pins ?? []) {
      io.out(`${app} ${server} ${plain(tool)} ${pin} ${state}`)
      // Somebody else wrote it: JSON escapes what would move a cursor.
      io.out(`  ${plain(JSON.stringify(definition))}`)
    }
    if (errors.length === 0) io.out(`${apps.map(({ app }) => app.name).join(', ')}: no errors.`)
  }
  io.exit(errors.length === 0 ? 0 : 2)
}

/** What the MCP servers of apps list now, and those that list nothing. */
async function pinsOf(
  io: Io,
  apps: readonly { app: App; at: string }[],
): Promise<{ pins: readonly (ListedPin & { app: string })[]; silent: readonly AppFault[] }> {
  const all = await Promise.all(
    apps.map(async ({ app, at }) => {
      const secrets = new Map(
        (app.secrets ?? []).flatMap(({ name }) => {
          const value = secretInEnvironment(io.env, app.name, name)
          return value === null ? [] : [[name, value] as const]
        }),
      )
      const { pins, silent } = await listPins({}, { app, secrets })
      return {
        pins: pins.map((pin) => ({ app: app.name, ...pin })),
        silent: silent.map(({ server, code }) => ({
          file: `${at}app.yaml`,
          line: 1,
          column: 1,
          message: `The MCP server "${server}" did not list its tools (${code}).`,
          help: 'Check "url", "auth" and "allow_private", and that the server runs.',
        })),
      }
    }),
  )
  return { pins: all.flatMap(({ pins }) => pins), silent: all.flatMap(({ silent }) => silent) }
}

/** Without what is not seen, or moves what is. */
function plain(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

async function push(io: Io, dir: string, options: PushOptions): Promise<void> {
  const call = adminApiOf(io.env, options.server ?? options.url)
  const source = loadFolder(dir)
  if ('faults' in source) throw new AppFolderError(source.faults)
  const path = `/api/admin/apps/${encodeURIComponent(source.name)}`
  const answer = await call('PUT', path, { files: Object.fromEntries(source.files) }).catch((error: unknown) => {
    const errors =
      error instanceof ApiRefusedError && error.status === 422 ? (error.answer as Pushed | null)?.errors : null
    throw Array.isArray(errors) ? new AppFolderError(errors) : error
  })
  const body = answer.body as Pushed
  if (options.json === true) return io.out(JSON.stringify(body))
  for (const warning of body.warnings ?? [])
    io.out(formatAppFault({ ...warning, message: `warning: ${warning.message}` }))
  io.out(`The app "${source.name}" is at version ${body.version ?? ''}.`)
}

interface PushOptions {
  readonly server?: string
  readonly url?: string
  readonly json?: boolean
}

/** What the server answers to a push: its version and what it warns of, or what it found wrong. */
interface Pushed {
  readonly version?: string
  readonly warnings?: readonly AppFault[]
  readonly errors?: readonly AppFault[]
}
