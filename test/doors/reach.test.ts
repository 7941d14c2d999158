import { createDecipheriv, createECDH, hkdfSync, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { createClient, type Client } from '@countersign/sdk'
import { launch, type Launched } from 'countersign'
import { SMTPServer } from 'smtp-server'
import type { Hex } from 'viem'
import { privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** Owners are told by mail and browser push: a real server, a real SMTP server, and a push service on loopback. */
/** For what hangs, not for what is slow. */
const SOON = { timeout: 120_000 }
const scratch = mkdtempSync(join(tmpdir(), 'countersign-reach-'))
const FRIEND = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const TOKEN = `123456:${'T'.repeat(35)}`
/** What a model or a program wrote: none of it may reach a message. */
const HOSTILE = 'URGENT reply YES to approve https://evil.invalid'
let chain: LocalChain
let server: Launched
let alice: PrivateKeyAccount
let bob: PrivateKeyAccount
let smtp: SMTPServer
let web: Server
let webOrigin = ''
let nowOffsetMs = 0
const mails: { from: string; to: string[]; raw: string }[] = []
const pushed: { path: string; headers: IncomingHttpHeaders; body: Buffer }[] = []
const log: string[] = []
let pushStatus = 201

const start = (env: NodeJS.ProcessEnv = {}) =>
  launch({
    port: 0,
    dataDir: join(scratch, 'data'),
    env: {
      COUNTERSIGN_SMTP_URL: `smtp://agent:pass-of-this-test@127.0.0.1:${(smtp.server.address() as AddressInfo).port}`,
      COUNTERSIGN_MAIL_FROM: 'Countersign <agent@example.invalid>',
      COUNTERSIGN_PUSH_CONTACT: 'mailto:ops@example.invalid',
      COUNTERSIGN_PUSH_ORIGINS: webOrigin,
      COUNTERSIGN_APPS: join(scratch, 'apps.json'),
      ...env,
    },
    localChain: chain,
    logLevel: 'trace',
    logStream: { write: (line) => void log.push(line) },
    storeClock: { nowMs: () => Date.now() + nowOffsetMs },
  })
beforeAll(async () => {
  writeFileSync(join(scratch, 'apps.json'), JSON.stringify([{ name: 'shop', session_policy: 'id' }]))
  smtp = new SMTPServer({
    allowInsecureAuth: true,
    onAuth: ({ password }, _session, done) =>
      done(password === 'pass-of-this-test' ? null : new Error('no'), { user: 'agent' }),
    onRcptTo: ({ address }, _session, done) =>
      done(address.startsWith('gone@') ? Object.assign(new Error('no such user'), { responseCode: 550 }) : null),
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString(),
        })
        done()
      })
    },
  })
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve))
  web = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      pushed.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) })
      response.writeHead(pushStatus).end()
    })
  })
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
  webOrigin = `http://127.0.0.1:${(web.address() as AddressInfo).port}`
  chain = await startLocalChain()
  server = await start()
  const [, a, b] = chain.accounts
  alice = privateKeyToAccount(a?.privateKey as Hex)
  bob = privateKeyToAccount(b?.privateKey as Hex)
})
afterAll(async () => {
  await server.close()
  await chain.close()
  web.closeAllConnections()
  web.close()
  await new Promise<void>((resolve) => smtp.close(resolve))
  rmSync(scratch, { recursive: true, force: true })
})

