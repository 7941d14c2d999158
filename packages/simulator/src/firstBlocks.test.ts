import { Address } from '@countersign/base'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSimulator, spawnAnvil, type AnvilProcess, type Simulator } from './index.ts'
import { openEndpoint } from './chain/rpc/openEndpoint.ts'
import { nextBlock } from './evm/BlockEnv.ts'
import type { Header } from './model/Block.ts'
import { requestOf } from './wire/parseRequest.ts'

const ME = Address.parse('0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266')
const FRIEND = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')

/** The first blocks of a chain, as every user of Foundry meets them, with and without a base fee. */
for (const [name, args] of [
  ['as anvil starts', []],
  ['with a base fee of 0', ['--block-base-fee-per-gas', '0', '--gas-price', '0']],
  ['before EIP-1559, without a base fee', ['--hardfork', 'berlin']],
] as const) {
  describe(`a fresh chain ${name}`, () => {
    let anvil: AnvilProcess
    let simulator: Simulator
    beforeAll(async () => {
      anvil = await spawnAnvil({ args: [...args] })
      simulator = await createSimulator({ chainId: 31_337, rpcUrls: [anvil.url], engine: 'anvil' })
    })
    afterAll(async () => {
      await simulator.close()
      await anvil.close()
    })
    const mine = async (): Promise<void> => {
      const endpoint = openEndpoint({ url: anvil.url, timeoutMs: 10_000 })
      await endpoint.batch([{ method: 'anvil_mine', params: ['0x1'] }])
      await endpoint.close()
    }

    for (const number of [0, 1, 2]) {
      test(`a payment is simulated on block ${number}`, async () => {
        if (number > 0) await mine()
        const head = await simulator.reads.head()
        expect(head.number).toBe(BigInt(number))
        const call = { to: FRIEND, value: 10n ** 18n, data: '0x' as const }
        const report = await simulator.simulate(
          requestOf({
            signature: null,
            chainId: 31_337,
            from: ME,
            calls: [{ ...call, gasLimit: null, maxFeePerGasWei: null, label: null }],
            block: 'latest',
            known: [],
            maxHeadAgeMs: 0,
          }),
        )
        expect(report.willRevert).toBe(false)
        expect(report.verdict).not.toBe('block')
        expect(report.block.number).toBe(BigInt(number))
        expect(report.tokenChanges.find(({ account }) => account === FRIEND)?.delta).toBe(10n ** 18n)
      })

      test(`the door reads block ${number}`, async () => {
        const head = await simulator.reads.head()
        expect(await simulator.reads.at(head).balance(FRIEND)).toBe(10_000n * 10n ** 18n)
        expect(await simulator.reads.block(BigInt(number))).toMatchObject({ hash: head.hash, transactions: [] })
        expect(await simulator.reads.block(BigInt(number) + 1n)).toBe(null)
      })
    }
  })
}

test('promise: a simulator that follows the head stands on a new block, although nobody asks for the newest', async () => {
  const anvil = await spawnAnvil({ args: [] })
  const simulator = await createSimulator({
    ...{ chainId: 31_337, rpcUrls: [anvil.url], engine: 'anvil' },
    followHeadMs: 50,
  })
  const endpoint = openEndpoint({ url: anvil.url, timeoutMs: 10_000 })
  try {
    const call = { to: FRIEND, value: 1n, data: '0x' as const, gasLimit: null, maxFeePerGasWei: null, label: null }
    const standsOn = async (): Promise<bigint> => {
      const request = { signature: null, chainId: 31_337, from: ME, calls: [call], known: [] }
      // As old as it may be: a simulator that follows nothing never asks again.
      const report = await simulator.simulate(requestOf({ ...request, block: 'latest', maxHeadAgeMs: 2 ** 40 }))
      return report.block.number
    }
    expect(await standsOn()).toBe(0n)
    await endpoint.batch([{ method: 'anvil_mine', params: ['0x3'] }])
    await expect.poll(standsOn, { timeout: 120_000 }).toBe(3n)
  } finally {
    await endpoint.close()
    await simulator.close()
    await anvil.close()
  }
})

test('the next block of the first knows one hash, and none of a block before it', () => {
  const header: Header = {
    number: '0x0',
    hash: `0x${'11'.repeat(32)}`,
    parentHash: `0x${'00'.repeat(32)}`,
    stateRoot: `0x${'22'.repeat(32)}`,
    timestamp: '0x0',
    miner: `0x${'00'.repeat(20)}`,
    gasLimit: '0x1c9c380',
    gasUsed: '0x0',
  }
  const env = nextBlock(header, { nowMs: 0, tipWei: 0n })
  expect([...env.blockHashes]).toEqual([[0n, header.hash]])
  expect(env).toMatchObject({ number: 1n, baseFeeWei: 0n })
})
