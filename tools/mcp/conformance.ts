/**
 * `npm run mcp:conformance`: what the two revisions of MCP require, held against our own handler by the protocol's own
 * conformance suite. The suite cannot send a key, so a proxy on this machine adds it: the check of the key is in the path.
 * The same command against a closed port must fail, or a pass would mean nothing.
 */
import { spawn } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

const root = join(import.meta.dirname, '..', '..')
const suite = join(
  dirname(createRequire(join(root, 'test', 'package.json')).resolve('@modelcontextprotocol/conformance/package.json')),
  'dist',
  'index.js',
)
const REVISIONS = ['2026-07-28', '2025-11-25'] as const
/** What is known to fail: nothing, and it stays so. */
const EXPECTED_FAILURES = join(import.meta.dirname, 'expected-failures.yaml')

interface Target {
  readonly url: string
  readonly key: string
}

/** A proxy that adds the key to every request and changes nothing else. */
function addKey({ url, key }: Target): Promise<Server> {
  const { hostname, port } = new URL(url)
  const proxy = createServer((given, answer) => {
    const headers = { ...given.headers, authorization: `Bearer ${key}` }
    const onward = request({ hostname, port, path: given.url, method: given.method, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(answer)
    })
    onward.on('error', () => answer.destroy())
    answer.on('close', () => onward.destroy())
    given.pipe(onward)
  })
  return new Promise((resolve) => proxy.listen(0, '127.0.0.1', () => resolve(proxy)))
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port

/** Runs the suite, and answers its exit code and what it printed. */
function run(url: string, revision: string, results: string): Promise<{ code: number; text: string }> {
  const args = [suite, 'server', '--url', url, '--requirements', revision, '--expected-failures', EXPECTED_FAILURES]
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...args, '-o', results], { cwd: scratch })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => (text += part))
    child.on('error', (error) => resolve({ code: 1, text: String(error) }))
    child.on('close', (code) => resolve({ code: code ?? 1, text }))
  })
}

const scratch = mkdtempSync(join(tmpdir(), 'countersign-conformance-'))
const fixtures = spawn(process.execPath, [join(import.meta.dirname, 'serveFixtures.ts')], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
// Whatever happens here, it does not outlive this command.
process.on('exit', () => fixtures.kill('SIGTERM'))
let failed = 0
let passed = 0
/** The checks that failed of the scenarios that count, with the suite's own words. */
function failures(text: string, results: string): string {
  const counted = [...(text.split('Unexpected failures')[1] ?? '').matchAll(/✗ ([\w-]+)/g)].map(([, name]) => name)
  const lines = globSync('server-*/checks.json', { cwd: results })
    .filter((file) => counted.some((name) => file.startsWith(`server-${name}-`)))
    .flatMap((file) => JSON.parse(readFileSync(join(results, file), 'utf8')) as Record<string, unknown>[])
    .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
    .map(({ id, errorMessage, details }) => `  ${String(id)}: ${String(errorMessage)} ${JSON.stringify(details)}`)
  return lines.join('\n') || text.slice(-4_000)
}
const report = (name: string, isGood: boolean, text: string, results: string): void => {
  if (isGood) passed += 1
  else failed += 1
  const green = text.match(/^✓/gm)?.length ?? 0
  console.log(`${isGood ? 'ok' : 'FAILED'}  ${name} (${green} scenarios green)`)
  if (!isGood) console.log(failures(text, results))
}
try {
  const lines = createInterface({ input: fixtures.stdout })[Symbol.asyncIterator]()
  const target = JSON.parse(((await lines.next()).value as string | undefined) ?? '{}') as Target
  const proxy = await addKey(target)
  const closed = await addKey(target)
  const closedPort = portOf(closed)
  await new Promise((resolve) => closed.close(resolve))
  for (const revision of REVISIONS) {
    const results = `${scratch}/${revision}`
    const { code, text } = await run(`http://127.0.0.1:${portOf(proxy)}/mcp`, revision, results)
    report(`${revision} requirements`, code === 0, text, results)
    const control = await run(`http://127.0.0.1:${closedPort}/mcp`, revision, `${scratch}/control-${revision}`)
    report(`${revision} against a closed port fails`, control.code !== 0, control.text, results)
  }
  proxy.close()
  proxy.closeAllConnections()
} finally {
  fixtures.kill('SIGTERM')
  rmSync(scratch, { recursive: true, force: true })
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
