import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { signWebhook, verifyWebhook } from '@countersign/sdk'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { auditWebhookOf } from '../openDeliveries.ts'
import { postWebhook } from '../openOutbox.ts'
import { openStore, type Store } from '../store/openStore.ts'
import { SERVER } from './Audit.ts'
import { createAppendAudit } from './appendAudit.ts'
import { Deliveries, FIRST_WAIT_MS, LEASE_MS, LONGEST_WAIT_MS, MAX_ENTRIES, MAX_LENGTH } from './Deliveries.ts'
import { verifyExport } from './verifyExport.ts'

const SECRET = 'whsec-audit-0123456789'
let nowMs = 1_800_000_000_000
const clock = { nowMs: () => nowMs }
const audit = createAppendAudit({ clock })
let dataDir = ''
let store: Store
let receiver: Server | null = null
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'countersign-deliveries-'))
  store = await openStore({ clock }, { dataDir })
})
afterEach(async () => {
  receiver?.closeAllConnections()
  receiver?.close()
  receiver = null
  await store.close()
  rmSync(dataDir, { recursive: true, force: true })
})
afterAll(() => expect(errors).toEqual([]))

const record = (app: string, entries: number, body: Record<string, unknown> = {}) =>
  store.write(async (write) => {
    for (let i = 0; i < entries; i += 1) await audit(write, { app, event: 'keys.key.issued', body: { i, ...body } })
  })

interface Message {
  readonly app: string
  readonly first: number
  readonly last: number
  readonly lines: readonly string[]
}

/** What a receiver keeps: a file for each app, as it writes it that drops what came twice. */
class Files {
  readonly lines = new Map<string, string[]>()
  readonly messages: Message[] = []

  take(text: string): void {
    const message = JSON.parse(text) as Message
    this.messages.push(message)
    const kept = this.lines.get(message.app) ?? []
    kept.push(...message.lines.slice(kept.length - (message.first - 1)))
    this.lines.set(message.app, kept)
  }
  verify(app: string) {
    const file = (this.lines.get(app) ?? []).map((line) => Buffer.from(`${line}\n`))
    return verifyExport({ chunks: file, notes: [], keys: [] })
  }
}

const errors: unknown[] = []
function open(deliver: (body: string) => Promise<string | null>) {
  const failures: { app: string; afterSeq: number; attempts: number; because: string }[] = []
  const deliveries = new Deliveries({
    ...{ store, clock, deliver },
    onFailure: (failure) => failures.push(failure),
    onError: (error) => errors.push(error),
  })
  return { deliveries, failures }
}
const takenBy = (files: Files) => async (body: string) => (files.take(body), null)

