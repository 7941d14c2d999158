import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Address, BaseError, type Hex } from '@countersign/base'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import fc from 'fast-check'
import { launch, type Launched } from 'countersign'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commitProposal } from '../../packages/server/src/proposals/commitProposal.ts'
import { recheckProposal } from '../../packages/server/src/proposals/recheckProposal.ts'
import { rejectProposal, reportUnsigned } from '../../packages/server/src/proposals/rejectProposal.ts'
import { loadProposal } from '../../packages/server/src/proposals/rows.ts'
import { settleSender } from '../../packages/server/src/proposals/settleProposal.ts'
import { stageProposal } from '../../packages/server/src/proposals/stageProposal.ts'
import { submitSteps } from '../../packages/server/src/proposals/submitStep.ts'
import { endSession } from '../../packages/server/src/sessions/endSessions.ts'
import { openSession, touchSession } from '../../packages/server/src/sessions/sessions.ts'

const alice = privateKeyToAccount('0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d')
const ALICE = Address.parse(alice.address)
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-model-'))
let chain: LocalChain
let server: Launched
/** Another process on the same store: its window is `b`. */
let second: Launched
let nowMs = Date.now()
const clock = { nowMs: () => (nowMs = Math.max(nowMs, Date.now())) }
const start = () => launch({ port: 0, dataDir, env: {}, localChain: chain, clock, logLevel: 'silent' })

beforeAll(async () => {
  chain = await startLocalChain()
  server = await start()
  second = await start()
  await chain.rpc('evm_setAutomine', [false])
})
afterAll(async () => {
  await second.close()
  await server.close()
  await chain.close()
  rmSync(dataDir, { recursive: true, force: true })
})

/** Everything that people, clients, models, strangers and operators do, in any order. */
const STEPS = [
  ...['recheck a', 'recheck b', 'recheck b', 'broadcast a', 'broadcast b', 'broadcast a', 'mine', 'mine'],
  ...['report a', 'report b', 'report another hash', 'report failed', 'outsider claims', 'commit the same'],
  ...['commit others', 'reject', 'reject', 'a minute passes', 'it expires', 'end the session', 'restart'],
  ...['commit the same there', 'revoke the key', 'restart there'],
] as const
type Step = (typeof STEPS)[number]

/** What random steps rarely come to in this order, and what people do: it is said again while a wallet is open. */
const PHRASES: readonly (readonly Step[])[] = [
  ['recheck a', 'commit the same', 'recheck b'],
  ['recheck b', 'commit the same there', 'recheck a'],
  ['recheck a', 'reject', 'commit the same', 'recheck b'],
  ['recheck a', 'broadcast a', 'commit the same there', 'recheck b'],
  ['recheck a', 'broadcast a', 'restart', 'recheck b'],
  ['recheck a', 'revoke the key', 'broadcast a', 'mine'],
  ['recheck a', 'end the session', 'broadcast a', 'mine'],
  ['recheck a', 'it expires', 'broadcast a', 'mine', 'recheck b'],
]

interface Card {
  readonly id: string
  readonly sid: string
  /** How many transactions had been sent when its receipt was made. */
  sent: number
}
interface Window {
  readonly name: string
  /** Signed at the moment the wallet was opened, and not sent yet. */
  raw: Hex.Hex | null
  hash: Hex.Hex | null
  card: Card | null
  /** Until when its wallet is believed to be open. */
  untilMs: number
}

/** Refusals are answers; everything else is a fault. */
async function tried<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work
  } catch (error) {
    const kinds = ['conflict', 'invalid', 'absent', 'refused', 'unknown-caller']
    if (error instanceof BaseError && kinds.includes(error.kind)) return null
    throw error
  }
}

