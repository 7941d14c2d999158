/** The order of a batch: last look, one prompt, reports; and that nothing is ever sent singly after it. */
import { batchDigest, type Proposal } from '@countersign/sdk'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { BOB, ME, proposal as made, USDC } from '../card/fixture.ts'
import type { Phase } from '../card/CardState.ts'
import { signProposal } from '../signProposal.ts'
import type { SigningTools } from '../signing.ts'
import type { Atomic } from './Batch.ts'
import { openBatches } from './openBatches.ts'

vi.mock('../windowName.ts', () => ({ windowName: () => Promise.resolve('window-1') }))

const HASH = `0x${'ab'.repeat(32)}`
const step = (n: number) => ({ step: n, to: USDC, value: '0', data: `0x0${n}`, status: 'waiting', tx_hash: null })

beforeEach(() => {
  const kept = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  })
})
afterEach(() => vi.unstubAllGlobals())

async function card(calls: readonly object[] = [step(1), step(2)]): Promise<Proposal> {
  const base = made({ id: 'prop_1', calls, receipt: { digest: 'r1' }, signable: true })
  return { ...base, digest: await batchDigest(base) } as Proposal
}

/** A wallet and a server that write down what they are asked. */
function stage(
  proposal: Proposal,
  answers: Readonly<Record<string, unknown>>,
  recheck: object = {},
): {
  tools: SigningTools
  asked: unknown[][]
  problems: (string | null)[]
  phases: Phase['kind'][]
  refused: () => number
} {
  const asked: unknown[][] = []
  const problems: (string | null)[] = []
  const phases: Phase['kind'][] = []
  let refusals = 0
  const client = {
    recheck: async () => (
      asked.push(['recheck']),
      { ...proposal, opened: { receipt: 'r1' }, recheck: 'fresh', ...recheck }
    ),
    submitted: async (...given: unknown[]) => (asked.push(['submitted', ...given]), proposal),
    proposal: async () => proposal,
    reject: async () => (asked.push(['reject']), proposal),
  }
  const request = async ({ method, params }: { method: string; params: unknown }): Promise<unknown> => {
    asked.push([method, ...(method === 'wallet_sendCalls' ? [params] : [])])
    const answer = answers[method]
    if (answer instanceof Error) throw answer
    return answer
  }
  const tools = {
    session: { client, accept: () => undefined },
    wallet: { request },
    ...{ account: ME, chainId: 31_337 },
    setPhase: ({ kind }: Phase) => void phases.push(kind),
    setProblem: (text: string | null) => void problems.push(text),
    onDrift: () => void asked.push(['drift']),
    onReported: () => undefined,
    onBatchRefused: () => void (refusals += 1),
  } as unknown as SigningTools
  return { tools, asked, problems, phases, refused: () => refusals }
}
const names = (asked: unknown[][]) => asked.map(([name]) => name)
const refusal = (code: number) => Object.assign(new Error('No.'), { code })

test('promise: a batch is one look, one prompt and one report for all its steps', async () => {
  const proposal = await card()
  const receipts = [{ transactionHash: HASH }]
  const { tools, asked, problems, phases } = stage(proposal, {
    ...{ wallet_sendCalls: { id: 'b1' }, wallet_getCallsStatus: { status: 200, atomic: true, receipts } },
  })
  await signProposal(tools, proposal, 'supported')
  expect(names(asked)).toEqual(['recheck', 'wallet_sendCalls', 'wallet_getCallsStatus', 'submitted'])
  const [, request] = asked[1] as [string, [Record<string, unknown>]]
  expect(request[0]).toMatchObject({
    ...{ version: '2.0.0', from: ME, chainId: '0x7a69', atomicRequired: true },
    calls: [
      { to: USDC, value: '0x0', data: '0x01' },
      { to: USDC, value: '0x0', data: '0x02' },
    ],
  })
  expect(asked[3]).toEqual(['submitted', 'prop_1', [1, 2], HASH])
  expect([problems.at(-1), phases, openBatches()]).toEqual([null, ['checking', 'wallet', 'confirming', 'idle'], []])
})

test.each([4200, -32601, 5700, 5740, 5760])('promise: after the refusal %i nothing is sent singly', async (code) => {
  const proposal = await card()
  const { tools, asked, problems, refused } = stage(proposal, { wallet_sendCalls: refusal(code) })
  await signProposal(tools, proposal, 'supported')
  expect(names(asked)).toEqual(['recheck', 'wallet_sendCalls'])
  expect([refused(), problems.at(-1)]).toEqual([1, expect.stringContaining('Nothing was sent.')])
})

test('promise: an error that nobody knows sends nothing, and a rejection ends the card', async () => {
  const proposal = await card()
  const unknown = stage(proposal, { wallet_sendCalls: refusal(-32603) })
  await signProposal(unknown.tools, proposal, 'supported')
  expect([names(unknown.asked), unknown.refused()]).toEqual([['recheck', 'wallet_sendCalls'], 0])
  const rejected = stage(proposal, { wallet_sendCalls: refusal(4001) })
  await signProposal(rejected.tools, proposal, 'supported')
  expect(names(rejected.asked)).toEqual(['recheck', 'wallet_sendCalls', 'reject'])
})

test('promise: what changed since it was read never reaches the wallet', async () => {
  const proposal = await card()
  const changes: [object, string][] = [
    [{ signable: false, reason: 'It is blocked now.' }, 'It is blocked now.'],
    [{ opened: { receipt: 'r2' }, recheck: 'drifted' }, 'The card has changed'],
    [{ calls: [{ ...step(1), to: BOB }, step(2)] }, 'other bytes'],
  ]
  for (const [recheck, words] of changes) {
    const { tools, asked, problems } = stage(proposal, { wallet_sendCalls: { id: 'b1' } }, recheck)
    await signProposal(tools, proposal, 'supported')
    expect([names(asked).includes('wallet_sendCalls'), problems.at(-1)]).toEqual([
      false,
      expect.stringContaining(words),
    ])
  }
})

test('promise: a batch that was not sent, reverted or partly done is reported as that', async () => {
  const proposal = await card()
  const receipts = [{ transactionHash: HASH }]
  const ends: [number, unknown[], unknown[][], RegExp][] = [
    [400, [], [], /did not send it/],
    [500, receipts, [['submitted', 'prop_1', [1, 2], HASH]], /as a whole/],
    [600, receipts, [['submitted', 'prop_1', [1], HASH]], /only a part/],
  ]
  for (const [status, of, reports, words] of ends) {
    const { tools, asked, problems } = stage(proposal, {
      ...{ wallet_sendCalls: { id: 'b1' }, wallet_getCallsStatus: { status, receipts: of } },
    })
    await signProposal(tools, proposal, 'ready')
    expect([status, asked.filter(([name]) => name === 'submitted'), problems.at(-1)]).toEqual([
      ...[status, reports, expect.stringMatching(words)],
    ])
    expect(openBatches()).toEqual([])
  }
})

test('promise: one step, a step that is done, and a wallet without batches are signed step by step', async () => {
  const cards: [readonly object[], Atomic][] = [
    [[step(1)], 'supported'],
    [[{ ...step(1), status: 'confirmed', tx_hash: HASH }, step(2)], 'supported'],
    [[step(1), { ...step(2), to: null }], 'supported'],
    [[step(1), step(2)], 'none'],
  ]
  for (const [calls, atomic] of cards) {
    const proposal = await card(calls)
    const { tools, asked } = stage(proposal, { eth_sendTransaction: refusal(4001) })
    await signProposal(tools, proposal, atomic)
    expect(names(asked)).not.toContain('wallet_sendCalls')
  }
})
