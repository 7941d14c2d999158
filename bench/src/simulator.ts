import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Address, type Hex } from '@countersign/base'
import { createRpc, loadArtifact, send, startLocalChain, type LocalChain } from '@countersign/chain'
import { createSimulator, spawnAnvil, type Call, type KnownAddress } from '@countersign/simulator'
import { createPublicClient, encodeFunctionData, http, type Abi } from 'viem'
import { empty, row, type Result } from './Result.ts'

const ME = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const FRIEND = Address.parse('0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC')
const LATENCIES_MS = [0, 20, 50]
const OURS = 'countersign'
const SPAWN = 'anvil spawned per sim'
const WARM_FORK = 'warm fork, snapshot'
const VIEM = 'viem simulateCalls'

/**
 * Ours beside the ways people simulate today, on the same transactions, in the same run, rounds interleaved: anvil
 * spawned with `--fork-url` for each simulation, one anvil fork with snapshot, mine and revert, and viem's
 * simulateCalls on the provider. Cold is a block nobody has seen; warm is the same block again. Left out: EDR and
 * ethereumjs (measured in the design notes), and look-ahead, which this version does not have.
 */
export async function run(log: (text: string) => void): Promise<Result> {
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
      `cold approve and swap within one round trip + 6 ms, ${latencyMs} ms away`,
      cold,
      `≤ ${latencyMs + 6} ms`,
      cold <= latencyMs + 6,
    )
    const coldRatio = p50(swap, SPAWN, 'cold') / cold
    bar(`cold, times faster than spawning, ${latencyMs} ms away`, coldRatio, '≥ 10', coldRatio >= 10)
    const warm = p50(swap, OURS, 'warm')
    bar(`warm approve and swap, ${latencyMs} ms away`, warm, '< 2 ms', warm < 2)
    const warmRatio = p50(swap, SPAWN, 'cold') / warm
    bar(`warm, times faster than spawning, ${latencyMs} ms away`, warmRatio, '≥ 100', warmRatio >= 100)
  }
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

function casesOn({ addresses }: LocalChain): Record<string, readonly Call[]> {
  const call = (to: Address.Address, data: Hex.Hex, value = 0n): Call => ({
    to,
    value,
    data,
    gasLimit: null,
    maxFeePerGasWei: null,
    label: null,
  })
  const encode = (artifact: string, functionName: string, args: unknown[]) =>
    encodeFunctionData({ abi: loadArtifact(artifact).abi as Abi, functionName, args })
  const amount = 1_000n * 10n ** 6n
  const swap = encode('UniswapV2Router02', 'swapExactTokensForETH', [
    amount,
    1n,
    [addresses.usdc, addresses.weth],
    ME,
    2n ** 40n,
  ])
  return {
    'ether payment': [call(FRIEND, '0x', 10n ** 17n)],
    'ERC-20 transfer': [call(addresses.usdc, encode('Usdc', 'transfer', [FRIEND, amount]))],
    'approve and swap': [
      call(addresses.usdc, encode('Usdc', 'approve', [addresses.uniswapV2Router, amount])),
      call(addresses.uniswapV2Router, swap),
    ],
    revert: [call(addresses.uniswapV2Router, swap)],
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
