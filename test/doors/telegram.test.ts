import { createHmac, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { createClient, type Client } from '@countersign/sdk'
import { launch, type Launched } from 'countersign'
import type { Hex } from 'viem'
import { privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BotApi } from './botApi.ts'

/** The bot of Telegram against a Bot API on loopback: a real server, a real chain, and people who should not be there. */
const scratch = mkdtempSync(join(tmpdir(), 'countersign-telegram-'))
const FRIEND = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const BOT = 4_242_424
const TOKEN = `${BOT}:${'S'.repeat(35)}`
const HOOK_SECRET = 'webhook-secret-of-this-test'
/** For what hangs, not for what is slow. */
const SOON = { timeout: 120_000 }
const [ALICE, BOB, GROUP] = [1_001, 1_002, -500_1]
let chain: LocalChain
let server: Launched
let api: BotApi
let apiUrl = ''
let alice: PrivateKeyAccount
let nowOffsetMs = 0
const log: string[] = []

const start = (env: NodeJS.ProcessEnv = {}) =>
  launch({
    port: 0,
    dataDir: join(scratch, 'data'),
    env: {
      ...{ COUNTERSIGN_TELEGRAM_TOKEN: TOKEN, COUNTERSIGN_TELEGRAM_URL: apiUrl },
      ...{ COUNTERSIGN_TELEGRAM_ALLOW: String(ALICE), COUNTERSIGN_TELEGRAM_GROUPS: 'mention' },
      ...env,
    },
    localChain: chain,
    logLevel: 'trace',
    logStream: { write: (line) => void log.push(line) },
    storeClock: { nowMs: () => Date.now() + nowOffsetMs },
  })
beforeAll(async () => {
  api = new BotApi({ token: TOKEN, id: BOT, username: 'CountersignTestBot' })
  apiUrl = await api.listen()
  chain = await startLocalChain()
  server = await start()
  alice = privateKeyToAccount(chain.accounts[1]?.privateKey as Hex)
})
afterAll(async () => {
  await server.close()
  api.close()
  await chain.close()
  rmSync(scratch, { recursive: true, force: true })
})

let updateId = 100
let messageId = 1
function message(from: number, text: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    update_id: (updateId += 1),
    message: {
      ...{ message_id: (messageId += 1), date: Math.floor(Date.now() / 1_000), text },
      ...{ from: { id: from, is_bot: false, first_name: 'Somebody' }, chat: { id: from, type: 'private' } },
      ...more,
    },
  }
}
const inGroup = { chat: { id: GROUP, type: 'group', title: 'Group' } }
function press(from: number, data: string, chat: object = { id: from, type: 'private' }): Record<string, unknown> {
  return {
    update_id: (updateId += 1),
    callback_query: {
      ...{ id: String(updateId), chat_instance: '1', data, from: { id: from, is_bot: false, first_name: 'Somebody' } },
      message: { message_id: 1, date: 1, chat, text: 'x' },
    },
  }
}
const textsTo = (chat: number) => api.sentTo(chat).map(({ text }) => String(text))
/** Sends an update and waits for the next message to this chat. */
async function ask(chat: number, update: Record<string, unknown>): Promise<string> {
  const before = textsTo(chat).length
  // Nobody writes faster than a person: the bot counts.
  nowOffsetMs += 5_000
  api.push(update)
  await expect.poll(() => textsTo(chat).length, SOON).toBeGreaterThan(before)
  return textsTo(chat)[before] ?? ''
}
/** What a stranger would be answered is nothing: so something that is answered is sent behind it. */
async function ignored(update: Record<string, unknown>, chat: number): Promise<void> {
  const before = textsTo(chat).length
  api.push(update)
  await ask(ALICE, message(ALICE, '/help'))
  expect(textsTo(chat).length).toBe(before)
}
async function signIn(account = alice): Promise<Client> {
  const client = createClient({ baseUrl: server.url, sessionId: randomUUID() })
  await client.start()
  await client.signIn({ address: account.address, chainId: chain.chainId }, (text) =>
    account.signMessage({ message: text }),
  )
  return client
}
async function code(client: Client): Promise<string> {
  const { url } = await client.connectTelegram()
  return new URL(url).searchParams.get('start') ?? ''
}
/** Brings a code of the page to the bot, and says on the page that the chat is the owner's. */
async function connect(user: number): Promise<string> {
  await expect.poll(() => api.calls.some(({ method }) => method === 'getUpdates'), SOON).toBe(true)
  const client = await signIn()
  const brought = await ask(user, message(user, `/start ${await code(client)}`))
  const [waiting] = await client.telegramWaiting()
  if (waiting === undefined) return brought
  const before = textsTo(user).length
  await client.answerTelegram(waiting.id, true)
  return textsTo(user)[before] ?? ''
}
const pending = async () =>
  (await server.store.read.selectFrom('proposals').select(['id', 'state', 'sender']).execute()).filter(
    ({ state }) => state === 'pending',
  )

