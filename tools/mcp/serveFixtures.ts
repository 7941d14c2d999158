/**
 * `npm run -s mcp:fixtures -- --port N`: our own `/mcp` with the fixtures of the conformance suite on it, on a chain of its
 * own. Prints `{"url", "key"}` as one line, and runs until it is ended.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Redacted } from '@countersign/base'
import { launch } from 'countersign'
import { extend, handler } from './fixtures.ts'

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } })
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-mcp-fixtures-'))
const server = await launch({
  port: Number(values.port),
  dataDir,
  env: {},
  logLevel: 'silent',
  mcp: { extend, handler },
})
const { key } = await server.issueKey({
  app: 'fixtures',
  label: 'conformance',
  scopes: ['read', 'chat', 'simulate', 'propose'],
})
console.log(JSON.stringify({ url: `${server.url}/mcp`, key: Redacted.reveal(key) }))
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    void server.close().finally(() => {
      rmSync(dataDir, { recursive: true, force: true })
      process.exit(0)
    })
  })
