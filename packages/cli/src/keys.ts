import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Address, BaseError, Clock, Redacted } from '@countersign/base'
import { ApiKey, Duration, KeyLimit, KeyRecord, openKeyring, parseGuards, Scope, type Fence } from '@countersign/server'
import { Command } from 'commander'
import type { Io } from './io.ts'
import { defaultDataDir } from './defaultDataDir.ts'
import { UsageError } from './UsageError.ts'

type Keyring = Awaited<ReturnType<typeof openKeyring>>

interface Common {
  readonly dataDir: string
  readonly json?: boolean
}

/** Adds a subcommand on the keys of a data directory. */
type AddCommand = <Options extends Common>(
  spec: string,
  description: string,
  options: readonly (readonly [flags: string, description: string, value?: string])[],
  run: (keyring: Keyring, options: Options, id: string, rest: string[]) => Promise<void>,
) => Command

/** `countersign keys`: everything about API keys, straight in the data directory; the server may be running. */
export function keysCommand(io: Io): Command {
  const keys = new Command('keys')
  const add: AddCommand = (spec, description, options, run) => {
    const made = keys.command(spec).description(description)
    for (const [flags, words, value] of options) made.option(flags, words, value)
    return made
      .option('--data-dir <path>', 'data directory (COUNTERSIGN_DATA_DIR)', defaultDataDir(io.env))
      .option('--json', 'print JSON')
      .action(async (...given: unknown[]) => {
        const parsed = given.at(-2) as Parameters<typeof run>[1]
        const [id = '', ...rest] = given.slice(0, -2).flat() as string[]
        // Only the first key may begin a store; whoever mistypes the directory in an incident must be told.
        const mustExist = spec !== 'issue'
        const keyring = await openKeyring({ dataDir: parsed.dataDir, env: io.env, clock: Clock.system, mustExist })
        try {
          await run(keyring, parsed, id, rest)
        } finally {
          await keyring.close()
        }
      })
  }
  addIssue(io, add)
  addList(io, add)
  addChanges(io, add)
  addRotate(io, add)
  addEnds(io, add)
  addChecks(io, add)
  return keys
}

const print = (io: Io, options: Common, value: unknown, words: string): void =>
  io.out(options.json === true ? JSON.stringify(value) : words)
const show = (keyring: Keyring, key: KeyRecord.KeyRecord) => KeyRecord.toWire(key, keyring.nowMs())

/** `keys issue`. */
function addIssue(io: Io, command: AddCommand): void {
  command<
    Common & {
      app?: string
      label: string
      scopes?: string
      network?: string
      tools?: string
      guards?: string
      limit?: string
      expires?: string
      canary?: boolean
      owner?: string
    }
  >(
    'issue',
    'issue a key; the secret is shown once',
    [
      ['--app <name>', 'the app it opens'],
      ['--label <text>', 'a note for yourself', ''],
      [
        '--scopes <list>',
        `comma-separated: ${Object.keys(Scope.SCOPES).join(', ')} (default ${Scope.DEFAULT_SCOPES.join(',')})`,
      ],
      ['--network <list>', 'comma-separated addresses or CIDR blocks that may use it'],
      ['--tools <list>', 'comma-separated tools that its turns are held to; none: all of the app'],
      ['--guards <file>', 'JSON list of guards that its proposals are held to'],
      ['--limit <list>', 'comma-separated limits of its own, such as 100/10s,5000/1h'],
      ['--expires <when>', 'a time, or how long from now, such as 90d'],
      ['--owner <address>', 'the one account that it may propose to; the JSON-RPC door is then always in owner mode'],
      ['--canary', 'a key that opens nothing and reports whoever tries it'],
    ],
    async (keyring, options) => {
      if (options.app === undefined)
        throw new UsageError('No app is named.', 'Say which app the key opens: --app NAME.')
      const issued = await keyring.issue({
        app: options.app,
        label: options.label,
        ...(options.scopes === undefined ? {} : { scopes: Scope.parse(list(options.scopes)) }),
        ...(options.network === undefined ? {} : { networks: list(options.network) }),
        ...(options.tools === undefined ? {} : { tools: list(options.tools) }),
        ...(options.guards === undefined
          ? {}
          : { guards: parseGuards(readFileSync(options.guards, 'utf8'), null).json }),
        ...(options.limit === undefined ? {} : { limits: KeyLimit.parseAll(list(options.limit)) }),
        ...(options.expires === undefined ? {} : { expiresMs: Duration.parseEnd(options.expires, keyring.nowMs()) }),
        isCanary: options.canary === true,
        ...(options.owner === undefined ? {} : { owner: Address.parse(options.owner) }),
      })
      const secret = Redacted.reveal(issued.key)
      const what = options.canary === true ? 'is a canary for' : 'opens'
      print(
        io,
        options,
        { id: issued.id, app: issued.app, key: secret },
        `${secret}\n\n${issued.id} ${what} the app "${issued.app}". This is the only time the key is shown.`,
      )
    },
  )
}

