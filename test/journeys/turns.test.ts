import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clock } from '@countersign/base'
import { openStore, type Store } from '@countersign/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, NO_CAPS, NO_LIMITS } from '../faults/calls.ts'
import { spawnGate, type GateProcess } from '../faults/spawnGate.ts'

/**
 * One turn at a time a session, however many server processes share the store. Real processes; the store is read
 * beside them.
 */
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-turns-'))
const gates: GateProcess[] = []
let store: Store
let model: Server
/** Model calls that wait to be released, in the order in which they came. */
let thinking: { readonly response: ServerResponse; isGone: boolean }[] = []
let env: Record<string, string>

beforeAll(async () => {
  // A model that thinks until it is told what to say.
  model = createServer((request, response) => {
    request.resume()
    const each = { response, isGone: false }
    response.on('close', () => (each.isGone = !response.writableFinished))
    thinking.push(each)
  })
  await new Promise<void>((resolve) => model.listen(0, '127.0.0.1', resolve))
  const apps = join(dataDir, 'apps.json')
  writeFileSync(apps, JSON.stringify([{ name: 'default', session_policy: 'id', model: 'intent-grammar-1' }]))
  env = {
    ...NO_CAPS,
    COUNTERSIGN_APPS: apps,
    COUNTERSIGN_MODEL_BASE_URL: `http://127.0.0.1:${(model.address() as AddressInfo).port}/v1`,
    COUNTERSIGN_MODEL: 'slow-model',
  }
  for (let i = 0; i < 2; i += 1) gates.push(await spawnGate({ dataDir, env, limits: NO_LIMITS }))
  store = await openStore({ clock: Clock.system }, { dataDir })
})
afterAll(async () => {
  for (const gate of gates) await gate.stop()
  await store.close()
  await new Promise((resolve) => model.close(resolve))
  rmSync(dataDir, { recursive: true, force: true })
})

interface State {
  readonly is_processing: boolean
  readonly messages: readonly { readonly sender: string; readonly content: string }[]
  readonly system_events: readonly Record<string, unknown>[]
}
const [first, second] = [() => gates[0] as GateProcess, () => gates[1] as GateProcess]
const post = async (gate: GateProcess, path: string, sessionId: string, body: object = {}): Promise<State> => {
  const answer = await call('POST', `${gate.url}${path}`, { sessionId, body })
  expect([path, answer.status]).toEqual([path, 200])
  return answer.body as unknown as State
}
const say = (gate: GateProcess, id: string, message: string) => post(gate, '/api/chat', id, { message })
const state = async (gate: GateProcess, sessionId: string): Promise<State> =>
  (await call('GET', `${gate.url}/api/state`, { sessionId })).body as unknown as State

