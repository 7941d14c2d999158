import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Address, Redacted, Wei } from '@countersign/base'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { keysFromJwks, openReceiptKeys, Receipt, verifyFile } from '@countersign/simulator'
import { createClient, type Client, type Proposal, type Snapshot } from '@countersign/sdk'
import { Audit } from '@countersign/server'
import { launch, type Launched } from 'countersign'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const ALICE = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const BOB = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const STRANGER = '0xbad0000000000000000000000000000000000bad'
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-gate-'))

let chain: LocalChain
let server: Launched
let demoKey = ''
let nowMs = Date.now()
const clock = { nowMs: () => nowMs }

const start = () =>
  launch({ port: 0, dataDir, env: {}, localChain: chain, clock, logLevel: 'silent', policy: { unknownHashMs: 1_000 } })
beforeAll(async () => {
  chain = await startLocalChain()
  server = await start()
  demoKey = server.demoKey === null ? '' : Redacted.reveal(server.demoKey)
  await chain.fund(ALICE, { usdc: 10_000n * 10n ** 6n })
})
afterAll(async () => {
  await server.close()
  await chain.close()
  rmSync(dataDir, { recursive: true, force: true })
})

const wallet = (address = ALICE, chainId = chain.chainId) => ({ address, chain_id: chainId, is_connected: true })
const open = (options: { apiKey?: string; app?: string; sessionId?: string } = {}): Client =>
  createClient({ baseUrl: server.url, sessionId: randomUUID(), ...options })

