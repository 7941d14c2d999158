/** The command line where somebody mistypes: every command × every kind of data directory, errors, repeated options. */
import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { startServer } from '@countersign/server'
import { openReceiptKeys } from '@countersign/simulator'
import { run } from 'countersign'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { doubleField } from '../doubledFields.ts'

const MAIN = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'bin', 'countersign.mjs')
const ALICE = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const scratch = mkdtempSync(join(tmpdir(), 'countersign-commands-'))
/** One that holds a store, for what only has to be read. */
const good = join(scratch, 'good')
const receipt = join(scratch, 'receipt.json')
beforeAll(async () => {
  const options = { port: 0, dataDir: good, chains: [], env: {}, webRoot: null, logLevel: 'silent' }
  await (await startServer(options)).close()
  writeFileSync(receipt, '{"receipt":1}')
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

interface Answer {
  readonly code: number | null
  readonly signal: string | null
  readonly out: string
  readonly err: string
}
/** In this process: most commands are loaded once. */
async function countersign(
  args: readonly string[],
  { env = {} }: { env?: Record<string, string> } = {},
): Promise<Answer> {
  let code = 0
  const out: string[] = []
  const err: string[] = []
  await run(args, {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    exit: (given) => void (code = given),
    env: { HOME: join(scratch, 'home'), ...env },
    columns: 100,
    color: false,
    stdin: Readable.from(['a value']),
  })
  return { code, signal: null, out: out.join('\n'), err: err.join('\n') }
}

/** A process of its own, as people run it. What hangs is killed, and shows as a signal. */
function inOwnProcess(args: readonly string[]): Promise<Answer> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], HOME: join(scratch, 'home') }
    const child = spawn(process.execPath, [MAIN, ...args], { env })
    const timer = setTimeout(() => child.kill('SIGKILL'), 120_000)
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code, signal, out, err })
    })
  })
}

/** Everything below a directory, so that whatever was made there shows. */
const treeOf = (path: string): string[] =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
    ? readdirSync(path, { recursive: true, encoding: 'utf8' }).sort()
    : ['(absent)']

/** Commands that only read or revoke: they begin nothing. */
const READERS: Readonly<Record<string, readonly string[]>> = {
  'keys list': ['keys', 'list'],
  'keys rename': ['keys', 'rename', 'key_x', 'a'],
  'keys scopes': ['keys', 'scopes', 'key_x', 'read'],
  'keys allow': ['keys', 'allow', 'key_x'],
  'keys limits': ['keys', 'limits', 'key_x'],
  'keys expire': ['keys', 'expire', 'key_x', '90d'],
  'keys rotate': ['keys', 'rotate', 'key_x'],
  'keys revoke': ['keys', 'revoke', 'key_x'],
  'keys undo': ['keys', 'undo', 'key_x'],
  'keys release': ['keys', 'release', 'key_x'],
  'keys check': ['keys', 'check'],
  'keys rotate-pepper': ['keys', 'rotate-pepper'],
  'secrets list': ['secrets', 'list', '--app', 'a'],
  'secrets delete': ['secrets', 'delete', 'NAME', '--app', 'a'],
  'operator list': ['operator', 'list'],
  'operator revoke': ['operator', 'revoke', 'op_x'],
  'sessions list': ['sessions', 'list'],
  'sessions end': ['sessions', 'end', 'x'],
  'audit list': ['audit', 'list'],
  'audit export': ['audit', 'export', '--app', 'demo'],
  'audit checkpoint': ['audit', 'checkpoint', '--app', 'demo'],
  'audit key': ['audit', 'key'],
  backup: ['backup', join(scratch, 'copy')],
  'receipt keys': ['receipt', 'keys'],
  'receipt rotate': ['receipt', 'rotate'],
  'receipt verify': ['receipt', 'verify', receipt],
  recheck: ['recheck', '--receipt', receipt, '--rpc-url', 'http://127.0.0.1:1'],
  checklist: ['checklist'],
  doctor: ['doctor', '--offline'],
  migrate: ['migrate'],
  'migrate-from-sqlite': ['migrate-from-sqlite'],
}
/** Commands that begin a store where there is none. */
const BEGINNERS: Readonly<Record<string, readonly string[]>> = {
  serve: ['serve', '--port', '0'],
  'keys issue': ['keys', 'issue', '--app', 'a'],
  'secrets set': ['secrets', 'set', 'NAME', '--app', 'a'],
  'operator link': ['operator', 'link'],
  simulate: ['simulate', '--json', '--rpc-url', 'http://127.0.0.1:1', '--from', ALICE, '--tx', `{"to":"${ALICE}"}`],
}

