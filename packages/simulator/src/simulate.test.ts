import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { deploy, loadArtifact, startLocalChain, type LocalChain } from '@countersign/chain'
import { Address, Hex } from '@countersign/base'
import { encodeDeployData, encodeFunctionData, type Abi } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createSimulator,
  Receipt,
  Report,
  type Call,
  type KnownAddress,
  type SimulationRequest,
  type Simulator,
} from './index.ts'

const ETHER = 10n ** 18n
const DOLLAR = 10n ** 6n
const ME = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const FRIEND = Address.parse('0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC')
const NOBODY = Address.parse('0x00000000000000000000000000000000deadbeef')
const FOREVER = 2n ** 40n

let chain: LocalChain
let simulator: Simulator
let known: KnownAddress[]
const at: Record<string, Address.Address> = {}

beforeAll(async () => {
  chain = await startLocalChain()
  simulator = await createSimulator({ chainId: chain.chainId, rpcUrls: [chain.rpcUrl], crossCheckShare: 1 })
  known = [
    ...chain.tokens.map((token): KnownAddress => ({ ...token, kind: 'token' })),
    ...chain.contracts.map((contract): KnownAddress => ({ ...contract })),
  ]
  await chain.fund(ME, { usdc: 100_000n * DOLLAR, dai: 100_000n * ETHER })
  for (const name of [
    'Reverter',
    'EthSplitter',
    'SilentToken',
    'MaskedToken',
    'MuteToken',
    'FakeEventToken',
    'FeeToken',
    'FalseReturnToken',
    'Flip',
    'Bomb',
    'Vesting',
    'Counter',
    'RedPill',
  ]) {
    at[name] = Address.parse(await deploy(chain.rpc, ME, name))
  }
  for (const name of ['SilentToken', 'FeeToken', 'FalseReturnToken', 'MaskedToken', 'MuteToken'])
    await mine(tx(name, 'mint', [ME, 10_000n]))
  await chain.rpc('anvil_setBalance', [at['Flip'], '0x56bc75e2d63100000'])
})
afterAll(async () => {
  await simulator.close()
  await chain.close()
})

/** A call of a function of an artifact, at the fixture's address unless said otherwise. */
function tx(
  name: string,
  functionName: string,
  args: unknown[] = [],
  { to, value = 0n }: { to?: string; value?: bigint } = {},
): Call {
  return {
    to: Address.parse(to ?? at[name] ?? ''),
    value,
    data: encodeFunctionData({ abi: loadArtifact(name).abi as Abi, functionName, args }),
    gasLimit: null,
    maxFeePerGasWei: null,
    label: functionName,
  }
}
const pay = (to: Address.Address, value: bigint): Call => ({
  to,
  value,
  data: '0x',
  gasLimit: null,
  maxFeePerGasWei: null,
  label: null,
})
const simulate = (calls: Call[], options: Partial<SimulationRequest> = {}) =>
  simulator.simulate({
    chainId: chain.chainId,
    from: options.from ?? ME,
    calls,
    block: 'latest',
    known,
    maxHeadAgeMs: 0,
    ...options,
  })
const rules = (report: Report.Report, level?: string) =>
  report.findings.filter((finding) => level === undefined || finding.level === level).map((finding) => finding.rule)
const own = (report: Report.Report) =>
  report.tokenChanges
    .filter((change) => change.account === ME)
    .map((change) => [change.symbol ?? change.standard, change.delta])

/** Really sends a call from the unlocked account, at the gas limit given. */
async function mine(call: Call, gas = 10_000_000n) {
  const hash = await chain.rpc<Hex.Hex>('eth_sendTransaction', [
    {
      from: ME,
      to: call.to ?? undefined,
      value: `0x${call.value.toString(16)}`,
      data: call.data,
      gas: `0x${gas.toString(16)}`,
    },
  ])
  type Mined = { status: Hex.Hex; gasUsed: Hex.Hex; logs: { address: string; topics: Hex.Hex[]; data: Hex.Hex }[] }
  let receipt: Mined | null = null
  // Anvil answers the sending before the block is there.
  while (receipt === null) receipt = await chain.rpc<Mined | null>('eth_getTransactionReceipt', [hash])
  return { ok: receipt.status === '0x1', gasUsed: BigInt(receipt.gasUsed), logs: receipt.logs }
}
const usdc = (functionName: string, args: unknown[]) => tx('Usdc', functionName, args, { to: chain.addresses.usdc })
const router = (functionName: string, args: unknown[], value = 0n) =>
  tx('UniswapV2Router02', functionName, args, { to: chain.addresses.uniswapV2Router, value })
