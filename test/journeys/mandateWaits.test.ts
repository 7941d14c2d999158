import { randomUUID } from 'node:crypto'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createClient } from '@countersign/sdk'
import { openDesk, OTHER, RENT, until, type Body, type Desk, type Seat } from './mandateDesk.ts'

/** What a mandate lets wait: a delay, other people's approvals, a freeze by itself. Over HTTP, with a real server and chain. */
const HOUR_MS = 3_600_000
let desk: Desk
let seat: Seat
beforeAll(async () => {
  desk = await openDesk('waits', 'tools: { builtin: [send] }\n')
})
afterAll(() => desk.close())
beforeEach(async () => {
  seat = await desk.open()
})

describe('a delay', () => {
  const delayed = (more: object = {}) =>
    seat.policy({
      rules: [
        {
          id: 'new',
          answer: 'allow',
          at_least: 'delay',
          delay: '12h',
          when: { recipients: ['new'], tokens: ['USDC'] },
        },
      ],
      ...more,
    })

  test('holds a proposal without a question until its time, then lets it go as allowed', async () => {
    await seat.grant(delayed())
    const { body: proposed } = await seat.propose(seat.transfer(RENT, 100n))
    expect(proposed).toMatchObject({ state: 'receipted', decision: { answer: 'delay' } })
    const held = await seat.read(proposed.id)
    const notBefore = Date.parse(held['not_before'] as string)
    expect(notBefore - Date.parse(held['created_at'] as string)).toBeGreaterThanOrEqual(12 * HOUR_MS - 1_000)
    expect(held).toMatchObject({ state: 'receipted', signable: false })
    expect((await seat.grantOf(proposed.id)).body).toMatchObject({ code: 'proposals:grant:waiting' })
    expect(await seat.reservations()).toEqual(['held'])
    desk.pass(12 * HOUR_MS + 1_000)
    await until(async () => (await seat.read(proposed.id)).state === 'pending')
    expect(await seat.read(proposed.id)).toMatchObject({ not_before: null, signable: true })
    const granted = await seat.grantOf(proposed.id)
    expect(granted.status, JSON.stringify(granted.body)).toBe(200)
    await seat.send(proposed.id, granted.body['nonce'] as number)
    await until(async () => (await seat.read(proposed.id)).state === 'settled')
  })

  test('promise: its owner and the targets of the mandate hear of it when it begins, and at its end that it is over', async () => {
    const { store } = desk.server
    await store.write(({ db }) =>
      db
        .insertInto('owner_channels')
        .values({
          ...{ id: `channel_${'a'.repeat(32)}`, owner: seat.alice.address, app: seat.app, kind: 'mail' },
          ...{ target: 'alice@example.invalid', amounts: 1, created_ms: 1, confirmed_ms: 1 },
        } as never)
        .execute(),
    )
    const mails = async () => {
      const rows = await store.read.selectFrom('outbox').select('body').where('target', 'like', 'mail:%').execute()
      return rows.map(({ body }) => JSON.parse(body) as { event: string; sentence: string; details: string[] })
    }
    const mandate = await seat.grant(delayed({ notify: [{ webhook: 'ops' }], otherwise: 'deny' }))
    const told = () => desk.received.filter((each) => (each as { mandate?: string | null }).mandate === mandate.id)
    // The grant has used up the minute of the mandate, and a call that is refused is counted in the next one.
    await seat.propose({ to: seat.usdc, value: '0', data: '0x' })
    const { body: proposed } = await seat.propose(seat.transfer(RENT, 100n))
    expect(proposed.state).toBe('receipted')
    const notBefore = (await seat.read(proposed.id))['not_before'] as string
    await until(() => told().some(({ event }) => event === 'mandates.decision.delayed'))
    expect(told().at(-1)).toMatchObject({ event: 'mandates.decision.delayed', proposal: proposed.id })
    expect(told().at(-1)?.sentence).toContain(notBefore)
    const [first, ...more] = await mails()
    expect(more).toEqual([])
    expect(first).toMatchObject({ event: 'proposals.proposal.delayed' })
    expect(first?.sentence).toContain(`waits until ${notBefore}`)
    expect(first?.details.join()).toContain('100 USDC')
    desk.pass(12 * HOUR_MS + 1_000)
    await until(async () => (await seat.read(proposed.id)).state === 'pending')
    const [, last, ...none] = await mails()
    expect(none).toEqual([])
    expect(last).toMatchObject({ event: 'proposals.proposal.pending' })
    expect(last?.sentence).toContain('can be signed now')
    expect(last?.sentence).not.toContain('until')
    expect((await seat.grantOf(proposed.id)).status).toBe(200)
  })

  test('promise: the server refuses to commit it before its time', async () => {
    await seat.grant(delayed())
    const { body: proposed } = await seat.propose(seat.transfer(RENT, 100n))
    desk.pass(11 * HOUR_MS)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect((await seat.read(proposed.id)).state).toBe('receipted')
    expect((await seat.grantOf(proposed.id)).body).toMatchObject({ code: 'proposals:grant:waiting' })
  })

  test('its owner rejects it while it waits, and what it held is given back', async () => {
    await seat.grant(delayed())
    const { body: proposed } = await seat.propose(seat.transfer(RENT, 100n))
    const page = await seat.pageOf(seat.alice)
    await page.reject(proposed.id, 'No')
    expect(await seat.read(proposed.id)).toMatchObject({ state: 'rejected', not_before: null })
    expect(await seat.reservations()).toEqual(['released'])
  })

  test('promise: what it held counts, so that a second one does not fit', async () => {
    await seat.grant(delayed({ limits: [{ id: 'usdc', token: 'USDC', per_day: '150' }] }))
    expect((await seat.propose(seat.transfer(RENT, 100n))).body.state).toBe('receipted')
    expect((await seat.propose(seat.transfer(OTHER, 100n))).body).toMatchObject({
      state: 'blocked',
      code: 'mandates:limit:full',
    })
  })

  test('promise: a mandate that is frozen meanwhile refuses it when its time comes', async () => {
    const mandate = await seat.grant(delayed())
    const { body: proposed } = await seat.propose(seat.transfer(RENT, 100n))
    await seat.http('POST', `/api/mandates/${mandate.id}/freeze`, { key: seat.admin, body: {} })
    desk.pass(13 * HOUR_MS)
    await until(async () => (await seat.read(proposed.id)).state !== 'receipted')
    expect(await seat.read(proposed.id)).toMatchObject({ state: 'blocked', code: 'mandates:state:frozen' })
  })

  test('promise: another version of the mandate begins the delay again', async () => {
    await seat.grant(delayed())
    const { body: proposed } = await seat.propose(seat.transfer(RENT, 100n))
    const first = (await seat.read(proposed.id))['not_before'] as string
    await seat.grant(
      delayed({ limits: [{ id: 'usdc', token: 'USDC', per_call: '600', per_day: '1000', over: 'ask' }] }),
    )
    desk.pass(12 * HOUR_MS + 60_000)
    await until(async () => (await seat.read(proposed.id))['not_before'] !== first)
    const again = await seat.read(proposed.id)
    expect(again).toMatchObject({ state: 'receipted', signable: false })
    expect(Date.parse(again['not_before'] as string)).toBeGreaterThan(Date.parse(first) + 11 * HOUR_MS)
  })
})

