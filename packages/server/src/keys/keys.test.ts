import { createHash, createSign, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clock, Redacted } from '@countersign/base'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAppendAudit, readAudit } from '../audit/appendAudit.ts'
import { openStore, type Store } from '../store/openStore.ts'
import * as AllowList from './AllowList.ts'
import { createUsage, type Usage } from './createUsage.ts'
import * as KeyLimit from '../limits/KeyLimit.ts'
import * as KeyRecord from './KeyRecord.ts'
import type { KeyTools } from './KeyTools.ts'
import { leakedRange, readLeakReporters, takeLeakReport } from './leaks.ts'
import { openInstance } from './openInstance.ts'
import { openKeyIndex, type KeyIndex } from './openKeyIndex.ts'
import { createKeyring, type Keyring } from './openKeyring.ts'
import { openPepper, rotatePepper } from './openPepper.ts'
import * as Scope from './Scope.ts'
import { verifyKey, type Refusal, type VerifyTools } from './verifyKey.ts'
import { remindOfAge } from './watchKeys.ts'

const START_MS = Date.parse('2026-01-01T00:00:00.000Z')
const DAY_MS = 86_400_000
const IP = '203.0.113.7'
const root = mkdtempSync(join(tmpdir(), 'countersign-keys-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

let dataDir: string
let count = 0
let store: Store
let clock: ReturnType<typeof Clock.fixed>
let tools: KeyTools
let keyring: Keyring
let index: KeyIndex
let refusals: Refusal[]
let usage: Usage
let quarantined: string[]

beforeEach(async () => {
  count += 1
  dataDir = join(root, String(count))
  clock = Clock.fixed(START_MS)
  await open()
})
afterEach(() => store.close())

async function open(): Promise<void> {
  store = await openStore({ clock }, { dataDir })
  tools = { store, clock, audit: createAppendAudit({ clock }), peppers: openPepper({ keys: store.keys, env: {} }) }
  keyring = createKeyring(tools)
  index = openKeyIndex({ store, peppers: tools.peppers })
  refusals = []
  quarantined = []
  usage = createUsage({
    ...tools,
    index: () => index,
    onQuarantine: (key) => quarantined.push(`${key.id} ${key.quarantine?.level}`),
    onError: (error) => {
      throw error
    },
  })
}
function verifying(other: Partial<VerifyTools> = {}): VerifyTools {
  return { ...tools, index, onRefusal: (refusal) => (refusals.push(refusal), usage.noteRefusal(refusal)), ...other }
}
/** The code that a key is refused with, or the handle that it opens as. */
async function use(text: string, ip = IP, other: Partial<VerifyTools> = {}): Promise<string> {
  try {
    return (await verifyKey(verifying(other), { text, ip })).keyId
  } catch (error) {
    return (error as { code: string }).code
  }
}
async function issue(input: Partial<Parameters<Keyring['issue']>[0]> = {}): Promise<{ id: string; text: string }> {
  const { id, key } = await keyring.issue({ app: 'acme', label: '', ...input })
  return { id, text: Redacted.reveal(key) }
}
async function rotate(id: string, style: Parameters<Keyring['rotate']>[0]['style']) {
  const made = await keyring.rotate({ id, app: null, ...(style === undefined ? {} : { style }) })
  return { id: made.id, text: Redacted.reveal(made.key), oldEndsMs: made.oldEndsMs }
}
const auditEvents = async (app = 'acme') => (await readAudit({ store }, { app })).map((entry) => entry.event)

describe('verification', () => {
  test('promise: malformed, unknown, revoked and canary keys look alike; nothing is looked up without its checksum', async () => {
    const { id, text } = await issue()
    const canary = await issue({ isCanary: true })
    expect(await use(text)).toBe(id)
    await keyring.revoke({ id, app: null })
    const misses = index.counts.misses
    expect(await use(`${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`)).toBe('keys:key:unknown')
    expect(index.counts.misses).toBe(misses)
    for (const each of [text, canary.text]) expect(await use(each)).toBe('keys:key:unknown')
    expect(refusals.map(({ reason }) => reason)).toEqual(['shape', 'revoked', 'canary'])
    // Written behind the answer: whoever tries a canary must not see that it takes longer.
    await store.write(async () => undefined)
    expect(await auditEvents()).toContain('keys.canary.used')
    // In the database there is no key, and nothing that a key can be checked with.
    const row = await store.read.selectFrom('keys').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    expect(JSON.stringify(row)).not.toContain(text)
    expect(row.digest).not.toBe(createHash('sha256').update(text).digest('hex'))
  })

  test('promise: one key never opens another app, however its name is twisted', async () => {
    const { text } = await issue({ app: 'a-b' })
    expect(await use(text.replace('sk-a-b-', 'sk-a-'))).toBe('keys:key:unknown')
    await expect(keyring.revoke({ id: (await issue()).id, app: 'other' })).rejects.toMatchObject({
      code: 'keys:handle:absent',
    })
    await expect(keyring.revoke({ id: 'key_nothing', app: 'other' })).rejects.toMatchObject({
      code: 'keys:handle:absent',
    })
  })

  test('promise: an expiry is exact at the millisecond, without any sweep', async () => {
    const { id, text } = await issue({ expiresMs: START_MS + 1_000 })
    clock.advanceMs(999)
    expect(await use(text)).toBe(id)
    clock.advanceMs(1)
    expect(await use(text)).toBe('keys:key:expired')
  })

  test('promise: an allow-list admits its blocks and nobody else, IPv4 in IPv6 included', async () => {
    const { id, text } = await issue({ networks: ['203.0.113.0/24', '2001:db8::/32', '198.51.100.7'] })
    for (const ip of ['203.0.113.1', '::ffff:203.0.113.9', '2001:db8:1::5', '198.51.100.7'])
      expect(await use(text, ip)).toBe(id)
    for (const ip of ['203.0.114.1', '::ffff:198.51.100.8', '2001:db9::1', '', 'nonsense'])
      expect(await use(text, ip), ip).toBe('keys:network:refused')
    for (const bad of ['10.0.0.0/33', '2001:db8::/129', 'localhost', '10.0.0.256', '10.0.0.0/08', '::1%eth0'])
      await expect(issue({ networks: [bad] }), bad).rejects.toMatchObject({ code: 'keys:network:unreadable' })
    expect([AllowList.networkOf('::ffff:203.0.113.9'), AllowList.networkOf('2001:db8:1:2::3')]).toEqual([
      '203.0.113.0/24',
      '2001:db8:1::/48',
    ])
    expect([AllowList.budgetOf('2001:db8::3'), AllowList.budgetOf('203.0.113.9')]).toEqual([
      '2001:db8:0:0::/64',
      '203.0.113.9',
    ])
  })

  test('scopes: admin holds all, others hold themselves; limits are written as they are read', async () => {
    expect(Scope.allows(['admin'], 'audit')).toBe(true)
    expect(Scope.allows(['read'], 'chat')).toBe(false)
    expect(() => Scope.parse(['root'])).toThrow(expect.objectContaining({ code: 'keys:scope:unknown' }))
    for (const text of ['100/10s', '6000/1m', '5/1h', '9/31d']) expect(KeyLimit.format(KeyLimit.parse(text))).toBe(text)
    for (const text of ['0/1s', '10', '1/32d', '1/s1', '-1/1s', '10/1s,'])
      expect(() => KeyLimit.parse(text), text).toThrow(expect.objectContaining({ code: 'keys:limit:unreadable' }))
    expect(() => KeyLimit.parseAll(['1/60s', '2/1m'])).toThrow()
  })

  test('a pepper is rotated: keys move at their next use, and the old pepper then opens nothing', async () => {
    const used = await issue()
    const idle = await issue()
    expect(rotatePepper({ keys: store.keys, env: {} })).toBe(2)
    await store.close()
    await open()
    expect(await use(used.text)).toBe(used.id)
    const versions = async () =>
      (await store.read.selectFrom('keys').select(['id', 'pepper_version']).orderBy('pepper_version').execute()).map(
        (row) => [row.id, row.pepper_version],
      )
    expect(await versions()).toEqual([
      [idle.id, 1],
      [used.id, 2],
    ])
    if (store.sharedKeys === null) rmSync(join(dataDir, 'pepper.key'))
    else store.sharedKeys.remove('pepper.key')
    await store.close()
    await open()
    expect(await use(used.text)).toBe(used.id)
    expect(await use(idle.text)).toBe('keys:key:unknown')
  })
})

describe('the cache', () => {
  test('promise: a key revoked between the read of its row and the fill is never accepted', async () => {
    const { id, text } = await issue()
    let resume: () => void = () => undefined
    let paused: () => void = () => undefined
    const isPaused = new Promise<void>((resolve) => (paused = resolve))
    let isFirst = true
    const slow = openKeyIndex({
      store,
      peppers: tools.peppers,
      pauseFill: async () => {
        if (!isFirst) return
        isFirst = false
        paused()
        await new Promise<void>((resolve) => (resume = resolve))
      },
    })
    const during = use(text, IP, { index: slow })
    await isPaused
    await keyring.revoke({ id, app: null })
    resume()
    expect(await during).toBe('keys:key:unknown')
    expect(await use(text, IP, { index: slow })).toBe('keys:key:unknown')
  })

  test('promise: what another process changes holds for the next request here', async () => {
    const { id, text } = await issue()
    expect([await use(text), await use(text)]).toEqual([id, id])
    expect(index.counts.hits).toBe(1)
    const other = await openStore({ clock }, { dataDir })
    const elsewhere = createKeyring({ ...tools, store: other })
    await elsewhere.revoke({ id, app: null })
    expect(await use(text)).toBe('keys:key:unknown')
    await elsewhere.undo({ id, app: null })
    expect(await use(text)).toBe(id)
    await elsewhere.change({ id, app: null, change: { networks: ['192.0.2.0/24'] } })
    expect(await use(text)).toBe('keys:network:refused')
    await other.close()
  })

  test('it is capped, and an instance without a lease trusts nothing it remembers', async () => {
    const made = await Promise.all(Array.from({ length: 6 }, () => issue()))
    let isLeased = true
    const small = openKeyIndex({ store, peppers: tools.peppers, mayTrust: () => isLeased }, { maxCached: 3 })
    for (const { id, text } of made) expect(await use(text, IP, { index: small })).toBe(id)
    const [first, last] = [made[0]?.text ?? '', made.at(-1)?.text ?? '']
    await use(last, IP, { index: small })
    expect(small.counts).toEqual({ hits: 1, misses: 6 })
    await use(first, IP, { index: small })
    isLeased = false
    await use(last, IP, { index: small })
    expect(small.counts).toEqual({ hits: 1, misses: 8 })
  })
})

describe('rotation', () => {
  test('promise: by the clock, both open until the overlap is over, exactly', async () => {
    const old = await issue()
    const made = await rotate(old.id, { kind: 'clock', overlapMs: 5_000 })
    expect(made.oldEndsMs).toBe(START_MS + 5_000)
    for (const [ms, first] of [
      [0, old.id],
      [4_999, old.id],
      [1, 'keys:key:replaced'],
      [1, 'keys:key:replaced'],
    ] as const) {
      clock.advanceMs(ms === 4_999 ? 4_999 : ms)
      expect([await use(old.text), await use(made.text)]).toEqual([first, made.id])
    }
  })

  test('promise: with no overlap the old key is dead with the answer', async () => {
    const old = await issue()
    expect(await use(old.text)).toBe(old.id)
    const made = await rotate(old.id, { kind: 'clock', overlapMs: 0 })
    expect([await use(old.text), await use(made.text)]).toEqual(['keys:key:replaced', made.id])
  })

  test('promise: on first use, the overlap begins with the first use, exactly; two first uses are one', async () => {
    const old = await issue()
    const made = await rotate(old.id, { kind: 'first-use', overlapMs: 5_000, deadlineMs: 60_000 })
    clock.advanceMs(59_999)
    expect(await use(old.text)).toBe(old.id)
    expect(await Promise.all([use(made.text), use(made.text), use(made.text)])).toEqual([made.id, made.id, made.id])
    expect((await auditEvents()).filter((event) => event === 'keys.key.activated')).toHaveLength(1)
    clock.advanceMs(4_999)
    expect([await use(old.text), await use(made.text)]).toEqual([old.id, made.id])
    clock.advanceMs(1)
    expect([await use(old.text), await use(made.text)]).toEqual(['keys:key:replaced', made.id])
  })

  test('promise: never used by the deadline, nothing has happened: the new key is dead, the old one stays', async () => {
    const old = await issue()
    const made = await rotate(old.id, { kind: 'first-use', overlapMs: 5_000, deadlineMs: 60_000 })
    clock.advanceMs(60_000)
    expect([await use(old.text), await use(made.text)]).toEqual([old.id, 'keys:key:unknown'])
    // And it can be rotated again.
    const again = await rotate(old.id, { kind: 'clock', overlapMs: 0 })
    expect([await use(old.text), await use(again.text)]).toEqual(['keys:key:replaced', again.id])
  })

  test('promise: neither key outlives the original expiry', async () => {
    for (const style of [
      { kind: 'clock', overlapMs: 10_000 },
      { kind: 'first-use', overlapMs: 10_000, deadlineMs: 60_000 },
    ] as const) {
      const endMs = clock.nowMs() + 3_000
      const old = await issue({ expiresMs: endMs })
      const made = await rotate(old.id, style)
      clock.advanceMs(2_999)
      expect([await use(old.text), await use(made.text)]).toEqual([old.id, made.id])
      clock.advanceMs(1)
      expect([await use(old.text), await use(made.text)]).toEqual(['keys:key:expired', 'keys:key:expired'])
    }
  })

  test('promise: old and new are independent; a session’s family outlives the rotation', async () => {
    const old = await issue({ scopes: ['read'], networks: ['203.0.113.0/24'] })
    const made = await rotate(old.id, { kind: 'clock', overlapMs: 60_000 })
    await expect(rotate(old.id, undefined)).rejects.toMatchObject({ code: 'keys:state:rotating' })
    await keyring.revoke({ id: made.id, app: null })
    expect([await use(old.text), await use(made.text)]).toEqual([old.id, 'keys:key:unknown'])
    await keyring.undo({ id: made.id, app: null })
    await keyring.revoke({ id: old.id, app: null })
    expect([await use(old.text), await use(made.text)]).toEqual(['keys:key:unknown', made.id])
    const caller = await verifyKey(verifying(), { text: made.text, ip: IP })
    expect(caller).toMatchObject({
      family: old.id,
      scopes: ['read'],
      key: { generation: 2, networks: ['203.0.113.0/24'] },
    })
    await expect(rotate('key_nothing', undefined)).rejects.toMatchObject({ code: 'keys:handle:absent' })
    for (const overlapMs of [-1, 0.5, 32 * DAY_MS])
      await expect(rotate(made.id, { kind: 'clock', overlapMs })).rejects.toMatchObject({
        code: 'keys:overlap:unreadable',
      })
  })
})

describe('revocation', () => {
  test('it can be taken back within an hour, exactly; never when the key was exposed; and revives nothing that ended', async () => {
    const { id, text } = await issue({ expiresMs: START_MS + 2 * 3_600_000 })
    await keyring.revoke({ id, app: null, reason: 'wrong one' })
    clock.advanceMs(KeyRecord.UNDO_MS - 1)
    expect((await keyring.undo({ id, app: null })).revokedMs).toBeNull()
    expect(await use(text)).toBe(id)
    await expect(keyring.undo({ id, app: null })).rejects.toMatchObject({ code: 'keys:state:not-revoked' })
    await keyring.revoke({ id, app: null })
    clock.advanceMs(KeyRecord.UNDO_MS)
    await expect(keyring.undo({ id, app: null })).rejects.toMatchObject({ code: 'keys:state:too-late' })

    const exposed = await issue()
    await keyring.revoke({ id: exposed.id, app: null })
    await keyring.revoke({ id: exposed.id, app: null, isExposed: true })
    await expect(keyring.undo({ id: exposed.id, app: null })).rejects.toMatchObject({ code: 'keys:state:exposed' })

    const short = await issue({ expiresMs: clock.nowMs() + 1_000 })
    await keyring.revoke({ id: short.id, app: null })
    clock.advanceMs(1_000)
    await keyring.undo({ id: short.id, app: null })
    expect(await use(short.text)).toBe('keys:key:expired')
  })

  test('promise: the answer waits for every live instance, and not for one whose lease is over', async () => {
    const { id } = await issue()
    const onError = (error: unknown): void => {
      throw error
    }
    const one = await openInstance({ store, clock: Clock.system, epoch: () => index.epoch(), onError })
    const other = await openStore({ clock }, { dataDir })
    const otherIndex = openKeyIndex({ store: other, peppers: tools.peppers })
    const two = await openInstance({ store: other, clock: Clock.system, epoch: () => otherIndex.epoch(), onError })
    const healthy = await keyring.revoke({ id, app: null })
    expect(healthy.fence).toMatchObject({ confirmed: 2, live: 2, lapsed: 0 })
    // What else may take something from a key is answered no sooner.
    const unconfirmed = async (): Promise<number> =>
      (await store.read.selectFrom('instances').select('id').where('acked_epoch', '<', index.epoch()).execute()).length
    const changed = await issue()
    await keyring.change({ id: changed.id, app: null, change: { scopes: ['read'] } })
    expect(await unconfirmed()).toBe(0)
    await keyring.rotate({ id: changed.id, app: null, style: { kind: 'clock', overlapMs: 0 } })
    expect(await unconfirmed()).toBe(0)
    const frozen = await issue()
    // One that lives and never looks: as if its process stood still.
    await store.batch([
      {
        sql: 'insert into instances (id, started_ms, lease_until_ms, acked_epoch) values (?, ?, ?, ?)',
        parameters: ['frozen', 0, store.machineClock.nowMs() + 400, 0],
      },
    ])
    const startMs = performance.now()
    const { fence } = await keyring.revoke({ id: frozen.id, app: null })
    expect(fence).toMatchObject({ confirmed: 2, live: 2, lapsed: 1 })
    expect(performance.now() - startMs).toBeGreaterThan(300)
    await two.close()
    await other.close()
    await one.close()
    expect((await keyring.revoke({ id: (await issue()).id, app: null })).fence).toMatchObject({ confirmed: 0, live: 0 })
  })
})

describe('changes that no administrator waits for', () => {
  /** Another instance that lives, and has seen no change yet. */
  const other = (seen: 'nothing' | 'everything') =>
    store.batch([
      {
        sql: `insert into instances (id, started_ms, lease_until_ms, acked_epoch) values ('other', 0, ?, ?)
          on conflict (id) do update set acked_epoch = excluded.acked_epoch`,
        parameters: [Date.now() + 60_000, seen === 'nothing' ? 0 : Number.MAX_SAFE_INTEGER],
      },
    ])

  test('promise: the first use of a new key is answered when every instance knows that the old one ends', async () => {
    const old = await issue()
    const made = await rotate(old.id, { kind: 'first-use', overlapMs: 0, deadlineMs: 60_000 })
    await other('nothing')
    let isAnswered = false
    const used = use(made.text).then((answer) => {
      isAnswered = true
      return answer
    })
    while (!(await auditEvents()).includes('keys.key.activated')) await new Promise(setImmediate)
    expect(await use(old.text)).toBe('keys:key:replaced')
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(isAnswered).toBe(false)
    await other('everything')
    expect(await used).toBe(made.id)
  })

  test('a key that was held back by itself has in its record how many instances confirmed it', async () => {
    const canary = await issue({ isCanary: true })
    const { text } = await issue()
    await use(canary.text)
    const { key } = await verifyKey(verifying(), { text, ip: IP })
    usage.note(key, { ip: IP, agent: 'app/1', status: 200, scope: 'read', bytes: 1, isNewSession: false })
    await other('everything')
    await usage.judgeAll()
    const entries = (await readAudit({ store }, { app: 'acme' })).slice(-2)
    expect(entries.map(({ event }) => event)).toEqual(['keys.key.quarantined', 'keys.key.quarantine-confirmed'])
    expect(entries[1]?.body).toEqual({
      key: entries[0]?.body['key'],
      level: 'proof',
      confirmed_instances: 1,
      live_instances: 1,
      lapsed_instances: 0,
    })
  })
})

describe('age, leaks, canaries, quarantine', () => {
  test('reminders come at 76, 83, 89 and 90 days and daily after, once each, for keys that are active', async () => {
    const { id } = await issue({ label: 'old' })
    const revoked = await issue()
    await keyring.revoke({ id: revoked.id, app: null })
    const days: number[] = []
    for (let day = 0; day <= 93; day += 1) {
      for (let i = 0; i < 2; i += 1)
        await remindOfAge({ ...tools, onReminder: (key, at) => (expect(key.id).toBe(id), days.push(at)) })
      clock.advanceMs(DAY_MS)
    }
    expect(days).toEqual([76, 83, 89, 90, 91, 92, 93])
    expect((await auditEvents()).filter((event) => event === 'keys.key.aging')).toHaveLength(7)
    expect(
      (await keyring.list({})).map((key) => KeyRecord.toWire(key, clock.nowMs())).find((key) => key['id'] === id),
    ).toMatchObject({
      rotation_due: true,
    })
    // A server that was off for a while says the newest only.
    expect(KeyRecord.reminderDue({ createdMs: 0 }, 76, 89.5 * DAY_MS)).toBe(89)
  })

  test('promise: only a signed report is believed; a key that was seen in public is dead for good', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    const file = join(dataDir, 'reporters.json')
    writeFileSync(
      file,
      JSON.stringify({
        public_keys: [{ key_identifier: 'kid', key: publicKey.export({ type: 'spki', format: 'pem' }) }],
      }),
    )
    const reporters = readLeakReporters(file)
    const { id, text } = await issue()
    const invented = text.replace('sk-acme-', 'sk-acme-').slice(0, -9) + '0'.repeat(9)
    const body = Buffer.from(
      JSON.stringify([
        { token: text, type: 'countersign_key', url: 'https://code.invalid/a', source: 'content' },
        { token: invented, type: 'countersign_key', url: '', source: '' },
      ]),
    )
    const sign = (bytes: Buffer) => createSign('sha256').update(bytes).sign(privateKey, 'base64')
    for (const [keyId, signature, bytes] of [
      ['other', sign(body), body],
      ['kid', sign(Buffer.from('x')), body],
      ['kid', '', body],
      ['kid', sign(body), Buffer.concat([body, Buffer.from(' ')])],
    ] as const) {
      await expect(takeLeakReport(tools, { body: bytes, keyId, signature, reporters })).rejects.toMatchObject({
        code: 'keys:leak:unsigned',
      })
    }
    expect(await use(text)).toBe(id)
    const { answers } = await takeLeakReport(tools, { body, keyId: 'kid', signature: sign(body), reporters })
    expect(answers.map(({ label }) => label)).toEqual(['true_positive', 'false_positive'])
    expect(await use(text)).toBe('keys:key:unknown')
    await expect(keyring.undo({ id, app: null })).rejects.toMatchObject({ code: 'keys:state:exposed' })
    expect(await auditEvents()).toEqual(expect.arrayContaining(['keys.key.exposed', 'keys.key.revoked']))

    // The self-check: five digits out, at least 32 lines back, always the same ones.
    const digest = createHash('sha256').update(text).digest('hex')
    const lines = await leakedRange(tools, { prefix: digest.slice(0, 5) })
    expect(lines).toContain(digest.slice(5))
    expect(lines).toHaveLength(32)
    expect(await leakedRange(tools, { prefix: digest.slice(0, 5) })).toEqual(lines)
    expect(await keyring.isLeaked(text)).toBe(true)
    expect(await keyring.isLeaked((await issue()).text)).toBe(false)
    expect(readFileSync(file, 'utf8')).not.toContain('PRIVATE')
  })

  /** Fourteen ordinary days from one network, then whatever comes. */
  const history = async (text: string, requests = 20): Promise<void> => {
    for (let day = 0; day < 14; day += 1) {
      for (let i = 0; i < requests; i += 1) await call(text)
      clock.advanceMs(60_000)
      await usage.flush()
      clock.advanceMs(DAY_MS - 60_000)
    }
  }
  const call = async (text: string, { ip = IP, status = 200, agent = 'app/1' } = {}): Promise<void> => {
    const { key } = await verifyKey(verifying(), { text, ip })
    usage.note(key, { ip, agent, status, scope: 'chat', bytes: 100, isNewSession: false })
  }

  test('promise: a key that behaves as ever is left alone; one that does not is held back, with evidence, until a person lets it go', async () => {
    const { id, text } = await issue()
    await history(text)
    for (let i = 0; i < 25; i += 1) await call(text)
    await usage.judgeAll()
    expect(quarantined).toEqual([])

    // A thief: another network, while the owner is at work, refused a lot.
    for (let i = 0; i < 400; i += 1) await call(text, { ip: '198.51.100.9', status: 403, agent: 'curl/8' })
    await usage.judgeAll()
    expect(quarantined).toEqual([`${id} freeze`])
    const [key] = await keyring.list({})
    expect(key?.quarantine?.evidence.join('\n')).toMatch(
      /requests: 425 in a minute[\s\S]*first use from 198\.51\.100\.0\/24 while the usual network is active/,
    )
    expect(await use(text)).toBe('keys:key:frozen')
    expect(await auditEvents()).toContain('keys.key.quarantined')
    await keyring.release({ id, app: null, by: 'somebody' })
    expect(await use(text)).toBe(id)
    // A person has looked: the same minute does not count again.
    await usage.judgeAll()
    expect(quarantined).toHaveLength(1)
    expect((await readAudit({ store }, { app: 'acme' })).at(-1)).toMatchObject({
      event: 'keys.key.released',
      body: { by: 'somebody' },
    })
    await expect(keyring.release({ id, app: null, by: '' })).rejects.toMatchObject({
      code: 'keys:state:not-quarantined',
    })
  })

  test('a network that tried a canary is known: a good key from there wants proof', async () => {
    const canary = await issue({ isCanary: true })
    const { id, text } = await issue()
    expect(await use(canary.text, '198.51.100.9')).toBe('keys:key:unknown')
    await call(text, { ip: '198.51.100.77' })
    await usage.judgeAll()
    expect(quarantined).toEqual([`${id} proof`])
    await usage.judgeAll()
    expect(quarantined).toHaveLength(1)
  })

  test('a second network alone is a tenth of the limits; a new network after the old one is quiet is a move', async () => {
    const moved = await issue()
    await history(moved.text)
    for (let i = 0; i < 20; i += 1) await call(moved.text, { ip: '198.51.100.9' })
    await usage.judgeAll()
    expect(quarantined).toEqual([])
    const second = await issue()
    await history(second.text)
    await call(second.text)
    await call(second.text, { ip: '198.51.100.9' })
    await usage.judgeAll()
    expect(quarantined).toEqual([`${second.id} throttle`])
  })
})