const path = (...names: ('weth' | 'usdc' | 'dai')[]) => names.map((name) => chain.addresses[name])

/** Scenarios; each is simulated, then really mined, and both must agree. */
const SCENARIOS: Record<string, () => Call[]> = {
  'a payment': () => [pay(FRIEND, ETHER)],
  'a payment to an unused account': () => [pay(NOBODY, 1n)],
  'an ERC-20 transfer through a proxy': () => [usdc('transfer', [FRIEND, 5n * DOLLAR])],
  'approve and swap': () => [
    usdc('approve', [chain.addresses.uniswapV2Router, 1000n * DOLLAR]),
    router('swapExactTokensForETH', [1000n * DOLLAR, 39n * 10n ** 16n, path('usdc', 'weth'), ME, FOREVER]),
  ],
  'a swap from ether': () => [
    router('swapExactETHForTokens', [2_480n * DOLLAR, path('weth', 'usdc'), ME, FOREVER], ETHER),
  ],
  'a swap over two pools': () => [
    router('swapExactETHForTokens', [2_470n * ETHER, path('weth', 'usdc', 'dai'), ME, FOREVER], ETHER),
  ],
  'a Uniswap V3 swap': () => [
    tx(
      'SwapRouter',
      'exactInputSingle',
      [
        {
          tokenIn: chain.addresses.weth,
          tokenOut: chain.addresses.usdc,
          fee: 500,
          recipient: ME,
          deadline: FOREVER,
          amountIn: ETHER,
          amountOutMinimum: 1n,
          sqrtPriceLimitX96: 0n,
        },
      ],
      { to: chain.addresses.uniswapV3Router, value: ETHER },
    ),
  ],
  'wrap and unwrap': () => [
    tx('WETH9', 'deposit', [], { to: chain.addresses.weth, value: ETHER }),
    tx('WETH9', 'withdraw', [ETHER], { to: chain.addresses.weth }),
  ],
  'ether split inside a contract': () => [tx('EthSplitter', 'split', [[FRIEND, NOBODY]], { value: 10n })],
  'a token without return values': () => [
    tx('Usdt', 'approve', [chain.addresses.uniswapV2Router, 0n], { to: chain.addresses.usdt }),
  ],
  'a fee on transfer': () => [tx('FeeToken', 'transfer', [FRIEND, 1000n])],
  'a new contract': () => [
    {
      ...pay(ME, 0n),
      to: null,
      data: encodeDeployData({ abi: loadArtifact('Counter').abi as Abi, bytecode: loadArtifact('Counter').bytecode }),
    },
  ],
  'a collection’s operator': () => [
    tx('ERC721PresetMinterPauserAutoId', 'setApprovalForAll', [chain.addresses.uniswapV2Router, true], {
      to: chain.addresses.nft,
    }),
  ],
  'a revert with a text': () => [tx('Reverter', 'withString')],
  'a revert with an error of its own': () => [tx('Reverter', 'withCustomError')],
  'a panic': () => [tx('Reverter', 'withPanic', [0n])],
  'a revert without anything': () => [tx('Reverter', 'withNothing')],
}

describe('agrees with what the chain then really does', () => {
  test.each(Object.keys(SCENARIOS))('%s', async (name) => {
    const calls = SCENARIOS[name]?.() ?? []
    const report = await simulate(calls)
    const balanceBefore = BigInt(await chain.rpc<string>('eth_getBalance', [FRIEND, 'latest']))
    for (const [i, call] of calls.entries()) {
      const step = report.steps[i]
      // The simulated block is a slot later; contracts that count time cost more gas then.
      const head = await chain.rpc<{ timestamp: string }>('eth_getBlockByNumber', ['latest', false])
      if (i === 0) await chain.rpc('evm_setNextBlockTimestamp', [Number(head.timestamp) + 12])
      const truth = await mine(call, step?.gasLimit)
      expect(step?.status === 'success', `step ${i + 1}`).toBe(truth.ok)
      expect(step?.gasUsed, `gas of step ${i + 1}`).toBe(truth.gasUsed)
      // A failed call's logs are gone on chain, and in the report.
      expect(step?.logs.map((log) => [log.address.toLowerCase(), log.topics, log.data])).toEqual(
        truth.logs.map((log) => [log.address, log.topics, log.data]),
      )
    }
    const friend = report.tokenChanges.find((change) => change.account === FRIEND && change.standard === 'native')
    expect(BigInt(await chain.rpc<string>('eth_getBalance', [FRIEND, 'latest'])) - balanceBefore).toBe(
      friend?.delta ?? 0n,
    )
  })
})

