import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Address } from '@countersign/base'
import { deploy, loadArtifact, startLocalChain, type LocalChain } from '@countersign/chain'
import { createClient, type Client, type Proposal } from '@countersign/sdk'
import { launch, type Launched } from 'countersign'
import { encodeFunctionData, type Abi } from 'viem'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { commitProposal } from '../../packages/server/src/proposals/commitProposal.ts'
import { recheckProposal } from '../../packages/server/src/proposals/recheckProposal.ts'
import { rejectProposal } from '../../packages/server/src/proposals/rejectProposal.ts'
import { stageProposal } from '../../packages/server/src/proposals/stageProposal.ts'
import { submitSteps } from '../../packages/server/src/proposals/submitStep.ts'
import { watchProposals } from '../../packages/server/src/proposals/watchProposals.ts'
import { openSession } from '../../packages/server/src/sessions/sessions.ts'

const ALICE = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const BOB = Address.parse('0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC')
const FOREVER = 2n ** 40n
const DOLLAR = 10n ** 6n
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-look-'))
let chain: LocalChain
let server: Launched
let flip: Address.Address
/** How far the server's clock is ahead. */
let aheadMs = 0

beforeAll(async () => {
  chain = await startLocalChain()
  server = await launch({
    port: 0,
    dataDir,
    env: {},
    localChain: chain,
    clock: { nowMs: () => Date.now() + aheadMs },
    logLevel: 'silent',
  })
  await chain.fund(ALICE, { usdc: 100_000n * DOLLAR })
  await chain.fund(BOB, { usdc: 1_000_000n * DOLLAR })
  flip = Address.parse(await deploy(chain.rpc, BOB, 'Flip'))
})
afterAll(async () => {
  await server.close()
  await chain.close()
  rmSync(dataDir, { recursive: true, force: true })
})

interface Bytes {
  readonly to: Address.Address
  readonly value: bigint
  readonly data: `0x${string}`
}
const call = (name: string, functionName: string, args: unknown[], to: string, value = 0n): Bytes => ({
  to: Address.parse(to),
  value,
  data: encodeFunctionData({ abi: loadArtifact(name).abi as Abi, functionName, args }),
})
const usdc = (functionName: string, args: unknown[]) => call('Usdc', functionName, args, chain.addresses.usdc)
const buy = (value: bigint, minimum: bigint, to: string) =>
  call(
    'UniswapV2Router02',
    'swapExactETHForTokens',
    [minimum, [chain.addresses.weth, chain.addresses.usdc], to, FOREVER],
    chain.addresses.uniswapV2Router,
    value,
  )
