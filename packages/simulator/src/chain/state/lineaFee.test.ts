import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Address } from '@countersign/base'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chainOf, createSimulator, spawnAnvil, type AnvilProcess, type Simulator } from '../../index.ts'
import { requestOf } from '../../wire/parseRequest.ts'

const ME = Address.parse('0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266')
const FRIEND = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const GWEI = 10n ** 9n

interface Question {
  readonly id: number
  readonly method: string
  readonly params: readonly Readonly<Record<string, unknown>>[]
}

/** A node with Linea's own estimate: each byte of data makes the priority fee a gwei higher. Null: it has none. */
let hasEstimate = true
let asked: Question[] = []
function priced({ id, params }: Question): unknown {
  if (!hasEstimate) return { jsonrpc: '2.0', id, error: { code: -32601, message: 'method not found' } }
  const bytes = BigInt((String(params[0]?.['data']).length - 2) / 2)
  const priorityFeePerGas = `0x${((100n + bytes) * GWEI).toString(16)}`
  return { jsonrpc: '2.0', id, result: { gasLimit: '0x5208', baseFeePerGas: '0x7', priorityFeePerGas } }
}

let anvil: AnvilProcess
let server: Server
let linea: Simulator
beforeAll(async () => {
  anvil = await spawnAnvil({ args: ['--chain-id', '59144'] })
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      void (async () => {
        const body = JSON.parse(Buffer.concat(chunks).toString()) as Question[] | Question
        const list = Array.isArray(body) ? body : [body]
        const own = list.filter(({ method }) => method === 'linea_estimateGas')
        asked.push(...own)
        const rest = list.filter((each) => !own.includes(each))
        const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(rest) }
        const answers = rest.length === 0 ? [] : ((await (await fetch(anvil.url, init)).json()) as unknown[])
        const all = [...answers, ...own.map(priced)]
        response.end(JSON.stringify(Array.isArray(body) ? all : all[0]))
      })()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const record = chainOf(59144)
  linea = await createSimulator({
    chainId: 59144,
    rpcUrls: [`http://127.0.0.1:${(server.address() as AddressInfo).port}`],
    // The bare node here has nothing to compare with.
    chain: { ...record, record: 'file', probe: { ...record.probe, isStrict: false } },
  })
})
afterAll(async () => {
  await linea.close()
  server.closeAllConnections()
  server.close()
  await anvil.close()
})

describe('the fee of a call on Linea', () => {
  const call = { value: 1n, data: '0x' as const, gasLimit: null, maxFeePerGasWei: null, label: null }
  const simulate = (more: object = {}) => {
    asked = []
    const calls = [
      { ...call, to: FRIEND, ...more },
      { ...call, to: FRIEND, data: '0x0102' as const, ...more },
    ]
    return linea.simulate(
      requestOf({ signature: null, chainId: 59144, from: ME, calls, block: 'latest', known: [], maxHeadAgeMs: 0 }),
    )
  }

  test('is as the node prices each call’s data, asked once for all, on what earlier calls leave', async () => {
    hasEstimate = true
    const { gasEstimate, steps, willRevert } = await simulate()
    expect(willRevert).toBe(false)
    const tips = [100n * GWEI, 102n * GWEI]
    const sum = (of: (step: (typeof steps)[number], tip: bigint) => bigint) =>
      steps.reduce((total, step, i) => total + of(step, tips[i] ?? 0n), 0n)
    const baseFeeWei = (gasEstimate.expectedFeeWei - sum(({ gasUsed }, tip) => gasUsed * tip)) / gasEstimate.gasUsed
    expect(baseFeeWei).toBeGreaterThanOrEqual(0n)
    expect(gasEstimate.expectedFeeWei).toBe(sum(({ gasUsed }, tip) => gasUsed * (baseFeeWei + tip)))
    expect(gasEstimate.maxFeeWei).toBe(sum(({ gasLimit }, tip) => gasLimit * (2n * baseFeeWei + tip)))
    expect(asked.map(({ params }) => Object.keys(params[1] ?? {}).length > 0)).toEqual([false, true])
  })

  test('that states its own fees is counted at those', async () => {
    hasEstimate = true
    const { gasEstimate } = await simulate({ maxFeePerGasWei: 3n * GWEI, maxPriorityFeePerGasWei: GWEI })
    expect(gasEstimate.maxFeeWei).toBe(gasEstimate.gasLimit * 3n * GWEI)
  })

  test('promise: a node that does not tell it is named: the fee shown is too low', async () => {
    hasEstimate = false
    const { notChecked, gasEstimate } = await simulate()
    expect(gasEstimate.maxFeeWei).toBeGreaterThan(0n)
    expect(notChecked).toContainEqual({ what: 'fee', why: expect.stringMatching(/linea_estimateGas/) as string })
  })
})
