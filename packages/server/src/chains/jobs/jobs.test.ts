import { Address } from '@countersign/base'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import type { SimulationRequest } from '@countersign/simulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as Job from './Job.ts'
import { startProcess, type SimulationProcess } from './startProcess.ts'

let chain: LocalChain
let simulating: SimulationProcess
const asked: string[] = []

beforeAll(async () => {
  chain = await startLocalChain()
  simulating = startProcess(
    { chainId: chain.chainId, rpcUrls: [chain.rpcUrl] },
    { onRequest: ({ methods }) => asked.push(...methods) },
  )
})
afterAll(async () => {
  await simulating.close()
  await chain.close()
})

const request = (): SimulationRequest => ({
  chainId: chain.chainId,
  from: Address.parse(chain.accounts[0]?.address ?? ''),
  calls: [
    {
      ...{ to: Address.parse(`0x${'22'.repeat(20)}`), value: 5n, data: '0x' },
      ...{ gasLimit: null, maxFeePerGasWei: null, label: null },
    },
  ],
  ...{ block: 'latest', known: [], maxHeadAgeMs: 0 },
})

test('promise: another process gives the report that this one would, and one that ends is said and replaced', async () => {
  const first = Job.expect(await simulating.run({ kind: 'simulate', request: request() }), 'simulate')
  expect([first.report.verdict, first.report.steps[0]?.gasUsed]).toEqual(['allow', 21_000n])
  expect(first.readSet?.entries.length).toBeGreaterThan(0)
  expect(asked).toContain('eth_chainId')

  const cut = simulating.run({ kind: 'simulate', request: request() })
  process.kill(simulating.pid() ?? 0, 'SIGKILL')
  await expect(cut).rejects.toMatchObject({ code: 'chains:simulation:gone', kind: 'unavailable' })
  const again = Job.expect(await simulating.run({ kind: 'simulate', request: request() }), 'simulate')
  expect(again.report.tokenChanges).toEqual(first.report.tokenChanges)

  const wrong = await simulating.run({ kind: 'simulate', request: { ...request(), chainId: 5 } })
  expect(() => Job.expect(wrong, 'simulate')).toThrowError(expect.objectContaining({ name: 'chains.RemoteError' }))
})