describe('effects rest on state, not on events', () => {
  test('what leaves and what arrives', async () => {
    const report = await simulate(SCENARIOS['approve and swap']?.() ?? [])
    expect(own(report)[0]).toEqual(['USDC', -1000n * DOLLAR])
    expect(own(report)[1]?.[0]).toBe('ETH')
    expect(report.verdict).toBe('allow')
    expect(report.authorityChanges).toEqual([])
  })
  test('E01: a debit without an event is still a debit, and blocks', async () => {
    const report = await simulate([tx('SilentToken', 'claim')])
    expect(own(report)).toEqual([['FIX', -1000n]])
    // Who got it is told as well: its entry was written, whatever events say.
    expect(rules(report, 'block')).toEqual(['recipient-inside', 'debit-unannounced'])
  })
  test('E03: an event without a credit is no gain, and blocks', async () => {
    const report = await simulate([tx('FakeEventToken', 'airdrop')])
    expect(own(report)).toEqual([])
    expect(rules(report, 'block')).toEqual(['event-unbacked'])
  })
  test('a debit behind the event of a collection is still a debit, and blocks', async () => {
    const report = await simulate([tx('MaskedToken', 'claim')])
    expect(own(report)).toEqual([['FIX', -1000n]])
    // Who got it is told as well: its entry was written, whatever events say.
    expect(rules(report, 'block')).toEqual(['recipient-inside', 'debit-unannounced'])
  })
  test('a balance that cannot be read afterwards blocks: what was not seen is not nothing', async () => {
    const report = await simulate([tx('MuteToken', 'claim')])
    expect(rules(report, 'block')).toEqual(['effects-unreadable'])
  })
  test('promise: what a token says of itself is only believed once all of its state was there', async () => {
    const fresh = await createSimulator({ chainId: chain.chainId, rpcUrls: [chain.rpcUrl] })
    try {
      // USDC is a proxy that is not called directly, so its name and decimals are state nobody asked for at first.
      const calls = SCENARIOS['a swap from ether']?.() ?? []
      const request = { chainId: chain.chainId, from: ME, calls, block: 'latest' as const }
      for (const vouched of [[], known, []]) {
        const report = await fresh.simulate({ ...request, known: vouched })
        const arrived = report.tokenChanges.find((change) => change.account === ME && change.standard === 'erc20')
        expect([arrived?.symbol, arrived?.decimals]).toEqual(['USDC', 6])
      }
      const other = await createSimulator({ chainId: chain.chainId, rpcUrls: [chain.rpcUrl] })
      await other.simulate({ ...request, known })
      const after = await other.simulate({ ...request, known: [] })
      expect(after.tokenChanges.find((change) => change.account === ME && change.standard === 'erc20')?.decimals).toBe(
        6,
      )
      await other.close()
    } finally {
      await fresh.close()
    }
  })
  test('E08: a fee on transfer shows what the recipient gets', async () => {
    const report = await simulate([tx('FeeToken', 'transfer', [FRIEND, 1000n])])
    expect(report.tokenChanges.find((change) => change.account === FRIEND)?.delta).toBe(700n)
    expect(rules(report, 'warn')).toContain('transfer-fee')
  })
  test('law: ether is neither made nor lost', async () => {
    for (const name of ['a payment', 'approve and swap', 'ether split inside a contract', 'wrap and unwrap']) {
      const report = await simulate(SCENARIOS[name]?.() ?? [])
      const native = report.tokenChanges.filter((change) => change.standard === 'native')
      expect(
        native.reduce((sum, change) => sum + change.delta, 0n),
        name,
      ).toBe(0n)
      for (const change of report.tokenChanges) expect(change.after - change.before).toBe(change.delta)
    }
  })
})