let payments = 0
async function play(steps: readonly Step[]): Promise<void> {
  payments += 1
  const value = 1_000_000n + BigInt(payments)
  const to = Address.parse(`0x${(0xb0b0_0000n + BigInt(payments)).toString(16).padStart(40, '0')}`)
  const openOne = (owner = 'app:demo') => {
    const { store, clock: at, audit } = server.gate
    return openSession({ store, clock: at, audit }, { publicId: randomUUID(), app: 'demo', owner })
  }
  const key = await server.issueKey({ app: 'demo', label: 'model' })
  const session = await openOne(`key:${key.id}`)
  const sent: Hex.Hex[] = []
  const cards: Card[] = []
  const windows: Record<'a' | 'b', Window> = {
    a: { name: 'a', raw: null, hash: null, card: null, untilMs: 0 },
    b: { name: 'b', raw: null, hash: null, card: null, untilMs: 0 },
  }
  const commit = async (more = 0n, at = session, gate = server.gate): Promise<Card> => {
    const calls = [{ to, value: value + more, data: '0x' as const, label: 'pay', kind: 'native_transfer' }]
    const draft = { chainId: chain.chainId, from: ALICE, summary: 'Pay', provenance: [], calls }
    const { id } = await stageProposal(gate, { session: at, draft, userTexts: [`to ${to}`] })
    const card = { id, sid: at.sid, sent: sent.length }
    await tried(commitProposal(gate, { id, sid: at.sid }))
    return card
  }
  cards.push(await commit())
  const newest = (): Card => cards.at(-1) as Card
  const pendingNonce = async () =>
    Number(BigInt(await chain.rpc<string>('eth_getTransactionCount', [ALICE, 'pending'])))

  const recheck = async (window: Window): Promise<void> => {
    const card = newest()
    const asking = { id: card.id, sid: card.sid, sender: ALICE, chainId: chain.chainId, lease: window.name }
    const { gate } = window.name === 'a' ? server : second
    const found = await tried(recheckProposal(gate, asking))
    if (found?.outcome === 'drifted') card.sent = sent.length
    if (found?.outcome !== 'fresh') return
    // (b) Nothing with these bytes was sent since this card’s receipt.
    expect(sent.slice(card.sent), 'asked for what was sent').toEqual([])
    // Nor is a wallet open for them elsewhere.
    const other = windows[window.name === 'a' ? 'b' : 'a']
    expect(other.raw !== null && other.untilMs > clock.nowMs(), 'asked in two windows').toBe(false)
    window.card = card
    window.untilMs = found.opened?.untilMs ?? 0
    window.hash = null
    window.raw = await alice.signTransaction({
      ...{ type: 'eip1559', chainId: chain.chainId, nonce: await pendingNonce(), to, value, gas: 100_000n },
      ...{ maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 10n ** 9n },
    })
  }
  const broadcast = async (window: Window): Promise<void> => {
    if (window.raw === null) return
    const raw = window.raw
    window.raw = null
    // Another one with its nonce may be there: the node refuses then, and that is one payment less.
    const hash = await chain.rpc<Hex.Hex>('eth_sendRawTransaction', [raw]).catch(() => null)
    if (hash === null) return
    window.hash = hash
    if (!sent.includes(hash)) sent.push(hash)
  }
  const report = async (window: Window): Promise<void> => {
    if (window.hash === null || window.card === null) return
    const { id, sid } = window.card
    await submitSteps(server.gate, { id, sid, steps: [1], txHash: window.hash }).catch((error: unknown) => {
      // (c) Whatever strangers reported, the owner’s report is never refused as somebody else’s.
      expect((error as BaseError).code).not.toBe('proposals:hash:claimed')
    })
  }
  let isOver = false
  for (const step of steps) {
    if (isOver && step.startsWith('commit')) continue
    const { id, sid } = newest()
    switch (step) {
      case 'recheck a':
      case 'recheck b':
        await recheck(windows[step === 'recheck a' ? 'a' : 'b'])
        break
      case 'broadcast a':
      case 'broadcast b':
        await broadcast(windows[step === 'broadcast a' ? 'a' : 'b'])
        break
      case 'report a':
      case 'report b':
        await report(windows[step === 'report a' ? 'a' : 'b'])
        break
      case 'mine':
        await chain.rpc('anvil_mine', ['0x1'])
        break
      case 'report another hash':
        await tried(
          submitSteps(server.gate, { id, sid, steps: [1], txHash: `0x${randomUUID().replaceAll('-', '').repeat(2)}` }),
        )
        break
      case 'report failed':
        await tried(reportUnsigned(server.gate, { id, sid, because: 'timeout' }))
        break
      case 'outsider claims': {
        const copy = await commit(0n, await openOne())
        const last = sent.at(-1)
        if (last !== undefined)
          await tried(submitSteps(server.gate, { id: copy.id, sid: copy.sid, steps: [1], txHash: last }))
        break
      }
      case 'commit the same':
        cards.push(await commit())
        break
      case 'commit the same there':
        cards.push(await commit(0n, session, second.gate))
        break
      case 'commit others':
        await commit(77n)
        break
      case 'reject':
        await tried(rejectProposal(server.gate, { id, sid, because: 'no' }))
        break
      case 'a minute passes':
        nowMs += 60_000
        break
      case 'it expires':
        nowMs += 1_000_000
        // Its owner is still there: on a slow machine the sweeper would clear the session away for want of use.
        if (!isOver) await server.store.write(async (write) => touchSession(server.gate, write, session))
        break
      case 'end the session':
        await server.store.write((write) => endSession(server.gate, write, { session, why: 'owner' }))
        await server.sweep()
        isOver = true
        break
      case 'revoke the key':
        await server.keyring.revoke({ id: key.id, app: 'demo' })
        await server.sweep()
        isOver = true
        break
      case 'restart':
        await server.close()
        server = await start()
        break
      case 'restart there':
        await second.close()
        second = await start()
        break
    }
  }
  // Quiet: everything is mined, and looked at.
  await chain.rpc('anvil_mine', ['0x1'])
  for (let i = 0; i < 3; i += 1) await settleSender(server.gate, { chainId: chain.chainId, sender: ALICE })
  const mined: string[] = []
  for (const hash of sent) {
    if ((await chain.rpc('eth_getTransactionReceipt', [hash])) !== null) mined.push(hash)
  }
  for (const hash of mined) {
    // (a) Exactly one card, of those the owner made, and it is settled.
    const rows = await server.store.read
      .selectFrom('proposal_calls')
      .innerJoin('proposals', 'proposals.id', 'proposal_calls.proposal_id')
      .select(['proposals.id', 'proposals.state', 'proposal_calls.status'])
      .where('proposal_calls.tx_hash', '=', hash)
      .where('proposal_calls.status', '=', 'confirmed')
      .execute()
    if (isOver && rows.length === 0) {
      // A session that is over is cleared away once its payment is settled, on a slow machine before this line: the record has it.
      const record = await server.audit('demo')
      const settled = record.filter(
        ({ event, body }) => event === 'proposals.proposal.settled' && body['tx_hash'] === hash,
      )
      expect(settled, `${hash} of ${mined.length}`).toHaveLength(1)
      continue
    }
    expect(rows, `${hash} of ${mined.length}`).toEqual([
      { id: expect.any(String), state: 'settled', status: 'confirmed' },
    ])
    expect(cards.map((card) => card.id)).toContain(rows[0]?.id)
  }
  expect(mined.length).toBeLessThanOrEqual(cards.length)
  for (const { id, sid } of cards) {
    const card = await tried(loadProposal(server.store.read, { id, sid }))
    if (card?.state === 'settled') expect(mined).toContain(card.calls[0]?.txHash)
  }
}

test('promise: whatever the order, one payment is asked for once, and each that exists has its card', async () => {
  const one = fc.constantFrom(...STEPS).map((step): readonly Step[] => [step])
  const pieces = fc.oneof({ weight: 3, arbitrary: one }, { weight: 1, arbitrary: fc.constantFrom(...PHRASES) })
  const orders = fc.array(pieces, { minLength: 3, maxLength: 12 }).map((each) => each.flat())
  await fc.assert(fc.asyncProperty(orders, play), {
    numRuns: Number(process.env['COUNTERSIGN_MODEL_RUNS'] ?? 25),
    seed: 20261129,
    endOnFailure: true,
  })
})