/** As Telegram makes it. */
function initData(fields: Record<string, string> = {}, token = TOKEN): string {
  const all: Record<string, string> = {
    ...{ auth_date: String(Math.floor((Date.now() + nowOffsetMs) / 1_000)), query_id: `q${Math.random()}` },
    ...{ user: JSON.stringify({ id: ALICE, first_name: 'Alice' }), signature: 'c2lnbmF0dXJl' },
    ...fields,
  }
  const lines = Object.entries(all)
    .map(([name, value]) => `${name}=${value}`)
    .toSorted()
    .join('\n')
  const key = createHmac('sha256', 'WebAppData').update(token).digest()
  return new URLSearchParams({ ...all, hash: createHmac('sha256', key).update(lines).digest('hex') }).toString()
}
const open = async (text: string) => {
  const response = await fetch(`${server.url}/api/telegram/open`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ init_data: text }),
  })
  return {
    status: response.status,
    body: (await response.json()) as { code?: string; waiting?: { lines: string[]; url: string }[] },
  }
}

test('a wallet that is proven on the page is connected by a code, once', async () => {
  const client = await signIn()
  const one = await code(client)
  expect(await ask(ALICE, message(ALICE, `/start ${one}`))).toContain(`The wallet ${alice.address} wants to connect`)
  expect(await ask(BOB, message(BOB, `/start ${one}`))).toContain('already used')
  expect(await ask(BOB, message(BOB, `/start ${'x'.repeat(43)}`))).toContain('invalid')
  const [waiting] = await client.telegramWaiting()
  expect(waiting).toMatchObject({ user: 'Somebody', user_id: String(ALICE) })
  await client.answerTelegram(waiting?.id ?? '', true)
  expect(textsTo(ALICE).at(-1)).toContain(`Connected: ${alice.address}`)
  await expect(client.answerTelegram(waiting?.id ?? '', true)).rejects.toMatchObject({ code: 'reach:channel:absent' })
  const late = await code(client)
  nowOffsetMs += 10 * 60_000
  expect(await ask(BOB, message(BOB, `/start ${late}`))).toContain('expired')
  const inTime = await code(client)
  await ask(ALICE, message(ALICE, `/start ${inTime}`))
  const [old] = await client.telegramWaiting()
  nowOffsetMs += 10 * 60_000
  expect(await client.telegramWaiting()).toEqual([])
  await expect(client.answerTelegram(old?.id ?? '', true)).rejects.toMatchObject({ code: 'reach:channel:absent' })
  expect((await client.channels()).channels).toMatchObject([{ kind: 'telegram', confirmed: true }])
})

test('promise: a code that somebody else brings to the bot connects nothing before the session that made it says so', async () => {
  const client = await signIn()
  const before = (await client.channels()).channels.length
  expect(await ask(BOB, message(BOB, `/start ${await code(client)}`))).not.toContain('Connected')
  const known = async () =>
    (await server.store.read.selectFrom('telegram_wallets').select('user_id').execute()).map(({ user_id: id }) => id)
  expect(await known()).not.toContain(String(BOB))
  expect(await ask(ALICE, message(ALICE, '/help'))).toContain('/wallet')
  const [waiting] = await client.telegramWaiting()
  expect(waiting).toMatchObject({ user_id: String(BOB) })
  // Neither another session of the same wallet, nor another wallet, nor a key may answer for this one.
  const mallory = privateKeyToAccount(chain.accounts[2]?.privateKey as Hex)
  for (const other of [await signIn(), await signIn(mallory)]) {
    expect(await other.telegramWaiting()).toEqual([])
    await expect(other.answerTelegram(waiting?.id ?? '', true)).rejects.toMatchObject({ code: 'reach:channel:absent' })
  }
  await client.answerTelegram(waiting?.id ?? '', false)
  expect(await client.telegramWaiting()).toEqual([])
  expect(await known()).not.toContain(String(BOB))
  expect((await client.channels()).channels).toHaveLength(before)
})

