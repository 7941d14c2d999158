import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redacted } from '@countersign/base'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { launch, type Launched } from 'countersign'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  bot,
  cli,
  visible,
  walletRequests,
  widget,
  type Account,
  type Call,
  type Snapshot,
  type Verdict,
} from './publishedClients.ts'

/** Published clients, as they are: what they send, and what becomes of it. */
const ALICE = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const BOB = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const PAGE = 'http://localhost:3000'
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-clients-'))

let chain: LocalChain
let server: Launched
let demoKey = ''

beforeAll(async () => {
  chain = await startLocalChain()
  server = await launch({ port: 0, dataDir, localChain: chain, logLevel: 'silent', env: {} })
  demoKey = Redacted.reveal((await server.issueKey({ app: 'demo', label: 'a' })).key)
  await chain.fund(ALICE, { usdc: 10_000n * 10n ** 6n })
})
afterAll(async () => {
  await server.close()
  await chain.close()
  rmSync(dataDir, { recursive: true, force: true })
})

/** Signs with an unlocked account of the local chain, as a wallet would. */
async function sign({ to, value, data }: Call): Promise<string> {
  const transaction = { from: ALICE, to, value: `0x${BigInt(value).toString(16)}`, data, gas: '0xf4240' }
  const hash = await chain.rpc<string>('eth_sendTransaction', [transaction])
  while ((await chain.rpc('eth_getTransactionReceipt', [hash])) === null)
    await new Promise((resolve) => setTimeout(resolve, 5))
  return hash
}
const account = (more: Partial<Account> = {}): Account => ({
  baseUrl: server.url,
  sessionId: randomUUID(),
  address: ALICE,
  chainId: chain.chainId,
  sign,
  ...more,
})
async function call(
  method: string,
  path: string,
  { headers = {}, body }: { headers?: Record<string, string>; body?: unknown } = {},
) {
  const response = await fetch(server.url + path, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    reason: response.statusText,
    headers: response.headers,
    body: (/^[[{]/.test(text) ? JSON.parse(text) : text) as never,
  }
}
async function until<T>(read: () => Promise<T>, isDone: (value: T) => boolean): Promise<T> {
  for (let i = 0; i < 400; i += 1) {
    const value = await read()
    if (isDone(value)) return value
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('it took too long')
}
const notices = (events: readonly Record<string, unknown>[]): string[] =>
  events.flatMap((event) => (typeof event['SystemNotice'] === 'string' ? [event['SystemNotice']] : []))

describe('the stock widget', () => {
  test('promise: it can send, though it says what it is only before a session exists', async () => {
    const page = widget(account(), PAGE)
    expect(await page.firstState()).toMatchObject({ session_exists: false })
    await page.connect()
    const { snapshot, events } = await page.chat(`send 0.001 ETH to ${BOB}`)
    const [request] = walletRequests(events)
    expect(request).toMatchObject({ tx_ids: [1] })
    const verdict = await page.handle(request as never, snapshot)
    expect(verdict).toMatchObject({ signed: [{ to: BOB, value: '1000000000000000' }], feeWei: 1n, shown: [] })
  })

  test('connecting a wallet before the first message is no error, and a session that ended still is one', async () => {
    const mine = account()
    await widget(mine, PAGE).connect()
    expect((await call('GET', '/api/state', { headers: { 'x-session-id': mine.sessionId } })).body).toMatchObject({
      session_exists: false,
    })
    const message = encodeURIComponent(JSON.stringify({ type: 'wallet:tx_complete', payload: {} }))
    expect(
      (await call('POST', `/api/system?message=${message}`, { headers: { 'x-session-id': mine.sessionId } })).status,
    ).toBe(404)
  })

  test('what it once said of itself is kept when later claims leave it out', async () => {
    const mine = account()
    await widget(mine, PAGE).chat('help', JSON.stringify({ ext: { client_type: 'web_ui' } }))
    const { snapshot } = await widget(mine, PAGE).chat('help')
    expect(snapshot.user_state).toMatchObject({ address: ALICE, ext: { client_type: 'web_ui' } })
  })

  test('no fee is quoted to the command line, nor to who is in no browser', async () => {
    const mine = account()
    await cli.chat(mine, `send 0.001 ETH to ${BOB}`)
    const verdict = await cli.sign(mine, ['1'])
    expect(verdict).toMatchObject({ signed: [{ to: BOB }], feeWei: null, shown: [] })
  })

  test.each<[string, unknown]>([
    ['a short address', { address: '0x1234', chainId: 1, isConnected: true }],
    ['a Solana address', { address: '7EYnhQoR9YM3N7UoaKRoA44Uy8JeaZV3qyouov87awMs', isConnected: true }],
    ['a wrong checksum', { address: ALICE.replace('C8', 'c8'), chain_id: 1, is_connected: true }],
    ['a fractional chain', { address: ALICE, chain_id: 1.5, is_connected: true }],
    ['a list', [1]],
    ['a text', 'metamask'],
    ['no JSON', undefined],
  ])('a wallet that cannot be read is no wallet, told once, and the chat goes on: %s', async (_name, claim) => {
    const mine = account()
    const text = claim === undefined ? '{"address":' : JSON.stringify(claim)
    const { snapshot, events } = await widget(mine, PAGE).chat('send 1 ETH to ' + BOB, text)
    expect(snapshot.user_state).toMatchObject({ address: null, is_connected: false, pending_txs: {} })
    const again = await widget(mine, PAGE).chat('help', text)
    expect(notices([...events, ...again.events])).toEqual([expect.stringMatching(/wallet cannot be used here/)])
    expect(visible(again.snapshot).length).toBeGreaterThan(2)
    // Connected by an event, and mended by the next claim.
    const later = await widget(mine, PAGE).chat('help')
    expect(later.snapshot.user_state).toMatchObject({ address: ALICE, is_connected: true })
  })
})

/** Chats like a program of no known kind, such as the example bot. */
async function chatLikeABot(
  who: Account,
  message: string,
): Promise<{ snapshot: Snapshot; events: Record<string, unknown>[] }> {
  const headers = { 'x-session-id': who.sessionId }
  const state = JSON.stringify({ address: ALICE, chain_id: chain.chainId, is_connected: true })
  const query = new URLSearchParams({ message, app: 'default', user_state: state })
  const first = (await call('POST', `/api/chat?${query}`, { headers })).body as Snapshot
  return settle(who, [...(first.system_events ?? [])])
}
async function settle(
  who: Account,
  events: Record<string, unknown>[] = [],
): Promise<{ snapshot: Snapshot; events: Record<string, unknown>[] }> {
  const snapshot = await until(
    async () => {
      const next = (await call('GET', '/api/state', { headers: { 'x-session-id': who.sessionId } })).body as Snapshot
      events.push(...(next.system_events ?? []))
      return next
    },
    (each) => !each.is_processing,
  )
  return { snapshot, events }
}
const texts = async (who: Account): Promise<string> => visible((await settle(who)).snapshot).join('\n')
const saysSoon = (who: Account, pattern: RegExp): Promise<string> =>
  until(
    () => texts(who),
    (text) => pattern.test(text),
  )

describe('clients have no card, so the gate speaks in the conversation', () => {
  test('at commit: what leaves, what arrives, to whom, fee, permissions, warnings, expiry', async () => {
    const mine = account()
    await cli.chat(mine, `send 1.5 USDC to ${BOB}`)
    const text = await texts(mine)
    expect(text).toMatch(/^tx-1 to sign on .+\(31337\) with 0x70997970C51812dc3A010C7d01b50e0d17dc79C8\.$/m)
    expect(text).toMatch(/^Leaves: 1\.5 USDC\.$/m)
    expect(text).toMatch(/^Arrives: nothing\.$/m)
    // Not the token, to which the transaction goes.
    expect(text).toContain(`tx-1 pays ${BOB}.`)
    expect(text).toMatch(/^Network fee: at most 0\.0\d+ ETH/m)
    expect(text).toMatch(/^Permissions left: none\.$/m)
    expect(text).toMatch(/^Warnings: /m)
    expect(text).toMatch(/^It expires at 20\d\d-.+Z and is checked again/m)
    expect(text).not.toContain('card')
  })

  test('an allowance that stays is named with who may use it', async () => {
    const mine = account()
    const router = server.gate.chains.get(chain.chainId)?.exchanges[0]?.router ?? ''
    await cli.chat(mine, `approve 5 USDC for ${router}`)
    expect(await texts(mine)).toMatch(new RegExp(`Permissions left: ${router} may spend 5 USDC`, 'i'))
  })

  test('promise: a model writes nothing of it, however it names a function', async () => {
    const mine = account()
    await cli.chat(mine, `send 0.001 ETH to ${BOB}`)
    const rows = await server.store.read
      .selectFrom('messages')
      .select(['role', 'body'])
      .where('role', '=', 'system')
      .execute()
    const written = rows
      .map(({ body }) => JSON.parse(body) as { text: string; isForOwner?: true })
      .filter((each) => each.isForOwner)
    expect(written.length).toBeGreaterThan(0)
    for (const { text } of written) expect(text).not.toMatch(/[“”]|untrusted|as its maker/)
  })

  test('when it settled', async () => {
    const mine = account()
    await cli.chat(mine, `send 0.001 ETH to ${BOB}`)
    expect((await cli.sign(mine, ['1'])).shown).toEqual([])
    expect(await saysSoon(mine, /on chain/)).toMatch(/tx-1 is on chain, in block \d+, exactly as shown\./)
  })

  test('when a newer one took its place, and the old request comes out of no list any more', async () => {
    const mine = account()
    const headers = { 'x-session-id': mine.sessionId }
    await cli.chat(mine, `send 0.001 ETH to ${BOB}`)
    await cli.chat(mine, `send 0.002 ETH to ${BOB}`)
    expect(await texts(mine)).toContain('tx-1 is withdrawn: a newer proposal took its place.')
    const events = (await call('GET', '/api/events', { headers })).body as Record<string, unknown>[]
    expect(walletRequests(events).map(({ tx_ids }) => tx_ids)).toEqual([[2]])
  })

  test('promise: a stream that resumes asks for nothing that was replaced, signed or is over, and has no gap', async () => {
    const replayed = async ({ sessionId }: Account) => {
      const { last_event_id: last = 0 } = (await call('GET', '/api/state', { headers: { 'x-session-id': sessionId } }))
        .body as { last_event_id?: number }
      const stop = new AbortController()
      const response = await fetch(`${server.url}/api/updates`, {
        headers: { 'x-session-id': sessionId, 'last-event-id': '0' },
        signal: stop.signal,
      })
      const frames: { type: string; seq: number; payload?: { tx_ids?: number[] } }[] = []
      let text = ''
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        text += Buffer.from(chunk).toString()
        for (;;) {
          const end = text.indexOf('\n\n')
          if (end < 0) break
          const data = /^id: .*\ndata: (.*)$/s.exec(text.slice(0, end))?.[1]
          if (data !== undefined) frames.push(JSON.parse(data) as (typeof frames)[number])
          text = text.slice(end + 2)
        }
        if ((frames.at(-1)?.seq ?? 0) >= last) break
      }
      stop.abort()
      expect(frames.map(({ seq }) => seq)).toEqual(frames.map((_, i) => i + 1))
      const ids = (type: string) => frames.flatMap((each) => (each.type === type ? (each.payload?.tx_ids ?? []) : []))
      return { asked: ids('wallet_tx_request'), withdrawn: ids('wallet_request_withdrawn') }
    }
    const mine = account()
    await cli.chat(mine, `send 0.001 ETH to ${BOB}`)
    expect(await replayed(mine)).toEqual({ asked: [1], withdrawn: [] })
    // Replaced.
    await cli.chat(mine, `send 0.002 ETH to ${BOB}`)
    expect(await replayed(mine)).toEqual({ asked: [2], withdrawn: [1] })
    // Signed.
    await cli.sign(mine, ['2'])
    await saysSoon(mine, /tx-2 is on chain/)
    expect(await replayed(mine)).toEqual({ asked: [], withdrawn: [1, 2] })
    // Every way in which it ends.
    for (const state of ['rejected', 'expired', 'blocked', 'mismatched', 'staged'] as const) {
      const other = account()
      await cli.chat(other, `send 0.003 ETH to ${BOB}`)
      await server.store.write((write) =>
        write.db
          .updateTable('proposals')
          .set({ state })
          .where('sid', 'in', (eb) =>
            eb.selectFrom('sessions').select('sid').where('id_digest', '=', server.store.ids.digest(other.sessionId)),
          )
          .execute(),
      )
      expect(await replayed(other), state).toEqual({ asked: [], withdrawn: [1] })
    }
  })

  test('when it was rejected, expired, or is not what was shown', async () => {
    const rejected = account()
    const { snapshot, events } = await widget(rejected, PAGE).chat(`send 0.001 ETH to ${BOB}`)
    expect(snapshot.user_state?.pending_txs).toHaveProperty('1')
    const id = walletRequests(events)[0]?.proposal_id ?? ''
    await call('POST', `/api/proposals/${id}/reject`, { headers: { 'x-session-id': rejected.sessionId }, body: {} })
    expect(await texts(rejected)).toContain('tx-1 is withdrawn: rejected.')

    const late = account()
    await cli.chat(late, `send 0.001 ETH to ${BOB}`)
    await server.store.write((write) =>
      write.db.updateTable('proposals').set({ expires_ms: 1 }).where('state', '=', 'pending').execute(),
    )
    expect(await saysSoon(late, /not signed in time/)).toContain('tx-1 is withdrawn: not signed in time.')
  })
})

describe('clients that cannot batch', () => {
  test('promise: one request a step, the next when the first is on chain', async () => {
    const mine = account()
    const signed: Verdict[] = []
    const { events } = await chatLikeABot(mine, 'swap 10 USDC for ETH')
    const [first, ...others] = walletRequests(events)
    expect(others).toEqual([])
    expect(first).toMatchObject({ tx_ids: [1], to: chain.addresses.usdc })
    signed.push(await bot(mine, first as never))
    const next = await until(
      async () => walletRequests((await settle(mine)).events),
      (requests) => requests.length > 0,
    )
    expect(next).toMatchObject([{ tx_ids: [2], data: expect.stringMatching(/^0x/) }])
    signed.push(await bot(mine, next[0] as never))
    expect(signed.flatMap((each) => each.signed)).toHaveLength(2)
    expect(await saysSoon(mine, /exactly as shown/)).toMatch(/1 of 2 steps is on chain\. Next to sign: tx-2\./)
  })

  test('a batch that is half done names what is left behind, and what to say', async () => {
    const mine = account()
    const { events } = await chatLikeABot(mine, 'swap 10 USDC for ETH')
    await bot(mine, walletRequests(events)[0] as never)
    await saysSoon(mine, /1 of 2 steps/)
    await server.store.write((write) =>
      write.db.updateTable('proposals').set({ expires_ms: 1 }).where('state', '=', 'pending').execute(),
    )
    const text = await saysSoon(mine, /take the permission back/)
    expect(text).toMatch(/(?<!tx-1, )tx-2 is withdrawn: not signed in time\. tx-1 is on chain, the rest is not\./)
    expect(text).toMatch(
      /Left behind: 0x\w{40} may spend your USDC\. To take that back, say “take the permission back”\./,
    )
    expect(text).toMatch(/To sign the rest, say “continue”\./)
    // Both were staged by the gate; what is said chooses one.
    await cli.chat(mine, 'take the permission back')
    expect(await texts(mine)).toMatch(/tx-3 to sign on/)
    await cli.chat(mine, 'continue')
    expect(await texts(mine)).toMatch(/tx-4 to sign on/)
  })
})

describe('promise: replayed in every state, a client signs what was said or stops with a sentence of ours', () => {
  const STATES = [
    'staged',
    'receipted',
    'blocked',
    'submitted',
    'settled',
    'mismatched',
    'rejected',
    'expired',
    'superseded',
  ] as const
  test.each(['pending', ...STATES])('%s', async (state) => {
    const terminal = account()
    await cli.chat(terminal, `send 0.001 ETH to ${BOB}`)
    const wallet = account()
    const asked = await widget(wallet, PAGE).chat(`send 0.001 ETH to ${BOB}`)
    const programme = account()
    const told = await chatLikeABot(programme, `send 0.001 ETH to ${BOB}`)
    const ids = [terminal, wallet, programme].map(({ sessionId }) => server.store.ids.digest(sessionId))
    if (state !== 'pending')
      await server.store.write((write) =>
        write.db
          .updateTable('proposals')
          .set({ state })
          .where('sid', 'in', (eb) => eb.selectFrom('sessions').select('sid').where('id_digest', 'in', ids))
          .execute(),
      )
    const sent = { to: BOB, value: '1000000000000000', data: '0x' }
    // The widget acts on what it read before the state changed; the command line reads again.
    const request = walletRequests(asked.events)[0]
    const byWidget = await widget(wallet, PAGE).handle(request as never, asked.snapshot)
    const byCli = await cli.sign(terminal, ['1'])
    if (state === 'pending') {
      expect(byCli).toMatchObject({ signed: [sent], shown: [] })
      expect(byWidget).toMatchObject({ signed: [sent], feeWei: 1n, shown: [] })
      expect(walletRequests(told.events)).toMatchObject([sent])
    } else {
      expect(byCli).toEqual({ signed: [], feeWei: null, shown: ['Signing failed: Transaction "tx-1" not found'] })
      expect(byWidget).toMatchObject({ signed: [], shown: [expect.stringMatching(/^Invalid fee amount: -1$/)] })
    }
  })

  test.each<[string, (who: Account) => Promise<void>, RegExp]>([
    [
      'the key is revoked',
      async ({ apiKey = '' }) => {
        const id = (await server.keyring.list({ app: 'demo' })).find((each) => apiKey.endsWith(each.last4))?.id ?? ''
        await server.keyring.revoke({ id, app: 'demo' })
      },
      /key/i,
    ],
    [
      'the session is deleted',
      async ({ sessionId, apiKey = '' }) => {
        await call('DELETE', `/api/sessions/${sessionId}`, {
          headers: { 'x-session-id': sessionId, 'x-api-key': apiKey },
        })
      },
      /no such session/i,
    ],
    [
      'the provider is down',
      async () => {
        const live = server.gate.chains.get(chain.chainId) as unknown as { simulator: { simulate: unknown } }
        const { simulate } = live.simulator
        live.simulator.simulate = async () => {
          live.simulator.simulate = simulate
          throw new TypeError('fetch failed')
        }
      },
      /wrong on the server/i,
    ],
    [
      'the card is rejected elsewhere',
      async ({ sessionId }) => {
        const headers = { 'x-session-id': sessionId }
        const [proposal] = (await call('GET', '/api/proposals', { headers })).body as { id: string }[]
        await call('POST', `/api/proposals/${proposal?.id}/reject`, { headers, body: {} })
      },
      /not the transactions that were committed/,
    ],
  ])('between reading the queue and simulating: %s', async (_name, happens, because) => {
    const apiKey = Redacted.reveal((await server.issueKey({ app: 'demo', label: 'x' })).key)
    const mine = account({ apiKey, app: 'demo' })
    await cli.chat(mine, `send 0.001 ETH to ${BOB}`)
    const verdict = await cli.sign(mine, ['1'], { betweenStateAndSimulate: () => happens(mine) })
    expect(verdict.signed).toEqual([])
    expect(verdict.shown).toEqual([
      expect.stringMatching(/^Simulation failed at step 1: /),
      'Signing failed: Invalid fee amount: -1',
    ])
    expect(verdict.shown[0]).toMatch(because)
  })
})

describe('newer clients (G3)', () => {
  test('their paths answer as the older ones do', async () => {
    const id = randomUUID()
    const headers = { 'x-session-id': id, 'x-thread-id': id }
    const made = await call('POST', '/api/threads?app=default&client_id=c1&rig=intent-grammar-1&application_id=x', {
      headers,
    })
    expect(made.body).toMatchObject({
      session_id: id,
      thread_id: id,
      title: 'New Chat',
      last_active_at: expect.any(String),
    })
    expect((await call('POST', '/api/threads')).body).toMatchObject({
      thread_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    const said = await call('POST', `/api/thread/chat?message=help&payment_method=none&platform=web`, { headers })
    expect(said.status).toBe(200)
    const state = await until(
      async () => (await call('GET', '/api/thread/state', { headers })).body as Snapshot,
      (each) => !each.is_processing,
    )
    expect(visible(state).length).toBeGreaterThan(1)
    expect((await call('GET', '/api/thread/apps')).body).toEqual([{ name: 'default', secrets: [] }])
    expect((await call('GET', '/api/thread/models')).body).toEqual(['intent-grammar-1'])
    expect((await call('POST', '/api/thread/model?rig=intent-grammar-1', { headers })).body).toMatchObject({
      success: true,
    })
    expect((await call('GET', '/api/thread/events', { headers })).status).toBe(200)
    expect((await call('POST', '/api/thread/interrupt', { headers })).body).toMatchObject({ is_processing: false })
    const item = { session_id: id, thread_id: id, title: 'help', last_active_at: expect.any(String) }
    expect((await call('GET', `/api/threads?public_key=${ALICE}`, { headers })).body).toEqual([
      expect.objectContaining(item),
    ])
    expect((await call('GET', `/api/threads/${id}`, { headers })).body).toMatchObject(item)
    expect((await call('PATCH', `/api/threads/${id}`, { headers, body: { title: 'x' } })).body).toMatchObject({
      title: 'x',
    })
    expect((await call('POST', `/api/threads/${id}/archive`, { headers })).body).toMatchObject({ is_archived: true })
    expect((await call('POST', `/api/threads/${id}/unarchive`, { headers })).body).toMatchObject({ is_archived: false })
    expect((await call('DELETE', `/api/threads/${id}`, { headers })).body).toEqual({ deleted: true })
    expect((await call('GET', `/api/threads/${id}`, { headers })).status).toBe(404)
    expect((await call('GET', '/api/account')).status).toBe(401)
  })

  test('promise: an alias is guarded like its twin', async () => {
    const id = randomUUID()
    await cli.chat(account({ sessionId: id, apiKey: demoKey, app: 'demo' }), 'help')
    const acme = Redacted.reveal((await server.issueKey({ app: 'acme', label: '' })).key)
    const secret = randomUUID()
    await cli.chat(account({ sessionId: secret, apiKey: acme, app: 'acme' }), 'help')
    const pairs: [string, string, string][] = [
      ['POST', '/api/chat?message=x&app=acme', '/api/thread/chat?message=x&app=acme'],
      ['GET', '/api/state', '/api/thread/state'],
      ['POST', '/api/interrupt', '/api/thread/interrupt'],
      ['GET', '/api/events', '/api/thread/events'],
      ['GET', `/api/sessions/${secret}`, `/api/threads/${secret}`],
      ['PATCH', `/api/sessions/${secret}?title=x`, `/api/threads/${secret}?title=x`],
      ['DELETE', `/api/sessions/${secret}`, `/api/threads/${secret}`],
      ['POST', `/api/sessions/${secret}/archive`, `/api/threads/${secret}/archive`],
      ['POST', '/api/sessions?app=acme', '/api/threads?app=acme'],
      ['GET', '/api/session/models?app=acme', '/api/thread/models?app=acme'],
      ['POST', '/api/session/model?rig=x&app=acme', '/api/thread/model?rig=x&app=acme'],
      ['POST', '/api/simulate', '/api/exec/simulate'],
    ]
    const callers: Record<string, string>[] = [
      {},
      { 'aomi-app-key': demoKey },
      { 'aomi-app-key': acme, origin: 'https://shop.example' },
    ]
    for (const [method, own, alias] of pairs) {
      for (const caller of callers) {
        for (const named of [{ 'x-session-id': secret }, { 'x-session-id': secret, 'x-thread-id': id }, {}]) {
          const headers = { ...caller, ...named } as Record<string, string>
          const [a, b] = [await call(method, own, { headers }), await call(method, alias, { headers })]
          const plain = (answer: typeof a) => ({
            status: answer.status,
            body: JSON.stringify(answer.body)
              .replaceAll(/req-\w+-\w+/g, '')
              .replaceAll(/,"thread_id":"[^"]+"|,?"last_active_at":"[^"]+"/g, ''),
          })
          // An id of its own may be made for a thread, and for nothing else.
          if (alias.startsWith('/api/threads?') && Object.keys(named).length === 0 && b.status === 200) continue
          expect(plain(b), `${method} ${alias} ${JSON.stringify(headers)}`).toEqual(plain(a))
        }
      }
    }
  })
})

describe('secrets and model keys of users', () => {
  test('promise: none is kept, the answer says so, and the widget shows it, once', async () => {
    const mine = account()
    const headers = { 'x-session-id': mine.sessionId }
    await cli.chat(mine, 'help')
    const marker = 'sup3r-s3cret-value'
    for (let load = 0; load < 3; load += 1) {
      const kept = await call('POST', '/api/control/provider-keys', {
        headers,
        body: { provider: 'openai', api_key: marker },
      })
      expect(kept).toMatchObject({ status: 501, reason: expect.stringMatching(/nothing was stored/) })
    }
    const secret = await call('POST', '/api/secrets', { body: { client_id: 'c1', secrets: { NAME: marker } } })
    expect(secret).toMatchObject({ status: 501, reason: expect.stringMatching(/nothing was stored/) })
    expect(notices((await cli.state(mine)).system_events ?? [])).toEqual([expect.stringMatching(/no model keys/)])
    const rows = JSON.stringify(await server.store.read.selectFrom('events').selectAll().execute())
    expect(rows).not.toContain(marker)
    expect((await call('GET', '/api/control/provider-keys')).body).toEqual({ provider_keys: [] })
    expect((await call('GET', '/api/secrets?client_id=c1')).body).toEqual({ names: [], by_app: {} })
    expect((await call('DELETE', '/api/secrets?client_id=c1')).body).toEqual({ cleared: false })
    expect((await call('DELETE', '/api/secrets/NAME?client_id=c1')).body).toEqual({ deleted: false })
    expect((await call('DELETE', '/api/control/provider-keys/openai')).body).toEqual({ deleted: false })
  })

  test('promise: a client id by itself opens nothing', async () => {
    const mine = account({ apiKey: demoKey, app: 'demo' })
    await cli.chat(mine, `send 0.001 ETH to ${BOB}`)
    const id = 'client-1'
    await call('GET', `/api/state?client_id=${id}`, { headers: { 'x-session-id': mine.sessionId } })
    for (const path of ['/api/state', '/api/thread/state', '/api/proposals', '/api/events', '/api/sessions']) {
      const answer = await call('GET', `${path}?client_id=${id}`, { headers: { 'x-session-id': randomUUID() } })
      expect(JSON.stringify(answer.body)).not.toContain(BOB)
    }
  })
})

describe('pages read refusals', () => {
  test.each<[string, string, Record<string, string>, number]>([
    ['a key from a page', '/api/key', { 'aomi-app-key': 'KEY' }, 403],
    ['a wrong key', '/api/state', { authorization: 'Bearer sk-demo-1' }, 403],
    ['no session id', '/api/proposals', {}, 400],
    ['no route', '/api/nope', {}, 404],
    ['two session ids', '/api/proposals', { 'x-session-id': 'a', 'x-thread-id': 'b' }, 400],
    ['an ended token', '/api/proposals', { authorization: 'Bearer st-x', 'x-session-id': randomUUID() }, 401],
  ])('%s', async (_name, path, headers, status) => {
    const sent = { ...headers, origin: PAGE, ...('aomi-app-key' in headers ? { 'aomi-app-key': demoKey } : {}) }
    const answer = await call('GET', path, { headers: sent })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE)
    expect(answer.headers.get('access-control-expose-headers')).toContain('retry-after')
    expect(answer.headers.get('vary')).toMatch(/origin/i)
  })

  test('a page of another origin still reads nothing', async () => {
    const answer = await call('GET', '/api/key', {
      headers: { 'aomi-app-key': demoKey, origin: 'https://shop.example' },
    })
    expect(answer.status).toBe(403)
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  })
})