describe('approvers', () => {
  const people = [1, 2, 3].map(() => privateKeyToAccount(generatePrivateKey()))
  const approved = (more: object = {}) =>
    seat.policy({
      approvers: {
        of: people.map(({ address }) => address),
        need: 2,
        when: { amount: { over: '50' }, tokens: ['USDC'] },
      },
      ...more,
    })
  const approve = async (id: string, by = people[0]) => {
    const asked = await seat.http('POST', `/api/proposals/${id}/approve`, { key: seat.agent, body: {} })
    expect(asked.status, JSON.stringify(asked.body)).toBe(202)
    return seat.http('POST', `/api/proposals/${id}/approve`, {
      key: seat.agent,
      body: { signature: await seat.sign(asked.body['typed_data'], by) },
    })
  }

  test('a quorum of signatures releases it; each address counts once, and a stranger does not', async () => {
    await seat.grant(approved())
    const { body: proposed } = await seat.propose(seat.transfer(RENT, 100n))
    expect(proposed).toMatchObject({ state: 'pending', decision: { answer: 'allow', approvers: { need: 2 } } })
    expect(await seat.read(proposed.id)).toMatchObject({ signable: false, approvals: { need: 2, given: [] } })
    expect((await seat.grantOf(proposed.id)).body).toMatchObject({ code: 'proposals:grant:waiting' })
    const stranger = await approve(proposed.id, privateKeyToAccount(generatePrivateKey()))
    expect(stranger).toMatchObject({ status: 403, body: { code: 'proposals:approver:unknown' } })
    // The owner's own word is no approval.
    expect((await approve(proposed.id, seat.alice)).status).toBe(403)
    expect((await approve(proposed.id)).body).toMatchObject({ approvals: { given: [people[0]?.address] } })
    expect((await approve(proposed.id)).body).toMatchObject({ approvals: { given: [people[0]?.address] } })
    expect((await seat.grantOf(proposed.id)).body).toMatchObject({ code: 'proposals:grant:waiting' })
    expect((await approve(proposed.id, people[2])).body).toMatchObject({ signable: true })
    const granted = await seat.grantOf(proposed.id)
    expect(granted.status, JSON.stringify(granted.body)).toBe(200)
  })

  test('below the condition nobody is asked', async () => {
    await seat.grant(approved())
    const { body: proposed } = await seat.propose(seat.transfer(RENT, 40n))
    expect(await seat.read(proposed.id)).toMatchObject({ approvals: null, signable: true })
    expect(
      (await seat.http('POST', `/api/proposals/${proposed.id}/approve`, { key: seat.agent, body: {} })).body,
    ).toMatchObject({ code: 'proposals:approval:unasked' })
  })

  test('promise: where the owner is asked too, a quorum alone releases nothing', async () => {
    await seat.grant(approved())
    const { body: proposed } = await seat.propose(seat.transfer(RENT, 501n))
    expect(proposed).toMatchObject({ state: 'pending', decision: { answer: 'ask' } })
    await approve(proposed.id, people[0])
    await approve(proposed.id, people[1])
    expect((await seat.grantOf(proposed.id)).body).toMatchObject({ code: 'proposals:grant:waiting' })
    const page = await seat.pageOf(seat.alice)
    await page.confirm(proposed.id, proposed.digest)
    expect((await seat.grantOf(proposed.id)).status).toBe(200)
  })

  test('promise: an approval of one proposal is none of another, nor of the same under another policy', async () => {
    await seat.grant(approved())
    const { body: first } = await seat.propose(seat.transfer(RENT, 100n))
    const { body: second } = await seat.propose(seat.transfer(RENT, 101n))
    const { body } = await seat.http('POST', `/api/proposals/${first.id}/approve`, { key: seat.agent, body: {} })
    const signature = await seat.sign(body['typed_data'], people[0])
    const moved = await seat.http('POST', `/api/proposals/${second.id}/approve`, {
      key: seat.agent,
      body: { signature },
    })
    expect(moved).toMatchObject({ status: 403, body: { code: 'proposals:approver:unknown' } })
  })

  test('an approver reads the proposal in a session of their own wallet; others do not find it', async () => {
    await seat.grant(approved())
    const { body: proposed } = await seat.propose(seat.transfer(RENT, 100n))
    const approver = await seat.sessionOf(people[1] as (typeof people)[number])
    const sid = approver.client.sessionId
    expect((await seat.http('GET', `/api/proposals/${proposed.id}`, { key: approver.key, sid })).status).toBe(200)
    const stranger = await seat.sessionOf(privateKeyToAccount(generatePrivateKey()))
    const theirs = { key: stranger.key, sid: stranger.client.sessionId }
    expect((await seat.http('GET', `/api/proposals/${proposed.id}`, theirs)).status).toBe(404)
    expect((await seat.http('POST', `/api/proposals/${proposed.id}/approve`, { ...theirs, body: {} })).status).toBe(404)
  })
})

