import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { Command } from 'commander'
import { adminApiOf, type CallApi } from './callApi.ts'
import { serverOptions } from './serverOptions.ts'
import type { Io } from './io.ts'
import { UsageError } from './UsageError.ts'

interface Options {
  readonly app?: string
  readonly server?: string
  readonly url?: string
  readonly sha256?: string
  readonly reason?: string
  readonly json?: boolean
}

interface Listed {
  readonly id: string
  readonly path: string
  readonly state: string
  readonly sha256: string
  readonly findings: readonly {
    readonly rule: string
    readonly severity: string
    readonly line: number
    readonly because: string
  }[]
}

/** `countersign documents`: look at what the review of an app's documents found, and release or reject exactly that content. */
export function documentsCommand(io: Io): Command {
  const documents = new Command('documents').description('review, release and reject the documents of an app')
  const command = (
    spec: string,
    description: string,
    run: (server: Server, given: readonly string[], options: Options) => Promise<void>,
    isDecision = false,
  ): void => {
    const made = serverOptions(
      documents
        .command(spec)
        .description(`${description}, with an admin key of the app in COUNTERSIGN_ADMIN_KEY`)
        .option('--app <name>', 'the app; a key of another one is refused'),
    ).option('--json', 'print JSON')
    if (isDecision)
      made
        .option('--sha256 <digest>', 'the content that you reviewed, as `review` and `show` print it')
        .option('--reason <text>', 'why, for the audit record')
    made.action(async (...args: unknown[]) => {
      const options = args.at(-2) as Options
      const server = await Server.open(io, options)
      await run(server, args.slice(0, -2).flat().map(String), options)
    })
  }
  command('list', 'the documents of the app and their state', async (server, _, options) => {
    const listed = await server.list()
    if (options.json === true) return io.out(JSON.stringify(listed))
    io.out(listed.length === 0 ? 'The app has no documents.' : listed.map(lineOf).join('\n'))
  })
  command('review', 'what was found in the documents that no person has released', async (server, _, options) => {
    const open = (await server.list()).filter(({ state }) => state === 'quarantined' || state === 'stale')
    if (options.json === true) return io.out(JSON.stringify(open))
    io.out(open.length === 0 ? 'No document waits for a review.' : open.map(withFindings).join('\n\n'))
  })
  command(
    'show <document>',
    'a document: what was found, and the text that would be searched',
    async (server, [name = ''], options) => {
      const { id } = await server.find(name)
      const shown = (await server.ask('GET', `/api/admin/documents/${id}`)) as Listed & { text: string }
      if (options.json === true) return io.out(JSON.stringify(shown))
      io.out(`${withFindings(shown)}\n\n${plain(shown.text)}`)
    },
  )
  for (const [action, done] of [
    ['release', 'released'],
    ['reject', 'rejected'],
  ] as const)
    command(
      `${action} <document>`,
      `${action} the content of a document by its SHA-256`,
      async (server, [name = ''], options) => {
        const { id } = await server.find(name)
        if (options.sha256 === undefined)
          throw new UsageError(
            'No content is named.',
            `Read it with \`countersign documents show ${id}\`, then add --sha256 with the digest printed there.`,
          )
        const decided = (await server.ask('POST', `/api/admin/documents/${id}/${action}`, {
          sha256: options.sha256,
          ...(options.reason === undefined ? {} : { reason: options.reason }),
        })) as Listed
        io.out(
          options.json === true
            ? JSON.stringify(decided)
            : `${decided.path} is ${decided.state === done ? done : `${done}, and ${decided.state}`}.`,
        )
      },
      true,
    )
  command(
    'push <files...>',
    'put files into the folder "documents" of a pushed app; each is quarantined',
    async (server, files, options) => {
      const path = `/api/admin/apps/${encodeURIComponent(server.app)}`
      const now = (await server.ask('GET', path)) as { files: Record<string, string> }
      const added = Object.fromEntries(files.map((file) => [`documents/${basename(file)}`, contentOf(file)]))
      if (!/^documents:/m.test(now.files['app.yaml'] ?? ''))
        throw new UsageError(
          'The app has no documents.',
          'Add "documents: [documents]" to its app.yaml, and push the app first.',
        )
      await server.ask('PUT', path, { files: { ...now.files, ...added } })
      const listed = (await server.list()).filter((each) => Object.hasOwn(added, each.path))
      io.out(options.json === true ? JSON.stringify(listed) : listed.map(withFindings).join('\n\n'))
    },
  )
  return documents
}

/** A PDF is sent as the server keeps it: its bytes in base64. */
function contentOf(file: string): string {
  let content: Buffer
  try {
    content = readFileSync(file)
  } catch (error) {
    throw new UsageError(
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'}).`,
      'Check the path.',
    )
  }
  return /\.pdf$/i.test(file) ? `data:application/pdf;base64,${content.toString('base64')}` : content.toString('utf8')
}

function lineOf({ id, path, state, sha256, findings }: Listed): string {
  return `${id}  ${state}  ${plain(path)}  ${findings.length} findings  ${sha256}`
}

function withFindings(document: Listed): string {
  const lines = document.findings.map(
    ({ rule, severity, line, because }) => `  ${severity} ${rule}, line ${line}: ${plain(because)}`,
  )
  return [lineOf(document), ...lines].join('\n')
}

/** Without what moves a cursor or is not seen; line breaks stay. */
function plain(text: string): string {
  return text.replaceAll(/[^\P{C}\n]/gu, '')
}

class Server {
  readonly ask: Ask
  readonly app: string

  private constructor(ask: Ask, app: string) {
    this.ask = ask
    this.app = app
  }

  /** @throws {UsageError} without a key, or where the key is another app's. */
  static async open(io: Io, { server, url, app }: Options): Promise<Server> {
    const call = adminApiOf(io.env, server ?? url)
    const ask: Ask = async (method, path, body) => (await call(method, path, body)).body
    const own = (await ask('GET', '/api/key')) as { app: string }
    if (app !== undefined && app !== own.app)
      throw new UsageError(`The key opens the app "${own.app}".`, `Use an admin key of "${app}".`)
    return new Server(ask, own.app)
  }

  async list(): Promise<readonly Listed[]> {
    return (await this.ask('GET', '/api/admin/documents')) as readonly Listed[]
  }

  /** A document by its id or its path. */
  async find(name: string): Promise<Listed> {
    const listed = await this.list()
    const found = listed.find(({ id, path }) => id === name || path === name)
    if (found === undefined)
      throw new UsageError(
        `The app has no document "${plain(name).slice(0, 100)}".`,
        'See `countersign documents list`.',
      )
    return found
  }
}

type Ask = (...call: Parameters<CallApi>) => Promise<unknown>