test('every command with a data directory is in one of the two lists', async () => {
  const help = await countersign(['--help'])
  const names = [...help.out.slice(help.out.indexOf('Commands:')).matchAll(/^ {2}([a-z-]+)/gm)].map(
    ([, name]) => name ?? '',
  )
  const withDirectory: string[] = []
  for (const name of names.filter((each) => each !== 'help')) {
    const { out } = await countersign([name, '--help'])
    const children = out.includes('Commands:')
      ? [...out.slice(out.indexOf('Commands:')).matchAll(/^ {2}([a-z-]+)/gm)].map(([, child]) => child ?? '')
      : []
    for (const child of children.filter((each) => each !== 'help'))
      if ((await countersign([name, child, '--help'])).out.includes('--data-dir'))
        withDirectory.push(`${name} ${child}`)
    if (out.includes('--data-dir')) withDirectory.push(name)
  }
  // They take --data-dir for a key or for secrets alone, and read files; a worker keeps its own beside a database of others.
  const listed = [...Object.keys(READERS), ...Object.keys(BEGINNERS), 'audit verify', 'app check', 'simulate-worker']
  expect(withDirectory.sort()).toEqual(listed.sort())
})

const isRoot = process.getuid?.() === 0
const WRONG: Readonly<Record<string, { make: () => string; uid?: number; needsProcess?: boolean }>> = {
  absent: { make: () => join(mkdtempSync(join(scratch, 'absent-')), 'a', 'b') },
  empty: { make: () => mkdtempSync(join(scratch, 'empty-')) },
  file: {
    make() {
      const path = join(mkdtempSync(join(scratch, 'file-')), 'data')
      writeFileSync(path, 'x')
      return path
    },
  },
  unwritable: {
    make() {
      const path = mkdtempSync(join(scratch, 'unwritable-'))
      chmodSync(scratch, 0o755)
      chmodSync(path, 0o555)
      return path
    },
    // Root may write everywhere.
    ...(isRoot ? { uid: 65_534 } : {}),
  },
  '/proc': { make: () => '/proc/countersign/data', needsProcess: true },
  '/dev/null': { make: () => '/dev/null/data' },
}

describe.each(Object.entries(WRONG))('a data directory that is %s', (_, { make, uid, needsProcess }) => {
  /** Root may write everywhere, so it becomes nobody for as long as the command runs. */
  const start: typeof countersign = async (args) => {
    if (uid === undefined) return countersign(args)
    process.setegid?.(uid)
    process.seteuid?.(uid)
    try {
      return await countersign(args)
    } finally {
      process.seteuid?.(0)
      process.setegid?.(0)
    }
  }
  // It hung there once, and what hangs must not take the other tests with it: first in a process that can be killed.
  test.runIf(needsProcess)('promise: keys list answers', async () => {
    const { code, signal } = await inOwnProcess(['keys', 'list', '--data-dir', make()])
    expect([code, signal]).toEqual([5, null])
  })
  test.each(Object.entries(READERS))(
    'promise: %s refuses it in one sentence and makes nothing',
    async (_name, args) => {
      const directory = make()
      const before = treeOf(directory)
      const { code, signal, out, err } = await start([...args, '--data-dir', directory])
      expect([signal, out], err).toEqual([null, ''])
      expect([2, 5], err).toContain(code)
      expect(err.trim().split('\n'), err).toHaveLength(1)
      expect(err).not.toMatch(/A bug|\n\s+at |ENOENT|ENOTDIR|EACCES/)
      expect(treeOf(directory)).toEqual(before)
    },
  )

  test.each(Object.entries(BEGINNERS))('%s begins a store or refuses in one sentence', async (name, args) => {
    const directory = make()
    const canBegin = ['absent', 'empty'].includes(_)
    if (canBegin && name === 'serve') return
    const { code, signal, err } = await start([...args, '--data-dir', directory])
    expect(signal, err).toBeNull()
    // Without a provider a simulation ends there, and not before it is known that a receipt can be written.
    expect(code, err).toBe(canBegin ? (name === 'simulate' ? 8 : 0) : 2)
    expect(err).not.toMatch(/A bug|\n\s+at |ENOENT|ENOTDIR|EACCES/)
    if (!canBegin) expect(err.trim().split('\n'), err).toHaveLength(1)
  })
})