describe('findings', () => {
  test.each<[string, () => Call[], string, string | null]>([
    [
      'an exact approval to a known spender',
      () => [usdc('approve', [chain.addresses.uniswapV2Router, 1n])],
      'allow',
      null,
    ],
    [
      'an unlimited approval to a known spender',
      () => [usdc('approve', [chain.addresses.uniswapV2Router, 2n ** 256n - 1n])],
      'warn',
      'approval-unlimited',
    ],
    [
      'C01: an unlimited approval to a person',
      () => [usdc('approve', [FRIEND, 2n ** 256n - 1n])],
      'block',
      'approval-unlimited',
    ],
    [
      'C02: the same by increaseAllowance',
      () => [usdc('increaseAllowance', [FRIEND, 2n ** 255n])],
      'block',
      'approval-unlimited',
    ],
    ['C16: an exact approval where no code is', () => [usdc('approve', [NOBODY, 5n])], 'block', 'spender-unknown'],
    [
      'an exact approval to an unknown contract',
      () => [usdc('approve', [at['Counter'], 5n])],
      'warn',
      'spender-unknown',
    ],
    [
      'C04: an operator for a whole collection',
      () => [tx('ERC721PresetMinterPauserAutoId', 'setApprovalForAll', [FRIEND, true], { to: chain.addresses.nft })],
      'block',
      'operator-approval',
    ],
    ['C06: an unlimited Permit2 allowance', () => [permit2Approve(FRIEND)], 'block', 'approval-unlimited'],
    [
      'tokens sent to their own contract',
      () => [usdc('transfer', [chain.addresses.usdc, 1n])],
      'block',
      'recipient-unverified',
    ],
    ['ether sent to nobody', () => [pay(Address.ZERO, 1n)], 'block', 'recipient-unverified'],
    [
      'tokens sent to an unknown contract',
      () => [usdc('transfer', [at['Counter'], 1n])],
      'warn',
      'recipient-unverified',
    ],
    ['a first payment to a person', () => [pay(FRIEND, 1n)], 'allow', 'recipient-unverified'],
    ['a revert', () => [tx('Reverter', 'withString')], 'block', 'reverts'],
    ['more than the account has', () => [pay(FRIEND, 10n ** 30n)], 'block', 'insufficient-funds'],
    [
      'a gas limit that is too low',
      () => [{ ...usdc('transfer', [FRIEND, 1n]), gasLimit: 25_000n }],
      'block',
      'reverts',
    ],
    ['honest use of time', () => [tx('Vesting', 'release')], 'allow', null],
  ])('%s', async (_name, calls, verdict, rule) => {
    const report = await simulate(calls())
    expect([report.verdict, rules(report)]).toEqual([verdict, rule === null ? [] : expect.arrayContaining([rule])])
  })
  test('a recipient that the agent chose is a warning, one that the user named is a note', async () => {
    expect((await simulate([pay(FRIEND, 1n)], { isAgentProposed: true })).verdict).toBe('warn')
    // That it stands somewhere in a text changes nothing.
    known.push({ address: FRIEND, name: 'typed by you', kind: 'user' })
    expect((await simulate([pay(FRIEND, 1n)], { isAgentProposed: true })).verdict).toBe('warn')
    known.pop()
    const said = await simulate([pay(FRIEND, 1n)], { isAgentProposed: true, saidRecipients: [FRIEND] })
    expect(said.verdict).toBe('allow')
    expect(said.findings).toMatchObject([{ rule: 'recipient-unverified', level: 'info' }])
    expect(said.findings[0]?.because).not.toContain('the agent chose')
  })
  test('revert reasons are told in words, and an agent’s text stays text', async () => {
    const reason = async (call: Call) => (await simulate([call])).steps[0]?.revert
    expect(await reason(tx('Reverter', 'withString'))).toMatchObject({
      reason: 'no, thank you',
      error: 'Error(string)',
    })
    expect(await reason(tx('Reverter', 'withPanic', [0n]))).toMatchObject({
      reason: 'panic: division by zero',
      error: 'Panic(uint256)',
    })
    expect((await reason(tx('Reverter', 'withCustomError')))?.reason).toMatch(/^custom error 0x/)
    expect((await reason(tx('Reverter', 'withInvalidOpcode')))?.reason).toBe('invalid opcode')
  })
})

function permit2Approve(spender: string): Call {
  const data = `0x87517c45${[chain.addresses.usdc, spender].map((text) => text.slice(2).toLowerCase().padStart(64, '0')).join('')}${(2n ** 160n - 1n).toString(16).padStart(64, '0')}${(2n ** 48n - 1n).toString(16).padStart(64, '0')}`
  return { ...pay(Address.parse(chain.addresses.permit2), 0n), data: Hex.parse(data) }
}

