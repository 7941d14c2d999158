import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Address, type Hex } from '@countersign/base'
import { BOMBS, createRpc, loadArtifact, send, startLocalChain, type LocalChain } from '@countersign/chain'
import { createSimulator, spawnAnvil, Timings, type Call, type KnownAddress } from '@countersign/simulator'
import { createPublicClient, encodeFunctionData, http, type Abi } from 'viem'
import { empty, median, row, type Result } from './Result.ts'

const ME = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const FRIEND = Address.parse('0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC')
const LATENCIES_MS = [0, 20, 50]
const OURS = 'countersign'
const SPAWN = 'anvil spawned per sim'
const WARM_FORK = 'warm fork, snapshot'
const VIEM = 'viem simulateCalls'

/** The most that a full report of approve and swap may take, in times of one bare `simulateCalls`, by latency. */
const OVER_BARE: Readonly<Record<number, Readonly<Record<string, number>>>> = {
  0: { warm: 1.8 },
  20: { warm: 0.4, cold: 1.4 },
  50: { cold: 1.2 },
}
/** Simulations in the memory test. */
const MEMORY_RUNS = 3_000
const MEMORY_RUNS_LONG = 50_000
/** How long each throughput is measured, in milliseconds, and how many simulations are under way meanwhile. */
const THROUGHPUT_MS = 3_000
const CONCURRENCY = 8
/** Simulations that are timed by stage, each of another amount; and the share from which a stage is named. */
const STAGE_ROUNDS = 100
const NAMED_SHARE = 0.1
/** Accounts that have simulated something before, for the cost beside many sessions. */
const SESSIONS = 1_500

/**
 * Ours beside the ways people simulate today, on the same transactions, in the same run, rounds interleaved: anvil
 * spawned with `--fork-url` for each simulation, one anvil fork with snapshot, mine and revert, and viem's
 * simulateCalls on the provider. Ours is the full report, with every environment, attribution and look-ahead; the
 * rivals run the transaction and give its trace or its logs. Cold is a block nobody has seen; warm is the same block
 * again. Then ours alone: throughput, memory, many accounts, and hostile bytecode. Left out: EDR (measured in the
 * design notes).
 *
 * @param options.isLong - The memory test with 50 000 simulations.
 */
