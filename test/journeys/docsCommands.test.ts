/** The commands of README.md and docs/operations.md are run as they stand there; those that are not are listed with the reason. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '@countersign/server'
import { spawnAnvil, type AnvilProcess } from '@countersign/simulator'
import { run } from 'countersign'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const MAIN = join(root, 'packages', 'cli', 'src', 'main.ts')
const scratch = mkdtempSync(join(tmpdir(), 'countersign-docs-'))
const dataDir = join(scratch, 'data')
const DOCS = ['README.md', 'docs/operations.md']
const ANVIL_FIRST = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'
const ANVIL_SECOND = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'

/** A line of the documents, and why no test runs it. */
const NOT_RUN: Readonly<Record<string, string>> = {
  'npm ci && npm start': 'installs everything again; test/journeys/cli.test.ts starts the same server',
  'npm ci && npm test': 'is what runs this test',
  'npx countersign scan . --changed origin/main --write sarif=scan.sarif':
    'needs a remote and its history; packages/cli has tests of --changed on a repository of their own',
  'COUNTERSIGN_RPC_1=https://your-provider.example npm start -- --data-dir /var/lib/countersign':
    'needs a provider of Ethereum; the same start with a local chain stands in test/journeys/cli.test.ts',
}

let anvil: AnvilProcess
beforeAll(async () => {
  const server = await startServer({ port: 0, dataDir, chains: [], env: {}, webRoot: null, logLevel: 'silent' })
  await server.issueKey({ app: 'demo', label: '' })
  await server.close()
  anvil = await spawnAnvil({ args: [] })
})
afterAll(async () => {
  await anvil.close()
  rmSync(scratch, { recursive: true, force: true })
})

/** The lines of shell blocks, without comments. */
const commandsOf = (doc: string): string[] =>
  [...readFileSync(join(root, doc), 'utf8').matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = '']) =>
    block
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
    .replace('--from 0x…', `--from ${ANVIL_FIRST}`)
    .replace('"to":"0x…"', `"to":"${ANVIL_SECOND}"`)

test.each(DOCS)('every command of %s does what it says', (doc) => {
  const lines = commandsOf(doc).filter((line) => NOT_RUN[line] === undefined)
  expect(lines.length).toBeGreaterThan(1)
  // 10 is a warning: what was asked for was done. One shell, as somebody pastes one line after the other; a line that fails ends it.
  const script = [
    'set -euo pipefail',
    'npx() { [ "$1" = countersign ] || return 9; shift; "$NODE" --disable-warning=ExperimentalWarning "$MAIN" "$@"; }',
    ...lines.flatMap((line) => [
      `echo "+ $(cat <<'LINE'\n${line}\nLINE\n)" >&2`,
      `{ ${here(line)}\n} || [ $? -eq 10 ]`,
    ]),
  ].join('\n')
  const { status, stderr, stdout } = spawnSync('bash', ['-c', script], {
    // Files that the documents write lie beside the store; the scanner reads this repository.
    cwd: doc === 'README.md' ? root : scratch,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', HOME: scratch, NODE: process.execPath, MAIN },
  })
  expect(status, `${stdout}\n${stderr}`).toBe(0)
  expect(stderr.match(/^\+ /gm)).toHaveLength(lines.length)
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
