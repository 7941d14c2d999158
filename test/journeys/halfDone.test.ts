/** A batch of which only the first steps are on chain: the gate stages both ways on, and each is a proposal like any other. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Address } from '@countersign/base'
import { deploy, loadArtifact, PERMIT2, startLocalChain, type LocalChain } from '@countersign/chain'
import { createClient, type Client, type Proposal } from '@countersign/sdk'
import { launch, type Launched } from 'countersign'
import { decodeFunctionResult, encodeFunctionData, parseAbi, type Abi } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commitProposal } from '../../packages/server/src/proposals/commitProposal.ts'
import { stageProposal } from '../../packages/server/src/proposals/stageProposal.ts'
import { openSession } from '../../packages/server/src/sessions/sessions.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'countersign-half-'))
const DOLLAR = 10n ** 6n
let chain: LocalChain
let server: Launched
let ME: Address.Address
let BOB: Address.Address
let router: Address.Address
let nft: Address.Address
let multi: Address.Address
let nowMs = Date.now()
beforeAll(async () => {
  chain = await startLocalChain()
  server = await launch({
    port: 0,
    dataDir,
    env: {},
    localChain: chain,
    logLevel: 'silent',
    clock: { nowMs: () => nowMs },
  })
  ;[BOB, ME] = [chain.accounts[2]?.address, chain.accounts[1]?.address] as [Address.Address, Address.Address]
  router = chain.addresses.uniswapV2Router as Address.Address
  await chain.fund(ME, { usdc: 100_000n * DOLLAR })
  nft = await deploy(chain.rpc, ME, 'ERC721PresetMinterPauserAutoId', ['N', 'N', ''])
  multi = await deploy(chain.rpc, ME, 'ERC1155PresetMinterPauser', [''])
  for (let i = 0; i < 2; i += 1) await mine(call('ERC721PresetMinterPauserAutoId', nft, 'mint', [ME]))
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
const PERMIT2_ABI = parseAbi([
  'function approve(address token, address spender, uint160 amount, uint48 expiration)',
  'function allowance(address owner, address token, address spender) view returns (uint160, uint48, uint48)',
])
const abiOf = (contract: string): Abi => (contract === 'Permit2' ? PERMIT2_ABI : (loadArtifact(contract).abi as Abi))
const call = (contract: string, to: string, functionName: string, args: unknown[]): Bytes => ({
  to: Address.parse(to),
  value: 0n,
  data: encodeFunctionData({ abi: abiOf(contract), functionName, args }),
})
async function read(contract: string, to: string, functionName: string, args: unknown[]): Promise<unknown> {
  const abi = abiOf(contract)
  const { data } = call(contract, to, functionName, args)
  const answer = await chain.rpc<`0x${string}`>('eth_call', [{ to, data }, 'latest'])
  return decodeFunctionResult({ abi, functionName, data: answer })
}
/** Sends as the owner's wallet would, and waits for the block. */
async function mine(
  { to, value, data }: Bytes,
  more: { gas?: bigint } = {},
): Promise<{ hash: string; status: string }> {
  const gas = `0x${(more.gas ?? 300_000n).toString(16)}`
  const hash = await chain.rpc<string>('eth_sendTransaction', [
    { from: ME, to, value: `0x${value.toString(16)}`, data, gas, maxFeePerGas: '0x2540be400' },
  ])
  for (;;) {
    const receipt = await chain.rpc<{ status: string } | null>('eth_getTransactionReceipt', [hash])
    if (receipt !== null) return { hash, status: receipt.status }
  }
}
const bytesOf = ({ to, value, data }: Proposal['calls'][number]): Bytes => ({
  to: Address.parse(to ?? ''),
  value: BigInt(value),
  data: data as `0x${string}`,
})
async function until<T>(look: () => Promise<T>, isDone: (value: T) => boolean): Promise<T> {
  const endMs = Date.now() + 240_000
  for (;;) {
    nowMs = Math.max(nowMs, Date.now())
    const value = await look()
    if (isDone(value)) return value
    if (Date.now() > endMs) throw new Error(`it took too long: ${JSON.stringify(value)?.slice(0, 600)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

interface Card {
  readonly client: Client
  readonly sid: string
  readonly proposal: Proposal
}
async function commit(calls: readonly Bytes[]): Promise<Card> {
  const publicId = randomUUID()
  const session = await openSession({ store: server.store, clock: { nowMs: () => nowMs }, audit: server.gate.audit }, {
    ...{ publicId, app: 'demo', owner: 'app:demo', principal: null, binding: null, limits: null },
    wallet: { address: ME, chainId: chain.chainId, isConnected: true, ensName: null, ext: null },
  } as never)
  const draft = {
    ...{ chainId: chain.chainId, from: ME, summary: 'Two steps', provenance: [] },
    calls: calls.map((each, i) => ({ ...each, label: `step ${i + 1}`, kind: 'contract_call' })),
  }
  const staged = await stageProposal(server.gate, { session, draft, userTexts: [] })
  expect(staged.state, staged.reason ?? '').toBe('receipted')
  await commitProposal(server.gate, { id: staged.id, sid: session.sid })
  const client = createClient({ baseUrl: server.url, sessionId: publicId })
  return { client, sid: session.sid, proposal: await client.proposal(staged.id) }
}
/** The first step is signed; the card is at the second. */
async function firstStep({ client, proposal }: Card): Promise<void> {
  const checked = await client.recheck(proposal.id, ME, chain.chainId, 'window')
  expect(checked.signable, checked.reason ?? '').toBe(true)
  const [first] = checked.calls
  if (first === undefined) throw new Error('no step')
  await client.submitted(proposal.id, 1, (await mine(bytesOf(first))).hash)
  await until(
    () => client.proposal(proposal.id),
    ({ calls }) => calls[0]?.status === 'confirmed',
  )
}
const offered = ({ client, proposal }: Card): Promise<Proposal> =>
  until(
    () => client.proposal(proposal.id),
    ({ half_done: half }) => half?.remedies.length === 2,
  )
const remedy = ({ half_done: half }: Proposal, kind: string) => half?.remedies.find((each) => each.kind === kind)
const says = async ({ client }: Card): Promise<string> =>
  (await client.state()).messages.map(({ sender, content }) => `${sender}: ${content}`).join('\n')
/** Reads, signs and sends a proposal as its owner would. */
async function sign({ client }: Card, { id }: Proposal): Promise<Proposal> {
  const checked = await client.recheck(id, ME, chain.chainId, 'window')
  expect(checked.signable, checked.reason ?? '').toBe(true)
  for (const each of checked.calls) await client.submitted(id, each.step, (await mine(bytesOf(each))).hash)
  return until(
    () => client.proposal(id),
    ({ state }) => state === 'settled' || state === 'mismatched',
  )
}

const pay = (): Bytes => ({ to: BOB, value: 1n, data: '0x' })
const expiryS = 4_102_444_800
const GRANTS: readonly (readonly [string, () => Bytes, inForce: () => Promise<unknown>, none: unknown])[] = [
  [
    'an ERC-20 allowance',
    () => call('Usdc', chain.addresses.usdc, 'approve', [router, 10n * DOLLAR]),
    () => read('Usdc', chain.addresses.usdc, 'allowance', [ME, router]),
    0n,
  ],
  [
    'a Permit2 allowance',
    () => call('Permit2', PERMIT2, 'approve', [chain.addresses.usdc, router, 10n * DOLLAR, expiryS]),
    async () => ((await read('Permit2', PERMIT2, 'allowance', [ME, chain.addresses.usdc, router])) as bigint[])[0],
    0n,
  ],
  [
    'an operator of an ERC-721',
    () => call('ERC721PresetMinterPauserAutoId', nft, 'setApprovalForAll', [router, true]),
    () => read('ERC721PresetMinterPauserAutoId', nft, 'isApprovedForAll', [ME, router]),
    false,
  ],
  [
    'one approved ERC-721',
    () => call('ERC721PresetMinterPauserAutoId', nft, 'approve', [router, 1n]),
    () => read('ERC721PresetMinterPauserAutoId', nft, 'getApproved', [1n]),
    '0x0000000000000000000000000000000000000000',
  ],
  [
    'an operator of an ERC-1155',
    () => call('ERC1155PresetMinterPauser', multi, 'setApprovalForAll', [router, true]),
    () => read('ERC1155PresetMinterPauser', multi, 'isApprovedForAll', [ME, router]),
    false,
  ],
]

describe('promise: what the steps on chain permitted can be taken back', () => {
  test.each(GRANTS)('%s', async (_, grant, inForce, none) => {
    const card = await commit([grant(), pay()])
    await firstStep(card)
    expect(await inForce()).not.toEqual(none)
    await card.client.reject(card.proposal.id, 'Rejected by the owner.', 'window')
    const half = await offered(card)
    expect(half.half_done).toMatchObject({ confirmed: 1 })
    expect(remedy(half, 'continue')?.state).toBe('receipted')
    expect(remedy(half, 'revoke')?.state).toBe('receipted')
    const text = await until(
      () => says(card),
      (said) => said.includes('take the permission back'),
    )
    expect(text).toMatch(
      /agent: tx-1 is on chain, the rest is not\. To sign the rest, say “continue”\. Left behind: 0x\w{40} may/,
    )
    // Neither is in a wallet's reach before it is chosen.
    expect((await card.client.state()).user_state?.pending_txs ?? {}).toEqual({})
    const chosen = await card.client.remedy(card.proposal.id, 'revoke')
    expect(chosen).toMatchObject({ id: remedy(half, 'revoke')?.proposal_id, state: 'pending', signable: true })
    expect(chosen.report?.verdict).toBe('allow')
    expect((await sign(card, chosen)).state).toBe('settled')
    expect(await inForce()).toEqual(none)
  })
})

describe('every way in which a batch can end half done', () => {
  const swap = () => [
    call('Usdc', chain.addresses.usdc, 'approve', [router, 10n * DOLLAR]),
    call('UniswapV2Router02', router, 'swapExactTokensForETH', [
      10n * DOLLAR,
      1n,
      [chain.addresses.usdc, chain.addresses.weth],
      ME,
      BigInt(expiryS),
    ]),
  ]
  const endings: readonly (readonly [string, (card: Card) => Promise<unknown>])[] = [
    [
      'rejected in the wallet',
      ({ client, proposal }) => client.reject(proposal.id, 'Rejected in the wallet.', 'window'),
    ],
    [
      'never sent',
      async () => {
        nowMs = Math.max(nowMs, Date.now()) + 1_000_000
      },
    ],
    [
      'reverted on chain',
      async ({ client, proposal }) => {
        const second = (await client.recheck(proposal.id, ME, chain.chainId, 'window')).calls[1]
        if (second === undefined) throw new Error('no step')
        const { hash, status } = await mine(bytesOf(second), { gas: 60_000n })
        expect(status).toBe('0x0')
        await client.submitted(proposal.id, 2, hash)
      },
    ],
  ]
  test.each(endings)('promise: %s: the rest can be signed, from what is left of the allowance', async (_, end) => {
    const card = await commit(swap())
    await firstStep(card)
    await end(card)
    const half = await offered(card)
    expect(half.half_done?.remedies.map(({ kind, state }) => [kind, state])).toEqual([
      ['continue', 'receipted'],
      ['revoke', 'receipted'],
    ])
    const rest = await card.client.remedy(card.proposal.id, 'continue')
    expect(rest.calls.map(({ data }) => data)).toEqual([card.proposal.calls[1]?.data])
    expect((await sign(card, rest)).state).toBe('settled')
    expect(await read('Usdc', chain.addresses.usdc, 'allowance', [ME, router])).toBe(0n)
    // Chosen once: the same answer, and nothing new.
    expect((await card.client.remedy(card.proposal.id, 'continue')).id).toBe(rest.id)
  })

  test('promise: in words, to a client without a card; twenty minutes later it is simulated anew', async () => {
    const client = createClient({ baseUrl: server.url, sessionId: randomUUID() })
    const wallet = { address: ME, chain_id: chain.chainId, is_connected: true }
    const chat = async (text: string): Promise<Proposal> => {
      await client.chat(text, wallet)
      await until(
        () => client.state(),
        (state) => !state.is_processing,
      )
      const [newest] = (await client.proposals()) as readonly Proposal[]
      if (newest === undefined) throw new Error('nothing was proposed')
      return newest
    }
    const card = { client, sid: '', proposal: await chat('swap 10 USDC for ETH') }
    await firstStep(card)
    await client.reject(card.proposal.id, 'Rejected in the wallet.', 'window')
    const half = await offered(card)
    nowMs += 1_200_000
    const chosen = await chat('take the permission back')
    expect(chosen).toMatchObject({ state: 'pending', calls: [{ to: chain.addresses.usdc }] })
    expect(chosen.id).not.toBe(remedy(half, 'revoke')?.proposal_id)
    expect((await sign(card, chosen)).state).toBe('settled')
    expect(await read('Usdc', chain.addresses.usdc, 'allowance', [ME, router])).toBe(0n)
    // It is over: nothing is left to choose.
    await chat('continue')
    expect(await says(card)).toContain('No batch here ended half done.')
  })

  test('promise: what was taken back by other means is not asked for again', async () => {
    const card = await commit(swap())
    await firstStep(card)
    await mine(call('Usdc', chain.addresses.usdc, 'approve', [router, 0n]))
    await card.client.reject(card.proposal.id, 'Rejected by the owner.', 'window')
    const half = await offered(card)
    expect(remedy(half, 'revoke')).toEqual({ kind: 'revoke', proposal_id: null, state: null })
    expect(remedy(half, 'continue')?.state).toBe('blocked')
    await expect(card.client.remedy(card.proposal.id, 'revoke')).rejects.toMatchObject({
      code: 'proposals:remedy:nothing',
    })
  })

  test('a batch that is whole, or of which nothing is on chain, has none', async () => {
    const card = await commit([pay(), pay()])
    await expect(card.client.remedy(card.proposal.id, 'continue')).rejects.toMatchObject({
      code: 'proposals:remedy:refused',
    })
    await card.client.reject(card.proposal.id)
    expect((await card.client.proposal(card.proposal.id)).half_done).toBeNull()
  })
})
