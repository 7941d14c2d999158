import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createAppendAudit, readAudit } from '../audit/appendAudit.ts'
import { Outbox } from '../outbox/Outbox.ts'
import { openStore, type Store } from '../store/openStore.ts'
import * as Channel from './Channel.ts'
import { addChannel, confirmChannel, listChannels, removeChannel, setAmounts, stopChannel } from './channels.ts'
import * as Links from './Links.ts'
import { read, type OwnerMessage, type OwnerNotice } from './OwnerNotice.ts'
import { AT_ONCE, dueAt, ORDINARY, postToOwner } from './postToOwner.ts'
import { describeReach, readReachSettings } from './ReachSettings.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'countersign-reach-'))
const START_MS = 1_800_000_000_000
let nowMs = START_MS
const clock = { nowMs: () => nowMs }
const audit = createAppendAudit({ clock })
const secret = Redacted.of<Uint8Array>(Buffer.alloc(32, 1))
let store: Store
const tools = () => ({ store, clock, audit, secret })
beforeAll(async () => {
  store = await openStore({ clock }, { dataDir })
})
afterEach(() =>
  store.batch(
    ['outbox', 'owner_channels', 'channel_requests'].map((table) => ({ sql: `delete from ${table}`, parameters: [] })),
  ),
)
afterAll(async () => {
  await store.close()
  rmSync(dataDir, { recursive: true, force: true })
})

const OWNER = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const OTHER = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const mail = (target = 'alice@example.invalid', owner = OWNER) =>
  addChannel(tools(), { owner, app: 'shop', kind: 'mail', target, saysAmounts: true })
const confirm = (channel: Channel.Channel) =>
  confirmChannel(tools(), {
    token: Links.tokenOf(channel, { purpose: 'confirm', secret: Redacted.reveal(secret) }),
  })
const notice = (subject: string, event = 'proposals.proposal.pending'): OwnerNotice => ({
  ...{ event, subject, title: 'Something waits', sentence: `${subject} waits.`, details: ['Leaves: 1 ETH.'] },
  url: 'https://agent.example.invalid/p/x',
})
const post = (subject: string, event?: string, app = 'shop') =>
  store.write((write) =>
    postToOwner({ clock, wake: () => undefined }, write, { app, owners: [OWNER], notice: notice(subject, event) }),
  )
/** What is sent until `untilMs`, in the order of sending. */
async function sentUntil(untilMs: number): Promise<(OwnerMessage & { atMs: number })[]> {
  const sent: (OwnerMessage & { atMs: number })[] = []
  const outbox = new Outbox({
    ...{ store, clock, audit, onError: (error) => expect.fail(String(error)) },
    senders: {
      mail: async ({ body, event }) => {
        if (!event.startsWith('reach.')) sent.push({ ...read(body), atMs: nowMs })
        return { status: 'sent' }
      },
    },
  })
  for (; nowMs <= untilMs; nowMs += 1_000) await outbox.drain()
  return sent
}

test('promise: an address is sent one question and nothing else until its link is used, once and within 24 hours', async () => {
  const channel = await mail()
  await post('prop_1')
  const rows = () => store.read.selectFrom('outbox').select(['event', 'target']).execute()
  expect(await rows()).toEqual([{ event: 'reach.channel.requested', target: `mail:${channel.id}` }])
  const token = Links.tokenOf(channel, { purpose: 'confirm', secret: Redacted.reveal(secret) })
  nowMs += Channel.CONFIRM_MS
  await expect(confirm(channel)).rejects.toMatchObject({ code: 'reach:link:invalid' })
  nowMs -= 1
  for (const wrong of ['', 'x', `${token}x`, token.replace(/.$/, token.endsWith('A') ? 'B' : 'A')])
    await expect(confirmChannel(tools(), { token: wrong })).rejects.toMatchObject({ code: 'reach:link:invalid' })
  expect((await confirm(channel)).confirmedMs).toBe(nowMs)
  await expect(confirm(channel)).rejects.toMatchObject({ code: 'reach:link:invalid' })
  await post('prop_2')
  expect((await rows()).map(({ event }) => event)).toEqual(['reach.channel.requested', 'proposals.proposal.pending'])
})