/** `keys list`. */
function addList(io: Io, command: AddCommand): void {
  command<Common & { app?: string }>(
    'list',
    'list keys, without secrets',
    [['--app <name>', 'only those of one app']],
    async (keyring, options) => {
      const found = await keyring.list(options.app === undefined ? {} : { app: options.app })
      if (found.length === 0 && options.json !== true) {
        return io.out('No keys yet. Issue one with `countersign keys issue --app NAME`.')
      }
      print(
        io,
        options,
        found.map((key) => show(keyring, key)),
        [HEADER, ...found.map((key) => line(keyring, key))].join('\n'),
      )
    },
  )
}

/** What a key may do, and what it is called. */
function addChanges(io: Io, command: AddCommand): void {
  command<Common>('rename <id> <label>', 'change the note of a key', [], async (keyring, options, id, [label = '']) => {
    const key = await keyring.change({ id, app: null, change: { label } })
    print(io, options, show(keyring, key), `${key.id} is now "${key.label}".`)
  })

  command<Common>('scopes <id> <list>', 'change what a key may do', [], async (keyring, options, id, [scopes = '']) => {
    const key = await keyring.change({ id, app: null, change: { scopes: Scope.parse(list(scopes)) } })
    print(io, options, show(keyring, key), `${key.id} may now: ${key.scopes.join(', ')}.`)
  })

  command<Common>(
    'allow <id> [blocks...]',
    'change from where a key may be used; without blocks, from everywhere',
    [],
    async (keyring, options, id, blocks) => {
      const key = await keyring.change({ id, app: null, change: { networks: blocks } })
      const where = key.networks.length === 0 ? 'every address' : key.networks.join(', ')
      print(io, options, show(keyring, key), `${key.id} may be used from ${where}.`)
    },
  )

  command<Common>(
    'limits <id> [limits...]',
    'change how much a key may do, such as 100/10s 5000/1h; without limits, the server’s',
    [],
    async (keyring, options, id, limits) => {
      const key = await keyring.change({ id, app: null, change: { limits: KeyLimit.parseAll(limits) } })
      const how = key.limits.length === 0 ? 'the server’s limits' : key.limits.map(KeyLimit.format).join(', ')
      print(io, options, show(keyring, key), `${key.id} has ${how}.`)
    },
  )

  command<Common>(
    'expire <id> <when>',
    'change when a key ends by itself: a time, a length such as 90d, or never',
    [],
    async (keyring, options, id, [when = '']) => {
      const expiresMs = when === 'never' ? null : Duration.parseEnd(when, keyring.nowMs())
      const key = await keyring.change({ id, app: null, change: { expiresMs } })
      print(
        io,
        options,
        show(keyring, key),
        `${key.id} ${expiresMs === null ? 'never ends by itself' : `ends at ${Clock.iso(expiresMs)}`}.`,
      )
    },
  )
}

/** `keys rotate`. */
function addRotate(io: Io, command: AddCommand): void {
  command<Common & { style: string; overlap: string; deadline: string }>(
    'rotate <id>',
    'issue the successor of a key; the old one goes on for the overlap',
    [
      ['--style <style>', 'first-use: the overlap begins when the new key is used; clock: now', 'first-use'],
      ['--overlap <time>', 'how long the old key goes on', '24h'],
      ['--deadline <time>', 'first-use: when the new key must have been used; otherwise nothing happened', '24h'],
    ],
    async (keyring, options, id) => {
      if (options.style !== 'first-use' && options.style !== 'clock')
        throw new UsageError('The style is not known.', 'Use --style first-use or --style clock.')
      const overlapMs = Duration.parse(options.overlap)
      const made = await keyring.rotate({
        id,
        app: null,
        style:
          options.style === 'clock'
            ? { kind: 'clock', overlapMs }
            : { kind: 'first-use', overlapMs, deadlineMs: Duration.parse(options.deadline) },
      })
      const secret = Redacted.reveal(made.key)
      const words =
        options.style === 'clock'
          ? made.oldEndsMs === null
            ? `${id} goes on.`
            : `${id} goes on until ${Clock.iso(made.oldEndsMs)}.`
          : `${id} goes on until ${options.overlap} after the new key is used for the first time; if that has not happened in ${options.deadline}, nothing changes.`
      print(
        io,
        options,
        {
          id: made.id,
          app: made.app,
          key: secret,
          replaces: made.replaces,
          old_ends_at: made.oldEndsMs === null ? null : Clock.iso(made.oldEndsMs),
        },
        `${secret}\n\n${made.id} replaces ${id}. This is the only time the key is shown.\n${words}`,
      )
    },
  )
}

