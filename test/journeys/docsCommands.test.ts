/** The commands of these documents are run as they stand there; those that are not are listed with the reason. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Redacted } from '@countersign/base'
import { startServer } from '@countersign/server'
import { spawnAnvil, type AnvilProcess } from '@countersign/simulator'
import { launch, run } from 'countersign'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const MAIN = join(root, 'packages', 'cli', 'bin', 'countersign.mjs')
const scratch = mkdtempSync(join(tmpdir(), 'countersign-docs-'))
const dataDir = join(scratch, 'data')
const DOCS = [
  'README.md',
  'docs/operations.md',
  'docs/guide/evaluate.md',
  'docs/guide/integrate.md',
  'docs/guide/respond.md',
  'docs/guide/hacking.md',
  'docs/deploy.md',
]
/** These read the repository; the others write beside the store. */
const AT_ROOT = new Set([
  'README.md',
  'docs/guide/evaluate.md',
  'docs/guide/integrate.md',
  'docs/guide/hacking.md',
  'docs/deploy.md',
])
const ANVIL_FIRST = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'
const ANVIL_SECOND = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'

const POSTGRES = 'needs a PostgreSQL of its own; npm run test:postgres runs the same commands'
const WITHIN = 'vitest does not run in vitest'
const KUBERNETES = 'needs a cluster; npm run deploy:check renders the chart and compares it with the manifests'
const FAULTS = 'a suite of its own, for minutes'
const DOCKER = 'there is no Docker engine; npm run image:check carries out the same steps'
/** A line of the documents, and why no test runs it. */
const NOT_RUN: Readonly<Record<string, string>> = {
  'npm ci && npm start': 'installs everything again; test/journeys/cli.test.ts starts the same server',
  'npm ci && npm test': 'is what runs this test',
  'npx countersign scan . --changed origin/main --write sarif=scan.sarif':
    'needs a remote and its history; packages/cli has tests of --changed on a repository of their own',
  'export DATABASE_URL=postgres://countersign@db.internal/countersign': POSTGRES,
  'export COUNTERSIGN_MASTER_KEY=…': POSTGRES,
  'npx countersign migrate': POSTGRES,
  'npx countersign serve': POSTGRES,
  'npx countersign simulate-worker': POSTGRES,
  'npx countersign migrate-from-sqlite --data-dir /var/lib/countersign': POSTGRES,
  'npx vitest run packages/base/src/nouns.test.ts': WITHIN,
  'npx vitest run packages/base/src/Json.test.ts -t refuse': WITHIN,
  'npm test -- --project unit packages/base': WITHIN,
  'npx node --inspect-brk packages/cli/src/main.ts serve --port 8090': 'waits for a debugger',
  'npx vitest run --inspect-brk --no-file-parallelism packages/base/src/Json.test.ts': 'waits for a debugger',
  'npm ci': 'installs everything again',
  'npm run test:adversary -- --help': 'npm is not in the shell of this test; the command only prints',
  'docker build -t countersign .': DOCKER,
  'docker run --read-only --tmpfs /tmp -v countersign:/data -p 127.0.0.1:8080:8080 -e COUNTERSIGN_RPC_1=https://… countersign':
    DOCKER,
  'kubectl create secret generic countersign --from-literal=COUNTERSIGN_RPC_1=https://…': KUBERNETES,
  'helm install countersign deploy/helm/countersign --set image.repository=registry.example.com/countersign':
    KUBERNETES,
  'helm install countersign deploy/helm/countersign --set postgres=true --set replicas=3 --set workers.replicas=2':
    KUBERNETES,
  'COUNTERSIGN_SOAK_MINUTES=20 npm run test:faults -- mixedLoad': FAULTS,
  'COUNTERSIGN_KILLS=20 npm run test:faults -- transactionKills': FAULTS,
  'COUNTERSIGN_HISTORIES=2500 npm run test:faults -- histories': FAULTS,
  'npm run deploy:check': 'a command of its own, with nginx and others',
  'npm run image:check': 'a command of its own, as root, for minutes',
  'OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 npm start':
    'test/journeys/telemetry.test.ts starts the same server',
  'COUNTERSIGN_RPC_1=https://your-provider.example npm start -- --data-dir /var/lib/countersign':
    'needs a provider of Ethereum; the same start with a local chain stands in test/journeys/cli.test.ts',
}

let anvil: AnvilProcess
let running: Awaited<ReturnType<typeof launch>>
/** A key of the running server, and the id of one in the data directory that is no longer needed. */
let apiKey: string
let oldKeyId: string
beforeAll(async () => {
  const server = await startServer({ port: 0, dataDir, chains: [], env: {}, webRoot: null, logLevel: 'silent' })
  await server.issueKey({ app: 'demo', label: '' })
  oldKeyId = (await server.issueKey({ app: 'demo', label: 'leaked' })).id
  await server.close()
  anvil = await spawnAnvil({ args: [] })
  running = await launch({ port: 0, dataDir: join(scratch, 'running'), env: {}, logLevel: 'silent' })
  apiKey = Redacted.reveal((await running.issueKey({ app: 'demo', label: '', scopes: ['simulate', 'propose'] })).key)
})
afterAll(async () => {
  await anvil.close()
  await running.close()
  rmSync(scratch, { recursive: true, force: true })
})