test('promise: a stranger’s link takes no wallet away from a chat that has one', async () => {
  const mallory = privateKeyToAccount(chain.accounts[2]?.privateKey as Hex)
  const client = await signIn(mallory)
  const theirs = await code(client)
  expect(await ask(ALICE, message(ALICE, `/start ${theirs}`))).toContain(
    `connected with ${alice.address}, and stays so`,
  )
  expect(await client.telegramWaiting()).toEqual([])
  expect(await ask(ALICE, message(ALICE, '/wallet'))).toContain(alice.address)
})

test('answers the commands of the bot, and none of them asks for a secret', async () => {
  for (const [command, expected] of [
    ['start', 'Nothing is signed here'],
    ['app', 'The app is default'],
    ['wallet', alice.address],
    ['model', 'The model is'],
    ['apikey', 'Never send an API key'],
    ['settings', 'App: default'],
    ['sessions', 'conversation'],
    ['network', 'network'],
    ['help', '/stop: '],
  ] as const)
    expect(await ask(ALICE, message(ALICE, `/${command}`)), command).toContain(expected)
  const commands = api.calls.find(({ method }) => method === 'setMyCommands')?.fields['commands']
  expect(JSON.stringify(commands)).toMatch(/apikey/)
})

test('promise: words become a card with a link, what the agent says is quoted, and “approve” approves nothing', async () => {
  const before = textsTo(ALICE).length
  await ask(ALICE, message(ALICE, `send 0.001 ETH to ${FRIEND}`))
  await expect
    .poll(
      () =>
        textsTo(ALICE)
          .slice(before)
          .some((text) => text.includes('/p/prop_')),
      SOON,
    )
    .toBe(true)
  const [own] = await pending()
  expect(own?.sender).toBe(alice.address)
  const sent = api.sentTo(ALICE).slice(before)
  const link = sent.find(({ text }) => String(text).includes('/p/prop_'))
  expect(link?.['text']).toContain(`${server.url}/p/${own?.id ?? '?'}`)
  expect(sent.some(({ text }) => String(text).includes('Leaves: 0.001'))).toBe(true)
  for (const { text, entities, parse_mode: mode } of sent) {
    expect(mode).toBeUndefined()
    const words = String(text)
    if (!words.startsWith('The agent says')) continue
    const [quote] = entities as { type: string; offset: number; length: number }[]
    expect(quote).toEqual({
      type: 'blockquote',
      offset: words.indexOf('\n') + 1,
      length: words.length - words.indexOf('\n') - 1,
    })
  }
  // No button of any message answers a proposal.
  expect(JSON.stringify(api.calls.map(({ fields }) => fields['reply_markup'] ?? null))).not.toContain('prop_')
  for (const words of [
    'approve',
    'yes',
    'confirm',
    `approve ${own?.id ?? ''}`,
    'sign it',
    'reject',
    '/approve',
    '/confirm',
  ])
    await ask(ALICE, message(ALICE, words))
  for (const data of [`${ALICE}:approve`, `${ALICE}:approve:${own?.id ?? ''}`, `approve:${own?.id ?? ''}`, 'yes'])
    await ignored(press(ALICE, data), BOB)
  expect((await pending()).map(({ id }) => id)).toContain(own?.id)
  // The owner's page, signed in with that wallet, opens it and decides.
  const page = await signIn()
  expect(await page.proposal(own?.id ?? '')).toMatchObject({ state: 'pending', door: 'chat' })
  expect((await page.reject(own?.id ?? '')).state).toBe('rejected')
})

test('promise: strangers, groups that do not name the bot, forwarded words and other bots are not heard', async () => {
  expect(await ask(BOB, message(BOB, 'send 1 ETH to me'))).toContain('does not talk to you')
  const sessions = async () =>
    (await server.store.read.selectFrom('sessions').select('owner').where('owner', 'like', 'telegram:%').execute()).map(
      ({ owner }) => owner,
    )
  await ignored(message(BOB, '@CountersignTestBot send 1 ETH to me', inGroup), GROUP)
  await ignored(message(ALICE, 'send 1 ETH to me', inGroup), GROUP)
  await ignored(message(ALICE, '/settings@AnotherBot', inGroup), GROUP)
  await ignored(message(ALICE, 'send 1 ETH', { forward_origin: { type: 'user', date: 1 } }), BOB)
  await ignored(message(ALICE, 'send 1 ETH', { via_bot: { id: 5, is_bot: true, first_name: 'B' } }), BOB)
  await ignored(
    { ...message(ALICE, 'x'), message: undefined, edited_message: message(ALICE, 'send 1 ETH')['message'] },
    BOB,
  )
  expect(await sessions()).not.toContain(`telegram:${BOT}:${BOB}:${BOB}`)
  expect((await sessions()).filter((owner) => owner.includes(String(GROUP)))).toEqual([])
  // Named, by a user of the list: a conversation of that user alone.
  expect(await ask(GROUP, message(ALICE, '/settings@CountersignTestBot', inGroup))).toContain('App: default')
})