async function signIn(account: PrivateKeyAccount): Promise<Client> {
  const client = createClient({ baseUrl: server.url, sessionId: randomUUID() })
  await client.start()
  await client.signIn({ address: account.address, chainId: chain.chainId }, (message) =>
    account.signMessage({ message }),
  )
  return client
}
let wei = 5_000
async function propose(from: string, app = 'shop'): Promise<string> {
  const { key } = await server.issueKey({ app, label: 'reach', scopes: ['propose'] })
  const response = await fetch(`${server.url}/api/proposals`, {
    method: 'POST',
    headers: { 'X-API-Key': Redacted.reveal(key), 'Content-Type': 'application/json' },
    body: JSON.stringify({
      transactions: [{ to: FRIEND, value: String((wei += 1)), data: '0x', label: HOSTILE }],
      ...{ from, chain_id: chain.chainId, client: { name: HOSTILE.slice(0, 40), version: '1' } },
    }),
  })
  expect(response.status).toBe(201)
  return ((await response.json()) as { id: string }).id
}
/** The text part of a mail, as its reader sees it. */
function textOf(raw: string): string {
  const [head = '', ...body] = raw.split('\r\n\r\n')
  const text = body.join('\r\n\r\n')
  if (/base64/i.test(head)) return Buffer.from(text, 'base64').toString()
  if (!/quoted-printable/i.test(head)) return text.replaceAll('\r\n', '\n')
  const bytes = text
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString().replaceAll('\r\n', '\n')
}
const mailsTo = (address: string) => mails.filter(({ to }) => to.includes(address)).map(({ raw }) => textOf(raw))
const linkIn = (text: string, purpose: string) =>
  new RegExp(`${purpose}=(\\S+)`).exec(text)?.[1] ?? expect.fail(`no ${purpose} link in ${text}`)
async function addMail(client: Client, target: string): Promise<string> {
  await client.addChannel({ kind: 'mail', target })
  await expect.poll(() => mailsTo(target).length, SOON).toBeGreaterThan(0)
  return linkIn(mailsTo(target).at(-1) ?? '', 'confirm')
}

test('asks an address first, then tells its owner in plain words with a link to the card', async () => {
  const client = await signIn(alice)
  const token = await addMail(client, 'alice@example.invalid')
  await propose(alice.address)
  expect((await client.confirmChannel(token)).confirmed).toBe(true)
  expect(mailsTo('alice@example.invalid'), 'nothing but the question').toHaveLength(1)
  const id = await propose(alice.address)
  await expect.poll(() => mailsTo('alice@example.invalid').length, SOON).toBe(2)
  const text = mailsTo('alice@example.invalid')[1] ?? ''
  expect(text).toContain(`A transaction of ${alice.address} on Local chain (${chain.chainId}) waits for you.`)
  expect(text).toContain('Leaves: 0.00000000000000')
  expect(text).toContain(`pays ${FRIEND}`)
  expect(text).toContain(`${server.url}/p/${id}`)
  expect(text).toContain('This message cannot approve anything')
  expect(mails.at(-1)?.raw).toMatch(/^Auto-Submitted: auto-generated/m)
  expect(mails.at(-1)?.raw).toMatch(/^Content-Type: text\/plain/m)
  // Its link ends it; nothing is sent after that.
  expect(await client.stopChannel(linkIn(text, 'stop'))).toMatchObject({ stopped: true })
  await propose(alice.address)
  expect((await client.channels()).channels).toEqual([])
})

test('promise: nothing that a model or a program wrote stands in a message, and no secret in any log', async () => {
  const everything = [...mails.map(({ raw }) => textOf(raw) + raw), ...log].join('\n')
  expect(everything).not.toContain('evil.invalid')
  expect(everything).not.toContain('reply YES')
  expect(log.join('\n')).not.toMatch(/pass-of-this-test|confirm=channel_|stop=channel_|alice@example/)
})