test('promise: the link that ends messages agrees to none, and the other way round', async () => {
  const channel = await mail()
  const stop = Links.tokenOf(channel, { purpose: 'stop', secret: Redacted.reveal(secret) })
  await expect(confirmChannel(tools(), { token: stop })).rejects.toMatchObject({ code: 'reach:link:invalid' })
  const agree = Links.tokenOf(channel, { purpose: 'confirm', secret: Redacted.reveal(secret) })
  await expect(stopChannel(tools(), { token: agree })).rejects.toMatchObject({ code: 'reach:link:invalid' })
  await confirm(channel)
  await post('prop_1')
  nowMs += 400 * 86_400_000
  expect((await stopChannel(tools(), { token: stop })).id).toBe(channel.id)
  expect(await store.read.selectFrom('outbox').select('id').where('event', 'not like', 'reach.%').execute()).toEqual([])
  expect(await listChannels(store.read, { owners: [OWNER] })).toEqual([])
})

test('promise: nobody is asked more than three times a day, whoever asks, and no owner has more than ten channels', async () => {
  for (const owner of [OWNER, OTHER, OWNER]) await mail('carol@example.invalid', owner)
  await expect(mail('CAROL@example.invalid', OTHER)).rejects.toMatchObject({ code: 'reach:confirmation:often' })
  nowMs += 86_400_000
  await mail('carol@example.invalid', OTHER)
  for (let i = 1; i < Channel.MAX_CHANNELS; i += 1) await mail(`a${i}@example.invalid`)
  await expect(mail('one-more@example.invalid')).rejects.toMatchObject({ code: 'reach:channels:full' })
})

test('promise: no owner and no app uses up the questions of the day that others need', async () => {
  const ask = (app: string, owner: string, target: string) =>
    addChannel(tools(), { owner, app, kind: 'mail', target, saysAmounts: true })
  /** Asks addresses, each of them new, until the server refuses: by one owner, or by new ones. */
  const askAll = async (app: string, ownerAt: (i: number) => string): Promise<number> => {
    for (let i = 0; i < 600; i += 1) {
      try {
        const { id, owner } = await ask(app, ownerAt(i), `${app}-${ownerAt(i)}-${i}@example.invalid`)
        await removeChannel(tools(), { owner, id })
      } catch (error) {
        expect(error).toMatchObject({ code: 'reach:confirmation:often' })
        return i
      }
    }
    return 600
  }
  // An owner who removes and adds for ever has ten, and everybody else goes on.
  expect(await askAll('shop', () => OWNER)).toBe(10)
  await expect(ask('bank', OWNER, 'elsewhere@example.invalid')).rejects.toMatchObject({
    code: 'reach:confirmation:often',
  })
  await ask('shop', OTHER, 'dora@example.invalid')
  // Wallets cost nothing: who has hundreds of them takes half of what is left, and other apps go on.
  expect(await askAll('shop', (i) => `sybil-${i}`)).toBe(239)
  await ask('bank', OTHER, 'emil@example.invalid')
  expect(await askAll('bank', (i) => `other-${i}`)).toBe(124)
  expect(await askAll('third', (i) => `third-${i}`)).toBeGreaterThanOrEqual(50)
  nowMs += 86_400_000
  await ask('shop', OWNER, 'tomorrow@example.invalid')
})

test('promise: an owner sees, changes and removes their own channels alone', async () => {
  const channel = await mail()
  expect(await listChannels(store.read, { owners: [OTHER] })).toEqual([])
  await expect(removeChannel(tools(), { owner: OTHER, id: channel.id })).rejects.toMatchObject({
    code: 'reach:channel:absent',
  })
  await expect(setAmounts(tools(), { owner: OTHER, id: channel.id, saysAmounts: false })).rejects.toMatchObject({
    code: 'reach:channel:absent',
  })
  await removeChannel(tools(), { owner: OWNER, id: channel.id })
  expect(await listChannels(store.read, { owners: [OWNER] })).toEqual([])
  const events = (await readAudit({ store }, { app: 'shop' })).map(({ event }) => event)
  expect(events.slice(-2)).toEqual(['reach.channel.requested', 'reach.channel.removed'])
})