describe('errors', () => {
  const tx = `{"to":"${ALICE}","value":"1"}`
  const file = (name: string, text: string): string => {
    writeFileSync(join(scratch, name), text)
    return join(scratch, name)
  }
  const simulate = ['simulate', '--rpc-url', 'http://127.0.0.1:1', '--from', ALICE]
  const table: readonly (readonly [string, () => readonly string[], RegExp, RegExp?])[] = [
    [
      'a sender that is no address',
      () => ['simulate', '--rpc-url', 'http://127.0.0.1:1', '--from', 'x', '--tx', tx],
      /^--from: The address cannot be read\./,
    ],
    ['a --tx that is not JSON', () => [...simulate, '--tx', '{to:1}'], /^--tx number 1 is not JSON\..*--tx '/],
    [
      'a --known that is not JSON',
      () => [...simulate, '--tx', tx, '--known', file('k.json', '{to')],
      /^The file \S+k\.json is not JSON\./,
      /--tx/,
    ],
    [
      'an empty --known',
      () => [...simulate, '--tx', tx, '--known', file('e.json', '')],
      /^The file \S+e\.json is empty\./,
      /--tx/,
    ],
    [
      'an empty --intent',
      () => [...simulate, '--tx', tx, '--intent', file('e.json', ' \n')],
      /^The file \S+e\.json is empty\./,
      /--tx/,
    ],
    ['an empty document', () => [...simulate, '--typed-data', file('e.json', '')], /^The file \S+e\.json is empty\./],
    ['an empty receipt', () => ['recheck', '--receipt', file('e.json', '')], /^The file \S+e\.json is empty\./],
    [
      'a receipt that is not JSON',
      () => ['receipt', 'verify', file('k.json', '{to'), '--data-dir', good],
      /^The file \S+k\.json is not JSON\./,
      /--tx/,
    ],
    [
      'a file that is not there',
      () => [...simulate, '--tx', tx, '--known', join(scratch, 'none')],
      /^There is no file \S+none\./,
    ],
    [
      'a directory for a file',
      () => [...simulate, '--tx', tx, '--known', scratch],
      /^\S+ is a directory, not a file\./,
    ],
    [
      'ftp',
      () => ['simulate', '--rpc-url', 'ftp://x', '--from', ALICE, '--tx', tx],
      /^--rpc-url is not an http:\/\/ or https:\/\/ URL\./,
    ],
    [
      'a provider that is no URL',
      () => ['simulate', '--rpc-url', 'localhost', '--from', ALICE, '--tx', tx],
      /^--rpc-url is not an http:\/\/ or https:\/\/ URL\./,
    ],
    ['no provider', () => ['simulate', '--from', ALICE, '--tx', tx], /^There is no RPC URL/],
    [
      'a fallback that is no URL',
      () => [...simulate, '--fallback-rpc-url', 'ftp://x', '--tx', tx],
      /^--fallback-rpc-url is not/,
    ],
    [
      'an address inside --tx',
      () => [...simulate, '--tx', '{"to":"0x1"}'],
      /^--tx number 1 cannot be simulated: "to": The address cannot be read\./,
    ],
    [
      'a negative value',
      () => [...simulate, '--tx', `{"to":"${ALICE}","value":"-1"}`],
      /^--tx number 1 cannot be simulated: "value"/,
    ],
    ['an unknown option', () => ['keys', 'list', '--ap', 'x'], /--ap/],
    ['an unknown command', () => ['simulat'], /simulat/],
    ['a missing argument', () => ['keys', 'revoke'], /id/],
    ['a limit that is none', () => ['sessions', 'list', '--limit', '0', '--data-dir', good], /limit/],
    ['a key that is not there', () => ['keys', 'revoke', 'key_x', '--data-dir', good], /key/],
    ['an apps file that is not there', () => ['checklist', '--data-dir', good], /apps/],
  ]
  const cases = table.map(([name, args, says, notSays]) => ({ name, args, says, notSays }))
  const env = { COUNTERSIGN_APPS: join(scratch, 'none.json') }

  test.each(cases)('$name: one sentence, one hint, of the field itself', async ({ args, says, notSays }) => {
    const given = args()
    const { code, out, err } = await countersign(given, { env })
    expect([2, 5], err).toContain(code)
    expect(out).toBe('')
    expect(err.trim().split('\n'), err).toHaveLength(1)
    expect(err).toMatch(says)
    if (notSays !== undefined) expect(err).not.toMatch(notSays)
  })

  test.each(cases)('$name: with --json one JSON object with error, code and hint', async ({ args, says }) => {
    const given = args()
    const { code, err } = await countersign([...given, '--json'], { env })
    expect([2, 5], err).toContain(code)
    const { error, code: name, hint } = JSON.parse(err) as Record<string, string>
    expect(`${error} ${hint}`).toMatch(says)
    expect(name).toMatch(/^[a-z]+:[a-z-]+:[a-z-]+$/)
    expect(hint?.length).toBeGreaterThan(5)
    // Each hint says one thing.
    expect(hint).not.toContain(error)
  })

  test.each([
    ['--from twice', [...simulate, '--from', ALICE, '--tx', tx], /--from/],
    ['--from= twice', ['simulate', `--from=${ALICE}`, `--from=${ALICE}`, '--tx', tx], /--from/],
    ['--rpc-url twice', [...simulate, '--rpc-url', 'http://127.0.0.1:2', '--tx', tx], /--rpc-url/],
    ['--data-dir twice', ['keys', 'list', '--data-dir', good, '--data-dir', scratch], /--data-dir/],
    ['--app twice', ['keys', 'issue', '--app', 'a', '--app', 'b', '--data-dir', good], /--app/],
    ['--port twice', ['serve', '--port', '0', '--port', '1'], /--port/],
    ['a switch twice', ['sessions', 'list', '--json', '--json', '--data-dir', good], /--json/],
  ])('promise: %s is refused', async (_, args, says) => {
    const { code, out, err } = await countersign(args)
    expect([code, out], err).toEqual([2, ''])
    expect(err).toMatch(/is given more than once/)
    expect(err).toMatch(says)
  })

  test('what may be repeated is: --tx, --fallback-rpc-url', async () => {
    const two = ['--fallback-rpc-url', 'http://127.0.0.1:2', '--fallback-rpc-url', 'http://127.0.0.1:3']
    const { code, err } = await countersign([...simulate, ...two, '--tx', tx, '--tx', tx, '--no-receipt'])
    expect(code, err).toBe(8)
  })

  /** Every place where a command reads JSON: the options of `serve` are below. */
  const doors: Readonly<Record<string, (text: string) => readonly string[]>> = {
    '--tx': (text) => [...simulate, '--tx', text],
    '--known': (text) => [...simulate, '--tx', tx, '--known', file('d.json', text)],
    '--intent': (text) => [...simulate, '--tx', tx, '--intent', file('d.json', text)],
    '--typed-data': (text) => [...simulate, '--typed-data', file('d.json', text)],
    '--receipt': (text) => ['recheck', '--receipt', file('d.json', text), '--data-dir', good],
    'receipt verify': (text) => ['receipt', 'verify', file('d.json', text), '--data-dir', good],
    '--keys': (text) => ['receipt', 'verify', receipt, '--keys', file('d.json', text)],
    '--lock': (text) => ['scan', scratch, '--lock', file('d.json', text)],
    '--waivers': (text) => ['scan', scratch, '--waivers', file('d.json', text)],
  }
  test('promise: any field, at any depth, doubled in the JSON of any option, is refused', async () => {
    const anyObject = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }), { minKeys: 1 })
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(doors)), anyObject, fc.nat(), async (door, value, pick) => {
        const { code, err } = await countersign(doors[door]?.(doubleField(value, pick)) ?? [])
        expect(code, `${door}: ${err}`).toBe(2)
        expect(err, door).toMatch(/more than once|twice/)
      }),
      { numRuns: 100 },
    )
  })

  test('promise: a field given twice is refused in the files of keys', async () => {
    const dataDir = join(scratch, 'doubled-keys')
    const options = { port: 0, dataDir, chains: [], env: {}, webRoot: null, logLevel: 'silent' }
    await (await startServer(options)).close()
    openReceiptKeys({ dataDir }).jwks()
    const files = (readdirSync(dataDir, { recursive: true, encoding: 'utf8' }) as string[])
      .map((name) => join(dataDir, name))
      .filter((path) => /audit-key\.json$|receipt-keys.*\.json$/.test(path) && statSync(path).isFile())
    expect(files).toHaveLength(2)
    for (const path of files) {
      const text = readFileSync(path, 'utf8')
      const whole = JSON.parse(text) as Record<string, unknown>
      // The same value twice: what we read is right, and another reader may take either.
      writeFileSync(path, doubleField(whole, 1, { second: JSON.stringify(Object.values(whole)[1]) }))
      const opened = path.endsWith('audit-key.json')
        ? startServer(options)
        : Promise.resolve().then(() => openReceiptKeys({ dataDir }).jwks())
      await expect(opened, path).rejects.toMatchObject({ code: expect.stringMatching(/key/) as string })
      writeFileSync(path, text)
    }
  })

  test('a start that fails leaves nothing running', async () => {
    const lines: string[] = []
    const logStream = { write: (line: string) => void lines.push(line) }
    const env = { COUNTERSIGN_CONNECTIONS_PER_ADDRESS: 'many' }
    const dataDir = join(scratch, 'failed-start')
    const options = { port: 0, dataDir, chains: [], env, webRoot: null, logLevel: 'trace', logStream }
    await expect(startServer(options)).rejects.toMatchObject({ code: 'server:setting:unreadable' })
    await sleep(1_000)
    expect(lines).toEqual([])
  })

  test.each([
    ['apps', 'COUNTERSIGN_APPS', '[{"name":"a","session_policy":"key","session_policy":"id"}]'],
    ['limits', 'COUNTERSIGN_LIMITS', '{"key":["1/1m"],"key":["9000/1m"]}'],
    ['leak keys', 'COUNTERSIGN_LEAK_KEYS', '{"public_keys":[],"public_keys":[]}'],
  ])('promise: a field given twice is refused in the %s file, at start', async (_, name, text) => {
    const path = file('d.json', text)
    const { code, err } = await countersign(['serve', '--port', '0', '--data-dir', join(scratch, 'twice')], {
      env: { [name]: path, COUNTERSIGN_RPC_1: 'http://127.0.0.1:1' },
    })
    expect(code, err).toBe(2)
    expect(err).toMatch(/more than once/)
  })
})

test('--version says which, and loads nothing else', async () => {
  for (const flag of ['--version', '-V']) {
    const { code, out } = await countersign([flag])
    expect([code, out.trim()]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+$/)])
  }
})