test('promise: a channel is added, seen and removed by the wallet that signed in, not by a key, a stranger or another wallet', async () => {
  const [own, other] = [await signIn(alice), await signIn(bob)]
  await own.confirmChannel(await addMail(own, 'own@example.invalid'))
  const [channel] = (await own.channels()).channels
  expect(channel).toMatchObject({ kind: 'mail', label: 'o…@example.invalid', confirmed: true, amounts: true })
  expect((await other.channels()).channels).toEqual([])
  await expect(other.removeChannel(channel?.id ?? '')).rejects.toMatchObject({ status: 404 })
  const stranger = createClient({ baseUrl: server.url, sessionId: randomUUID() })
  await stranger.start()
  await expect(stranger.channels()).rejects.toMatchObject({ status: 403, code: 'reach:owner:unproven' })
  // The agent's key, in a session in which the owner signed in.
  const { key } = await server.issueKey({ app: 'shop', label: 'agent', scopes: ['read', 'chat'] })
  const agent = createClient({
    ...{ baseUrl: server.url, sessionId: randomUUID(), app: 'shop', apiKey: Redacted.reveal(key) },
  })
  await agent.start()
  await agent.signIn({ address: alice.address, chainId: chain.chainId }, (message) => alice.signMessage({ message }))
  await expect(agent.channels()).rejects.toMatchObject({ status: 403, code: 'reach:owner:unproven' })
  await expect(agent.removeChannel(channel?.id ?? '')).rejects.toMatchObject({ status: 403 })
  // Whoever holds the key knows the id: leaving the key out makes nobody the owner.
  const bare = createClient({ baseUrl: server.url, sessionId: agent.sessionId, app: 'shop' })
  await expect(bare.channels()).rejects.toMatchObject({ status: 403, code: 'reach:owner:unproven' })
  const proposed = await propose(alice.address)
  await expect(bare.reject(proposed)).rejects.toMatchObject({ status: 404, code: 'proposals:proposal:absent' })
  await own.reject(proposed)
  await own.removeChannel(channel?.id ?? '')
})

test('promise: a flood of proposals becomes few mails, and the next says how many were left out', async () => {
  const client = await signIn(bob)
  await client.confirmChannel(await addMail(client, 'bob@example.invalid'))
  for (let i = 0; i < 6; i += 1) await propose(bob.address)
  await expect.poll(() => mailsTo('bob@example.invalid').length, SOON).toBe(2)
  nowOffsetMs += 61_000
  await expect.poll(() => mailsTo('bob@example.invalid').length, SOON).toBe(3)
  expect(mailsTo('bob@example.invalid').at(-1)).toContain('4 earlier messages were left out')
})

test('promise: a proposal that was answered meanwhile asks for no answer', async () => {
  const client = await signIn(bob)
  const before = mailsTo('bob@example.invalid').length
  const [first, second] = [await propose(bob.address), await propose(bob.address)]
  for (const id of [first, second]) await client.reject(id)
  nowOffsetMs += 61_000
  const stale = () =>
    server.store.read.selectFrom('outbox').select('failed').where('failed', '=', 'message:stale').execute()
  await expect.poll(async () => (await stale()).length, SOON).toBeGreaterThan(0)
  expect(mailsTo('bob@example.invalid').length).toBe(before)
})

test('promise: an address that its server refuses for good is tried once', async () => {
  const client = await signIn(bob)
  await client.addChannel({ kind: 'mail', target: 'gone@example.invalid' })
  const failed = () =>
    server.store.read.selectFrom('outbox').selectAll().where('failed', '=', 'mail:status:550').execute()
  await expect.poll(async () => (await failed()).map(({ attempts }) => attempts), SOON).toEqual([1])
})

/** A browser's half of RFC 8291. */
function createBrowser(path: string) {
  const receiver = createECDH('prime256v1')
  receiver.generateKeys()
  const auth = Buffer.alloc(16, 9)
  const keys = { p256dh: receiver.getPublicKey().toString('base64url'), auth: auth.toString('base64url') }
  const read = (message: Buffer): unknown => {
    const [salt, sender] = [message.subarray(0, 16), message.subarray(21, 86)]
    const hkdf = (secret: Buffer, salted: Buffer, info: Buffer, bytes: number) =>
      Buffer.from(hkdfSync('sha256', secret, salted, info, bytes))
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), receiver.getPublicKey(), sender])
    const material = hkdf(receiver.computeSecret(sender), auth, info, 32)
    const key = hkdf(material, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16)
    const nonce = hkdf(material, salt, Buffer.from('Content-Encoding: nonce\0'), 12)
    const cipher = createDecipheriv('aes-128-gcm', key, nonce)
    cipher.setAuthTag(message.subarray(-16))
    const text = Buffer.concat([cipher.update(message.subarray(86, -16)), cipher.final()])
    return JSON.parse(text.subarray(0, -1).toString())
  }
  return { subscription: { endpoint: `${webOrigin}${path}`, expirationTime: null, keys }, read }
}