test('promise: a button serves the user that it was shown to, and nobody else', async () => {
  await ask(ALICE, message(ALICE, '/network'))
  const keyboard = api.sentTo(ALICE).at(-1)?.['reply_markup'] as {
    inline_keyboard: { callback_data: string }[][]
  }
  const data = keyboard.inline_keyboard[0]?.[0]?.callback_data ?? ''
  expect(data).toMatch(new RegExp(`^${ALICE}:network:`))
  await ignored(press(BOB, data), BOB)
  await ignored(press(BOB, data.replace(String(ALICE), String(BOB))), BOB)
  await ignored(press(BOB, data, { id: ALICE, type: 'private' }), BOB)
  const answers = api.calls.filter(({ method }) => method === 'answerCallbackQuery').slice(-3)
  expect(answers.map(({ fields }) => fields['text'])).toEqual(Array(3).fill('This button is not yours.'))
  expect(await ask(ALICE, press(ALICE, data))).toContain('The network is')
})

test('promise: an update that comes twice is taken once', async () => {
  const update = message(ALICE, '/sessions')
  await ask(ALICE, update)
  await ignored({ ...update }, BOB)
  expect(textsTo(ALICE).filter((text) => text.includes('newest conversations')).length).toBeGreaterThan(0)
  const count = textsTo(ALICE).length
  api.push({ ...update, update_id: update['update_id'] })
  await ask(ALICE, message(ALICE, '/apikey'))
  expect(textsTo(ALICE).length).toBe(count + 1)
})

test('promise: launch data of the mini app are Telegram’s, for this bot, fresh, whole and used once', async () => {
  const good = initData()
  expect(await open(good)).toMatchObject({ status: 200, body: { waiting: [] } })
  const codeOf = async (text: string) => (await open(text)).body.code
  expect(await codeOf(good), 'again').toBe('telegram:launch:used')
  const nowS = Math.floor((Date.now() + nowOffsetMs) / 1_000)
  for (const [what, text, expected] of [
    ['another bot', initData({}, `999999:${'S'.repeat(35)}`), 'telegram:launch:forged'],
    ['edited', initData().replace(String(ALICE), String(BOB)), 'telegram:launch:forged'],
    ['a field more', `${initData()}&start_param=x`, 'telegram:launch:forged'],
    ['a field less', initData().replace(/&?signature=[^&]*/, ''), 'telegram:launch:forged'],
    [
      'a field twice',
      `${initData()}&user=${encodeURIComponent(JSON.stringify({ id: BOB }))}`,
      'telegram:launch:unreadable',
    ],
    ['its hash twice', `${initData()}&hash=${'0'.repeat(64)}`, 'telegram:launch:unreadable'],
    ['no hash', initData().replace(/&?hash=[^&]*/, ''), 'telegram:launch:unreadable'],
    ['old', initData({ auth_date: String(nowS - 400) }), 'telegram:launch:expired'],
    ['from the future', initData({ auth_date: String(nowS + 400) }), 'telegram:launch:expired'],
    ['no user', initData({ user: '{}' }), 'telegram:launch:unreadable'],
    ['a user twice', initData({ user: `{"id":${ALICE},"id":${BOB}}` }), 'telegram:launch:unreadable'],
    ['no time', initData({ auth_date: 'now' }), 'telegram:launch:unreadable'],
    ['nothing', '', 'telegram:launch:unreadable'],
    ['too much', initData({ start_param: 'x'.repeat(5_000) }), 'telegram:launch:unreadable'],
  ] as const)
    expect(await codeOf(text), what).toBe(expected)
})

test('the mini app shows what waits for the wallets of its user, and nobody else’s', async () => {
  const { key } = await server.issueKey({ app: 'default', label: 'door', scopes: ['propose'] })
  const response = await fetch(`${server.url}/api/proposals`, {
    method: 'POST',
    headers: { 'X-API-Key': Redacted.reveal(key), 'Content-Type': 'application/json' },
    body: JSON.stringify({
      ...{ transactions: [{ to: FRIEND, value: '77', data: '0x' }], from: alice.address, chain_id: chain.chainId },
    }),
  })
  const { id } = (await response.json()) as { id: string }
  const { body } = await open(initData())
  expect(body.waiting).toMatchObject([{ id, url: `${server.url}/p/${id}` }])
  expect(body.waiting?.[0]?.lines.join(' ')).toContain(`pays ${FRIEND}`)
  expect((await open(initData({ user: JSON.stringify({ id: BOB }) }))).body.waiting).toEqual([])
  // The same is told in the chat, with a link and nothing to press but that.
  await expect.poll(() => textsTo(ALICE).some((text) => text.includes(`/p/${id}`)), SOON).toBe(true)
})