export async function run(log: (text: string) => void, { isLong = false } = {}): Promise<Result> {
  const result = empty('simulator')
  const chain = await startLocalChain()
  await chain.fund(ME, { usdc: 100_000n * 10n ** 6n })
  const cases = casesOn(chain)
  const known: KnownAddress[] = [
    ...chain.tokens.map((token): KnownAddress => ({ ...token, kind: 'token' })),
    ...chain.contracts,
  ]

  for (const latencyMs of LATENCIES_MS) {
    const provider = await delayed(chain.rpcUrl, latencyMs)
    const simulator = await createSimulator({ chainId: chain.chainId, rpcUrls: [provider.url] })
    const fork = await spawnAnvil({
      args: ['--fork-url', provider.url, '--chain-id', String(chain.chainId), '--accounts', '1', '--auto-impersonate'],
    })
    const forkRpc = createRpc(fork.url)
    const viem = createPublicClient({ transport: http(provider.url) })
    const samples = new Map<string, number[]>()
    const time = async (key: string, work: () => Promise<unknown>) => {
      const startMs = performance.now()
      await work()
      samples.set(key, [...(samples.get(key) ?? []), performance.now() - startMs])
    }
    const ours = (calls: readonly Call[]) =>
      simulator.simulate({ chainId: chain.chainId, from: ME, calls, block: 'latest', known, maxHeadAgeMs: 60_000 })
    const onFork = async (rpc: typeof forkRpc, calls: readonly Call[]) => {
      const snapshot = await rpc('evm_snapshot')
      for (const call of calls) {
        await send(rpc, { from: ME, to: call.to as Address.Address, data: call.data, value: call.value }).catch(
          () => undefined,
        )
        const hash = (await rpc<{ transactions: Hex.Hex[] }>('eth_getBlockByNumber', ['latest', false])).transactions[0]
        await rpc('debug_traceTransaction', [hash, { tracer: 'callTracer' }])
      }
      await rpc('evm_revert', [snapshot])
    }

    for (const [name, calls] of Object.entries(cases)) {
      log(`${name}, provider ${latencyMs} ms away`)
      // The kind of request is known from an earlier block, as in a running server.
      await ours(calls)
      for (let round = 0; round < 7; round += 1) {
        await chain.rpc('anvil_mine', ['0x1'])
        await simulator.head()
        await time(`${name}|${OURS}|cold`, () => ours(calls))
        for (let i = 0; i < 15; i += 1) await time(`${name}|${OURS}|warm`, () => ours(calls))
        await time(`${name}|${VIEM}|cold`, () =>
          viem
            .simulateCalls({
              account: ME,
              calls: calls.map(({ to, value, data }) => ({ to: to as Address.Address, value, data })),
            })
            .catch(() => undefined),
        )
        if (round < 4) {
          await forkRpc('anvil_reset', [{ forking: { jsonRpcUrl: provider.url } }])
          await time(`${name}|${WARM_FORK}|cold`, () => onFork(forkRpc, calls))
          await time(`${name}|${WARM_FORK}|warm`, () => onFork(forkRpc, calls))
        }
        if (round < 3) {
          await time(`${name}|${SPAWN}|cold`, async () => {
            const own = await spawnAnvil({ args: ['--fork-url', provider.url, '--auto-impersonate'] })
            await onFork(createRpc(own.url), calls)
            await own.close()
          })
        }
      }
    }
    for (const [key, times] of samples) {
      const [name = '', subject = '', metric = ''] = key.split('|')
      result.rows.push(row({ case: `${name} @ ${latencyMs} ms`, subject, metric, unit: 'ms' }, times))
    }
    await fork.close()
    await simulator.close()
    await provider.close()
  }

  const p50 = (name: string, subject: string, metric: string) =>
    result.rows.find((each) => each.case === name && each.subject === subject && each.metric === metric)?.p50 ??
    Number.NaN
  for (const name of new Set(result.rows.map((each) => each.case))) {
    for (const [metric, over, overMetric] of [
      ['cold', SPAWN, 'cold'],
      ['warm', SPAWN, 'cold'],
      ['warm', WARM_FORK, 'warm'],
      ['cold', VIEM, 'cold'],
      ['warm', VIEM, 'cold'],
    ] as const) {
      result.ratios.push({
        case: name,
        metric,
        subject: OURS,
        over,
        value: p50(name, over, overMetric) / p50(name, OURS, metric),
      })
    }
  }
  const bar = (name: string, value: number, target: string, holds: boolean) =>
    result.bars.push({ name, value, target, holds })
  for (const latencyMs of LATENCIES_MS) {
    const swap = `approve and swap @ ${latencyMs} ms`
    const cold = p50(swap, OURS, 'cold')
    bar(
      `cold approve and swap within one round trip + 15 ms, ${latencyMs} ms away`,
      cold,
      `≤ ${latencyMs + 15} ms`,
      cold <= latencyMs + 15,
    )
    const coldRatio = p50(swap, SPAWN, 'cold') / cold
    bar(`cold, times faster than spawning, ${latencyMs} ms away`, coldRatio, '≥ 10', coldRatio >= 10)
    const warmRatio = p50(swap, SPAWN, 'cold') / p50(swap, OURS, 'warm')
    bar(`warm, times faster than spawning, ${latencyMs} ms away`, warmRatio, '≥ 100', warmRatio >= 100)
    const bare = p50(swap, VIEM, 'cold')
    for (const [metric, most] of Object.entries(OVER_BARE[latencyMs] ?? {})) {
      const times = p50(swap, OURS, metric) / bare
      bar(`${metric}, full report over one bare simulateCalls, ${latencyMs} ms away`, times, `≤ ${most}`, times <= most)
    }
  }
  await measureOurs({ result, bar, log, chain, known, isLong })
  const agreement = await agreementWithTruth(chain, cases, known)
  bar(
    'cases that agree with what was then mined (status, gas, logs)',
    agreement,
    `= ${Object.keys(cases).length}`,
    agreement === Object.keys(cases).length,
  )
  await chain.close()
  return result
}

