import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clock } from '@countersign/base'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAppendAudit } from '../audit/appendAudit.ts'
import type { Authority } from '../keys/Authority.ts'
import type { LostWhy } from '../sessions/LostWhy.ts'
import { openSession } from '../sessions/sessions.ts'
import { openStore, type Store } from '../store/openStore.ts'
import type { Statement } from '../store/protocol.ts'
import { endTurn, fenceStore, takeTurn } from './claims.ts'

/** Every way in which a running turn loses what it was begun with, and the writes that it then tries. */
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-lost-'))
const NOW_MS = 1_000_000
const clock = Clock.fixed(NOW_MS)
let store: Store
beforeAll(async () => {
  store = await openStore({ clock }, { dataDir })
})
afterAll(async () => {
  await store.close()
  rmSync(dataDir, { recursive: true, force: true })
})

/** A session with a turn, and the authority that the turn runs with. */
interface Scene {
  readonly sid: string
  readonly authority: Authority
}
const WALLET = `0x${'a1'.repeat(20)}`
const only = (authority: Partial<Authority>): Authority => ({
  keyId: null,
  ip: null,
  token: null,
  browser: null,
  owner: null,
  wallet: null,
  ...authority,
})

async function scene(begunWith: 'key' | 'token' | 'browser' | 'id'): Promise<Scene> {
  const handle = randomUUID()
  const owner = begunWith === 'key' ? `key:${handle}` : begunWith === 'browser' ? `browser:${handle}` : 'app:default'
  const { sid } = await openSession(
    { store, clock, audit: createAppendAudit({ clock }) },
    { publicId: randomUUID(), app: 'default', owner },
  )
  const authority = only({
    owner,
    wallet: WALLET,
    ...(begunWith === 'key' ? { keyId: handle, ip: '192.0.2.7' } : {}),
    ...(begunWith === 'token' ? { token: handle } : {}),
    ...(begunWith === 'browser' ? { browser: handle } : {}),
  })
  const credential: Record<typeof begunWith, Statement[]> = {
    key: [
      {
        sql: `insert into keys (id, app, label, family, digest, last4, created_ms) values (?1, 'default', '', ?1, ?1, 'abcd', 0)`,
        parameters: [handle],
      },
    ],
    token: [
      {
        sql: `insert into session_tokens (digest, kind, sid, origin, expires_ms) values (?, 'token', ?, '', ?)`,
        parameters: [handle, sid, NOW_MS + 1],
      },
    ],
    browser: [
      {
        sql: 'insert into browsers (id, digest, created_ms, used_ms) values (?1, ?1, 0, 0)',
        parameters: [handle],
      },
    ],
    id: [],
  }
  await store.batch([
    ...credential[begunWith],
    { sql: 'update sessions set wallet_address = ? where sid = ?', parameters: [WALLET, sid] },
  ])
  expect(await store.write((write) => takeTurn(write, { sid, turnId: `turn ${sid}`, nowMs: NOW_MS, authority }))).toBe(
    true,
  )
  return { sid, authority }
}