async function until<T>(read: () => Promise<T>, isDone: (value: T) => boolean): Promise<T> {
  for (let i = 0; i < 200; i += 1) {
    nowMs = Math.max(nowMs, Date.now())
    const value = await read()
    if (isDone(value)) return value
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('it took too long')
}
const idle = (client: Client): Promise<Snapshot> =>
  until(
    () => client.state(),
    (state) => !state.is_processing,
  )
async function ask(client: Client, text: string, as = wallet()): Promise<Proposal> {
  await client.chat(text, as)
  await idle(client)
  const [newest] = (await client.proposals()) as readonly Proposal[]
  if (newest === undefined) throw new Error('nothing was proposed')
  return newest
}
/** Signs with an unlocked account of the local chain, as a wallet would. */
const sign = async (
  call: { to: string | null; value: string; data: string; gas?: string | null },
  from = ALICE,
): Promise<string> => {
  const transaction = {
    from,
    to: call.to,
    value: `0x${BigInt(call.value).toString(16)}`,
    data: call.data,
    gas: `0x${BigInt(call.gas ?? '1000000').toString(16)}`,
  }
  const hash = await chain.rpc<string>('eth_sendTransaction', [transaction])
  // Anvil answers before the block is there.
  while ((await chain.rpc('eth_getTransactionReceipt', [hash])) === null)
    await new Promise((resolve) => setTimeout(resolve, 5))
  return hash
}
const http = async (
  method: string,
  path: string,
  { headers = {}, body }: { headers?: Record<string, string>; body?: unknown } = {},
) => {
  const response = await fetch(server.url + path, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    reason: response.statusText,
    body: (text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text) as Record<string, unknown> & {
      error?: string
      code?: string
      hint?: string
    },
  }
}

describe('the journey', () => {
  test('a swap is proposed, simulated, committed, signed and verified', async () => {
    const client = open()
    const proposal = await ask(client, 'swap 1 ETH for USDC')
    expect(proposal).toMatchObject({
      state: 'pending',
      signable: true,
      from: ALICE,
      chain_id: chain.chainId,
      report: { verdict: 'allow', will_revert: false },
    })
    expect(proposal.provenance.map(({ source }) => source)).toEqual(['user', 'user', 'user', 'app'])
    const checked = await client.recheck(proposal.id, ALICE, chain.chainId)
    expect(checked.signable).toBe(true)
    const [call] = checked.calls
    if (call === undefined) throw new Error('no call')
    await client.submitted(proposal.id, 1, await sign(call))
    const settled = await until(
      () => client.proposal(proposal.id),
      (each) => each.state !== 'submitted',
    )
    expect(settled).toMatchObject({
      state: 'settled',
      signable: false,
      settlement: { differences: [] },
      calls: [{ status: 'confirmed' }],
    })
    expect((await client.state()).user_state?.pending_txs).toEqual({})
  })

  test('a swap from a token takes two signatures, the second re-checked on what the first left', async () => {
    const client = open()
    const proposal = await ask(client, 'swap 100 USDC for ETH')
    expect(proposal.calls.map((call) => call.kind)).toEqual(['erc20_approve', 'swap'])
    for (const step of [1, 2]) {
      const checked = await client.recheck(proposal.id, ALICE, chain.chainId)
      expect(checked.signable, `step ${step}: ${checked.reason}`).toBe(true)
      const call = checked.calls.find((each) => each.step === step)
      if (call === undefined) throw new Error('no call')
      await client.submitted(proposal.id, step, await sign(call))
      await until(
        () => client.proposal(proposal.id),
        (each) => each.calls[step - 1]?.status === 'confirmed',
      )
    }
    expect(
      (
        await until(
          () => client.proposal(proposal.id),
          (each) => each.state === 'settled',
        )
      ).state,
    ).toBe('settled')
  })

  test('promise: nothing is signable that would fail or is blocked', async () => {
    const client = open()
    for (const [text, reason] of [
      ['send 99999999 USDC to ' + BOB, /exceeds balance/],
      ['approve unlimited USDC for ' + STRANGER, /could take all/],
    ] as const) {
      const proposal = await ask(client, text)
      expect(proposal).toMatchObject({ state: 'blocked', signable: false, reason: expect.stringMatching(reason) })
      expect((await client.state()).user_state).toMatchObject({ pending_txs: {}, pending: { evm_txs: {} } })
      await expect(client.recheck(proposal.id, ALICE, chain.chainId)).rejects.toMatchObject({
        code: 'proposals:transition:refused',
      })
      const { code } = (
        await http('POST', `/api/proposals/${proposal.id}/commit`, {
          headers: { 'x-session-id': client.sessionId },
          body: { digest: proposal.digest, from: ALICE, chain_id: chain.chainId },
        })
      ).body
      expect(code).toBe('proposals:receipt:absent')
    }
  })

  test('without a wallet, on another chain, or half said, it asks', async () => {
    const client = open()
    const reply = async (text: string, as?: ReturnType<typeof wallet>) => {
      await client.chat(text, as)
      return (await idle(client)).messages.at(-1)?.content
    }
    expect(await reply('swap 1 ETH for USDC')).toMatch(/No wallet is connected/)
    expect(await reply('swap 1 ETH for USDC', wallet(ALICE, 5))).toMatch(/does not serve/)
    expect(await reply('swap 1 ETH', wallet())).toMatch(/receive/)
    expect(await reply('NOPE')).toMatch(/no token "NOPE"/)
    expect((await client.proposals()) as readonly Proposal[]).toEqual([])
  })
})

describe('the gate', () => {
  test('promise: commit refuses another chain, sender, digest or order, and a receipt is used once', async () => {
    const client = open()
    const proposal = await ask(client, 'swap 50 USDC for ETH')
    const headers = { 'x-session-id': client.sessionId }
    const commit = (body: Record<string, unknown>) =>
      http('POST', `/api/proposals/${proposal.id}/commit`, {
        headers,
        body: { digest: proposal.digest, from: ALICE, chain_id: chain.chainId, ...body },
      })
    expect((await commit({})).body.code).toBe('proposals:receipt:used')
    // Back to receipted, as if the commit had not happened yet; the receipt is fresh again.
    const rewind = () =>
      server.store.write(async ({ db }) => {
        await db.updateTable('proposals').set({ state: 'receipted' }).where('id', '=', proposal.id).execute()
        await db.updateTable('receipts').set({ consumed_ms: null }).where('proposal_id', '=', proposal.id).execute()
      })
    await rewind()
    expect((await commit({ chain_id: 1 })).body.code).toBe('proposals:bytes:changed')
    expect((await commit({ from: BOB })).body.code).toBe('proposals:bytes:changed')
    expect((await commit({ digest: `0x${'00'.repeat(32)}` })).body.code).toBe('proposals:bytes:changed')
    expect((await commit({ extra: 1 })).status).toBe(400)
    // Somebody who can write to the database still cannot commit other bytes under this receipt.
    for (const set of [{ data: '0x1234' }, { value: '7' }, { recipient: BOB }, { gas: '1' }]) {
      const before = await server.store.read
        .selectFrom('proposal_calls')
        .selectAll()
        .where('proposal_id', '=', proposal.id)
        .where('step', '=', 2)
        .executeTakeFirstOrThrow()
      await server.store.write(({ db }) =>
        db
          .updateTable('proposal_calls')
          .set(set)
          .where('proposal_id', '=', proposal.id)
          .where('step', '=', 2)
          .execute(),
      )
      expect((await commit({})).body.code, JSON.stringify(set)).toBe('proposals:bytes:changed')
      await server.store.write(({ db }) =>
        db
          .updateTable('proposal_calls')
          .set(before)
          .where('proposal_id', '=', proposal.id)
          .where('step', '=', 2)
          .execute(),
      )
    }
    expect((await commit({})).status).toBe(200)
    expect((await commit({})).body.code).toBe('proposals:receipt:used')
    await rewind()
    nowMs += 121_000
    expect((await commit({})).body.code).toBe('proposals:receipt:expired')
  })

  /** Back to receipted, as if the commit had not happened yet; the receipt is fresh again. */
  const rewound = async (proposal: Proposal) => {
    await server.store.write(async ({ db }) => {
      await db.updateTable('proposals').set({ state: 'receipted' }).where('id', '=', proposal.id).execute()
      await db.updateTable('receipts').set({ consumed_ms: null }).where('proposal_id', '=', proposal.id).execute()
    })
  }
  const commitAs = (client: Client, proposal: Proposal) =>
    http('POST', `/api/proposals/${proposal.id}/commit`, {
      headers: { 'x-session-id': client.sessionId },
      body: { digest: proposal.digest, from: ALICE, chain_id: chain.chainId },
    })

  test('promise: somebody who can write to the database cannot make a receipt, nor stretch one', async () => {
    const client = open()
    const proposal = await ask(client, 'send 1 USDC to ' + BOB)
    await rewound(proposal)
    const digest = proposal.receipt?.digest ?? ''
    const row = await server.store.read
      .selectFrom('receipts')
      .selectAll()
      .where('digest', '=', digest)
      .executeTakeFirstOrThrow()
    const put = (set: Partial<typeof row>, where = digest) =>
      server.store.write(({ db }) => db.updateTable('receipts').set(set).where('digest', '=', where).execute())
    const bound = JSON.parse(row.bound) as Receipt.Bound
    const thief = openReceiptKeys({ dataDir: join(dataDir, 'thief'), clock })
    const forged = Receipt.sign({ ...bound, verdict: 'allow' }, thief)
    const altered: [Partial<typeof row>, string][] = [
      [
        { signature: `${row.signature?.startsWith('A') ? 'B' : 'A'}${row.signature?.slice(1)}` },
        'proposals:bytes:changed',
      ],
      [{ signature: null }, 'proposals:receipt:absent'],
      [{ key_id: forged.keyId, signature: forged.signature }, 'proposals:bytes:changed'],
      [{ expires_ms: row.expires_ms + 60_000 }, 'proposals:bytes:changed'],
      [{ issued_ms: row.issued_ms - 1 }, 'proposals:bytes:changed'],
      [{ bound: 'x' }, 'proposals:bytes:changed'],
      ...(
        [
          { nonce: `${BigInt(bound.nonce) + 1n}` },
          { policy_version: 'mine' },
          { expires_at: '2999-01-01T00:00:00.000Z' },
          { calls: bound.calls.map((call) => ({ ...call, gas_limit: '1' })) },
        ] satisfies Partial<Receipt.Bound>[]
      ).map((change): [Partial<typeof row>, string] => [
        { bound: JSON.stringify({ ...bound, ...change }) },
        'proposals:bytes:changed',
      ]),
    ]
    for (const [set, code] of altered) {
      await put(set)
      expect((await commitAs(client, proposal)).body.code, JSON.stringify(set).slice(0, 80)).toBe(code)
      await put(row)
    }
    // What was shown is bound too.
    const report = JSON.stringify(proposal.report)
    const showing = (text: string) =>
      server.store.write(({ db }) =>
        db.updateTable('proposals').set({ report: text }).where('id', '=', proposal.id).execute(),
      )
    await showing(report.replace('"delta":"-1000000"', '"delta":"-1"'))
    expect((await commitAs(client, proposal)).body).toMatchObject({
      code: 'proposals:bytes:changed',
      error: expect.stringMatching(/report that was shown was altered/),
    })
    await showing(report)
    expect((await commitAs(client, proposal)).status).toBe(200)
  })

  test('promise: a receipt is good for one nonce', async () => {
    const client = open()
    const proposal = await ask(client, 'send 1 USDC to ' + BOB)
    await rewound(proposal)
    await sign({ to: BOB, value: '1', data: '0x' })
    expect((await commitAs(client, proposal)).body).toMatchObject({
      code: 'proposals:bytes:changed',
      error: expect.stringMatching(/nonce \d+ instead of \d+/),
    })
  })

  test('at sign time what was read is read again; only what moved is simulated again', async () => {
    const client = open()
    const proposal = await ask(client, 'send 1 USDC to ' + BOB)
    const last = async () => {
      const entries = (await server.audit('default')).map((entry) => [entry.event, entry.body] as const)
      const [, body] = entries.findLast(([event]) => event === 'proposals.proposal.rechecked') ?? []
      return (typeof body === 'string' ? JSON.parse(body) : body) as Record<string, unknown>
    }
    expect((await client.recheck(proposal.id, ALICE, chain.chainId)).signable).toBe(true)
    expect(await last()).toMatchObject({ proposal: Audit.handle(proposal.id), how: 'read-set' })
    await chain.rpc('anvil_mine', ['0x3'])
    expect((await client.recheck(proposal.id, ALICE, chain.chainId)).signable).toBe(true)
    expect(await last()).toMatchObject({ proposal: Audit.handle(proposal.id), how: 'read-set' })
    // The recipient's balance moves: it was read, and makes no difference.
    await chain.fund(BOB, { usdc: 1n })
    expect((await client.recheck(proposal.id, ALICE, chain.chainId)).signable).toBe(true)
    expect(await last()).toMatchObject({
      proposal: Audit.handle(proposal.id),
      how: 'simulation',
      receipt: expect.stringMatching(/^0x/),
    })
    // After the receipt has expired only a simulation will do.
    const late = await ask(client, 'send 2 USDC to ' + BOB)
    nowMs += 121_000
    expect((await client.recheck(late.id, ALICE, chain.chainId)).signable).toBe(true)
    expect(await last()).toMatchObject({ proposal: Audit.handle(late.id), how: 'simulation' })
  })

  test('anybody can verify a receipt with the public keys', async () => {
    const client = open()
    const { report, receipt } = await ask(client, 'send 1 USDC to ' + BOB)
    const { body } = await http('GET', '/.well-known/countersign-receipt-keys.json')
    expect(JSON.stringify(body)).not.toContain('"d"')
    const verified = verifyFile(report, keysFromJwks(body), { nowMs })
    expect([verified.digest, verified.bound.chain_id]).toEqual([receipt?.digest, chain.chainId])
  })

  test('every transition, and every one that is forbidden', async () => {
    const client = open()
    const headers = { 'x-session-id': client.sessionId }
    const post = (id: string, what: string, body: Record<string, unknown> = {}) =>
      http('POST', `/api/proposals/${id}/${what}`, { headers, body })
    const submit = (id: string, hash: string) => post(id, 'submitted', { step: 1, tx_hash: hash })
    const recheck = { from: ALICE, chain_id: chain.chainId }

    // pending → superseded, by a newer one; what is over refuses everything but a fact
    const old = await ask(client, 'send 1 USDC to ' + BOB)
    const current = await ask(client, 'send 2 USDC to ' + BOB)
    const superseded = await client.proposal(old.id)
    expect([superseded.state, current.state]).toEqual(['superseded', 'pending'])
    const refuses = async (id: string) => {
      expect((await post(id, 'recheck', recheck)).status).toBe(409)
      expect((await post(id, 'reject')).status).toBe(409)
      // It was handed out once, so that it may have been signed: the hash is kept, and nothing is believed.
      const { state } = await client.proposal(id)
      const hash = `0x${randomBytes(32).toString('hex')}`
      expect(await submit(id, hash)).toMatchObject({ status: 200, body: { state, signable: false } })
      expect(await kept(hash)).toEqual([id])
    }
    const kept = async (hash: string) =>
      (
        await server.store.read
          .selectFrom('reported_hashes')
          .select('proposal_id')
          .where('tx_hash', '=', hash)
          .execute()
      ).map((row) => row.proposal_id)
    await refuses(old.id)
    // pending → rejected
    expect((await post(current.id, 'reject', { reason: 'no' })).body).toMatchObject({ state: 'rejected', reason: 'no' })
    await refuses(current.id)
    // pending → expired, exact on read and then for good
    const late = await ask(client, 'send 3 USDC to ' + BOB)
    nowMs += 900_001
    expect((await client.proposal(late.id)).signable).toBe(false)
    expect((await client.state()).user_state?.pending_txs).toEqual({})
    expect((await post(late.id, 'recheck', recheck)).status).toBe(409)
    await until(
      () => client.proposal(late.id),
      (each) => each.state === 'expired',
    )
    await refuses(late.id)
    // staged, with no simulation: never signable
    const stuck = await ask(client, 'send 4 USDC to ' + BOB)
    await server.store.write(({ db }) =>
      db.updateTable('proposals').set({ state: 'staged' }).where('id', '=', stuck.id).execute(),
    )
    expect((await post(stuck.id, 'recheck', recheck)).status).toBe(409)
    expect((await submit(stuck.id, `0x${'12'.repeat(32)}`)).body).toMatchObject({ state: 'staged', signable: false })
    expect((await client.state()).user_state?.pending_txs).toEqual({})
    // blocked: no wallet was ever asked for it, so that nothing of it can have been signed; the hash is kept all the same.
    const blocked = await ask(client, 'send 99999999 USDC to ' + BOB)
    expect(blocked.state).toBe('blocked')
    expect((await submit(blocked.id, `0x${'13'.repeat(32)}`)).status).toBe(409)
    expect(await kept(`0x${'13'.repeat(32)}`)).toEqual([blocked.id])
  })

  test('the wallet must be the one it was made for', async () => {
    const client = open()
    const proposal = await ask(client, 'send 1 USDC to ' + BOB)
    await expect(client.recheck(proposal.id, BOB, chain.chainId)).rejects.toMatchObject({
      code: 'proposals:sender:changed',
    })
    await expect(client.recheck(proposal.id, ALICE, 1)).rejects.toMatchObject({ code: 'proposals:chain:changed' })
  })

  test('promise: one window at a time opens the wallet', async () => {
    const client = open()
    const proposal = await ask(client, 'send 1 USDC to ' + BOB)
    const from = (window: string) => client.recheck(proposal.id, ALICE, chain.chainId, window)
    expect((await from('first')).signable).toBe(true)
    await expect(from('second')).rejects.toMatchObject({ code: 'proposals:wallet:open' })
    expect((await from('first')).signable).toBe(true)
    const all = await Promise.allSettled(['a', 'b', 'c'].map(from))
    expect(all.every((each) => each.status === 'rejected')).toBe(true)
    nowMs += 120_001
    expect((await from('second')).signable).toBe(true)
  })

  test('promise: when the chain moved against the owner, nothing is signed before they look again', async () => {
    const client = open()
    const proposal = await ask(client, 'swap 1 ETH for USDC')
    // Somebody buys a lot first: the minimum can no longer be met.
    const whale = open()
    const [call] = (await ask(whale, 'swap 100 ETH for USDC', wallet(BOB))).calls
    if (call === undefined) throw new Error('no call')
    const snapshot = await chain.rpc('evm_snapshot')
    await sign(call, BOB)
    const checked = await client.recheck(proposal.id, ALICE, chain.chainId)
    expect(checked).toMatchObject({ signable: false, state: 'blocked' })
    expect((await client.state()).user_state?.pending_txs).toEqual({})
    await chain.rpc('evm_revert', [snapshot])
  })

  test('a little worse than shown is shown again; a little better is not', async () => {
    const client = open()
    const proposal = await ask(client, 'send 5 USDC to ' + BOB)
    await server.store.write(async ({ db }) => {
      const row = await db
        .selectFrom('proposals')
        .select('report')
        .where('id', '=', proposal.id)
        .executeTakeFirstOrThrow()
      // As if less had been shown to leave.
      await db
        .updateTable('proposals')
        .set({ report: (row.report ?? '').replaceAll('-5000000', '-4000000') })
        .where('id', '=', proposal.id)
        .execute()
    })
    const drifted = await client.recheck(proposal.id, ALICE, chain.chainId)
    expect(drifted).toMatchObject({
      signable: false,
      state: 'pending',
      reason: expect.stringMatching(/moved since you looked/),
    })
    expect((await client.recheck(proposal.id, ALICE, chain.chainId)).signable).toBe(true)
  })
})

describe('settlement believes the chain and nobody else', () => {
  const submitted = async (text: string, hash: (proposal: Proposal) => Promise<string>) => {
    const client = open()
    const proposal = await ask(client, text)
    await client.submitted(proposal.id, 1, await hash(proposal))
    return until(
      () => client.proposal(proposal.id),
      (each) => each.state !== 'submitted',
    )
  }
  test('promise: a made-up hash never settles', async () => {
    const client = open()
    const proposal = await ask(client, 'send 1 USDC to ' + BOB)
    await client.submitted(proposal.id, 1, `0x${'ab'.repeat(32)}`)
    nowMs += 5_000
    const ended = await until(
      () => client.proposal(proposal.id),
      (each) => each.state !== 'submitted',
    )
    expect(ended).toMatchObject({ state: 'mismatched', reason: expect.stringMatching(/does not know the transaction/) })
  })
  test('promise: another transaction than the committed one is named for what it is', async () => {
    const ended = await submitted('send 1 USDC to ' + BOB, () => sign({ to: STRANGER, value: '5', data: '0x' }))
    expect(ended).toMatchObject({
      state: 'mismatched',
      settlement: {
        differences: expect.arrayContaining([expect.stringMatching(/sent to 0x/), expect.stringMatching(/value 5/)]),
      },
    })
  })
  test('promise: an old transaction with the same bytes proves nothing', async () => {
    const first = open()
    const proposal = await ask(first, 'send 1 USDC to ' + BOB)
    const [call] = proposal.calls
    if (call === undefined) throw new Error('no call')
    const oldHash = await sign(call)
    await until(
      () => chain.rpc('eth_getTransactionReceipt', [oldHash]),
      (receipt) => receipt !== null,
    )
    const ended = await submitted('send 1 USDC to ' + BOB, async () => oldHash)
    expect(ended).toMatchObject({ state: 'mismatched', reason: expect.stringMatching(/older than the simulation/) })
  })
  test('promise: one transaction settles one proposal', async () => {
    const client = open()
    const proposal = await ask(client, 'send 1 USDC to ' + BOB)
    const other = open()
    const second = await ask(other, 'send 1 USDC to ' + BOB)
    const outsider = open()
    const another = await ask(outsider, 'send 2 USDC to ' + BOB)
    const checked = await client.recheck(proposal.id, ALICE, chain.chainId)
    const [call] = checked.calls
    if (call === undefined) throw new Error('no call')
    const hash = await sign(call)
    // Whoever reports first, and whatever their card is: the transaction is of the card that asked a wallet for it.
    await outsider.submitted(another.id, 1, hash)
    await other.submitted(second.id, 1, hash)
    await client.submitted(proposal.id, 1, hash)
    const ended = (at: Client, id: string) =>
      until(
        () => at.proposal(id),
        (each) => !['pending', 'submitted'].includes(each.state),
      )
    expect(await ended(client, proposal.id)).toMatchObject({ state: 'settled', calls: [{ tx_hash: hash }] })
    expect(await ended(other, second.id)).toMatchObject({
      state: 'mismatched',
      reason: expect.stringMatching(/of another proposal/),
    })
    expect((await ended(outsider, another.id)).state).toBe('mismatched')
    await expect(client.submitted(proposal.id, 2, hash)).rejects.toMatchObject({ status: 400 })
  })
})

describe('published clients, unchanged', () => {
  /** What Aomi's command line 0.1.31 sends for `tx sign`, in its order. */
  async function signLikeTheCli(client: Client, ids: string[], between: () => Promise<void> = async () => undefined) {
    const headers = { 'x-session-id': client.sessionId, 'x-api-key': demoKey }
    const state = (await http('GET', '/api/state', { headers: { 'x-session-id': client.sessionId } }))
      .body as unknown as Snapshot
    const queue = state.user_state?.pending_txs ?? {}
    const txs = ids.map((id) => {
      const tx = queue[id]
      if (tx === undefined) throw new Error(`Transaction "tx-${id}" not found`)
      return tx
    })
    await between()
    const { body } = await http('POST', '/api/simulate', {
      headers,
      body: {
        transactions: txs.map(({ to, value, data, label, chain_id }) => ({ to, value, data, label, chain_id })),
        from: ALICE,
        chain_id: chain.chainId,
      },
    })
    const result = body['result'] as
      | { batch_success: boolean; fee?: { amount_wei: string }; steps: { success: boolean; revert_reason?: string }[] }
      | undefined
    // The client aborts on a fee that is no positive amount, and skips it when the call failed.
    if (result?.fee !== undefined && !/^\d+$/.test(result.fee.amount_wei)) return { signed: [] as string[], result }
    const signed: string[] = []
    for (const tx of txs) signed.push(await sign(tx))
    for (const id of ids) {
      const message = JSON.stringify({
        type: 'wallet:tx_complete',
        payload: { txHash: signed.at(-1), status: 'success', pending_tx_ids: [Number(id)] },
      })
      expect(
        (
          await http('POST', `/api/system?message=${encodeURIComponent(message)}`, {
            headers: { 'x-session-id': client.sessionId },
          })
        ).status,
      ).toBe(200)
    }
    return { signed, result }
  }
  const cliState = () => encodeURIComponent(JSON.stringify({ ...wallet(), ext: { client_type: 'ts_cli' } }))
  async function chatLikeTheCli(text: string): Promise<{ client: Client; state: Snapshot }> {
    const sessionId = randomUUID()
    const answer = await http(
      'POST',
      `/api/chat?message=${encodeURIComponent(text)}&app=demo&public_key=${ALICE}&user_state=${cliState()}`,
      { headers: { 'x-session-id': sessionId, 'x-api-key': demoKey } },
    )
    expect(answer.status).toBe(200)
    const client = createClient({ baseUrl: server.url, sessionId })
    // One-time events come with whichever snapshot is first to have them; the command line keeps what it was told.
    const events = [...((answer.body as unknown as Snapshot).system_events ?? [])]
    const state = await until(
      async () => {
        const polled = await client.state()
        events.push(...(polled.system_events ?? []))
        return polled
      },
      (polled) => !polled.is_processing,
    )
    return { client, state: { ...state, system_events: events } }
  }

  test('chat, list, simulate, sign: two steps reported with one hash settle', async () => {
    const { client, state } = await chatLikeTheCli('swap 10 USDC for ETH')
    expect(state).toMatchObject({
      user_state: { address: ALICE, chain_id: chain.chainId, is_connected: true, ext: { client_type: 'ts_cli' } },
      title: 'swap 10 USDC for ETH',
    })
    const requests = (state.system_events ?? []).flatMap((event) => ('InlineCall' in event ? [event.InlineCall] : []))
    const ids = Object.keys(state.user_state?.pending_txs ?? {})
    expect(ids).toEqual(['1', '2'])
    expect(requests).toMatchObject([{ type: 'wallet_tx_request', payload: { tx_ids: [1, 2] } }])
    // One-time events come once.
    expect((await client.state()).system_events).toEqual([])
    const { signed, result } = await signLikeTheCli(client, ids)
    expect(result).toMatchObject({ batch_success: true, steps: [{ success: true }, { success: true }] })
    expect(result?.fee).toBeUndefined()
    expect(signed).toHaveLength(2)
    const [proposal] = (await client.proposals()) as readonly Proposal[]
    expect(
      (
        await until(
          () => client.proposal(proposal?.id ?? ''),
          (each) => each.state !== 'submitted',
        )
      ).state,
    ).toBe('settled')
  })
  test('promise: what fails, or drifted between commit and sign, is not signed', async () => {
    const { client, state } = await chatLikeTheCli('send 100 USDC to ' + BOB)
    const [id = ''] = Object.keys(state.user_state?.pending_txs ?? {})
    const snapshot = await chain.rpc('evm_snapshot')
    const all = BigInt(
      await chain.rpc<string>('eth_call', [
        { to: chain.addresses.usdc, data: `0x70a08231${ALICE.slice(2).toLowerCase().padStart(64, '0')}` },
        'latest',
      ]),
    )
    const { signed, result } = await signLikeTheCli(client, [id], async () => {
      await sign({
        to: chain.addresses.usdc,
        value: '0',
        data: `0xa9059cbb${STRANGER.slice(2).padStart(64, '0')}${all.toString(16).padStart(64, '0')}`,
      })
    })
    expect(signed).toEqual([])
    expect(result).toMatchObject({
      batch_success: false,
      fee: { amount_wei: '-1' },
      steps: [{ success: false, revert_reason: expect.stringMatching(/exceeds balance/) }],
    })
    await chain.rpc('evm_revert', [snapshot])
  })
  test('promise: transactions that were never committed are not signed, however well they simulate', async () => {
    const { client } = await chatLikeTheCli('send 1 USDC to ' + BOB)
    const simulate = (transactions: unknown[]) =>
      http('POST', '/api/simulate', {
        headers: { 'x-session-id': client.sessionId, 'x-api-key': demoKey },
        body: { transactions, from: ALICE, chain_id: chain.chainId },
      })
    expect((await simulate([{ to: BOB, value: '1' }])).body['result']).toMatchObject({
      batch_success: false,
      fee: { amount_wei: '-1' },
      will_revert: false,
    })
    // A step without the one before it fails by itself.
    const swap = await chatLikeTheCli('swap 10 USDC for ETH')
    const second = swap.state.user_state?.pending_txs['2']
    expect((await signLikeTheCli(swap.client, ['2'])).signed).toEqual([])
    expect(second).toBeDefined()
  })
  test('a widget is quoted the fee it insists on, to the sender itself', async () => {
    const client = open()
    await client.chat('send 1 USDC to ' + BOB, { ...wallet(), ext: { client_type: 'web_ui' } } as never)
    const [tx] = Object.values((await idle(client)).user_state?.pending_txs ?? {})
    const { body } = await http('POST', '/api/simulate', {
      headers: { 'x-session-id': client.sessionId },
      body: { transactions: [{ to: tx?.to, value: tx?.value, data: tx?.data }], from: ALICE, chain_id: chain.chainId },
    })
    expect(body['result']).toMatchObject({
      batch_success: true,
      stateful: true,
      fee: { amount_wei: '1', recipient: ALICE, token: 'native' },
      token_changes: expect.any(Array),
      receipt: null,
    })
  })
  test('control routes: strings for the old client, objects for the new', async () => {
    expect((await http('GET', '/api/control/apps?app=demo', { headers: { 'x-api-key': demoKey } })).body).toEqual([
      'default',
      'demo',
    ])
    expect((await http('GET', '/api/session/apps?app=demo', { headers: { 'aomi-app-key': demoKey } })).body).toEqual([
      { name: 'default', secrets: [] },
      { name: 'demo', secrets: [] },
    ])
    expect((await http('GET', '/api/control/models')).body).toEqual(['intent-grammar-1'])
    const headers = { 'x-session-id': randomUUID() }
    expect((await http('POST', '/api/control/model?rig=intent-grammar-1', { headers })).body).toEqual({
      success: true,
      rig: 'intent-grammar-1',
      baml: 'intent-grammar-1',
      created: false,
    })
    expect((await http('POST', '/api/control/model?rig=gpt-9', { headers })).body.code).toBe('agent:model:unknown')
  })
  test('sessions: create, read, rename, archive, delete', async () => {
    const id = randomUUID()
    const headers = { 'x-session-id': id }
    expect((await http('POST', '/api/sessions', { headers, body: { public_key: ALICE } })).body).toEqual({
      session_id: id,
      title: 'New Chat',
    })
    expect((await http('PATCH', `/api/sessions/${id}`, { headers, body: { title: 'Mine' } })).body).toMatchObject({
      title: 'Mine',
      is_archived: false,
    })
    expect((await http('POST', `/api/sessions/${id}/archive`, { headers })).body).toMatchObject({ is_archived: true })
    expect((await http('GET', `/api/sessions?public_key=${ALICE}`, { headers })).body).toMatchObject([
      { session_id: id, title: 'Mine', is_archived: true },
    ])
    expect((await http('DELETE', `/api/sessions/${id}`, { headers })).status).toBe(200)
    expect((await http('GET', `/api/sessions/${id}`, { headers })).status).toBe(404)
    // promise: a wallet address that anybody can name lists nothing
    expect((await http('GET', `/api/sessions?public_key=${ALICE}`)).body).toEqual([])
  })
})

describe('keys and sessions', () => {
  test('promise: every app but default wants its own key', async () => {
    const headers = { 'x-session-id': randomUUID() }
    const acme = Redacted.reveal((await server.issueKey({ app: 'acme', label: '' })).key)
    for (const [method, path] of [
      ['POST', '/api/chat?message=help&app=demo'],
      ['POST', '/api/simulate?app=demo'],
      ['GET', '/api/control/models?app=demo'],
      ['POST', '/api/control/model?rig=intent-grammar-1&app=demo'],
      ['GET', '/api/session/apps?app=demo'],
    ] as const) {
      const codeWith = async (key?: string) => {
        const { status, body } = await http(method, path, {
          headers: {
            // Where a session is named, /api/simulate answers a client that is about to sign (noAnswer.test.ts).
            ...(path.startsWith('/api/simulate') ? {} : headers),
            ...(key === undefined ? {} : { 'aomi-app-key': key }),
          },
        })
        return [status, body.code]
      }
      expect(await codeWith()).toEqual([401, 'keys:key:absent'])
      expect(await codeWith('sk-demo-' + '0'.repeat(48))).toEqual([401, 'keys:key:unknown'])
      expect(await codeWith(demoKey.slice(0, -1) + (demoKey.endsWith('0') ? '1' : '0'))).toEqual([
        401,
        'keys:key:unknown',
      ])
      expect(await codeWith(acme)).toEqual([403, 'keys:app:refused'])
    }
    expect((await http('POST', '/api/chat?message=help&app=demo&app=default', { headers })).body.code).toBe(
      'http:parameter:duplicate',
    )
  })
  test('promise: the key is nowhere in the store', async () => {
    const rows = await server.store.read.selectFrom('keys').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain(demoKey.slice(8, 40))
  })
  test('promise: another key’s session answers like one that never was', async () => {
    const keyA = Redacted.reveal((await server.issueKey({ app: 'acme', label: 'a' })).key)
    const keyB = Redacted.reveal((await server.issueKey({ app: 'acme', label: 'b' })).key)
    const mine = open({ apiKey: keyA, app: 'acme' })
    const proposal = await ask(mine, 'send 1 USDC to ' + BOB)
    expect(proposal.state).toBe('pending')
    const unknown = randomUUID()
    for (const key of [keyB, demoKey, undefined]) {
      const headers = (id: string): Record<string, string> => ({
        'x-session-id': id,
        ...(key === undefined ? {} : { 'x-api-key': key }),
      })
      for (const [method, path] of [
        ['GET', '/api/state'],
        ['POST', '/api/interrupt'],
        ['GET', '/api/events'],
        ['GET', '/api/proposals'],
        ['GET', `/api/proposals/${proposal.id}`],
        ['POST', `/api/proposals/${proposal.id}/reject`],
        ['POST', `/api/system?message=${encodeURIComponent('{"type":"wallet:state_changed","payload":{}}')}`],
        ['GET', '/api/sessions/ID'],
        ['DELETE', '/api/sessions/ID'],
      ] as const) {
        const strip = ({ status, reason, body }: Awaited<ReturnType<typeof http>>) => ({
          status,
          reason,
          body: { ...body, request_id: '' },
        })
        const foreign = strip(
          await http(method, path.replace('ID', mine.sessionId), { headers: headers(mine.sessionId) }),
        )
        expect(foreign, `${method} ${path}`).toEqual(
          strip(await http(method, path.replace('ID', unknown), { headers: headers(unknown) })),
        )
      }
    }
    // The same id under another key is another conversation.
    const other = createClient({ baseUrl: server.url, sessionId: mine.sessionId, apiKey: keyB, app: 'acme' })
    await other.chat('help', wallet(BOB))
    expect((await idle(other)).messages).toHaveLength(2)
    expect((await other.proposals()) as readonly Proposal[]).toEqual([])
    expect((await mine.proposals()) as readonly Proposal[]).toHaveLength(1)
  })
})

describe('bad input is a 4xx with a code and a way out, never a 500 and never half a state', () => {
  const headers = () => ({ 'x-session-id': randomUUID() })
  const simulate = (transaction: unknown, more: Record<string, unknown> = {}) =>
    http('POST', '/api/simulate', {
      body: { transactions: [transaction], from: ALICE, chain_id: chain?.chainId, ...more },
    })
  test.each<[string, () => ReturnType<typeof http>, number]>([
    ['malformed JSON', () => http('POST', '/api/simulate', { body: '{"transactions": [' }), 400],
    ['a JSON array', () => http('POST', '/api/simulate', { body: '[1]' }), 400],
    ['prototype pollution', () => http('POST', '/api/simulate', { body: '{"__proto__": {"x": 1}}' }), 400],
    ['a hundred thousand brackets', () => http('POST', '/api/simulate', { body: '['.repeat(100_000) }), 413],
    [
      'a body that is too large',
      () => http('POST', '/api/simulate', { body: `{"x": "${'a'.repeat(1_100_000)}"}` }),
      413,
    ],
    [
      'a body that is not JSON',
      () => http('POST', '/api/simulate', { headers: { 'content-type': 'text/xml' }, body: '<x/>' }),
      415,
    ],
    [
      'a message that is too long',
      () => http('POST', '/api/chat', { headers: headers(), body: { message: 'a'.repeat(32_001) } }),
      413,
    ],
    ['an empty message', () => http('POST', '/api/chat?message=', { headers: headers() }), 400],
    [
      'a message that is not text',
      () => http('POST', '/api/chat', { headers: headers(), body: { message: { a: 1 } } }),
      400,
    ],
    ['no session id', () => http('POST', '/api/chat?message=hi'), 400],
    [
      'a session id that is no UUID',
      () => http('POST', '/api/chat?message=hi', { headers: { 'x-session-id': 'telegram:dm:1' } }),
      400,
    ],
    ['user_state that is not JSON', () => http('GET', '/api/state?user_state=%7B', { headers: headers() }), 200],
    ['no transactions', () => http('POST', '/api/simulate', { body: { transactions: [] } }), 400],
    ['an unknown field that matters', () => simulate({ to: BOB, blobs: [] }), 400],
    ['an authorization', () => simulate({ to: BOB, authorization_list: [{}] }), 400],
    ['a bad address', () => simulate({ to: '0x12' }), 400],
    ['a wrong checksum', () => simulate({ to: BOB.replace('BC', 'bc') }), 400],
    ['odd hex', () => simulate({ to: BOB, data: '0x123' }), 400],
    ['hex without 0x', () => simulate({ to: BOB, data: '1234' }), 400],
    ['negative wei', () => simulate({ to: BOB, value: '-1' }), 400],
    ['fractional wei', () => simulate({ to: BOB, value: '1.5' }), 400],
    ['wei as an inexact number', () => simulate({ to: BOB, value: 1e21 }), 400],
    ['an unknown chain', () => simulate({ to: BOB }, { chain_id: 999 }), 400],
    ['a missing sender', () => simulate({ to: BOB }, { from: undefined }), 400],
    [
      'too many transactions',
      () =>
        http('POST', '/api/simulate', {
          body: {
            transactions: Array.from({ length: 40 }, () => ({ to: BOB, value: '1' })),
            from: ALICE,
            chain_id: chain.chainId,
          },
        }),
      400,
    ],
    ['a system message that is nothing', () => http('POST', '/api/system?message=x', { headers: headers() }), 404],
    ['an unknown session', () => http('GET', '/api/proposals', { headers: headers() }), 404],
    ['an unknown route', () => http('GET', '/api/nope'), 404],
    [
      'an RPC method that is not offered',
      () =>
        http('POST', `/api/rpc/${chain.chainId}`, {
          body: { jsonrpc: '2.0', id: 1, method: 'anvil_setBalance', params: [] },
        }),
      200,
    ],
    ['RPC on an unknown chain', () => http('POST', '/api/rpc/5', { body: {} }), 400],
    [
      'a faucet for nobody',
      () => http('POST', '/api/faucet', { body: { chain_id: chain.chainId, address: 'me' } }),
      400,
    ],
    [
      'a stream from the middle of nowhere',
      () => http('GET', '/api/updates', { headers: { ...headers(), 'last-event-id': '-1' } }),
      400,
    ],
    [
      'an over-long header',
      () => http('GET', '/api/state', { headers: { ...headers(), 'x-long': 'a'.repeat(70_000) } }),
      431,
    ],
  ])('%s', async (_name, request, status) => {
    const answer = await request()
    expect(answer.status).toBe(status)
    if (status >= 400 && status !== 431) {
      expect(answer.body).toMatchObject({
        error: expect.stringMatching(/\.$/),
        code: expect.stringMatching(/^[a-z-]+:[a-z0-9-]+:[a-z-]+$|^http:/),
        hint: expect.any(String),
        request_id: expect.any(String),
      })
      expect(answer.reason).not.toBe('')
    }
    if (status === 200) expect(JSON.stringify(answer.body)).toMatch(/-32601|session_exists":false/)
  })
  test('a refused first message leaves no session behind', async () => {
    const id = randomUUID()
    await http('POST', '/api/chat', {
      headers: { 'x-session-id': id },
      body: { message: ' ', user_state: wallet() },
    })
    expect((await http('GET', '/api/state', { headers: { 'x-session-id': id } })).body['session_exists']).toBe(false)
  })
})

describe('the record', () => {
  test('promise: events have no gap and no duplicate, wherever a stream resumes', async () => {
    const client = open()
    const stop = new AbortController()
    const live: number[] = []
    const following = (async () => {
      for await (const event of client.updates({ signal: stop.signal, afterSeq: 0 }))
        if (!('message' in event && (event.message as { is_streaming?: boolean }).is_streaming === true))
          live.push(event.seq)
    })()
    await ask(client, 'send 1 USDC to ' + BOB)
    const last = (await client.state()).last_event_id ?? 0
    await until(
      async () => live.at(-1),
      (seq) => seq === last,
    )
    expect(live).toEqual(Array.from({ length: last }, (_, i) => i + 1))
    stop.abort()
    await following
    for (const from of [0, 3, last - 1]) {
      const again = new AbortController()
      const seen: number[] = []
      for await (const event of client.updates({ signal: again.signal, afterSeq: from })) {
        seen.push(event.seq)
        if (event.seq === last) break
      }
      again.abort()
      expect(seen).toEqual(Array.from({ length: last - from }, (_, i) => from + i + 1))
    }
  })

  test('promise: a restart forgets nothing, and every transition is in an unbroken chain', async () => {
    const client = open()
    const proposal = await ask(client, 'send 1 USDC to ' + BOB)
    await server.close()
    server = await start()
    expect(server.demoKey).toBeNull()
    const again = createClient({ baseUrl: server.url, sessionId: client.sessionId })
    expect(await again.proposal(proposal.id)).toMatchObject({
      state: 'pending',
      signable: true,
      digest: proposal.digest,
    })
    // The message, what is staged and committed, the gate's own words on what it is, and the agent's.
    expect((await again.state()).messages.map((message) => message.sender)).toEqual([
      'user',
      ...Array.from({ length: 4 }, () => 'agent'),
    ])
    await again.reject(proposal.id)

    const entries = await server.audit('default')
    expect(Audit.firstBreak(entries)).toBeNull()
    expect(
      entries.filter((entry) => entry.body['proposal'] === Audit.handle(proposal.id)).map((entry) => entry.event),
    ).toEqual([
      'proposals.proposal.staged',
      'proposals.proposal.receipted',
      'proposals.proposal.pending',
      'proposals.proposal.rejected',
    ])
    // Break it once: the chain notices.
    const [first, second, ...rest] = entries
    if (first === undefined || second === undefined) throw new Error('too short')
    expect(Audit.firstBreak([first, { ...second, body: { ...second.body, digest: '0x' } }, ...rest])).toBe(2)
    expect(Audit.firstBreak([first, ...rest])).toBe(2)
    const text = JSON.stringify(entries)
    expect(text).not.toContain(client.sessionId)
    expect(text).not.toContain(demoKey)
  })
})

test('the amounts people read are exact', () => {
  expect(Wei.format(Wei.fromEther('0.000000000000000001'), 18)).toBe('0.000000000000000001')
  expect(Address.isAddress(ALICE)).toBe(true)
})