describe('a mandate that freezes by itself', () => {
  test('promise: as many refusals in an hour as it names freeze it; a full hand of held ones is no refusal', async () => {
    const mandate = await seat.grant(seat.policy({ freeze_when: { refused_per_hour: 3 } }))
    for (let i = 0; i < 4; i += 1) expect((await seat.propose(seat.transfer(RENT, 1n))).body.state).toBe('pending')
    for (let i = 0; i < 3; i += 1)
      expect((await seat.propose(seat.transfer(RENT, 1n))).body.code).toBe('mandates:held:full')
    const asAdmin = (method: string, path: string, body?: object) =>
      seat.http(method, path, { key: seat.admin, ...(body === undefined ? {} : { body }) })
    const state = async () => (await asAdmin('GET', `/api/mandates/${mandate.id}`)).body
    for (let i = 0; i < 2; i += 1) await seat.propose(seat.transfer(OTHER, 1n))
    expect(await state()).toMatchObject({ state: 'active' })
    desk.pass(HOUR_MS + 1_000)
    await seat.propose(seat.transfer(OTHER, 1n))
    expect(await state(), 'the first two are older than an hour').toMatchObject({ state: 'active' })
    await seat.propose(seat.transfer(OTHER, 1n))
    // More than the account holds: the simulation blocks it, which no mandate lifts.
    await seat.propose(seat.transfer(RENT, 100_000n))
    expect(await state()).toMatchObject({ state: 'frozen', frozen_because: 'refused_per_hour' })
    const asked = await asAdmin('POST', `/api/mandates/${mandate.id}/unfreeze`, {})
    const signature = await seat.sign(asked.body['typed_data'])
    await asAdmin('POST', `/api/mandates/${mandate.id}/unfreeze`, { draft: asked.body['draft'], signature })
    await seat.propose(seat.transfer(OTHER, 1n))
    expect(await state(), 'what froze it was looked at').toMatchObject({ state: 'active' })
  })

  test('promise: whom the mandate does not let in cannot freeze it', async () => {
    const mandate = await seat.grant(
      seat.policy({ agent: { keys: ['somebody'] }, freeze_when: { refused_per_hour: 1 } }),
    )
    expect((await seat.propose(seat.transfer(RENT, 1n))).body.code).toBe('mandates:agent:denied')
    expect((await seat.asOwner('GET', `/api/mandates/${mandate.id}`)).body).toMatchObject({ state: 'active' })
  })

  test('promise: a transaction that does not match what was committed freezes it where it says so', async () => {
    const mandate = await seat.grant(seat.policy({ freeze_when: { mismatched: 1 } }))
    const { body: proposed } = await seat.propose(seat.transfer(RENT, 10n))
    const granted = await seat.grantOf(proposed.id)
    const page = await seat.pageOf(seat.alice)
    // The signer signs another payee at the granted nonce, and reports it as this one.
    const raw = await seat.alice.signTransaction({
      ...{ chainId: desk.chain.chainId, type: 'eip1559', nonce: granted.body['nonce'] as number, gas: 100_000n },
      ...{ maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 0n, to: seat.usdc, value: 0n },
      data: seat.transfer(OTHER, 10n).data,
    })
    const hash = (await desk.chain.rpc('eth_sendRawTransaction', [raw])) as `0x${string}`
    await page.submitted(proposed.id, 1, hash).catch(() => undefined)
    await until(async () => (await seat.read(proposed.id)).state === 'mismatched')
    await until(async () => (await seat.asOwner('GET', `/api/mandates/${mandate.id}`)).body.state === 'frozen')
    expect((await seat.asOwner('GET', `/api/mandates/${mandate.id}`)).body).toMatchObject({
      frozen_because: 'mismatched',
    })
  })
})