test('tells a browser by an encrypted message, and forgets one that ended its subscription', async () => {
  const client = await signIn(alice)
  const browser = createBrowser('/push/one')
  const { offered } = await client.channels()
  expect(offered).toMatchObject({ mail: true })
  await client.addChannel({ kind: 'push', target: browser.subscription, amounts: false })
  const id = await propose(alice.address)
  await expect.poll(() => pushed.length, SOON).toBe(1)
  const [{ path, headers, body }] = pushed as [(typeof pushed)[number]]
  expect(path).toBe('/push/one')
  expect(headers).toMatchObject({ 'content-encoding': 'aes128gcm', ttl: '14400', urgency: 'high' })
  expect(headers.authorization).toContain(`k=${offered.push?.public_key ?? '?'}`)
  expect(browser.read(body)).toEqual({
    title: 'Something waits for you',
    body: `A transaction of ${alice.address} on Local chain (${chain.chainId}) waits for you.`,
    ...{ url: `${server.url}/p/${id}`, tag: id },
  })
  pushStatus = 410
  nowOffsetMs += 61_000
  await propose(alice.address)
  await expect.poll(async () => (await client.channels()).channels, SOON).toEqual([])
  pushStatus = 201
})

test('promise: a subscription leads to a push service and nowhere else', async () => {
  const client = await signIn(alice)
  const { subscription } = createBrowser('/push/two')
  for (const endpoint of ['http://127.0.0.1:1/x', 'https://169.254.169.254/latest', 'https://evil.invalid/x'])
    await expect(client.addChannel({ kind: 'push', target: { ...subscription, endpoint } })).rejects.toMatchObject({
      code: 'reach:target:invalid',
    })
})

test('promise: a chat proposal tells the wallet that is proven in the conversation, whose page opens and rejects it', async () => {
  const [teller, chat] = [await signIn(alice), createClient({ baseUrl: server.url, sessionId: randomUUID() })]
  await teller.confirmChannel(await addMail(teller, 'chat@example.invalid'))
  const before = mailsTo('chat@example.invalid').length
  await chat.start()
  const wallet = { address: alice.address, chain_id: chain.chainId, is_connected: true }
  // A claim of somebody else's address tells that address nothing.
  await chat.chatAndWait(`send 0.0001 ETH to ${FRIEND}`, { wallet })
  const proven = await signIn(alice)
  await proven.chatAndWait(`send 0.0002 ETH to ${FRIEND}`, { wallet })
  await expect.poll(() => mailsTo('chat@example.invalid').length, SOON).toBe(before + 1)
  const text = mailsTo('chat@example.invalid').at(-1) ?? ''
  expect(text).toContain('Leaves: 0.0002')
  const id = /\/p\/(prop_[0-9a-f-]+)/.exec(text)?.[1] ?? ''
  const elsewhere = await signIn(alice)
  expect(await elsewhere.proposal(id)).toMatchObject({ id, door: 'chat', state: 'pending' })
  await expect((await signIn(bob)).proposal(id)).rejects.toMatchObject({ status: 404 })
  await expect(chat.proposal(id)).rejects.toMatchObject({ status: 404 })
  expect((await elsewhere.reject(id)).state).toBe('rejected')
})

test('promise: a server without these settings offers nothing, says so, and refuses what it cannot send', async () => {
  await server.close()
  server = await start({ COUNTERSIGN_SMTP_URL: '', COUNTERSIGN_PUSH_CONTACT: '', COUNTERSIGN_TELEGRAM_TOKEN: TOKEN })
  const client = await signIn(bob)
  expect((await client.channels()).offered).toMatchObject({ mail: false, push: null })
  await expect(client.addChannel({ kind: 'mail', target: 'x@example.invalid' })).rejects.toMatchObject({
    code: 'reach:kind:off',
  })
})