test('/stop ends what the bot knows and sends, also for a user that it does not talk to', async () => {
  expect(await connect(BOB)).toContain('Connected')
  expect(await ask(BOB, message(BOB, '/stop'))).toContain('knows no wallet of yours')
  const rows = await server.store.read.selectFrom('telegram_wallets').select('user_id').execute()
  expect(rows.map(({ user_id: id }) => id)).toEqual([String(ALICE)])
  expect((await open(initData({ user: JSON.stringify({ id: BOB }) }))).body.waiting).toEqual([])
})

test('promise: an owner who removes the chat on the page has taken the wallet away from it', async () => {
  expect(await connect(ALICE)).toContain('Connected')
  expect(await ask(ALICE, message(ALICE, '/wallet'))).toContain(alice.address)
  const client = await signIn()
  for (const { id } of (await client.channels()).channels) await client.removeChannel(id)
  expect(await ask(ALICE, message(ALICE, '/wallet'))).not.toContain(alice.address)
  const before = (await pending()).length
  await ask(ALICE, message(ALICE, `send 0.25 ETH to ${FRIEND}`))
  expect(await pending()).toHaveLength(before)
  expect((await open(initData())).body.waiting).toEqual([])
})

test('promise: the token of the bot, codes and the words of users stand in no log', () => {
  const all = log.join('\n')
  expect(all).not.toContain('S'.repeat(35))
  expect(all).not.toContain(FRIEND)
})

test('promise: a webhook is taken with its secret alone, and a bot that cannot reach Telegram says so without its token', async () => {
  await server.close()
  log.length = 0
  server = await start({
    ...{ COUNTERSIGN_TELEGRAM_WEBHOOK_SECRET: HOOK_SECRET, COUNTERSIGN_PUBLIC_ORIGIN: 'https://agent.example.invalid' },
  })
  await expect.poll(() => api.calls.filter(({ method }) => method === 'setWebhook').length, SOON).toBe(1)
  expect(api.calls.find(({ method }) => method === 'setWebhook')?.fields).toMatchObject({
    ...{ url: 'https://agent.example.invalid/telegram/webhook', secret_token: HOOK_SECRET },
  })
  const post = async (headers: Record<string, string>, body: object) =>
    (
      await fetch(`${server.url}/telegram/webhook`, {
        ...{ method: 'POST', body: JSON.stringify(body) },
        headers: { 'content-type': 'application/json', ...headers },
      })
    ).status
  const header = 'x-telegram-bot-api-secret-token'
  const before = textsTo(ALICE).length
  expect(await post({}, message(ALICE, '/help'))).toBe(401)
  expect(await post({ [header]: `${HOOK_SECRET}x` }, message(ALICE, '/help'))).toBe(401)
  expect(await post({ [header]: '' }, message(ALICE, '/help'))).toBe(401)
  expect(await post({ [header]: HOOK_SECRET }, {})).toBe(400)
  const update = message(ALICE, '/help')
  expect(await post({ [header]: HOOK_SECRET }, update)).toBe(200)
  expect(await post({ [header]: HOOK_SECRET }, update)).toBe(200)
  expect(await post({ [header]: HOOK_SECRET }, message(ALICE, '/apikey'))).toBe(200)
  await expect.poll(() => textsTo(ALICE).length, SOON).toBe(before + 2)
  await server.close()
  log.length = 0
  server = await start({ COUNTERSIGN_TELEGRAM_URL: 'http://127.0.0.1:9' })
  await expect.poll(() => log.some((line) => line.includes('Telegram could not be reached')), SOON).toBe(true)
  expect(log.join('\n')).not.toContain('S'.repeat(35))
  await server.close()
  // Without a token there is no bot, and everything that needs one says so.
  server = await start({ COUNTERSIGN_TELEGRAM_TOKEN: '' })
  expect((await open(initData())).body.code).toBe('telegram:bot:off')
  expect(await post({ [header]: HOOK_SECRET }, update)).toBe(404)
  await expect((await signIn()).connectTelegram()).rejects.toMatchObject({ code: 'telegram:bot:off' })
})
