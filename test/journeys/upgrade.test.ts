/** Data directories of earlier versions, opened by this one. `test/upgrade/README.md` says how they are made. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { launch, type Launched } from 'countersign'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runInTest } from '../../packages/cli/src/runInTest.ts'

const FOLDER = join(import.meta.dirname, '..', 'upgrade')
const VERSIONS = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.tgz'))
  .map((name) => name.slice(0, -'.tgz'.length))

interface Facts {
  readonly closedMs: number
  readonly keys: Readonly<Record<'used' | 'revoked', { readonly id: string; readonly parts: readonly string[] }>>
  readonly sessions: Readonly<Record<'talked' | 'renamed', string>>
  readonly title: string
  readonly owner: string
  readonly chainId: number
  readonly messages: readonly { readonly sender: string; readonly content: string }[]
}

test('there is a data directory of an earlier version to open', () => {
  expect(VERSIONS.length).toBeGreaterThan(0)
})

describe.each(VERSIONS)('a data directory of %s', (version) => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-upgrade-'))
  const dataDir = join(folder, 'data')
  let facts: Facts
  let chain: LocalChain
  let server: Launched

  const get = async (path: string, key: keyof Facts['keys'], sid?: string) => {
    const headers = {
      'x-api-key': facts.keys[key].parts.join(''),
      ...(sid === undefined ? {} : { 'x-session-id': sid }),
    }
    const response = await fetch(`${server.url}${path}`, { headers })
    return { status: response.status, body: (await response.json()) as never }
  }

  const post = async (path: string, sid: string, sent: object) => {
    const key = facts.keys.used.parts.join('')
    const headers = { 'x-api-key': key, 'x-session-id': sid, 'content-type': 'application/json' }
    const response = await fetch(`${server.url}${path}`, { method: 'POST', headers, body: JSON.stringify(sent) })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }

  beforeAll(async () => {
    execFileSync('tar', ['-xzf', join(FOLDER, `${version}.tgz`), '-C', folder])
    facts = JSON.parse(readFileSync(join(folder, 'facts.json'), 'utf8')) as Facts
    chain = await startLocalChain()
    // Twenty minutes after it was closed, however long ago that is: sessions still live, and no proposal does.
    const startMs = performance.now()
    const clock = { nowMs: () => facts.closedMs + 20 * 60_000 + Math.round(performance.now() - startMs) }
    server = await launch({
      port: 0,
      dataDir,
      env: {},
      localChain: chain,
      clock,
      storeClock: clock,
      logLevel: 'silent',
    })
  })
  afterAll(async () => {
    await server.close()
    await chain.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('promise: a key opens what it opened, and a revoked one nothing', async () => {
    const { status, body } = await get('/api/key', 'used')
    expect({ status, body }).toMatchObject({ status: 200, body: { id: facts.keys.used.id, app: 'default' } })
    expect((await get('/api/key', 'revoked')).status).toBe(401)
  })

  test('promise: sessions keep their ids, titles and messages', async () => {
    const { talked, renamed } = facts.sessions
    const state = await get('/api/state', 'used', talked)
    const { messages } = state.body as Pick<Facts, 'messages'>
    expect(messages.slice(0, facts.messages.length)).toMatchObject(facts.messages)
    const { status, body } = await get(`/api/sessions/${renamed}`, 'used', renamed)
    expect({ status, body }).toMatchObject({ status: 200, body: { title: facts.title } })
  })

  test('promise: what was proposed is listed, and what has expired cannot be signed', async () => {
    const { talked } = facts.sessions
    const { body } = await get('/api/proposals', 'used', talked)
    const [first, ...more] = body as { id: string; summary: string; receipt: { digest: string } }[]
    expect(more).toEqual([])
    expect(first?.summary).toBe('Send 0.1 ETH to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
    // Its quarter of an hour is over.
    const looked = await post(`/api/proposals/${first?.id ?? ''}/recheck`, talked, {
      ...{ from: facts.owner, chain_id: facts.chainId, window: 'w1', receipt: first?.receipt.digest },
    })
    expect(looked).toMatchObject({ status: 409, body: { code: 'proposals:transition:refused' } })
  })

  test('promise: the audit record goes on from its first entry, and verifies', async () => {
    const env = { COUNTERSIGN_DATA_DIR: dataDir }
    const apps = JSON.parse((await runInTest(['audit', 'list', '--json'], env)).out) as string[]
    expect(apps).toContain('default')
    let record = ''
    for (const app of apps) {
      const file = join(folder, `${app}.jsonl`)
      expect(await runInTest(['audit', 'export', '--app', app, '--out', file], env)).toMatchObject({ code: 0 })
      expect(await runInTest(['audit', 'verify', file], env), app).toMatchObject({ code: 0 })
      record += readFileSync(file, 'utf8')
    }
    // Its first entries: both keys were made, and one was revoked.
    const labels = record.match(/"event":"keys\.key\.(?:issued|revoked)"/g) ?? []
    expect(labels.filter((event) => event.includes('issued')).length).toBeGreaterThanOrEqual(2)
    expect(labels.filter((event) => event.includes('revoked'))).toHaveLength(1)
  })

  test('promise: a new turn and a new key work in it', async () => {
    expect((await post('/api/chat', facts.sessions.renamed, { message: 'hello' })).status).toBe(200)
    await expect
      .poll(async () => (await get('/api/state', 'used', facts.sessions.renamed)).body, { timeout: 60_000 })
      .toMatchObject({
        is_processing: false,
        messages: expect.arrayContaining([expect.objectContaining({ sender: 'agent' })]),
      })
    expect((await server.issueKey({ app: 'default', label: 'after' })).id).toMatch(/^key_/)
  })
})