test('its targets hear of it: one message a minute, a freeze at once, amounts by code and no way to approve', async () => {
  const mandate = await seat.grant(seat.policy({ notify: [{ webhook: 'ops' }] }))
  const own = () => desk.received.filter((message) => (message as { mandate?: string | null }).mandate === mandate.id)
  await until(() => own().length === 1)
  expect(own()[0]).toMatchObject({ event: 'mandates.mandate.granted', amounts: [] })
  const { body: beyond } = await seat.propose(seat.transfer(RENT, 501n))
  await seat.propose(seat.transfer(OTHER, 1n))
  desk.pass(61_000)
  const { body: last } = await seat.propose(seat.transfer(OTHER, 2n))
  await until(() => own().length === 2)
  expect(own()[1]).toMatchObject({
    event: 'mandates.decision.made',
    proposal: last.id,
    amounts: [{ direction: 'out', amount: '2000000', symbol: 'USDC', decimals: 6 }],
  })
  expect(own()[1]?.sentence).toMatch(/And 2 more since the last message\.$/)
  expect(own()[1]?.url).toMatch(new RegExp(`/p/${last.id}$`))
  await seat.http('POST', `/api/mandates/${mandate.id}/freeze`, { key: seat.admin, body: {} })
  await until(() => own().length === 3)
  expect(own()[2]).toMatchObject({ event: 'mandates.mandate.frozen' })
  expect(JSON.stringify(own())).not.toContain(beyond.digest)
  await expect(seat.grant(seat.policy({ notify: [{ webhook: 'nowhere' }] }))).rejects.toThrow(/no webhook target/)
})