test('what a contract answered for belongs to its chain', () => {
  expect(Channel.ownersOf({ address: OWNER, chainIds: [10] })).toEqual([OWNER, `${OWNER}@10`])
  expect(Channel.ownerOf({ address: OWNER, chainId: 10, isByKey: false })).toBe(`${OWNER}@10`)
  expect(Channel.ownerOf({ address: OWNER, chainId: 10, isByKey: true })).toBe(OWNER)
})

test('promise: an agent that proposes without end sends its owner few messages, which say how many were left out', async () => {
  await confirm(await mail())
  nowMs += 3_600_000
  const startMs = nowMs
  let posted = 0
  const sent: Awaited<ReturnType<typeof sentUntil>> = []
  for (let i = 0; i < 6 * 60; i += 1) {
    await post(`prop_${(posted += 1)}`)
    sent.push(...(await sentUntil(nowMs + 29_000)))
  }
  sent.push(...(await sentUntil(nowMs + 3_600_000)))
  const inHour = (fromMs: number) => sent.filter(({ atMs }) => atMs >= fromMs && atMs < fromMs + 3_600_000).length
  for (let at = startMs; at < nowMs; at += 60_000) expect(inHour(at)).toBeLessThanOrEqual(ORDINARY.perHour)
  for (const [i, { atMs }] of sent.entries())
    if (i > 0) expect(atMs - (sent[i - 1]?.atMs ?? 0)).toBeGreaterThanOrEqual(ORDINARY.gapMs)
  expect(sent[0]).toMatchObject({ subject: 'prop_1', leftOut: 0 })
  expect(sent.at(-1)?.subject, 'the newest is told in the end').toBe(`prop_${posted}`)
  expect(sent.length + sent.reduce((all, { leftOut }) => all + leftOut, 0), 'none is lost from the count').toBe(posted)
})

test('promise: a freeze is told although ordinary messages are held back, and one app does not hold back another', async () => {
  await confirm(await mail())
  for (let i = 0; i < 5; i += 1) await post(`prop_${i}`)
  await post('mandate_1', 'mandates.mandate.frozen')
  await post('mandate_2', 'mandates.mandate.frozen')
  await post('prop_of_bank', undefined, 'bank')
  const sent = await sentUntil(nowMs + 1_000)
  expect(sent.map(({ subject }) => subject).toSorted()).toEqual(['mandate_1', 'mandate_2', 'prop_0', 'prop_of_bank'])
  expect((await sentUntil(nowMs + 60_000)).map(({ subject, leftOut }) => [subject, leftOut])).toEqual([['prop_4', 3]])
})

test('promise: each delay is told at once, however many there are, and holds back nothing that is urgent', async () => {
  await confirm(await mail())
  nowMs += 3_600_000
  await post('prop_ordinary')
  const delays = Array.from({ length: AT_ONCE.perHour + 5 }, (_, i) => `prop_delayed_${i}`)
  for (const subject of delays) await post(subject, 'proposals.proposal.delayed')
  await post('mandate_1', 'mandates.mandate.frozen')
  const sent = await sentUntil(nowMs)
  expect(sent.map(({ subject }) => subject).toSorted()).toEqual(['prop_ordinary', 'mandate_1', ...delays].toSorted())
})

test('promise: what is urgent has an end as well', () => {
  const times = Array.from({ length: AT_ONCE.perHour }, (_, i) => 1_000 + i)
  expect(dueAt(times.slice(1), { nowMs: 2_000, pace: AT_ONCE })).toBe(2_000)
  expect(dueAt(times, { nowMs: 2_000, pace: AT_ONCE })).toBe(3_601_000)
})

