/** The id of a session opens it, so a copy of the database must not hold it. */
import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Redacted } from '@countersign/base'
import { backUp, startServer, type RunningServer } from '@countersign/server'
import { afterAll, afterEach, expect, test } from 'vitest'
import { MIGRATIONS } from '../../packages/server/src/store/migrations.ts'

const scratch = mkdtempSync(join(tmpdir(), 'countersign-ids-'))
const appsFile = join(scratch, 'apps.json')
writeFileSync(appsFile, JSON.stringify([{ name: 'shop' }]))
const servers: RunningServer[] = []
async function start(dataDir: string, env: NodeJS.ProcessEnv = {}): Promise<RunningServer> {
  const server = await startServer({
    port: 0,
    dataDir,
    chains: [],
    env: { COUNTERSIGN_APPS: appsFile, ...env },
    webRoot: null,
    logLevel: 'silent',
  })
  servers.push(server)
  return server
}
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

async function ask(server: RunningServer, method: string, path: string, id: string, body?: unknown) {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { 'x-session-id': id, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

/** The files below a directory that hold the text. */
function holding(directory: string, text: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const path = join(directory, name)
    return statSync(path).isFile() && readFileSync(path).includes(text)
  })
}

/** A session of an app that takes the id alone, with a conversation and a title. */
async function keyless(server: RunningServer): Promise<string> {
  const id = randomUUID()
  expect((await ask(server, 'POST', '/api/chat?message=help', id)).status).toBe(200)
  while ((await ask(server, 'GET', '/api/state', id)).body['is_processing'] === true)
    await new Promise((resolve) => setTimeout(resolve, 10))
  return id
}

test('promise: neither the store nor a backup holds the id of a session in clear', async () => {
  const dataDir = join(scratch, 'clear')
  const server = await start(dataDir)
  const id = await keyless(server)
  expect(holding(dataDir, id)).toEqual([])
  const target = join(scratch, 'clear-copy')
  backUp({ dataDir, target })
  expect(holding(target, id)).toEqual([])
})

test('promise: a backup opens no session without the secret that lies outside of the database', async () => {
  const dataDir = join(scratch, 'outside')
  const secret = { COUNTERSIGN_SESSION_SECRET: 'ab'.repeat(32) }
  const server = await start(dataDir, secret)
  const id = await keyless(server)
  const target = join(scratch, 'outside-copy')
  backUp({ dataDir, target })
  // With the secret the copy is a whole server; without it whoever took the copy has no session, by any id in it.
  const owner = await start(target, secret)
  expect((await ask(owner, 'GET', '/api/state', id)).body['session_exists']).toBe(true)
  await owner.close()
  const thief = await start(target)
  expect((await ask(thief, 'GET', '/api/state', id)).body['session_exists']).toBe(false)
  const rows = await thief.store.read.selectFrom('sessions').selectAll().execute()
  expect(rows).toHaveLength(1)
  for (const value of Object.values(rows[0] ?? {})) {
    const { status, body } = await ask(thief, 'GET', '/api/state', String(value))
    expect(status === 400 || body['session_exists'] === false, String(value)).toBe(true)
  }
})

test('an owner lists its sessions with their ids, and the list leads back to them', async () => {
  const server = await start(join(scratch, 'list'))
  const { key } = await server.issueKey({ app: 'shop', label: '' })
  const headers = { 'x-api-key': Redacted.reveal(key) }
  const id = randomUUID()
  const made = await fetch(`${server.url}/api/sessions?app=shop`, {
    method: 'POST',
    headers: { ...headers, 'x-session-id': id },
  })
  expect(await made.json()).toMatchObject({ session_id: id })
  const list = await fetch(`${server.url}/api/sessions?app=shop`, { headers })
  expect(await list.json()).toMatchObject([{ session_id: id }])
  expect((await fetch(`${server.url}/api/state`, { headers: { ...headers, 'x-session-id': id } })).status).toBe(200)
})

test('promise: ids that an older version left in clear are sealed at the start, and wiped from the file', async () => {
  const dataDir = join(scratch, 'old')
  mkdirSync(dataDir)
  const id = randomUUID()
  const db = new DatabaseSync(join(dataDir, 'countersign.db'))
  db.exec('pragma journal_mode = wal; create table migrations (id integer primary key, at_ms bigint not null)')
  for (const migration of MIGRATIONS.filter((each) => each.id < 15)) {
    for (const statement of migration.sql) db.exec(statement)
    db.prepare('insert into migrations (id, at_ms) values (?, 1)').run(migration.id)
  }
  const nowMs = Date.now()
  db.prepare(
    `insert into sessions (sid, public_id, app, owner, archived, user_state, next_tx_id, next_seq, snapshot_seq, events_seq,
     created_ms, used_ms) values ('s1', ?, 'default', 'app:default', 0, ?, 1, 2, 0, 0, ?, ?)`,
  ).run(id, '{"address":null,"chainId":null,"isConnected":false,"ensName":null,"ext":null}', nowMs, nowMs)
  db.prepare(`insert into events (sid, seq, kind, body, at_ms) values ('s1', 1, 'proposal_changed', ?, ?)`).run(
    JSON.stringify({ type: 'proposal_changed', proposal: { id: 'prop_1', session_id: id } }),
    nowMs,
  )
  db.close()
  expect(holding(dataDir, id)).toEqual(['countersign.db'])

  const server = await start(dataDir)
  expect((await ask(server, 'GET', '/api/state', id)).body['session_exists']).toBe(true)
  expect(holding(dataDir, id)).toEqual([])
  // What is replayed names the session again.
  const stream = await fetch(`${server.url}/api/updates`, {
    headers: { 'x-session-id': id, 'last-event-id': '0' },
  })
  let text = ''
  for await (const chunk of stream.body as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString()
    if (text.includes('proposal_changed')) break
  }
  expect(text).toContain(`"proposal":{"session_id":"${id}","id":"prop_1"}`)
})
