import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

/** A server in a process of its own that says when the protocol's library was loaded. */
const SCRIPT = `
import { registerHooks } from 'node:module'
let isLoaded = false
registerHooks({ resolve(specifier, context, next) {
  if (specifier.startsWith('@modelcontextprotocol/')) isLoaded = true
  return next(specifier, context)
} })
const { startServer } = await import('@countersign/server')
const server = await startServer({ port: 0, dataDir: process.argv[1], chains: [], env: {}, webRoot: null, logLevel: 'silent' })
await (await fetch(server.url + '/health')).text()
const before = isLoaded
const { key } = await server.issueKey({ app: 'default', label: 'x', scopes: ['read'] })
const { Redacted } = await import('@countersign/base')
const answer = await fetch(server.url + '/mcp', { method: 'POST', headers: { 'x-api-key': Redacted.reveal(key), 'content-type': 'application/json', accept: 'application/json, text/event-stream' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }) })
await answer.text()
console.log(JSON.stringify({ before, after: isLoaded }))
process.exit(0)
`

test('loads the library of MCP with the first request to /mcp, and not before', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-lazy-'))
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', SCRIPT, dataDir],
      { cwd: join(import.meta.dirname, '..') },
    )
    expect(JSON.parse(stdout)).toEqual({ before: false, after: true })
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
})