/** What only concerns ours: full reports, warm, by time, rate, memory, number of accounts, and hostile bytecode. */
async function measureOurs({
  result,
  bar,
  log,
  chain,
  known,
  isLong,
}: {
  result: Result
  bar: (name: string, value: number, target: string, holds: boolean) => void
  log: (text: string) => void
  chain: LocalChain
  known: readonly KnownAddress[]
  isLong: boolean
}): Promise<void> {
  const simulator = await createSimulator({ chainId: chain.chainId, rpcUrls: [chain.rpcUrl] })
  // A head of our own time: an environment that moves with the clock every second would not be warm.
  await chain.rpc('anvil_mine', ['0x1'])
  const simulate = (calls: readonly Call[], { from = ME, isLookAhead = false } = {}) =>
    simulator.simulate({
      chainId: chain.chainId,
      from,
      calls,
      block: 'latest',
      known,
      maxHeadAgeMs: 3_600_000,
      isLookAhead,
    })
  const sample = async (name: string, metric: string, rounds: number, work: (i: number) => Promise<unknown>) => {
    const times: number[] = []
    for (let i = 0; i < rounds; i += 1) {
      const startMs = performance.now()
      await work(i)
      times.push(performance.now() - startMs)
    }
    result.rows.push(row({ case: name, subject: OURS, metric, unit: 'ms' }, times))
    return median(times)
  }
  const kinds = {
    'approve and swap': { of: (i: number) => approveAndSwap(chain, 10n ** 9n + BigInt(i)), rate: 200 },
    'ERC-20 transfer': { of: (i: number) => transfer(chain, 10n ** 9n + BigInt(i)), rate: 500 },
  }
  for (const [name, { of, rate }] of Object.entries(kinds)) {
    log(`${name}, full report`)
    for (let i = 0; i < 100; i += 1) await simulate(of(i % 3))
    const same = await sample(`${name}, the same again`, 'warm', 300, () => simulate(of(0)))
    const other = await sample(`${name}, another amount`, 'warm', 300, (i) => simulate(of(1_000 + i)))
    if (name === 'approve and swap') {
      bar('full report without look-ahead, approve and swap, the same again', same, '≤ 8 ms', same <= 8)
      bar('full report without look-ahead, approve and swap, another amount each time', other, '≤ 8 ms', other <= 8)
    }
    for (const [what, pick] of [
      ['the same again', () => 0],
      ['another amount each time', (i: number) => 10_000 + i],
    ] as const) {
      let done = 0
      const startMs = performance.now()
      const work = async () => {
        while (performance.now() - startMs < THROUGHPUT_MS) await simulate(of(pick((done += 1))))
      }
      await Promise.all(Array.from({ length: CONCURRENCY }, work))
      const perSecond = (1_000 * done) / (performance.now() - startMs)
      bar(`full reports a second, ${name}, ${what}`, perSecond, `≥ ${rate}`, perSecond >= rate)
    }
  }
  log('stages')
  for (const [name, { of }] of Object.entries(kinds)) {
    const stages = new Map<string, number[]>()
    for (let i = 0; i < STAGE_ROUNDS; i += 1) {
      const timings = new Timings()
      await simulator.simulate(
        { chainId: chain.chainId, from: ME, calls: of(20_000 + i), block: 'latest', known, maxHeadAgeMs: 3_600_000 },
        { timings },
      )
      for (const { stage, ms } of timings.list) stages.set(stage, [...(stages.get(stage) ?? []), ms])
    }
    const whole = [...stages.values()].reduce((sum, times) => sum + median(times), 0)
    for (const [stage, times] of [...stages].toSorted(([, a], [, b]) => median(b) - median(a))) {
      // What costs more than a tenth of the report is named.
      const share = median(times) / whole
      const metric = share > NAMED_SHARE ? `${stage}, ${Math.round(100 * share)} % of the report` : stage
      result.rows.push(row({ case: `${name}, by stage`, subject: OURS, metric, unit: 'ms' }, times))
    }
  }
  log('look-ahead')
  // A grant that stays: whoever has it takes all it can, in the simulation.
  const granting = approveAndSwap(chain, 10n ** 9n, 2n ** 256n - 1n)
  for (let i = 0; i < 30; i += 1) await simulate(granting, { isLookAhead: true })
  const ahead = await sample('unlimited approval and swap, look-ahead', 'warm', 200, () =>
    simulate(granting, { isLookAhead: true }),
  )
  bar('full report with look-ahead, unlimited approval and swap', ahead, '≤ 25 ms', ahead <= 25)

  log(`${SESSIONS} accounts`)
  const alone = await sample('ether payment, first account', 'warm', 100, () => simulate(payment(1n)))
  for (let i = 0; i < SESSIONS; i += 1) {
    const from = Address.parse(`0x${(2n ** 150n + BigInt(i)).toString(16).padStart(40, '0')}`)
    await simulate(payment(0n), { from })
  }
  await simulate(payment(1n))
  const crowded = await sample(`ether payment, beside ${SESSIONS} accounts`, 'warm', 100, () => simulate(payment(1n)))
  bar(
    `cost beside ${SESSIONS} other accounts, times that of one alone`,
    crowded / alone,
    '≤ 1.5',
    crowded <= 1.5 * alone,
  )

  const runs = isLong ? MEMORY_RUNS_LONG : MEMORY_RUNS
  log(`memory over ${runs} simulations`)
  const memory: number[] = []
  for (let i = 0; i < runs; i += CONCURRENCY) {
    // A new block now and then, as on a chain.
    if (i % 500 === 0) {
      await chain.rpc('anvil_mine', ['0x1'])
      await simulator.head()
    }
    await Promise.all(Array.from({ length: CONCURRENCY }, (_, k) => simulate(kinds['approve and swap'].of(i + k))))
    if (i % Math.max(CONCURRENCY, Math.floor(runs / 10 / CONCURRENCY) * CONCURRENCY) === 0)
      memory.push(megabytes(simulator.stats().enginePids))
  }
  memory.push(megabytes(simulator.stats().enginePids))
  log(`  MB after each tenth: ${memory.map(Math.round).join(', ')}`)
  // Caches fill at first: from the middle on nothing may grow.
  const growth = (memory.at(-1) ?? 0) / (memory[memory.length >> 1] ?? 1)
  result.rows.push(
    row({ case: `memory over ${runs} simulations`, subject: OURS, metric: 'heap+engines', unit: 'MB' }, memory),
  )
  bar(`memory over the second half of ${runs} simulations, times that of the first`, growth, '≤ 1.15', growth <= 1.15)

  let slowest = { name: '', ms: 0 }
  let unhurt = 0
  for (const [i, [name, code]] of Object.entries(BOMBS).entries()) {
    const at = Address.parse(`0x${(0xb0b0 + i).toString(16).padStart(40, 'd')}`)
    await chain.rpc('anvil_setCode', [at, code])
    const startMs = performance.now()
    const report = await simulate([{ ...plain, to: at }])
    const ms = performance.now() - startMs
    const next = await simulate(payment(1n))
    if (!next.willRevert && next.verdict === 'allow') unhurt += 1
    log(`  ${name}: ${Math.round(ms)} ms, ${report.verdict}: ${report.findings.map(({ rule }) => rule).join(', ')}`)
    result.rows.push(row({ case: `hostile: ${name}`, subject: OURS, metric: 'once', unit: 'ms' }, [ms]))
    if (ms > slowest.ms) slowest = { name, ms }
  }
  bar(`slowest hostile bytecode (${slowest.name})`, slowest.ms, '≤ 2000 ms', slowest.ms <= 2_000)
  const bombs = Object.keys(BOMBS).length
  bar('simulations right after hostile ones that are unaffected', unhurt, `= ${bombs}`, unhurt === bombs)
  await simulator.close()
}

