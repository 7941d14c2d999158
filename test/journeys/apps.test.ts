import { randomUUID } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import { startServer, starterFiles, type RunningServer } from '@countersign/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { call } from '../faults/calls.ts'

/** Apps as folders on a running server: read again when they change, pushed with a key, and never broken by an edit. */
const scratch = mkdtempSync(join(tmpdir(), 'countersign-apps-'))
const folder = join(scratch, 'apps')
let server: RunningServer
const keys: Record<string, string> = {}

const start = (more: NodeJS.ProcessEnv = {}) =>
  startServer({
    port: 0,
    dataDir: join(scratch, 'data'),
    chains: [],
    env: { COUNTERSIGN_APPS_DIR: folder, COUNTERSIGN_SECRET_ORDERS_TOKEN: 'orders-token-4711', ...more },
    webRoot: null,
    logLevel: 'silent',
  })

beforeAll(async () => {
  cpSync(join(import.meta.dirname, '../../examples/apps'), folder, { recursive: true })
  server = await start()
  for (const app of ['trader', 'prices', 'pushed'])
    keys[app] = Redacted.reveal((await server.issueKey({ app, label: 'test', scopes: ['read', 'chat', 'admin'] })).key)
})
afterAll(async () => {
  await server?.close()
  rmSync(scratch, { recursive: true, force: true })
})

const ask = async (
  method: string,
  path: string,
  { app, body, sessionId }: { app: string; body?: object; sessionId?: string },
) =>
  call(method, `${server.url}${path}`, {
    headers: { 'x-api-key': keys[app] ?? '' },
    ...(body === undefined ? {} : { body }),
    ...(sessionId === undefined ? {} : { sessionId }),
  })
async function until<T>(look: () => Promise<T | null>): Promise<T> {
  for (let i = 0; i < 400; i += 1) {
    const found = await look()
    if (found !== null) return found
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('It did not happen.')
}
const auditOf = async (app: string) => (await server.audit(app)).map(({ event, body }) => ({ event, body }))

test('a folder can be looked at with an admin key of the app, and is not changed with one', async () => {
  const shown = await ask('GET', '/api/admin/apps/trader', { app: 'trader' })
  expect(shown.status).toBe(200)
  expect(shown.body).toMatchObject({
    name: 'trader',
    version: expect.stringMatching(/^sha256-[0-9a-f]{64}$/),
    tools: expect.arrayContaining([{ name: 'ExecuteTrade', kind: 'write', state: 'offered', because: null }]),
  })
  expect(Object.keys((shown.body as { files: object }).files).toSorted()).toEqual([
    'app.yaml',
    'preamble.md',
    'tools/trading.yaml',
  ])
  const files = (shown.body as { files: object }).files
  expect(await ask('PUT', '/api/admin/apps/trader', { app: 'trader', body: { files } })).toMatchObject({
    status: 409,
    body: { code: 'apps:app:owned' },
  })
  expect((await ask('GET', '/api/admin/apps/trader', { app: 'prices' })).status).toBe(404)
})

test('an app is pushed with a key that was there before it; a broken one changes nothing', async () => {
  const files = { ...starterFiles('pushed') }
  expect((await ask('GET', '/api/admin/apps/pushed', { app: 'pushed' })).status).toBe(404)
  const pushed = await ask('PUT', '/api/admin/apps/pushed', { app: 'pushed', body: { files } })
  expect(pushed).toMatchObject({ status: 200, body: { name: 'pushed', warnings: [] } })
  const { version } = pushed.body as { version: string }
  const broken = { ...files, 'tools/example.yaml': `${files['tools/example.yaml']}    retries: 3\n` }
  const refused = await ask('PUT', '/api/admin/apps/pushed', { app: 'pushed', body: { files: broken } })
  expect(refused).toMatchObject({
    status: 422,
    body: { code: 'apps:config:invalid', errors: [{ file: 'tools/example.yaml', line: 15, column: 5 }] },
  })
  const outside = await ask('PUT', '/api/admin/apps/pushed', {
    app: 'pushed',
    body: { files: { ...files, '../x.yaml': '' } },
  })
  expect(outside).toMatchObject({ status: 422, body: { errors: [{ file: '../x.yaml' }] } })
  expect((await ask('GET', '/api/admin/apps/pushed', { app: 'pushed' })).body).toMatchObject({ version, files })
})

test('promise: a running server reads an edit, keeps the last good version of a broken one, and records both', async () => {
  const path = join(folder, 'prices/app.yaml')
  const good = readFileSync(path, 'utf8')
  const versionOf = async () =>
    ((await ask('GET', '/api/admin/apps/prices', { app: 'prices' })).body as { version: string }).version
  const first = await versionOf()
  const sessionId = randomUUID()
  const chat = async () => {
    await ask('POST', '/api/chat', { app: 'prices', sessionId, body: { app: 'prices', message: 'help' } })
    await until(async () =>
      ((await ask('GET', '/api/state', { app: 'prices', sessionId })).body as { is_processing: boolean }).is_processing
        ? null
        : true,
    )
  }
  await chat()

  writeFileSync(path, `${good}nmae: x\n`)
  const refused = await until(
    async () => (await auditOf('prices')).find(({ event }) => event === 'apps.app.refused') ?? null,
  )
  expect(refused.body).toMatchObject({
    kept: first,
    faults: [expect.stringMatching(/^prices\/app\.yaml:\d+:1: Unknown key "nmae"/)],
  })
  expect(await versionOf()).toBe(first)

  writeFileSync(path, good.replace('title: Prices', 'title: All prices'))
  const second = await until(async () => ((await versionOf()) === first ? null : versionOf()))
  expect((await auditOf('prices')).findLast(({ event }) => event === 'apps.app.changed')?.body).toEqual({
    version: second,
  })

  await chat()
  const events = server.store.prepare<{ body: string }>("select body from events where kind = 'app'").all()
  expect(events.map(({ body }) => JSON.parse(body))).toEqual([
    { type: 'app', name: 'prices', version: second, previous: first },
  ])
  const turns = (await auditOf('prices')).filter(({ event }) => event === 'turns.turn.finished')
  expect(turns.map(({ body }) => body['app_version'])).toEqual([first, second])
  expect(turns[0]?.body['preamble']).toMatch(/^0x[0-9a-f]{64}$/)
})

test('promise: a server with a broken folder does not start, and says where', async () => {
  writeFileSync(join(folder, 'trader/app.yaml'), 'name: trader\nmodel: gpt-99\n')
  await expect(
    startServer({
      port: 0,
      dataDir: join(scratch, 'other'),
      chains: [],
      env: { COUNTERSIGN_APPS_DIR: folder },
      webRoot: null,
    }),
  ).rejects.toThrow(/^trader\/app\.yaml:2:8: The model "gpt-99" is not available/)
})