async function mine({ to, value, data }: Bytes, from: string = BOB): Promise<void> {
  const transaction = { from, to, data, value: `0x${value.toString(16)}`, gas: '0x989680' }
  const hash = await chain.rpc<string>('eth_sendTransaction', [transaction])
  for (;;) {
    const receipt = await chain.rpc<{ status: string } | null>('eth_getTransactionReceipt', [hash])
    if (receipt !== null) return expect(receipt.status).toBe('0x1')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
async function undone<T>(body: () => Promise<T>): Promise<T> {
  const snapshot = await chain.rpc('evm_snapshot')
  try {
    return await body()
  } finally {
    await chain.rpc('evm_revert', [snapshot])
    // Anvil goes on with the base fee of the blocks that are gone.
    await chain.rpc('anvil_setNextBlockBaseFeePerGas', ['0x3b9aca00'])
    await chain.rpc('anvil_mine', ['0x1'])
  }
}
/** A pending card of its own session, as a tool would have staged and committed it. */
async function card(calls: readonly Bytes[]) {
  const publicId = randomUUID()
  const { store, clock, audit } = server.gate
  const session = await openSession({ store, clock, audit }, { publicId, app: 'default', owner: 'app:default' })
  const draft = {
    chainId: chain.chainId,
    from: ALICE,
    summary: 'A test',
    provenance: [],
    calls: calls.map((each) => ({ ...each, label: 'test', kind: 'call' })),
  }
  const staged = await stageProposal(server.gate, { session, draft, userTexts: [`to ${BOB}`] })
  expect(staged.state, staged.reason ?? '').toBe('receipted')
  const committed = await commitProposal(server.gate, { id: staged.id, sid: session.sid })
  const client = createClient({ baseUrl: server.url, sessionId: publicId })
  return { client, session, proposal: committed, shown: await client.proposal(committed.id) }
}
const ask = (
  client: Client,
  { id }: Pick<Proposal, 'id'>,
  { window = 'a', receipt }: { window?: string; receipt?: string } = {},
) => client.recheck(id, ALICE, chain.chainId, window, receipt)

describe('every reason why a card must be read again', () => {
  const rows: readonly [kind: string, calls: () => Bytes[], happens: () => Promise<unknown>][] = [
    ['nonce', () => [usdc('transfer', [BOB, 5n * DOLLAR])], () => mine({ to: BOB, value: 1n, data: '0x' }, ALICE)],
    ['assets', () => [buy(10n ** 18n, 1n, ALICE)], () => mine(buy(50n * 10n ** 18n, 1n, BOB))],
    ['assets', () => [call('Flip', 'deposit', [], flip, 10n ** 18n)], () => mine(call('Flip', 'set', [false], flip))],
    [
      'code',
      () => [call('Flip', 'deposit', [], flip, 10n ** 18n)],
      async () => {
        const code = await chain.rpc<string>('eth_getCode', [flip, 'latest'])
        await chain.rpc('anvil_setCode', [flip, `${code}00`])
        await chain.rpc('anvil_mine', ['0x1'])
      },
    ],
    [
      'code',
      () => [usdc('transfer', [BOB, 5n * DOLLAR])],
      async () => {
        const twin = await deploy(chain.rpc, BOB, 'Usdc')
        // ERC-1967, keccak256("eip1967.proxy.implementation") - 1
        const slot = '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc'
        await chain.rpc('anvil_setStorageAt', [chain.addresses.usdc, slot, `0x${twin.slice(2).padStart(64, '0')}`])
        await chain.rpc('anvil_mine', ['0x1'])
      },
    ],
    [
      'fee',
      () => [usdc('transfer', [BOB, 5n * DOLLAR])],
      async () => {
        await chain.rpc('anvil_setNextBlockBaseFeePerGas', ['0x746a528800'])
        await chain.rpc('anvil_mine', ['0x1'])
      },
    ],
  ]
  test.each(rows.map((row, i) => [`${i + 1}: ${row[0]}`, row] as const))(
    'promise: the server does not open the wallet: %s',
    (_, [kind, calls, happens]) =>
      undone(async () => {
        const { client, shown, proposal } = await card(calls())
        await happens()
        const answer = await ask(client, shown)
        expect(answer).toMatchObject({ signable: false, opened: null })
        if (answer.recheck === 'drifted') expect(answer.receipt?.digest).not.toBe(shown.receipt?.digest)
        const entries = (await server.audit('default')).filter((entry) => entry.event === 'proposals.proposal.staged')
        const last = JSON.stringify(entries.at(-1))
        expect(last).toContain(kind)
        expect(proposal.state).toBe('pending')
      }),
  )
  test.each(rows.map((row, i) => [`${i + 1}: ${row[0]}`, row] as const))(
    'promise: the same holds when the receipt has expired: %s',
    (_, [, calls, happens]) =>
      undone(async () => {
        const { client, shown } = await card(calls())
        await happens()
        // Past every receipt's time, and within every card's.
        aheadMs = 5 * 60_000
        try {
          expect(await ask(client, shown)).toMatchObject({ signable: false, opened: null })
        } finally {
          aheadMs = 0
        }
      }),
  )

  test('other people’s traffic is no drift, and a little less within the tolerance still signs', () =>
    undone(async () => {
      const plain = await card([usdc('transfer', [BOB, 5n * DOLLAR])])
      const swap = await card([buy(10n ** 18n, 1n, ALICE)])
      await mine(buy(10n ** 16n, 1n, BOB))
      await mine({ to: ALICE, value: 1n, data: '0x' })
      expect((await ask(plain.client, plain.shown)).signable).toBe(true)
      expect((await ask(swap.client, swap.shown)).signable).toBe(true)
    }))
  test('promise: what the card shows as at most is what the wallet is handed', async () => {
    const { shown } = await card([usdc('transfer', [BOB, 5n * DOLLAR])])
    const [only] = shown.calls
    expect(BigInt(only?.gas ?? 0) * BigInt(only?.max_fee_per_gas ?? 0)).toBe(
      BigInt(shown.report?.gas_estimate.max_fee_wei ?? 0) - BigInt(shown.report?.gas_estimate.l1_fee_wei ?? 0),
    )
  })
})

describe('what a published client asks', () => {
  const simulate = async ({ client, shown }: Awaited<ReturnType<typeof card>>) => {
    const transactions = shown.calls.map(({ to, value, data }) => ({ to, value, data }))
    const response = await fetch(`${server.url}/api/simulate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-session-id': client.sessionId },
      body: JSON.stringify({ transactions, from: ALICE, chain_id: chain.chainId }),
    })
    const { result } = (await response.json()) as { result: Record<string, unknown> }
    return result as { batch_success: boolean; refusal: string | null; block: { hash: string } }
  }
  test('promise: one simulation is its answer and decides, fresh or drifted', () =>
    undone(async () => {
      const simulator = server.gate.chains.get(chain.chainId)?.simulator
      if (simulator === undefined) throw new Error('no simulator')
      const ran = vi.spyOn(simulator, 'simulate')
      try {
        const made = await card([buy(10n ** 18n, 1n, ALICE)])
        // Another's trade within the tolerance: what was read has moved, so that reading it again is not enough.
        await mine(buy(10n ** 16n, 1n, BOB))
        ran.mockClear()
        expect((await simulate(made)).batch_success).toBe(true)
        expect(ran).toHaveBeenCalledTimes(1)
        const moved = await card([buy(10n ** 18n, 2n, ALICE)])
        await mine(buy(50n * 10n ** 18n, 1n, BOB))
        ran.mockClear()
        const said = await simulate(moved)
        expect(said).toMatchObject({ batch_success: false, refusal: expect.stringMatching(/chain moved/) })
        expect(ran).toHaveBeenCalledTimes(1)
        // What it was shown is the card as it stands now, on the same block.
        expect((await moved.client.proposal(moved.shown.id)).report?.block.hash).toBe(said.block.hash)
      } finally {
        ran.mockRestore()
      }
    }))
})

describe('the watcher', () => {
  test('promise: looks at a chain that is slower than the interval do not queue', async () => {
    await card([usdc('transfer', [BOB, 5n * DOLLAR])])
    const real = server.gate.chains.get(chain.chainId)
    if (real === undefined) throw new Error('no chain')
    const answers: (() => void)[] = []
    const nowMs = vi.fn(() => Date.now())
    const slow = { ...real, head: vi.fn(() => new Promise<void>((resolve) => answers.push(resolve)).then(real.head)) }
    const gate = { ...server.gate, clock: { nowMs }, chains: new Map([[chain.chainId, slow]]) }
    const watcher = watchProposals(gate, { intervalMs: 1, onError: () => undefined })
    while (answers.length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    const accounts = slow.head.mock.calls.length
    // Ticks go on: the expiry of cards is looked at by each.
    const ticks = nowMs.mock.calls.length + 50
    while (nowMs.mock.calls.length < ticks) await new Promise((resolve) => setTimeout(resolve, 1))
    expect(slow.head).toHaveBeenCalledTimes(accounts)
    const closed = watcher.close()
    const release = setInterval(() => answers.splice(0).forEach((answer) => answer()), 1)
    await closed
    clearInterval(release)
  })
})

describe('between the look and the lease', () => {
  const between: readonly [string, (at: Awaited<ReturnType<typeof card>>) => Promise<unknown>][] = [
    [
      'it is rejected',
      ({ session, proposal }) => rejectProposal(server.gate, { ...at(session, proposal), because: 'no' }),
    ],
    ['another window has it', ({ client, shown }) => ask(client, shown, { window: 'other' })],
    [
      'a hash is reported',
      ({ session, proposal }) =>
        submitSteps(server.gate, { ...at(session, proposal), steps: [1], txHash: `0x${'cd'.repeat(32)}` }),
    ],
    [
      'it is replaced',
      ({ session, proposal }) =>
        server.store.write(({ db }) =>
          db.updateTable('proposals').set({ state: 'superseded' }).where('id', '=', at(session, proposal).id).execute(),
        ),
    ],
    [
      'it becomes another card',
      ({ session, proposal }) =>
        server.store.write(({ db }) =>
          db
            .updateTable('proposals')
            .set({ receipt_digest: null })
            .where('id', '=', at(session, proposal).id)
            .execute(),
        ),
    ],
    [
      'another report is shown',
      ({ session, proposal }) =>
        server.store.write(async ({ db }) => {
          const { id } = at(session, proposal)
          const row = await db.selectFrom('proposals').select('report').where('id', '=', id).executeTakeFirstOrThrow()
          const report = (row.report ?? '').replace('"-5000000"', '"-4000000"')
          expect(report).not.toBe(row.report)
          await db.updateTable('proposals').set({ report }).where('id', '=', id).execute()
        }),
    ],
  ]
  const at = (session: { sid: string }, { id }: { id: string }) => ({ id, sid: session.sid })
  test.each(between)('promise: nothing is opened when %s', async (_, happens) => {
    const made = await card([usdc('transfer', [BOB, 5n * DOLLAR])])
    let paused = 0
    const pauseBeforeLease = async (): Promise<void> => {
      paused += 1
      await happens(made)
    }
    const outcome = await recheckProposal(
      { ...server.gate, pauseBeforeLease },
      { ...at(made.session, made.proposal), sender: ALICE, chainId: chain.chainId, lease: 'slow' },
    ).then(
      (found) => found.outcome,
      (error: { code?: string }) => error.code,
    )
    expect(paused).toBe(1)
    expect(['fresh', 'good', undefined]).not.toContain(outcome)
    await rejectProposal(server.gate, { ...at(made.session, made.proposal), because: 'done' }).catch(() => undefined)
  })
  test('promise: a window is told fresh only for the report that its owner was shown', () =>
    undone(async () => {
      const { client, shown } = await card([buy(10n ** 18n, 1n, ALICE)])
      await mine(buy(50n * 10n ** 18n, 1n, BOB))
      const moved = await ask(client, shown, { window: 'b', receipt: shown.receipt?.digest ?? '' })
      expect(moved.recheck).toBe('drifted')
      // The other window still shows the first card.
      const stale = await ask(client, shown, { window: 'a', receipt: shown.receipt?.digest ?? '' })
      expect(stale).toMatchObject({ signable: false, recheck: 'drifted', opened: null })
      const fresh = await ask(client, shown, { window: 'b', receipt: moved.receipt?.digest ?? '' })
      expect(fresh).toMatchObject({ signable: true, opened: { receipt: moved.receipt?.digest } })
    }))
  test('promise: a card does not move under the window that has its wallet open', () =>
    undone(async () => {
      const { client, shown } = await card([buy(10n ** 18n, 1n, ALICE)])
      expect((await ask(client, shown, { window: 'a' })).signable).toBe(true)
      await mine(buy(50n * 10n ** 18n, 1n, BOB))
      await expect(ask(client, shown, { window: 'b' })).rejects.toMatchObject({ code: 'proposals:wallet:open' })
      expect((await client.proposal(shown.id)).receipt).toEqual(shown.receipt)
    }))
})
