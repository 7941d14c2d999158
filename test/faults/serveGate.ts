/**
 * One server process for the tests of several: keys, sessions, limits and streams, no chain. Says its URL as one line
 * of JSON, and ends with its parent.
 */
import { readFileSync } from 'node:fs'
import { startServer, type ServerOptions } from '@countersign/server'

const options = JSON.parse(readFileSync(0, 'utf8')) as Pick<ServerOptions, 'dataDir' | 'env' | 'limits'>
const server = await startServer({ port: 0, chains: [], webRoot: null, logLevel: 'silent', ...options })
process.stdout.write(`${JSON.stringify({ url: server.url })}\n`)
process.on('SIGTERM', () => {
  void server.close().then(() => process.exit(0))
})
const parent = process.ppid
setInterval(() => {
  if (process.ppid !== parent) process.exit(0)
}, 1_000).unref()