/** `keys revoke`, and what takes a hold back. */
function addEnds(io: Io, command: AddCommand): void {
  command<Common & { reason: string; exposed?: boolean }>(
    'revoke <id>',
    'revoke a key; answers when no running server takes it any more',
    [
      ['--reason <text>', 'why, for the record', ''],
      ['--exposed', 'it was seen in public: this cannot be undone'],
    ],
    async (keyring, options, id) => {
      const { key, fence } = await keyring.revoke({
        id,
        app: null,
        reason: options.reason,
        isExposed: options.exposed === true,
      })
      print(
        io,
        options,
        { ...show(keyring, key), ...fenceToWire(fence) },
        `${key.id} is revoked, in effect since ${Clock.iso(fence.effectiveMs)}: ${confirmedBy(fence)}.`,
      )
    },
  )

  command<Common>('undo <id>', 'take back a revocation, within an hour', [], async (keyring, options, id) => {
    const key = await keyring.undo({ id, app: null })
    print(io, options, show(keyring, key), `${key.id} is ${KeyRecord.standingAt(key, keyring.nowMs())} again.`)
  })

  command<Common>('release <id>', 'let a quarantined key go', [], async (keyring, options, id) => {
    const key = await keyring.release({ id, app: null, by: 'command line' })
    print(io, options, show(keyring, key), `${key.id} is released.`)
  })
}

/** `keys check` and `keys rotate-pepper`. */
function addChecks(io: Io, command: AddCommand): void {
  command<Common & { url?: string }>(
    'check',
    'ask whether a key was seen in public; the key is read from standard input and goes nowhere',
    [['--url <url>', 'ask a server instead of the data directory: only five digits of a hash are sent']],
    async (keyring, options) => {
      const text = await firstLine()
      if (ApiKey.parse(text) === null)
        throw new UsageError('That is not a key.', 'Pipe one key into the command: its checksum must be right.')
      const leaked = options.url === undefined ? await keyring.isLeaked(text) : await askRange(options.url, text)
      print(
        io,
        options,
        { leaked },
        leaked ? 'This key was seen in public. Rotate it now.' : 'This key was not reported.',
      )
      if (leaked) io.exit(10)
    },
  )

  command<Common>(
    'rotate-pepper',
    'make the next pepper; keys move to it as they are used',
    [],
    async (keyring, options) => {
      const version = keyring.rotatePepper()
      print(io, options, { version }, `Pepper ${version} is there. Restart the servers to use it.`)
    },
  )
}

function list(text: string): string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
}

const HEADER = 'handle  app  last digits  issued  standing  scopes  label'

function line(keyring: Keyring, key: KeyRecord.KeyRecord): string {
  const wire = KeyRecord.toWire(key, keyring.nowMs())
  const notes = [
    ...(key.isCanary ? ['canary'] : []),
    ...(key.quarantine === null
      ? []
      : [`QUARANTINED: ${key.quarantine.level} (${key.quarantine.evidence.join('; ')})`]),
    ...(wire['rotation_due'] === true ? [`${String(wire['age_days'])} days old: rotate it`] : []),
    ...(key.expiresMs === null ? [] : [`ends ${Clock.iso(key.expiresMs)}`]),
    ...(key.networks.length === 0 ? [] : [`from ${key.networks.join(', ')}`]),
  ]
  return `${key.id}  ${key.app}  …${key.last4}  ${Clock.iso(key.createdMs)}  ${String(wire['standing'])}  ${key.scopes.join(',')}  ${key.label}${notes.length === 0 ? '' : `  [${notes.join('; ')}]`}`
}

function fenceToWire(fence: Fence): Record<string, unknown> {
  return {
    effective_at: Clock.iso(fence.effectiveMs),
    confirmed: `${fence.confirmed}/${fence.live}`,
    confirmed_instances: fence.confirmed,
    live_instances: fence.live,
    lapsed_instances: fence.lapsed,
  }
}

function confirmedBy(fence: Fence): string {
  const lapsed = fence.lapsed === 0 ? '' : `; ${fence.lapsed} did not answer, and may trust nothing it remembers`
  if (fence.live === 0) return `no server is running${lapsed}`
  return `confirmed by ${fence.confirmed} of ${fence.live} running servers${lapsed}`
}

async function firstLine(): Promise<string> {
  for await (const text of createInterface({ input: process.stdin })) return text.trim()
  return ''
}

/** The self-check from afar: what is sent is one of a million prefixes. */
async function askRange(url: string, text: string): Promise<boolean> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  const digest = Buffer.from(bytes).toString('hex')
  try {
    const response = await fetch(new URL(`/api/leaks/range/${digest.slice(0, 5)}`, url))
    const { suffixes } = (await response.json()) as { suffixes: readonly string[] }
    return suffixes.includes(digest.slice(5))
  } catch (cause) {
    throw new LeakServerError(cause)
  }
}

export class LeakServerError extends BaseError {
  override readonly name = 'cli.LeakServerError'
  constructor(cause: unknown) {
    super('The server did not answer the check.', {
      code: 'cli:leak-server:unreachable',
      kind: 'upstream',
      hint: 'Check the --url, and that the server is running.',
      cause,
    })
  }
}