describe('promise: a receiver gets every record in order, and can verify it', () => {
  test('all of it, of every app and of the server itself, in messages of a bounded size', async () => {
    await record('shop', 2 * MAX_ENTRIES + 7)
    await record('other', 3, { text: 'x'.repeat(MAX_LENGTH / 2 - 2_000) })
    await record(SERVER, 1)
    const files = new Files()
    const { deliveries } = open(takenBy(files))
    await deliveries.drain()
    for (const [app, rows] of [
      ['shop', 2 * MAX_ENTRIES + 7],
      ['other', 3],
      [SERVER, 1],
    ] as const)
      expect(await files.verify(app), app).toMatchObject({ app, rows, problem: null })
    const ranges = (of: string) => files.messages.flatMap(({ app, first, last }) => (app === of ? [[first, last]] : []))
    expect(ranges('shop')).toEqual([
      [1, MAX_ENTRIES],
      [MAX_ENTRIES + 1, 2 * MAX_ENTRIES],
      [2 * MAX_ENTRIES + 1, 2 * MAX_ENTRIES + 7],
    ])
    expect(ranges('other')).toEqual([
      [1, 2],
      [3, 3],
    ])
    const before = files.messages.length
    await deliveries.drain()
    expect(files.messages.length, 'nothing is new').toBe(before)
  })

  test('promise: another process goes on where the one before ended', async () => {
    await record('shop', 3)
    const files = new Files()
    const first = open(takenBy(files))
    await first.deliveries.drain()
    await first.deliveries.close()
    await record('shop', 2)
    await open(takenBy(files)).deliveries.drain()
    expect(files.messages.map(({ first: from, last }) => [from, last])).toEqual([
      [1, 3],
      [4, 5],
    ])
    expect(await files.verify('shop')).toMatchObject({ rows: 5, problem: null })
  })

  test('promise: one that died after the receiver took a message sends it again, and what the receiver keeps is the same', async () => {
    await record('shop', 3)
    const files = new Files()
    const { promise: dead, resolve } = Promise.withResolvers<null>()
    const dying = open((body) => {
      files.take(body)
      return dead
    })
    const died = dying.deliveries.drain()
    await expect.poll(() => files.messages.length).toBe(1)
    const next = open(takenBy(files))
    await next.deliveries.drain()
    expect(files.messages.length, 'its lease holds').toBe(1)
    nowMs += LEASE_MS
    await record('shop', 1)
    await next.deliveries.drain()
    expect(files.messages.map(({ first, last }) => [first, last])).toEqual([
      [1, 3],
      [1, 4],
    ])
    resolve(null)
    await died
    await record('shop', 1)
    await next.deliveries.drain()
    expect(files.messages.at(-1), 'its late answer moved nothing').toMatchObject({ first: 5, last: 5 })
    expect(await files.verify('shop')).toMatchObject({ rows: 5, problem: null })
  })

  test('a receiver that fails for weeks is asked ever less often, holds up no other record, and then gets all', async () => {
    await record('shop', 2)
    const files = new Files()
    let isAway = true
    const { deliveries, failures } = open(async (body) => {
      if (isAway && body.includes('"app":"shop"')) return 'target:status:503'
      files.take(body)
      return null
    })
    const waits: number[] = []
    for (let i = 0; i < 9; i += 1) {
      await deliveries.drain()
      const { next_ms: nextMs } = await store.read.selectFrom('audit_deliveries').selectAll().executeTakeFirstOrThrow()
      waits.push(nextMs - nowMs)
      nowMs = nextMs - 1
      await deliveries.drain()
      expect(failures.length, 'not before it is due').toBe(i + 1)
      nowMs += 1
    }
    expect([waits[0], waits[1], waits.at(-1)]).toEqual([FIRST_WAIT_MS, 3 * FIRST_WAIT_MS, LONGEST_WAIT_MS])
    await record('other', 1)
    await deliveries.drain()
    expect(files.messages.map(({ app }) => app)).toEqual(['other'])
    nowMs += 30 * 86_400_000
    await record('shop', 2)
    isAway = false
    await deliveries.drain()
    expect(await files.verify('shop')).toMatchObject({ rows: 4, problem: null })
    expect(failures.at(-1)).toMatchObject({ app: 'shop', afterSeq: 0, because: 'target:status:503' })
  })

  test('promise: a record that somebody changed in the database, before or after it was delivered, does not verify', async () => {
    const files = new Files()
    const { deliveries } = open(takenBy(files))
    await record('shop', 3)
    await deliveries.drain()
    await record('shop', 2)
    await store.batch([{ sql: `update audit set body = '{"i":9}' where app = 'shop' and seq = 5`, parameters: [] }])
    await deliveries.drain()
    expect((await files.verify('shop')).problem).toMatchObject({ code: 'audit:row:altered', row: 5 })
  })
})