async function until<T>(read: () => T | Promise<T>, isDone: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await read()
    if (isDone(value)) return value
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
const idle = (gate: GateProcess, id: string) =>
  until(
    () => state(gate, id),
    (now) => !now.is_processing,
  )

/** A session that talks to the model that thinks. */
async function slowSession(gate: GateProcess): Promise<string> {
  const id = randomUUID()
  await post(gate, '/api/control/model', id, { rig: 'slow-model' })
  thinking = []
  return id
}
const nextThought = async () => {
  await until(
    () => thinking.length,
    (waiting) => waiting > 0,
  )
  return thinking.shift() as (typeof thinking)[number]
}
function answer({ response }: { response: ServerResponse }, text: string): void {
  const chunk = (delta: object, reason: string | null) =>
    `data: ${JSON.stringify({ id: '1', object: 'chat.completion.chunk', created: 0, model: 'slow-model', choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.end(`${chunk({ role: 'assistant', content: text }, null)}${chunk({}, 'stop')}data: [DONE]\n\n`)
}

/** What the log says of a session: its turns, and how often one began or ended while another ran. */
async function logOf(publicId: string) {
  const rows = await store.read
    .selectFrom('events')
    .innerJoin('sessions', 'sessions.sid', 'events.sid')
    .select('events.body')
    .where('sessions.id_digest', '=', store.ids.digest(publicId))
    .orderBy('events.seq')
    .execute()
  const events = rows.map((row) => JSON.parse(row.body) as { type: string; turn_id?: string; status?: string })
  let running: string | null = null
  let overlaps = 0
  const turns: string[] = []
  for (const event of events) {
    if (event.type === 'turn_started') {
      if (running !== null) overlaps += 1
      running = event.turn_id ?? ''
    } else if (event.type === 'turn_finished') {
      if (running !== event.turn_id) overlaps += 1
      running = null
      turns.push(event.status ?? '')
    }
  }
  return { events, turns, overlaps }
}

test('promise: messages that come to two processes at once are answered by one turn after another', async () => {
  let overlaps = 0
  let unanswered = 0
  const instances = new Set<string>()
  for (let round = 0; round < 100; round += 1) {
    const id = randomUUID()
    // Both at both: what is decided within a process and what is decided between them is one thing.
    await Promise.all([first(), second(), first(), second()].map((gate) => say(gate, id, 'help')))
    await idle(round % 2 === 0 ? first() : second(), id)
    const log = await logOf(id)
    overlaps += log.overlaps
    for (const event of log.events) if (event.type === 'turn_started') instances.add(event.turn_id?.split('_')[1] ?? '')
    const { messages } = await state(first(), id)
    if (messages.at(-1)?.sender !== 'agent') unanswered += 1
    expect(messages.filter(({ sender }) => sender === 'user')).toHaveLength(4)
  }
  expect({ overlaps, unanswered, instances: instances.size }).toEqual({ overlaps: 0, unanswered: 0, instances: 2 })
})

test('promise: a message to the other process waits for the turn that runs, and the same process goes on with it', async () => {
  const id = await slowSession(first())
  expect((await say(first(), id, 'one')).is_processing).toBe(true)
  const thought = await nextThought()
  const told = await say(second(), id, 'two')
  expect(told.is_processing).toBe(true)
  expect(told.system_events).toEqual([{ SystemNotice: 'Still working on the message before; yours is next.' }])
  answer(thought, 'to one')
  answer(await nextThought(), 'to two')
  const { messages } = await idle(second(), id)
  expect(messages.map(({ content }) => content)).toEqual(['one', 'two', 'to one', 'to two'])
  expect(await logOf(id)).toMatchObject({ turns: ['completed', 'completed'], overlaps: 0 })
  expect(thinking).toEqual([])
})

test('promise: an interrupt at the other process ends the turn before it is answered, and what waited with it', async () => {
  const id = await slowSession(first())
  await say(first(), id, 'one')
  const thought = await nextThought()
  await say(second(), id, 'two')
  const told = await post(second(), '/api/interrupt', id)
  expect(told.is_processing).toBe(false)
  await until(
    () => thought.isGone,
    (isGone) => isGone,
  )
  expect(await logOf(id)).toMatchObject({ turns: ['interrupted'], overlaps: 0 })
  // What is said afterwards is answered, wherever.
  await say(second(), id, 'three')
  answer(await nextThought(), 'to three')
  expect((await idle(first(), id)).messages.at(-1)?.content).toBe('to three')
  expect(await logOf(id)).toMatchObject({ turns: ['interrupted', 'completed'], overlaps: 0 })
})

test('promise: an interrupt is answered with what is so, at the process that runs the turn too', async () => {
  const id = await slowSession(first())
  await say(first(), id, 'one')
  await nextThought()
  expect((await post(first(), '/api/interrupt', id)).is_processing).toBe(false)
  expect((await post(first(), '/api/interrupt', id)).is_processing).toBe(false)
  expect(await logOf(id)).toMatchObject({ turns: ['interrupted'], overlaps: 0 })
})

test('promise: an interrupt that could not end the turn does not say that it did', async () => {
  const id = await slowSession(second())
  // A process that lives and does not end its turn.
  const turnId = 'turn_00000000000000aa_stuck'
  await store.batch([
    {
      sql: 'insert into instances (id, started_ms, lease_until_ms, acked_epoch) values (?, 0, ?, ?)',
      parameters: ['00000000000000aa', Date.now() + 3_600_000, Number.MAX_SAFE_INTEGER],
    },
    { sql: 'update sessions set turn_id = ? where id_digest = ?', parameters: [turnId, store.ids.digest(id)] },
  ])
  expect((await post(second(), '/api/interrupt', id)).is_processing).toBe(true)
  const { turn_interrupted: isAsked } = await store.read
    .selectFrom('sessions')
    .select('turn_interrupted')
    .where('id_digest', '=', store.ids.digest(id))
    .executeTakeFirstOrThrow()
  expect(isAsked).toBe(1)
  await store.batch([{ sql: 'delete from instances where id = ?', parameters: ['00000000000000aa'] }])
  expect((await post(second(), '/api/interrupt', id)).is_processing).toBe(false)
})

test('promise: a process that stood still for longer than its lease adds nothing to a turn that was closed', async () => {
  const id = await slowSession(first())
  await say(first(), id, 'one')
  const thought = await nextThought()
  first().child.kill('SIGSTOP')
  try {
    await idle(second(), id)
    expect((await logOf(id)).events.at(-1)).toMatchObject({
      type: 'system_error',
      message: 'The server was restarted in the middle of this turn. Ask again.',
    })
    await say(second(), id, 'two')
    answer(await nextThought(), 'to two')
    await idle(second(), id)
    answer(thought, 'too late')
  } finally {
    first().child.kill('SIGCONT')
  }
  // It has its model's answer, and has noticed that the turn is not its own any more, when it can say something again.
  await say(first(), id, 'three')
  answer(await nextThought(), 'to three')
  const { messages } = await idle(first(), id)
  expect(messages.map(({ content }) => content)).toEqual(['one', 'two', 'to two', 'three', 'to three'])
  expect(await logOf(id)).toMatchObject({ turns: ['failed', 'completed', 'completed'], overlaps: 0 })
})

test('promise: the turn of a process that was killed keeps nobody waiting for longer than its lease', async () => {
  const id = await slowSession(first())
  await say(first(), id, 'one')
  await nextThought()
  first().child.kill('SIGKILL')
  // While nobody can know yet that it is gone, the message waits.
  expect((await say(second(), id, 'two')).is_processing).toBe(true)
  // The interrupt waits until the turn is over, which here is when its process counts as gone.
  expect((await post(second(), '/api/interrupt', id)).is_processing).toBe(false)
  await say(second(), id, 'three')
  answer(await nextThought(), 'to three')
  expect((await idle(second(), id)).messages.at(-1)?.content).toBe('to three')
  const { turns, overlaps } = await logOf(id)
  expect([turns[0], turns.at(-1), overlaps]).toEqual(['failed', 'completed', 0])
})
