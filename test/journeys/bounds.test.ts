import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import { startServer, type RunningServer } from '@countersign/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** What a model, or a caller, may make the server do and keep. The model is a server of ours that misbehaves. */
const scratch = mkdtempSync(join(tmpdir(), 'countersign-bounds-'))
let server: RunningServer
let model: Server
/** How the model answers the next request. */
let behave: (response: ServerResponse, body: string) => void | Promise<void> = () => undefined

const LIMITS = { answerLength: 20_000 }
const CAPS = { session: { messages: 20, bytes: 100_000 } }

const chunk = (delta: object, reason: string | null = null): string =>
  `data: ${JSON.stringify({ id: '1', object: 'chat.completion.chunk', created: 0, model: 'm', choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`
const say = (response: ServerResponse, text: string): void => {
  response.end(`${chunk({ role: 'assistant', content: text })}${chunk({}, 'stop')}data: [DONE]\n\n`)
}

beforeAll(async () => {
  model = createServer((request, response) => {
    let body = ''
    request.on('data', (data: Buffer) => (body += data.toString()))
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      void behave(response, body)
    })
  })
  await new Promise<void>((resolve) => model.listen(0, '127.0.0.1', resolve))
  const apps = join(scratch, 'apps.json')
  writeFileSync(
    apps,
    JSON.stringify([
      { name: 'open', session_policy: 'id' },
      { name: 'hasty', session_policy: 'id', limits: { turn_seconds: 1 } },
      { name: 'brief', session_policy: 'id', session_idle_s: 1, session_absolute_s: 1 },
    ]),
  )
  server = await startServer({
    port: 0,
    dataDir: join(scratch, 'data'),
    chains: [],
    env: {
      COUNTERSIGN_APPS: apps,
      COUNTERSIGN_MODEL_BASE_URL: `http://127.0.0.1:${(model.address() as AddressInfo).port}/v1`,
      COUNTERSIGN_MODEL: 'm',
    },
    webRoot: null,
    logLevel: 'silent',
    turnLimits: LIMITS,
    storageCaps: CAPS,
  })
})
afterAll(async () => {
  await server.close()
  model.closeAllConnections()
  await new Promise((resolve) => model.close(resolve))
  rmSync(scratch, { recursive: true, force: true })
})