describe('each simulation is its own fork', () => {
  test('promise: concurrent, contradicting simulations never see each other, and the chain is not touched', async () => {
    const before = await chain.rpc<{ hash: string; stateRoot: string }>('eth_getBlockByNumber', ['latest', false])
    const all = 100_000n * DOLLAR
    const held = BigInt(
      await chain.rpc<string>('eth_call', [{ to: chain.addresses.usdc, data: usdc('balanceOf', [ME]).data }, 'latest']),
    )
    expect(held).toBeGreaterThan(all / 2n)
    const runs = await Promise.all(
      Array.from({ length: 20 }, (_, i) => simulate([usdc('transfer', [i % 2 === 0 ? FRIEND : NOBODY, held])])),
    )
    runs.forEach((report, i) => {
      expect(report.willRevert).toBe(false)
      expect(report.tokenChanges.find((change) => change.account === ME)?.delta).toBe(-held)
      expect(report.tokenChanges.some((change) => change.account === (i % 2 === 0 ? NOBODY : FRIEND))).toBe(false)
    })
    expect(await chain.rpc('eth_getBlockByNumber', ['latest', false])).toEqual(before)
  })
  test('promise: an ordered batch sees what came before, another order does not', async () => {
    const [approve, swap] = SCENARIOS['approve and swap']?.() as [Call, Call]
    expect((await simulate([approve, swap])).willRevert).toBe(false)
    const wrongOrder = await simulate([swap, approve])
    expect(wrongOrder.steps.map((step) => step.status)).toEqual(['revert', 'skipped'])
  })
  test('promise: a new block is seen at once', async () => {
    const before = await simulate([tx('Counter', 'increment')])
    await mine(tx('Counter', 'increment'))
    const after = await simulate([tx('Counter', 'increment')])
    expect(after.block.number).toBe(before.block.number + 1n)
    expect(after.steps[0]?.logs[0]?.data).not.toBe(before.steps[0]?.logs[0]?.data)
  })
})

describe('bombs end in a finding and hurt nobody', () => {
  test.each([
    ['an endless loop', () => tx('Bomb', 'spin')],
    ['endless hashing', () => tx('Bomb', 'hash')],
    ['endless storage reads', () => tx('Bomb', 'sload')],
    ['endless balance reads', () => tx('Bomb', 'balances')],
    ['deep recursion', () => tx('Bomb', 'recurse', [0n])],
    ['a giant answer', () => tx('Bomb', 'returnData', [1_000_000n])],
    ['giant logs', () => tx('Bomb', 'logs')],
  ])('%s', async (_name, call) => {
    const report = await simulate([call()])
    expect(['allow', 'warn', 'block']).toContain(report.verdict)
    if (report.verdict === 'allow') expect(report.willRevert).toBe(false)
    expect((await simulate([pay(FRIEND, 1n)])).willRevert).toBe(false)
  })
})

describe('the provider', () => {
  let proxy: Server
  let behaviour: 'pass' | 'die' | 'no-debug' = 'pass'
  let requests = 0
  let url = ''
  beforeAll(async () => {
    proxy = createServer((request, response) => {
      requests += 1
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        if (behaviour === 'die') return void request.socket.destroy()
        const body = Buffer.concat(chunks).toString()
        const calls = JSON.parse(body) as { id: number; method: string }[]
        void fetch(chain.rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).then(
          async (answer) => {
            const answers = (await answer.json()) as { id: number }[]
            const edited = answers.map((each) =>
              behaviour === 'no-debug' &&
              calls.find((call) => call.id === each.id)?.method.startsWith('debug_') === true
                ? {
                    jsonrpc: '2.0',
                    id: each.id,
                    error: { code: -32601, message: 'the method debug_traceCall does not exist' },
                  }
                : each,
            )
            response.end(JSON.stringify(edited))
          },
        )
      })
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  })
  afterAll(() => proxy.close())

  test('cold is one round trip once the head is known, warm is none', async () => {
    const own = await createSimulator({ chainId: chain.chainId, rpcUrls: [url] })
    try {
      const request = (calls: Call[]) => ({
        chainId: chain.chainId,
        from: ME,
        calls,
        block: 'latest' as const,
        known,
        maxHeadAgeMs: 60_000,
      })
      const calls = SCENARIOS['approve and swap']?.() ?? []
      await own.simulate(request(calls))
      // A new block, and everything about it unknown.
      await chain.rpc('anvil_mine', ['0x1'])
      await own.head()
      requests = 0
      const cold = await own.simulate(request(calls))
      expect(requests).toBe(1)
      const warm = await own.simulate(request(calls))
      expect(requests).toBe(1)
      expect(Report.effectsDigest(warm)).toBe(Report.effectsDigest(cold))
      expect(Report.effectsDigest(warm)).toBe(Report.effectsDigest(await simulate(calls)))
    } finally {
      await own.close()
    }
  })
  test('a provider without debug_ methods gives the same answer', async () => {
    behaviour = 'no-debug'
    const own = await createSimulator({ chainId: chain.chainId, rpcUrls: [url] })
    try {
      const calls = SCENARIOS['approve and swap']?.() ?? []
      const plain = await own.simulate({ chainId: chain.chainId, from: ME, calls, block: 'latest', known })
      const full = await simulate(calls)
      expect(Report.effectsDigest(plain)).toBe(Report.effectsDigest(full))
    } finally {
      await own.close()
      behaviour = 'pass'
    }
  })
  test('error: a provider that dies gives no answer at all, and its URL is not told', async () => {
    const own = await createSimulator({ chainId: chain.chainId, rpcUrls: [`${url}/secret-key`] })
    try {
      behaviour = 'die'
      const error = await own
        .simulate({ chainId: chain.chainId, from: ME, calls: [pay(FRIEND, 1n)], block: 'latest', known })
        .catch((each: unknown) => each)
      expect(error).toMatchObject({ code: 'simulation:upstream:unreachable' })
      expect(JSON.stringify(error) + String(error)).not.toContain('secret-key')
    } finally {
      behaviour = 'pass'
      await own.close()
    }
  })
  test('error: another chain than expected', async () => {
    await expect(createSimulator({ chainId: 1, rpcUrls: [url] })).rejects.toMatchObject({
      code: 'simulation:chain:mismatch',
    })
  })
})

