/**
 * `node tools/upgrade/make.ts OUT`: runs this version on a data directory of its own as people do, and writes that directory
 * and what must still hold of it to OUT (`data/`, `facts.json`), with its description of the HTTP API (`openapi.json.gz`). Run at every release, and its result packed into
 * `test/upgrade/<version>.tar.xz`, so that `test/journeys/upgrade.test.ts` opens it with every later version.
 *
 * It speaks HTTP only, so that it also runs in the checkout of an older version.
 */
import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Redacted } from '@countersign/base'
import { startLocalChain } from '@countersign/chain'
import { launch } from 'countersign'
import { privateKeyToAccount } from 'viem/accounts'

const FRIEND = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
/** Worth nothing anywhere: a key for this directory only. */
const OWNER = privateKeyToAccount(`0x${'5c'.repeat(32)}`)

const out = process.argv[2]
if (out === undefined) {
  console.error('Usage: node tools/upgrade/make.ts OUT')
  process.exit(2)
}
const dataDir = join(out, 'data')
rmSync(out, { recursive: true, force: true })
mkdirSync(dataDir, { recursive: true, mode: 0o700 })
const chain = await startLocalChain()
await chain.fund(OWNER.address, { wei: 10n ** 19n })
const server = await launch({ port: 0, dataDir, env: {}, localChain: chain, logLevel: 'silent' })
const SCOPES = ['read', 'chat', 'simulate', 'admin'] as never
const issue = (label: string) => server.issueKey({ app: 'default', label, scopes: SCOPES })
const [used, revoked] = [await issue('used'), await issue('revoked')]

async function ask(
  method: string,
  path: string,
  { key = used, sid, body }: Ask = {},
): Promise<Record<string, unknown>> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: {
      'x-api-key': Redacted.reveal(key.key),
      ...(sid === undefined ? {} : { 'x-session-id': sid }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const answer = (await response.json()) as Record<string, unknown>
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${JSON.stringify(answer)}`)
  return answer
}
interface Ask {
  readonly key?: typeof used
  readonly sid?: string
  readonly body?: object
}

async function say(sid: string, message: string): Promise<Record<string, unknown>> {
  const wallet = { address: OWNER.address, chain_id: chain.chainId, is_connected: true }
  await ask('POST', '/api/chat', { sid, body: { message, user_state: wallet } })
  for (;;) {
    const state = await ask('GET', '/api/state', { sid })
    if (state['is_processing'] === false) return state
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const [talked, renamed] = [randomUUID(), randomUUID()]
await ask('POST', '/api/sessions', { sid: renamed, body: {} })
await ask('PATCH', `/api/sessions/${renamed}`, { sid: renamed, body: { title: 'Kept title' } })
await say(talked, 'hello')
const { messages } = await say(talked, `send 0.1 ETH to ${FRIEND}`)
await ask('POST', `/api/admin/keys/${revoked.id}/revoke`, { body: {} })

const description = await ask('GET', '/api/openapi.json')
const sessions = [talked, renamed]
const facts = {
  version: (JSON.parse(readFileSync(join('package.json'), 'utf8')) as { version: string }).version,
  /** When it was closed: `test/journeys/upgrade.test.ts` opens it twenty minutes later. */
  closedMs: Date.now(),
  // In two parts, so that nothing in the repository reads as a key.
  keys: { used: split(used), revoked: split(revoked) },
  sessions: { talked, renamed },
  title: 'Kept title',
  messages: (messages as { sender: string; content: string }[]).map(({ sender, content }) => ({ sender, content })),
  chainId: chain.chainId,
  owner: OWNER.address,
}
await server.close()
await chain.close()
writeFileSync(join(out, 'openapi.json.gz'), gzipSync(JSON.stringify(description), { level: 9 }))
writeFileSync(join(out, 'facts.json'), `${JSON.stringify(facts, null, 2)}\n`)
console.log(`${out}: ${sessions.length} sessions, ${facts.messages.length} messages`)

function split({ id, key }: typeof used): { id: string; parts: readonly string[] } {
  const text = Redacted.reveal(key)
  return { id, parts: [text.slice(0, 20), text.slice(20)] }
}