describe('a dry decision', () => {
  const decide = (body: object) =>
    seat.asOwner('POST', '/api/mandates/decide', { chain_id: desk.chain.chainId, ...body })

  test('says what would be decided, and reserves nothing', async () => {
    await seat.grant()
    const allowed = await decide({ transactions: [seat.transfer(RENT, 100n)], door: 'guard' })
    expect(allowed).toMatchObject({ status: 200, body: { answer: 'allow', mandate: 'rent@1', reservation: null } })
    expect((await decide({ transactions: [seat.transfer(RENT, 501n)] })).body).toMatchObject({
      answer: 'ask',
      free: '500',
    })
    expect((await decide({ transactions: [seat.transfer(OTHER, 1n)] })).body).toMatchObject({
      answer: 'deny',
      code: 'mandates:effect:unnamed',
    })
    expect(await seat.reservations()).toEqual([])
  })

  test('tries another policy, with what the ledger holds already, and puts nothing in force', async () => {
    const mandate = await seat.grant()
    await seat.propose(seat.transfer(RENT, 400n))
    const tight = seat.policy({ limits: [{ id: 'usdc', token: 'USDC', per_day: '450', over: 'deny' }] })
    expect((await decide({ transactions: [seat.transfer(RENT, 100n)], policy: tight })).body).toMatchObject({
      answer: 'deny',
      code: 'mandates:limit:full',
      free: '50',
    })
    expect((await seat.asOwner('GET', `/api/mandates/${mandate.id}`)).body).toMatchObject({
      version: 1,
      digest: mandate.digest,
    })
    expect((await decide({ transactions: [seat.transfer(RENT, 100n)] })).body).toMatchObject({ answer: 'allow' })
  })

  test('without a mandate it asks, or says what a policy would do; others have no right to it', async () => {
    expect((await decide({ transactions: [seat.transfer(RENT, 1n)] })).body).toMatchObject({
      answer: 'ask',
      mandate: null,
    })
    expect((await decide({ transactions: [seat.transfer(RENT, 1n)], policy: seat.policy() })).body).toMatchObject({
      answer: 'allow',
      mandate: 'rent@1',
    })
    expect((await seat.asOwner('GET', '/api/mandates')).body).toEqual([])
    const other = await seat.sessionOf(privateKeyToAccount(generatePrivateKey()))
    const theirs = await seat.http('POST', '/api/mandates/decide', {
      ...{ key: other.key, sid: other.client.sessionId },
      body: { owner: seat.alice.address, chain_id: desk.chain.chainId, transactions: [seat.transfer(RENT, 1n)] },
    })
    expect(theirs).toMatchObject({ status: 403, body: { code: 'mandates:owner:required' } })
  })
})

describe('cancelling a reservation', () => {
  const openOnes = async () =>
    (await seat.asOwner('GET', '/api/reservations')).body as unknown as {
      id: string
      state: string
      nonce: number | null
    }[]

  test('what nobody was handed ends with its proposal', async () => {
    await seat.grant()
    const { body: proposed } = await seat.propose(seat.transfer(RENT, 100n))
    const [held] = await openOnes()
    const cancelled = await seat.asOwner('POST', `/api/reservations/${held?.id}/cancel`, {})
    expect(cancelled).toMatchObject({ status: 200, body: { reservation: { state: 'released' }, proposal: null } })
    expect((await seat.read(proposed.id)).state).toBe('rejected')
    expect((await seat.asOwner('POST', `/api/reservations/${held?.id}/cancel`, {})).body).toMatchObject({
      code: 'mandates:reservation:closed',
    })
  })

  test('promise: what was granted is given back only when the cancellation is mined in its place', async () => {
    await seat.grant()
    const { body: proposed } = await seat.propose(seat.transfer(RENT, 100n))
    const granted = await seat.grantOf(proposed.id)
    const [open] = await openOnes()
    const cancelled = await seat.asOwner('POST', `/api/reservations/${open?.id}/cancel`, {})
    expect(cancelled.status, JSON.stringify(cancelled.body)).toBe(201)
    expect(cancelled.body).toMatchObject({
      reservation: { state: 'open', nonce: granted.body['nonce'] },
      proposal: { state: 'pending', decision: null, calls: [{ to: seat.alice.address, value: '0', data: '0x' }] },
    })
    const raw = await seat.alice.signTransaction({
      ...{ chainId: desk.chain.chainId, type: 'eip1559', nonce: granted.body['nonce'] as number, gas: 21_000n },
      ...{ maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 0n, to: seat.alice.address, value: 0n },
    })
    await desk.chain.rpc('eth_sendRawTransaction', [raw])
    expect((await openOnes())[0]?.state).toBe('open')
    await desk.chain.rpc('anvil_mine', ['0x4', '0x1'])
    await until(async () => (await openOnes())[0]?.state === 'released')
  })

  test('only its owner cancels; a key is no owner', async () => {
    await seat.grant()
    await seat.propose(seat.transfer(RENT, 100n))
    const [held] = await openOnes()
    const byKey = await seat.http('POST', `/api/reservations/${held?.id}/cancel`, { key: seat.admin, body: {} })
    expect(byKey).toMatchObject({ status: 403, body: { code: 'mandates:owner:required' } })
    const other = await seat.sessionOf(privateKeyToAccount(generatePrivateKey()))
    const theirs = { key: other.key, sid: other.client.sessionId, body: {} }
    expect((await seat.http('POST', `/api/reservations/${held?.id}/cancel`, theirs)).status).toBe(404)
  })
})