describe('the report and its receipt', () => {
  test('the wire form is snake_case with decimal strings and ISO times', async () => {
    const wire = Report.toWire(await simulate(SCENARIOS['approve and swap']?.() ?? []))
    expect(Object.keys(wire)).toEqual([
      'version',
      'chain_id',
      'chain',
      'from',
      'block',
      'verdict',
      'will_revert',
      'steps',
      'contract_calls',
      'token_changes',
      'controlled',
      'authority_changes',
      'kept_for_you',
      'gas_estimate',
      'environments',
      'environment_reads',
      'lookahead',
      'intent',
      'signature',
      'findings',
      'not_checked',
      'read_set',
      'receipt',
    ])
    expect(wire).toMatchObject({
      block: { number: expect.stringMatching(/^\d+$/), timestamp: expect.stringMatching(/Z$/) },
      gas_estimate: { max_fee_wei: expect.stringMatching(/^\d+$/), l1_fee_wei: null },
    })
    expect(JSON.parse(JSON.stringify(wire))).toEqual(wire)
  })
  test('promise: a receipt speaks of exactly one batch', async () => {
    const calls = SCENARIOS['approve and swap']?.() ?? []
    const report = await simulate(calls)
    const request = { chainId: chain.chainId, from: ME, calls, block: 'latest' as const, known }
    const { bound, digest } = Receipt.bind({
      receiptId: 'r',
      request,
      report,
      nonce: 1n,
      policyVersion: 'p',
      issuedAtMs: 0,
      expiresAtMs: 1,
    })
    const actual = {
      chainId: chain.chainId,
      from: ME,
      calls: calls.map((call, i) => ({ ...call, gasLimit: report.steps[i]?.gasLimit ?? 0n })),
      policyVersion: 'p',
    }
    expect(Receipt.differences(bound, actual)).toEqual([])
    const [first, second] = actual.calls as [(typeof actual.calls)[0], (typeof actual.calls)[0]]
    for (const other of [
      { ...actual, chainId: 1 },
      { ...actual, from: FRIEND },
      { ...actual, policyVersion: 'q' },
      { ...actual, calls: [second, first] },
      { ...actual, calls: [first] },
      { ...actual, calls: [{ ...first, gasLimit: 1n }, second] },
      { ...actual, calls: [{ ...first, value: 1n }, second] },
      { ...actual, calls: [{ ...first, data: '0x00' as const }, second] },
    ]) {
      expect(Receipt.differences(bound, other)).not.toEqual([])
    }
    for (const change of [{ nonce: 2n }, { expiresAtMs: 2 }, { policyVersion: 'q' }]) {
      expect(
        Receipt.bind({
          receiptId: 'r',
          request,
          report,
          nonce: 1n,
          policyVersion: 'p',
          issuedAtMs: 0,
          expiresAtMs: 1,
          ...change,
        }).digest,
      ).not.toBe(digest)
    }
  })
})