/** What is really in use: our heap after a collection, and the engines' resident memory (Linux; elsewhere 0). */
function megabytes(pids: readonly number[]): number {
  collect()
  const engines = pids.reduce((sum, pid) => {
    try {
      return sum + Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024
    } catch {
      return sum
    }
  }, 0)
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 2 ** 20 + engines
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const plain: Call = { to: null, value: 0n, data: '0x', gasLimit: null, maxFeePerGasWei: null, label: null }
const abis = new Map<string, Abi>()
function encode(artifact: string, functionName: string, args: unknown[]): Hex.Hex {
  let abi = abis.get(artifact)
  if (abi === undefined) abis.set(artifact, (abi = loadArtifact(artifact).abi as Abi))
  return encodeFunctionData({ abi, functionName, args })
}
const payment = (value: bigint): Call[] => [{ ...plain, to: FRIEND, value }]
const transfer = ({ addresses }: LocalChain, amount: bigint): Call[] => [
  { ...plain, to: addresses.usdc, data: encode('Usdc', 'transfer', [FRIEND, amount]) },
]
const approveAndSwap = ({ addresses }: LocalChain, amount: bigint, allowance = amount): Call[] => [
  { ...plain, to: addresses.usdc, data: encode('Usdc', 'approve', [addresses.uniswapV2Router, allowance]) },
  { ...plain, to: addresses.uniswapV2Router, data: swap(addresses, amount) },
]
const swap = (addresses: LocalChain['addresses'], amount: bigint): Hex.Hex =>
  encode('UniswapV2Router02', 'swapExactTokensForETH', [amount, 1n, [addresses.usdc, addresses.weth], ME, 2n ** 40n])

function casesOn(chain: LocalChain): Record<string, readonly Call[]> {
  const amount = 1_000n * 10n ** 6n
  return {
    'ether payment': payment(10n ** 17n),
    'ERC-20 transfer': transfer(chain, amount),
    'approve and swap': approveAndSwap(chain, amount),
    revert: [{ ...plain, to: chain.addresses.uniswapV2Router, data: swap(chain.addresses, amount) }],
  }
}

/** Simulates each case, then really mines it on a snapshot, and counts those that agree. */
async function agreementWithTruth(
  chain: LocalChain,
  cases: Record<string, readonly Call[]>,
  known: readonly KnownAddress[],
): Promise<number> {
  const simulator = await createSimulator({ chainId: chain.chainId, rpcUrls: [chain.rpcUrl] })
  let agreeing = 0
  for (const calls of Object.values(cases)) {
    const snapshot = await chain.rpc('evm_snapshot')
    const report = await simulator.simulate({
      chainId: chain.chainId,
      from: ME,
      calls,
      block: 'latest',
      known,
      maxHeadAgeMs: 0,
    })
    let isSame = true
    for (const [i, call] of calls.entries()) {
      const step = report.steps[i]
      const head = await chain.rpc<{ timestamp: string }>('eth_getBlockByNumber', ['latest', false])
      if (i === 0) await chain.rpc('evm_setNextBlockTimestamp', [Number(head.timestamp) + 12])
      const hash = await chain.rpc<Hex.Hex>('eth_sendTransaction', [
        {
          from: ME,
          to: call.to,
          data: call.data,
          value: `0x${call.value.toString(16)}`,
          gas: `0x${(step?.gasLimit ?? 0n).toString(16)}`,
        },
      ])
      type Mined = { status: string; gasUsed: string; logs: unknown[] }
      let mined: Mined | null = null
      while (mined === null) mined = await chain.rpc<Mined | null>('eth_getTransactionReceipt', [hash])
      isSame &&=
        (step?.status === 'success') === (mined.status === '0x1') &&
        step?.gasUsed === BigInt(mined.gasUsed) &&
        step.logs.length === mined.logs.length
    }
    if (isSame) agreeing += 1
    await chain.rpc('evm_revert', [snapshot])
  }
  await simulator.close()
  return agreeing
}

/** The chain's endpoint, some milliseconds away: every HTTP request waits once, whatever it holds. */
async function delayed(target: string, latencyMs: number): Promise<{ url: string; close: () => Promise<void> }> {
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      setTimeout(() => {
        fetch(target, { method: 'POST', headers: { 'content-type': 'application/json' }, body: Buffer.concat(chunks) })
          .then((answer) => answer.text())
          .then(
            (text) => response.setHeader('content-type', 'application/json').end(text),
            () => response.destroy(),
          )
      }, latencyMs)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