describe('the most that could be taken, found on the fork', () => {
  const search = async (policy: object) => {
    const mandate = await seat.grant()
    const { body, status } = await seat.asOwner('POST', `/api/mandates/${mandate.id}/backtest`, {
      policy,
      search: true,
    })
    expect(status, JSON.stringify(body)).toBe(200)
    return body['search'] as {
      plans: number
      found: { asset: string; amount: string; times: number; is_over: boolean }[]
    }
  }

  test('a payee by name lets a stranger take nothing', async () => {
    const { plans, found } = await search(seat.policy())
    expect(plans).toBeGreaterThan(3)
    expect(found).toEqual([])
    expect(await seat.reservations(), 'nothing was written').toEqual([])
  })

  test('promise: what new payees let through is found up to the cap, and never above the worst case', async () => {
    const open = seat.policy({
      tolerates: ['recipient-unverified'],
      rules: [{ id: 'any', answer: 'allow', when: { recipients: ['new'], tokens: ['USDC'] } }],
      limits: [{ id: 'usdc', token: 'USDC', per_call: '500', per_day: '1000' }],
    })
    const { found } = await search(open)
    expect(found).toMatchObject([{ asset: 'USDC', amount: '1000', times: expect.any(Number), is_over: false }])
  })
})

describe('who may use a mandate', () => {
  type Door = (who: { key: string; sid?: string }, to: string) => Promise<Body>
  const chainId = () => desk.chain.chainId
  const shown = async (who: { key: string; sid?: string }, id: string): Promise<Body> =>
    (await seat.http('GET', `/api/proposals/${id}`, who)).body
  /** Each door by which an account can be named, and what becomes of a payment of 100 USDC to this address. */
  const DOORS: Readonly<Record<'chat' | 'guard' | 'rpc' | 'mcp', Door>> = {
    async chat(who, to) {
      const message = `send 100 USDC to ${to}`
      await seat.http('POST', '/api/chat', { ...who, body: { app: seat.app, message } })
      await until(async () => (await seat.http('GET', '/api/state', who)).body['is_processing'] === false)
      const { body } = await seat.http('GET', '/api/proposals', who)
      const [made] = body as unknown as Body[]
      if (made === undefined) throw new Error(JSON.stringify((await seat.http('GET', '/api/state', who)).body))
      return made
    },
    async guard(who, to) {
      const body = { transactions: [seat.transfer(to, 100n)], from: seat.alice.address, chain_id: chainId() }
      return shown(who, (await seat.http('POST', '/api/proposals', { ...who, body })).body.id)
    },
    async rpc(who, to) {
      const params = [{ from: seat.alice.address, ...seat.transfer(to, 100n), value: '0x0' }]
      const body = {
        jsonrpc: '2.0',
        id: 1,
        method: 'wallet_sendCalls',
        params: [
          {
            version: '2.0.0',
            chainId: `0x${chainId().toString(16)}`,
            from: seat.alice.address,
            atomicRequired: false,
            calls: params.map(({ from: _from, ...call }) => call),
          },
        ],
      }
      const { body: answer } = await seat.http('POST', `/rpc/${chainId()}?owner=${seat.alice.address}`, {
        ...who,
        body,
      })
      const { result, error } = answer as unknown as {
        result?: { id: string }
        error?: { data?: { proposal?: string } }
      }
      const id = result?.id ?? error?.data?.proposal
      if (id === undefined || id === null) throw new Error(JSON.stringify(answer))
      return shown(who, id)
    },
    async mcp(who, to) {
      const args = { transactions: [seat.transfer(to, 100n)], from: seat.alice.address, chain_id: chainId() }
      const response = await fetch(`${desk.server.url}/mcp`, {
        method: 'POST',
        headers: {
          'x-api-key': who.key,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-protocol-version': '2025-06-18',
        },
        body: JSON.stringify({
          jsonrpc: '2.0',
          id: 1,
          method: 'tools/call',
          params: { name: 'propose', arguments: args },
        }),
      })
      const text = await response.text()
      const id = /prop_[0-9a-f-]{36}/.exec(text)?.[0]
      if (id === undefined) throw new Error(text)
      return shown(who, id)
    },
  }
  /** A session of a key of the app that says the owner's address, and has proven nothing. */
  const claimed = async (): Promise<{ key: string; sid: string }> => {
    const who = { key: await seat.keyOf(['read', 'chat']), sid: crypto.randomUUID() }
    const wallet = { address: seat.alice.address, chain_id: chainId(), is_connected: true }
    await seat.http('POST', '/api/chat', { ...who, body: { app: seat.app, message: 'hello', user_state: wallet } })
    await until(async () => (await seat.http('GET', '/api/state', who)).body['is_processing'] === false)
    return who
  }
  const proven = async (): Promise<{ key: string; sid: string }> => {
    const { client, key } = await seat.sessionOf(seat.alice)
    const who = { key, sid: client.sessionId }
    const wallet = { address: seat.alice.address, chain_id: chainId(), is_connected: true }
    await seat.http('POST', '/api/chat', { ...who, body: { app: seat.app, message: 'hello', user_state: wallet } })
    await until(async () => (await seat.http('GET', '/api/state', who)).body['is_processing'] === false)
    return who
  }
  const NAMES = Object.keys(DOORS) as (keyof typeof DOORS)[]

  test.each(NAMES)(
    'promise: by the door %s, who only claims the owner’s address gets nothing of the mandate',
    async (door) => {
      const stranger = door === 'chat' ? await claimed() : { key: await seat.keyOf(['read', 'propose']) }
      const mandate = await seat.grant(seat.policy({ freeze_when: { refused_per_hour: 1 } }))
      const inside = await DOORS[door](stranger, RENT)
      expect(inside).toMatchObject({ state: 'blocked', code: 'mandates:owner:unproven' })
      expect(inside['decision']).toMatchObject({ answer: 'deny', mandate: null, reservation: null })
      await DOORS[door](stranger, OTHER)
      expect(await seat.reservations()).toEqual([])
      expect((await seat.asOwner('GET', `/api/mandates/${mandate.id}`)).body).toMatchObject({
        state: 'active',
        limits: [{}, { used: '0' }],
      })
    },
  )

  test.each(NAMES)(
    'promise: by the door %s, where the mandate asks otherwise, a claim is asked about like anything else and counts nowhere',
    async (door) => {
      const stranger = door === 'chat' ? await claimed() : { key: await seat.keyOf(['read', 'propose']) }
      await seat.grant(seat.policy({ otherwise: 'ask' }))
      const made = await DOORS[door](stranger, RENT)
      expect(made['decision'] ?? null).toBeNull()
      expect(await seat.reservations()).toEqual([])
      if (door === 'chat') return
      const grant = await seat.http('POST', `/api/proposals/${made.id}/grant`, {
        ...stranger,
        body: { from: seat.alice.address, chain_id: chainId() },
      })
      expect(grant.body).toMatchObject({ code: 'proposals:grant:waiting' })
    },
  )

  test.each(NAMES)('by the door %s, the proven owner and a trusted key are inside the mandate', async (door) => {
    const own = door === 'chat' ? await proven() : { key: seat.agent }
    await seat.grant()
    const made = await DOORS[door](own, RENT)
    expect(made).toMatchObject({
      state: 'pending',
      decision: { answer: 'allow', mandate: 'rent@1' },
    })
    expect(await seat.reservations()).toHaveLength(1)
  })

  test('a key that the mandate names is inside without more', async () => {
    const key = await seat.keyOf(['read', 'propose'])
    const { id } = (await seat.http('GET', '/api/key', { key })).body
    await seat.grant(seat.policy({ agent: { keys: [id] } }))
    expect(await DOORS.guard({ key }, RENT)).toMatchObject({ decision: { answer: 'allow', mandate: 'rent@1' } })
  })

  test('promise: what was staged on a claim is decided by the mandate once its owner has signed in', async () => {
    const { key, sid } = await claimed()
    await seat.grant(seat.policy({ otherwise: 'ask' }))
    const made = await DOORS.chat({ key, sid }, RENT)
    expect(made).toMatchObject({ state: 'pending', decision: null })
    const client = createClient({ baseUrl: desk.server.url, sessionId: sid, apiKey: key, app: seat.app })
    await client.signIn({ address: seat.alice.address, chainId: chainId() }, (message) =>
      seat.alice.signMessage({ message }),
    )
    const looked = await client.recheck(made.id, seat.alice.address, chainId(), 'w')
    expect(looked).toMatchObject({ recheck: 'drifted', decision: { answer: 'allow', mandate: 'rent@1' } })
    expect(await seat.reservations()).toHaveLength(1)
  })
})