describe('promise: only the receiver is told, and it knows who tells', () => {
  const seen: { body: string; signature: string }[] = []
  const listen = async (status = 204): Promise<string> => {
    seen.length = 0
    receiver = createServer((request, response) => {
      let body = ''
      request.on('data', (bytes: Buffer) => (body += bytes.toString()))
      request.on('end', () => {
        seen.push({ body, signature: String(request.headers['countersign-signature']) })
        response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end()
      })
    })
    const server = receiver
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/audit`
  }
  const settings = (url: string, more: Record<string, string> = {}) => ({
    COUNTERSIGN_AUDIT_WEBHOOK_URL: url,
    COUNTERSIGN_AUDIT_WEBHOOK_SECRET: SECRET,
    COUNTERSIGN_AUDIT_WEBHOOK_PRIVATE: '1',
    ...more,
  })
  const deliverBy = (env: Record<string, string>) => (body: string) => {
    const webhook = auditWebhookOf(env)
    if (webhook === null) throw new Error('it is set')
    return postWebhook({ clock }, { ...webhook, body })
  }

  test('promise: each message is signed with every secret, and one that was changed on its way does not verify', async () => {
    await record('shop', 2)
    const env = settings(await listen(), { COUNTERSIGN_AUDIT_WEBHOOK_SECRET: `${SECRET}-new,${SECRET}` })
    await open(deliverBy(env)).deliveries.drain()
    const [{ body, signature } = { body: '', signature: '' }] = seen
    for (const secrets of [SECRET, `${SECRET}-new`])
      expect(await verifyWebhook({ body, signature, secrets, nowMs })).toMatchObject({
        id: 'audit:shop:1-2',
        event: 'audit.record.delivered',
      })
    await expect(
      verifyWebhook({ body: body.replace('"i\\":0', '"i\\":7'), signature, secrets: SECRET, nowMs }),
    ).rejects.toMatchObject({ code: 'sdk:webhook:signature' })
    expect(signature).toBe(
      await signWebhook(body, { secrets: [`${SECRET}-new`, SECRET], atS: Math.floor(nowMs / 1_000) }),
    )
    expect(body).not.toContain(SECRET)
  })

  test.each([
    [204, []],
    [302, ['tools:redirect:foreign']],
    [500, ['target:status:500']],
  ])('an answer %i: %j', async (status, because) => {
    await record('shop', 1)
    const { deliveries, failures } = open(deliverBy(settings(await listen(status))))
    await deliveries.drain()
    expect(failures.map((each) => each.because)).toEqual(because)
    expect(seen).toHaveLength(1)
  })

  test('promise: a private address is not called without the operator’s word', async () => {
    await record('shop', 1)
    const url = (await listen()).replace('http:', 'https:')
    const { deliveries, failures } = open(deliverBy(settings(url, { COUNTERSIGN_AUDIT_WEBHOOK_PRIVATE: '' })))
    await deliveries.drain()
    expect([failures.map((each) => each.because), seen]).toEqual([['tools:address:private'], []])
  })

  test.each([
    ['no secret', { COUNTERSIGN_AUDIT_WEBHOOK_SECRET: '' }],
    ['a short secret', { COUNTERSIGN_AUDIT_WEBHOOK_SECRET: 'short' }],
    ['three secrets', { COUNTERSIGN_AUDIT_WEBHOOK_SECRET: `${SECRET},${SECRET}1,${SECRET}2` }],
    ['no URL', { COUNTERSIGN_AUDIT_WEBHOOK_URL: 'siem' }],
    ['a user name', { COUNTERSIGN_AUDIT_WEBHOOK_URL: 'https://me:word@siem.invalid/' }],
    ['http to anywhere', { COUNTERSIGN_AUDIT_WEBHOOK_PRIVATE: '' }],
    ['a file', { COUNTERSIGN_AUDIT_WEBHOOK_URL: 'file:///tmp/x' }],
  ])('promise: %s is refused at the start, and repeated nowhere', (_name, more) => {
    const env = settings('http://siem.invalid/hook', more)
    let error: { code?: string; message?: string; hint?: string } = {}
    try {
      auditWebhookOf(env)
    } catch (thrown) {
      error = thrown as typeof error
    }
    expect(error.code).toBe('server:setting:unreadable')
    expect(`${error.message} ${error.hint}`).not.toMatch(/whsec|siem|word@/)
  })
})