/** Runs a program. Not synchronously: the server that it may ask lives in this process. */
async function ran(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { status, stdout, stderr }
}

/** The lines of shell blocks, without comments. */
const commandsOf = (doc: string): string[] =>
  [...readFileSync(join(root, doc), 'utf8').matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = '']) =>
    block
      // A line that goes on in the next one is one command.
      .replaceAll(/\\\n\s*/g, '')
      .split('\n')
      .map((line) => line.replace(/\s+#.*$/, '').trim())
      .filter((line) => line !== '' && !line.startsWith('#')),
  )

/** A line as this machine can run it: its paths, provider and account are other ones, its words the same. */
const here = (line: string): string =>
  line
    .replaceAll('/var/lib/countersign', dataDir)
    .replaceAll('/backups/', `${scratch}/backups-`)
    .replaceAll('https://…', anvil.url)
    .replaceAll('http://127.0.0.1:8080', running.url)
    .replaceAll('sk-demo-…', apiKey)
    .replaceAll('key_…', oldKeyId)
    .replace('--from 0x…', `--from ${ANVIL_FIRST}`)
    .replace('"to":"0x…"', `"to":"${ANVIL_SECOND}"`)

test.each(DOCS.filter((doc) => commandsOf(doc).some((line) => NOT_RUN[line] === undefined)))(
  'every command of %s does what it says',
  async (doc) => {
    const lines = commandsOf(doc).filter((line) => NOT_RUN[line] === undefined)
    // 10 is a warning: what was asked for was done. One shell, as somebody pastes one line after the other; a line that fails ends it.
    const script = [
      'set -euo pipefail',
      'npx() { [ "$1" = countersign ] || return 9; shift; "$NODE" --disable-warning=ExperimentalWarning "$MAIN" "$@"; }',
      ...lines.flatMap((line) => [
        `echo "+ $(cat <<'LINE'\n${line}\nLINE\n)" >&2`,
        `{ ${here(line)}\n} || [ $? -eq 10 ]`,
      ]),
    ].join('\n')
    const { status, stderr, stdout } = await ran('bash', ['-c', script], {
      // Files that the documents write lie beside the store; the scanner reads this repository.
      cwd: AT_ROOT.has(doc) ? root : scratch,
      env: { PATH: process.env['PATH'] ?? '', HOME: scratch, NODE: process.execPath, MAIN },
    })
    expect(status, `${stdout}\n${stderr}`).toBe(0)
    expect(stderr.match(/^\+ /gm)).toHaveLength(lines.length)
  },
)

test('the program of integrate.md prints a proposal that waits, and its page', async () => {
  const guide = readFileSync(join(root, 'docs/guide/integrate.md'), 'utf8')
  const programs = [...guide.matchAll(/^```ts\n(.*?)^```/gms)].map(([, program = '']) => program)
  expect(programs).toHaveLength(1)
  for (const program of programs) {
    const { status, stdout, stderr } = await ran(
      process.execPath,
      ['--input-type=module-typescript', '-e', here(program)],
      {
        cwd: root,
        env: { ...process.env, COUNTERSIGN_API_KEY: apiKey, OWNER: ANVIL_FIRST },
      },
    )
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^pending http:\/\/127\.0\.0\.1:\d+\/p\/\S+\n$/)
  }
})

test('what operations.md writes is there afterwards, and is whole', () => {
  expect(existsSync(join(scratch, 'backups-2026-11-25', 'countersign.db'))).toBe(true)
  expect(readFileSync(join(scratch, 'demo.jsonl'), 'utf8')).toContain('keys.key.issued')
})

test('promise: what is not run stands in the documents, and each has a reason', () => {
  const all = DOCS.flatMap(commandsOf)
  expect(Object.keys(NOT_RUN).filter((line) => !all.includes(line))).toEqual([])
})

test.each(DOCS)('every command that a sentence of %s names exists', async (doc) => {
  const text = readFileSync(join(root, doc), 'utf8')
  const named = new Set([...text.matchAll(/`countersign ([a-z]+(?: [a-z][a-z-]*)?)/g)].map(([, words = '']) => words))
  for (const words of named) {
    let code = 0
    const out: string[] = []
    await run([...words.split(' '), '--help'], {
      out: (each) => void out.push(each),
      err: (each) => void out.push(each),
      exit: (given) => void (code = given),
      env: { HOME: scratch },
      columns: 100,
      color: false,
    })
    expect([words, code, out[0]?.includes('Usage')], out.join('\n')).toEqual([words, 0, true])
  }
})