describe('whose rights count', () => {
  test('promise: the admin key of another app is a stranger, also with a session of this app', async () => {
    // A conversation of the app default, which asks for no key.
    const page = await seat.pageOf(seat.alice)
    const asOwner = (method: string, path: string, body?: unknown) => keyless(method, path, page.sessionId, body)
    const drafted = await asOwner('PUT', '/api/mandates', { policy: seat.policy() })
    const { draft, typed_data: document } = drafted.body
    const { body: mandate } = await asOwner('PUT', '/api/mandates', { draft, signature: await seat.sign(document) })
    expect(mandate).toMatchObject({ app: 'default', state: 'active' })
    const other = createClient({ baseUrl: desk.server.url, sessionId: randomUUID() })
    await other.start()
    const asStranger = (method: string, path: string, body?: unknown) =>
      seat.http(method, path, { key: seat.admin, sid: other.sessionId, ...(body === undefined ? {} : { body }) })
    expect(await asStranger('GET', '/api/mandates')).toMatchObject({ status: 200, body: [] })
    const narrow = seat.policy({ owner: seat.alice.address, limits: [{ id: 'usdc', token: 'USDC', per_call: '1' }] })
    const { address: wallet } = seat.alice
    const [transaction, chainId] = [seat.transfer(RENT, 1n), desk.chain.chainId]
    const refused = [
      await asStranger('GET', '/api/reservations'),
      await asStranger('GET', `/api/mandates/${mandate.id}`),
      await asStranger('PUT', '/api/mandates', { policy: narrow }),
      await asStranger('POST', `/api/mandates/${mandate.id}/freeze`, {}),
      await asStranger('POST', `/api/mandates/${mandate.id}/end`, {}),
      await asStranger('POST', `/api/mandates/${mandate.id}/backtest`, {}),
      await asStranger('POST', '/api/mandates/propose', { owner: wallet }),
      await asStranger('POST', '/api/mandates/decide', {
        ...{ owner: wallet, chain_id: chainId, transactions: [transaction] },
      }),
      await asStranger('POST', '/api/freeze', { all: true }),
      await asStranger('POST', '/api/freeze', { app: 'default' }),
      await asStranger('POST', '/api/freeze', { wallet }),
    ]
    for (const [i, { status }] of refused.entries()) expect([403, 404], `request ${i}`).toContain(status)
    expect((await asOwner('GET', `/api/mandates/${mandate.id}`)).body).toMatchObject({ state: 'active', version: 1 })
  })

  test('promise: an end or an expiry without a signature lets no program through that the mandate held back', async () => {
    const agent = await seat.keyOf(['read', 'chat', 'propose', 'guard'])
    const client = createClient({ baseUrl: desk.server.url, sessionId: randomUUID(), apiKey: agent, app: seat.app })
    await client.start()
    await client.signIn({ address: seat.alice.address, chainId: desk.chain.chainId }, (message) =>
      seat.alice.signMessage({ message }),
    )
    const at = { from: seat.alice.address, chain_id: desk.chain.chainId }
    const propose = (units: bigint) =>
      seat.http('POST', '/api/proposals', {
        key: agent,
        body: { ...at, transactions: [seat.transfer(OTHER, units)] },
      })
    const mandate = await seat.grant(seat.policy({ otherwise: 'deny' }))
    expect((await propose(9_000n)).body).toMatchObject({ state: 'blocked', code: 'mandates:effect:unnamed' })
    // The agent chats in its owner's session: ending is not forbidden to it.
    const ended = await seat.http('POST', `/api/mandates/${mandate.id}/end`, {
      ...{ key: agent, sid: client.sessionId, body: {} },
    })
    expect(ended.body).toMatchObject({ state: 'ended' })
    const { body: after } = await propose(9_001n)
    expect(after).toMatchObject({ state: 'blocked', code: 'mandates:state:ended' })
    const grant = await seat.http('POST', `/api/proposals/${after.id}/grant`, { key: agent, body: at })
    expect(grant.status).toBe(409)
    // Who may only ask still asks the owner, and the owner decides on the page.
    const asking = await seat.keyOf(['read', 'propose'])
    const { body: asked } = await seat.http('POST', '/api/proposals', {
      ...{ key: asking, body: { ...at, transactions: [seat.transfer(OTHER, 3n)] } },
    })
    expect(asked).toMatchObject({ state: 'pending' })
    // A draft of another one is no signature.
    expect((await seat.asOwner('PUT', '/api/mandates', { policy: seat.policy() })).status).toBe(202)
    expect((await propose(9_002n)).body).toMatchObject({ code: 'mandates:state:ended' })
    await seat.grant(seat.policy({ otherwise: 'ask' }))
    expect((await propose(5n)).body).toMatchObject({ state: 'pending', decision: { answer: 'ask' } })
  })
})

async function keyless(method: string, path: string, sid: string, body?: unknown) {
  const response = await fetch(desk.server.url + path, {
    method,
    headers: { 'x-session-id': sid, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Body }
}