type Way = readonly [how: string, begunWith: Parameters<typeof scene>[0], sql: string, of: keyof Authority | 'sid']
const inKeys = (set: string) => `update keys set ${set} where id = ?`
/** The compiler asks for a row of each reason. */
const WAYS: Readonly<Record<LostWhy, readonly Way[]>> = {
  key: [
    ['is revoked', 'key', inKeys('revoked_ms = 1'), 'keyId'],
    ['expires', 'key', inKeys(`expires_ms = ${NOW_MS}`), 'keyId'],
    ['was replaced and its overlap is over', 'key', inKeys(`not_after_ms = ${NOW_MS}`), 'keyId'],
    ['waited too long for its first use', 'key', inKeys(`activate_by_ms = ${NOW_MS}`), 'keyId'],
    ['is frozen', 'key', inKeys(`quarantine = '{"level":"freeze","sinceMs":1,"evidence":[]}'`), 'keyId'],
    [
      'needs a proof that the session cannot give',
      'key',
      inKeys(`quarantine = '{"level":"proof","sinceMs":1,"evidence":[]}'`),
      'keyId',
    ],
    ['is deleted', 'key', 'delete from keys where id = ?', 'keyId'],
  ],
  scope: [
    ['no longer chats', 'key', inKeys(`scopes = '["read"]'`), 'keyId'],
    ['has no scope', 'key', inKeys(`scopes = '[]'`), 'keyId'],
  ],
  network: [['leaves its network', 'key', inKeys(`networks = '["203.0.113.0/24"]'`), 'keyId']],
  token: [
    ['is replaced by another page', 'token', 'delete from session_tokens where digest = ?', 'token'],
    ['expires', 'token', `update session_tokens set expires_ms = ${NOW_MS} where digest = ?`, 'token'],
    ['becomes a code', 'token', `update session_tokens set kind = 'code' where digest = ?`, 'token'],
  ],
  browser: [['is forgotten', 'browser', 'delete from browsers where id = ?', 'browser']],
  owner: [
    ['changes', 'id', `update sessions set owner = 'app:another' where sid = ?`, 'sid'],
    [
      'changes hands under its browser',
      'browser',
      `update sessions set owner = 'browser:another' where sid = ?`,
      'sid',
    ],
  ],
  wallet: [
    ['is another one', 'id', `update sessions set wallet_address = '0x${'b2'.repeat(20)}' where sid = ?`, 'sid'],
    ['is another one', 'token', `update sessions set wallet_address = '0x${'b2'.repeat(20)}' where sid = ?`, 'sid'],
  ],
  session: [
    ['is ended by its owner', 'id', `update sessions set ended_ms = 1, ended_why = 'owner' where sid = ?`, 'sid'],
    ['is ended beside its key', 'key', `update sessions set ended_ms = 1, ended_why = 'owner' where sid = ?`, 'sid'],
  ],
}
const ALL = Object.entries(WAYS).flatMap(([why, ways]) => ways.map((way) => [why, ...way] as const))

const stage = (sid: string): Statement => ({
  sql: `update sessions set next_tx_id = next_tx_id + 1, title = 'staged' where sid = ?`,
  parameters: [sid],
})
const fence = ({ sid }: Scene): Store => fenceStore(store, { sid, turnId: `turn ${sid}`, nowMs: () => clock.nowMs() })
const rowOf = ({ sid }: Scene) =>
  store.read.selectFrom('sessions').select(['next_tx_id', 'title']).where('sid', '=', sid).executeTakeFirstOrThrow()

describe('what a turn was begun with is lost while it runs', () => {
  test.each(['key', 'token', 'browser', 'id'] as const)('a turn begun with a %s writes while it has it', async (by) => {
    const running = await scene(by)
    await fence(running).batch([stage(running.sid)])
    expect(await rowOf(running)).toEqual({ next_tx_id: 2, title: 'staged' })
  })

  test.each(ALL)('promise: %s %s (turn begun with %s): nothing more is staged or committed', async (why, ...way) => {
    const [, begunWith, sql, of] = way
    const running = await scene(begunWith)
    const fenced = fence(running)
    await store.batch([{ sql, parameters: [of === 'sid' ? running.sid : running.authority[of]] }])
    const before = await rowOf(running)
    let ran = 0
    const writes: readonly (() => Promise<unknown>)[] = [
      () => fenced.batch([stage(running.sid)]),
      () =>
        fenced.write(async (write) => {
          ran += 1
          await write.run(stage(running.sid).sql, [running.sid])
        }),
      () =>
        fenced.write((write) =>
          endTurn(write, { sid: running.sid, nextId: 'next', seenIdx: 0, nowMs: NOW_MS, mayGoOn: true }),
        ),
    ]
    for (const write of writes) await expect(write()).rejects.toMatchObject({ code: 'turns:turn:refused', why })
    expect(ran).toBe(0)
    expect(await rowOf(running)).toEqual(before)
  })

  test('promise: a turn that named no key is held to the keys of the family that owns its session', async () => {
    const running = await scene('key')
    await store.batch([
      {
        sql: `update sessions set turn_authority = ? where sid = ?`,
        parameters: [JSON.stringify(only({ owner: running.authority.owner })), running.sid],
      },
      { sql: inKeys('revoked_ms = 1'), parameters: [running.authority.keyId] },
    ])
    await expect(fence(running).batch([stage(running.sid)])).rejects.toMatchObject({ why: 'key' })
  })
})