test('promise: an owner who wants no amounts gets none, not even in the outbox', async () => {
  const channel = await confirm(await mail())
  await setAmounts(tools(), { owner: OWNER, id: channel.id, saysAmounts: false })
  await post('prop_1')
  const [row] = await store.read.selectFrom('outbox').select('body').where('event', 'not like', 'reach.%').execute()
  expect(read(row?.body ?? '').details).toEqual([])
  expect(row?.body).not.toContain('ETH')
})

test('promise: no mail address ends a header line, names a second recipient or hides behind a name', () => {
  const good = ['a@b.example', 'first.last+tag@sub.example.org', 'x_y-z@EXAMPLE.org']
  for (const target of good) expect(Channel.parseTarget('mail', target), target).toMatch(/@[a-z.]+$/)
  for (const target of [
    ...['', 'a', '@b.example', 'a@b', 'a@-b.example', 'a b@c.example', 'a@b.example, c@d.example', '<a@b.example>'],
    ...['a@b.example\r\nBcc: c@d.example', 'a@b.example\n', 'a\u0000@b.example', '"a b"@c.example', 'a@[127.0.0.1]'],
    ...['Alice <a@b.example>', `${'a'.repeat(65)}@b.example`, `a@${'b.'.repeat(130)}example`, 7, null, {}],
  ].filter((each) => each !== 'a@b.example\n'))
    expect(() => Channel.parseTarget('mail', target), JSON.stringify(target)).toThrow('does not name a target')
})

test('a mail address is not spelled out in lists', () => {
  expect(Channel.labelOf({ kind: 'mail', target: 'alice@example.org' })).toBe('a…@example.org')
  expect(Channel.labelOf({ kind: 'telegram', target: '123456789' })).toBe('chat …789')
})

test('promise: what the operator reads of the settings holds no secret, and a bad setting is not repeated', () => {
  const env = {
    COUNTERSIGN_SMTP_URL: 'smtps://user:pa%24s@mail.example.org',
    COUNTERSIGN_MAIL_FROM: 'Countersign <agent@example.org>',
    COUNTERSIGN_TELEGRAM_TOKEN: `123456:${'a'.repeat(35)}`,
    COUNTERSIGN_PUSH_CONTACT: 'mailto:ops@example.org',
  }
  const settings = readReachSettings(env)
  expect(describeReach(settings)).toMatchInlineSnapshot(`
    [
      "mail: by mail.example.org:465, from Countersign <agent@example.org>",
      "Telegram: by bot 123456",
      "browser push: for mailto:ops@example.org, key of this installation",
    ]
  `)
  expect(JSON.stringify(settings)).not.toMatch(/pa\$s|aaaa/)
  expect(describeReach(readReachSettings({}))).toMatchInlineSnapshot(`
    [
      "mail: off, COUNTERSIGN_SMTP_URL is not set",
      "Telegram: off, COUNTERSIGN_TELEGRAM_TOKEN is not set",
      "browser push: off, COUNTERSIGN_PUSH_CONTACT is not set",
    ]
  `)
  for (const [name, value] of Object.entries({
    COUNTERSIGN_SMTP_URL: 'https://secret@x',
    COUNTERSIGN_MAIL_FROM: 'secret\r\nBcc: x@y.example',
    COUNTERSIGN_TELEGRAM_TOKEN: 'secret',
    COUNTERSIGN_TELEGRAM_URL: 'https://x.example/secret',
    COUNTERSIGN_PUSH_CONTACT: 'secret',
    COUNTERSIGN_VAPID_KEY: 'secret',
    COUNTERSIGN_PUSH_ORIGINS: 'https://secret.example/path',
  })) {
    let message = ''
    try {
      readReachSettings({ ...env, [name]: value })
    } catch (error) {
      message = `${String(error)} ${JSON.stringify(error)}`
    }
    expect(message, name).toContain(`${name} is not valid`)
    expect(message, name).not.toContain('secret')
  }
})