interface State {
  readonly is_processing: boolean
  readonly messages: readonly { sender: string; content: string }[]
  readonly system_events: readonly { SystemError?: string; SystemNotice?: string }[]
}
interface Answer<T> {
  readonly status: number
  readonly text: string
  readonly body: T & { code?: string }
}
async function http<T = State>(
  method: string,
  path: string,
  id: string,
  { body, key }: { body?: object; key?: string } = {},
): Promise<Answer<T>> {
  const response = await fetch(server.url + path, {
    method,
    headers: {
      'x-session-id': id,
      ...(key === undefined ? {} : { 'x-api-key': key }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, text, body: JSON.parse(text) as Answer<T>['body'] }
}
const chat = (id: string, message: string, more: { app?: string; key?: string } = {}) =>
  http('POST', '/api/chat', id, {
    body: { message, ...(more.app === undefined ? {} : { app: more.app }) },
    ...(more.key === undefined ? {} : { key: more.key }),
  })

/** Polls, as published clients do, until no turn runs; with every one-time event on the way. */
async function settle(id: string): Promise<State & { errors: string[] }> {
  const errors: string[] = []
  for (;;) {
    const { body } = await http('GET', '/api/state', id)
    errors.push(...(body.system_events ?? []).flatMap((event) => event.SystemError ?? []))
    if (!body.is_processing) return { ...body, errors }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
const issue = async (app: string) => {
  const { id, key } = await server.issueKey({ app, label: '' })
  return { id, text: Redacted.reveal(key) }
}

describe('what a model may do in one turn', () => {
  test('promise: a model that never answers is left when the time of the turn is over, and the user is told', async () => {
    behave = () => undefined
    const id = randomUUID()
    const hasty = { app: 'hasty', key: (await issue('hasty')).text }
    await chat(id, 'hello', hasty)
    const { errors } = await settle(id)
    expect(errors.join()).toContain('longer than 1 s.')
    // The next message is answered.
    behave = (response) => say(response, 'here I am')
    await chat(id, 'and now?', hasty)
    expect((await settle(id)).messages.at(-1)?.content).toBe('here I am')
  })

  test('promise: a model that drips for ever is cut, and what it said is kept', async () => {
    behave = async (response) => {
      response.write(chunk({ role: 'assistant', content: '' }))
      while (!response.destroyed) {
        response.write(chunk({ content: 'drip ' }))
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    const id = randomUUID()
    await chat(id, 'hello', { app: 'hasty', key: (await issue('hasty')).text })
    const { errors, messages } = await settle(id)
    expect(errors.join()).toContain('longer than 1 s.')
    expect(messages.at(-1)?.content).toContain('drip drip')
  })

  test('promise: an answer of 4 MB is cut at the bound, kept at the bound, and the user is told', async () => {
    behave = (response) => say(response, 'x'.repeat(4_000_000))
    const id = randomUUID()
    await chat(id, 'hello')
    const { errors, messages } = await settle(id)
    expect(errors.join()).toContain('longer than 20000 characters')
    expect(messages.at(-1)?.content.length).toBe(LIMITS.answerLength)
  })

  test('promise: 6,000 pieces of one character reach a listener in proportion, and whole at the end', async () => {
    behave = async (response) => {
      for (let i = 0; i < 6_000; i += 1) {
        response.write(chunk({ content: 'x' }))
        if (i % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 2))
      }
      response.end(`${chunk({}, 'stop')}data: [DONE]\n\n`)
    }
    const id = randomUUID()
    await http('POST', '/api/sessions', id, { body: {} })
    const stop = new AbortController()
    const stream = await fetch(`${server.url}/api/updates`, { headers: { 'x-session-id': id }, signal: stop.signal })
    let bytes = 0
    const heard = (async () => {
      try {
        for await (const piece of stream.body ?? []) bytes += piece.length
      } catch {
        // Ended by us.
      }
    })()
    await chat(id, 'hello')
    const { messages } = await settle(id)
    expect(messages.at(-1)?.content).toBe('x'.repeat(6_000))
    stop.abort()
    await heard
    // Each piece shown whole would be 18 million characters.
    expect(bytes).toBeLessThan(6_000 * 30)
  })

  test('a long honest answer, and a turn with a message that waits behind it, go on as before', async () => {
    behave = (response) => say(response, 'y'.repeat(15_000))
    const id = randomUUID()
    await chat(id, 'one')
    await chat(id, 'two')
    const { errors, messages } = await settle(id)
    expect(errors).toEqual([])
    expect(messages.filter(({ sender }) => sender === 'agent').every(({ content }) => content.length === 15_000)).toBe(
      true,
    )
  })
})

describe('what may be stored', () => {
  test('whoever says how many messages they have gets those that follow, of a message and of a look', async () => {
    behave = (response) => say(response, 'ok')
    const id = randomUUID()
    await chat(id, 'one')
    await settle(id)
    const said = await http('POST', '/api/chat', id, { body: { message: 'two', messages_from: 2 } })
    expect(said.body.messages.map(({ content }) => content)).toEqual(['two'])
    await settle(id)
    const looked = await http('GET', '/api/state?messages_from=3', id)
    expect(looked.body.messages.map(({ content }) => content)).toEqual(['ok'])
    expect((await http('POST', '/api/chat', id, { body: { message: 'x', messages_from: -1 } })).status).toBe(400)
    expect((await settle(id)).messages).toHaveLength(4)
  })

  test('promise: a session holds so many messages and bytes; the refusal says what to do, and the session can be read', async () => {
    behave = (response) => say(response, 'ok')
    for (const text of ['short', 'z'.repeat(30_000)]) {
      const id = randomUUID()
      let refused: Answer<State> | null = null
      for (let i = 0; i < 40 && refused === null; i += 1) {
        const answer = await chat(id, `${text} ${i}`)
        if (answer.status !== 200) refused = answer
        await settle(id)
      }
      expect([refused?.status, refused?.body.code]).toEqual([429, 'sessions:storage:session'])
      expect(refused?.text).toContain('Start a new session.')
      const read = await http('GET', '/api/state', id)
      expect(read.status).toBe(200)
      expect(read.text.length).toBeLessThan(CAPS.session.bytes * 2)
    }
    // Another session is not concerned.
    expect((await chat(randomUUID(), 'hello')).status).toBe(200)
  })

  test('promise: what is deleted is not counted any more, and counts agree with what is stored', async () => {
    behave = (response) => say(response, 'ok')
    const id = randomUUID()
    await chat(id, 'count me')
    await settle(id)
    const stored = async () => {
      const counted = await server.store.read
        .selectFrom('stored')
        .selectAll()
        .where('scope', '=', 'store')
        .executeTakeFirstOrThrow()
      const rows = await server.store.read.selectFrom('messages').select('body').execute()
      expect([counted.messages, counted.bytes]).toEqual([
        rows.length,
        rows.reduce((sum, { body }) => sum + body.length, 0),
      ])
      return counted.messages
    }
    const before = await stored()
    expect((await http('DELETE', `/api/sessions/${id}`, id)).status).toBe(200)
    expect(await stored()).toBe(before - 2)
  })
})

describe('authority while a turn runs', () => {
  /** A turn that runs until the model is released. */
  async function running(app: string, key: string): Promise<{ id: string; release: () => void }> {
    let release: () => void = () => undefined
    const asked = new Promise<void>((resolve) => {
      behave = (response) => {
        response.write(chunk({ role: 'assistant', content: 'thinking' }))
        release = () => response.end(`${chunk({ content: ' aloud' })}${chunk({}, 'stop')}data: [DONE]\n\n`)
        resolve()
      }
    })
    const id = randomUUID()
    expect((await chat(id, 'hello', { app, key })).status).toBe(200)
    await asked
    return { id, release }
  }

  /** What becomes of the turn's authority, and what the user is told. Of a key, another of its family keeps the session readable. */
  const LOST: Readonly<Record<string, { sql?: string; says: RegExp }>> = {
    'whose key is revoked': { says: /key of this turn/ },
    'whose key is frozen': {
      sql: `update keys set quarantine = '{"level":"freeze","sinceMs":1,"evidence":[]}' where id = ?1`,
      says: /key of this turn/,
    },
    'whose key is without the scope': {
      sql: `update keys set scopes = '["read"]' where id = ?1`,
      says: /key of this turn/,
    },
    'whose key is off the network': {
      sql: `update keys set networks = '["203.0.113.0/24"]' where id = ?1`,
      says: /key of this turn/,
    },
    'whose token was replaced': { sql: begun('token'), says: /Another page has the session now/ },
    'whose browser was forgotten': { sql: begun('browser'), says: /browser was forgotten/ },
    'whose session changed hands': { sql: begun('owner'), says: /changed hands/ },
    'whose wallet is another one': {
      sql: `update sessions set wallet_address = '0x${'b2'.repeat(20)}', turn_authority =
        json_set(turn_authority, '$.wallet', '0x${'a1'.repeat(20)}') where sid = ?1 /* :sid */`,
      says: /Another wallet signed in/,
    },
  }
  /** The turn had this as well, and it is not there any more. */
  function begun(field: string): string {
    return `update sessions set turn_authority = json_set(turn_authority, '$.${field}', 'gone') where sid = ?1 /* :sid */`
  }

  test.each(Object.entries(LOST))(
    'promise: a turn %s ends, says so, and writes nothing more',
    async (_how, { sql, says }) => {
      const { id: keyId, text } = await issue('open')
      const { id, release } = await running('open', text)
      const { sid } = await server.store.read
        .selectFrom('sessions')
        .select('sid')
        .where('id_digest', '=', server.store.ids.digest(id))
        .executeTakeFirstOrThrow()
      if (sql === undefined) {
        const next = await server.keyring.rotate({ id: keyId, app: null, style: { kind: 'clock', overlapMs: 60_000 } })
        expect(next.id).not.toBe(keyId)
        await server.keyring.revoke({ id: keyId, app: null })
      } else await server.store.batch([{ sql, parameters: [sql.includes(':sid') ? sid : keyId] }])
      const lines = async () =>
        (await server.store.read.selectFrom('messages').select('idx').where('sid', '=', sid).execute()).length
      const before = await lines()
      for (;;) {
        const row = await server.store.read
          .selectFrom('sessions')
          .select('turn_id')
          .where('sid', '=', sid)
          .executeTakeFirstOrThrow()
        if (row.turn_id === null) break
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      release()
      await new Promise((resolve) => setTimeout(resolve, 100))
      expect(await lines()).toBe(before)
      const events = await server.store.read
        .selectFrom('events')
        .select('body')
        .where('sid', '=', sid)
        .orderBy('seq')
        .execute()
      const last = events.slice(-2).map(({ body }) => JSON.parse(body) as Record<string, string>)
      expect(last.map(({ type }) => type)).toEqual(['turn_finished', 'system_error'])
      expect(last[1]?.['message']).toMatch(says)
    },
  )

  test('promise: a session that is ended ends its turn in the same commit', async () => {
    const { text } = await issue('open')
    const { id, release } = await running('open', text)
    const { sid } = await server.store.read
      .selectFrom('sessions')
      .select('sid')
      .where('id_digest', '=', server.store.ids.digest(id))
      .executeTakeFirstOrThrow()
    const other = randomUUID()
    expect((await chat(other, 'hello', { app: 'open', key: text })).status).toBe(200)
    const ended = await http<{ ended: number }>('DELETE', `/api/sessions?keep=${other}`, other, {
      key: await adminOf('open', text),
    })
    expect([ended.status, ended.body.ended]).toEqual([200, 1])
    const row = await server.store.read
      .selectFrom('sessions')
      .select(['turn_id', 'next_seq'])
      .where('sid', '=', sid)
      .executeTakeFirstOrThrow()
    expect(row.turn_id).toBeNull()
    release()
    await new Promise((resolve) => setTimeout(resolve, 100))
    const after = await server.store.read
      .selectFrom('sessions')
      .select('next_seq')
      .where('sid', '=', sid)
      .executeTakeFirstOrThrow()
    expect(after.next_seq).toBe(row.next_seq)
  })

  /** The same key with the scope that ends sessions: scopes that are raised replace ids, so it is written beside. */
  async function adminOf(app: string, text: string): Promise<string> {
    const row = await server.store.read
      .selectFrom('keys')
      .select('id')
      .where('app', '=', app)
      .where('last4', '=', text.slice(-4))
      .executeTakeFirstOrThrow()
    await server.store.batch([
      { sql: `update keys set scopes = '["admin"]' where id = ?`, parameters: [row.id] },
      { sql: 'update key_epoch set epoch = epoch + 1', parameters: [] },
    ])
    return text
  }

  test('promise: after its end a session is read to the end of its turn, and nothing new begins in it', async () => {
    const { text } = await issue('brief')
    const { id, release } = await running('brief', text)
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    expect((await http('GET', '/api/state', id)).body.is_processing).toBe(true)
    expect((await chat(id, 'more', { app: 'brief', key: text })).status).toBe(401)
    expect((await http('PATCH', `/api/sessions/${id}`, id, { body: { title: 'new' }, key: text })).status).toBe(401)
    // The refusals cut nothing.
    release()
    expect((await settle(id)).messages.at(-1)?.content).toBe('thinking aloud')
    expect((await chat(id, 'more', { app: 'brief', key: text })).status).toBe(401)
  })

  test('a key that is replaced in time, and one that loses a scope it does not need, cut nothing', async () => {
    const { id: keyId, text } = await issue('open')
    const { id, release } = await running('open', text)
    await server.keyring.rotate({ id: keyId, app: null, style: { kind: 'clock', overlapMs: 60_000 } })
    await server.store.batch([{ sql: `update keys set scopes = '["read","chat"]' where id = ?`, parameters: [keyId] }])
    await new Promise((resolve) => setTimeout(resolve, 100))
    release()
    const { messages, errors } = await settle(id)
    expect([messages.at(-1)?.content, errors]).toEqual(['thinking aloud', []])
  })
})
