import { Address } from '@countersign/base'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWorld } from '../catalogue/openWorld.ts'
import type { World } from '../catalogue/World.ts'
import { parseCall, requestOf, type Call } from './index.ts'
import { boundCallsOf } from './receipts/boundRequest.ts'

const GWEI = 10n ** 9n
const ETHER = 10n ** 18n

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

describe('fields of a call', () => {
  const ME = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
  const FRIEND = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
  const whole = {
    from: ME,
    to: FRIEND,
    value: '7',
    data: '0x1234',
    gas: '90000',
    max_fee_per_gas: '50',
    max_priority_fee_per_gas: '3',
    nonce: '4',
    type: '0x2',
    chain_id: 31337,
    access_list: [{ address: FRIEND, storageKeys: [`0x${'11'.repeat(32)}`] }],
    label: 'a label',
  }
  /** What a receipt binds of a call, or null when the call is refused. */
  const bound = (call: unknown): string | null => {
    try {
      const request = requestOf({
        chainId: 31337,
        from: Address.parse(ME),
        block: 'latest',
        calls: [parseCall(call, 'the call')],
      })
      return JSON.stringify(boundCallsOf(request, [request.calls[0]?.gasLimit ?? 0n]))
    } catch {
      return null
    }
  }
  const other: Record<keyof typeof whole, unknown> = {
    from: FRIEND,
    to: ME,
    value: '8',
    data: '0x1235',
    gas: '90001',
    max_fee_per_gas: '51',
    max_priority_fee_per_gas: '4',
    nonce: '5',
    type: '0x0',
    chain_id: 1,
    access_list: [],
    label: 'another label',
  }

  test.each(Object.keys(whole))('promise: another "%s" is another transaction or is refused', (field) => {
    const before = bound(whole)
    expect(before).not.toBeNull()
    expect(bound({ ...whole, [field]: other[field as keyof typeof whole] })).not.toBe(before)
  })

  test('what viem’s prepareTransactionRequest and eth_sendTransaction carry is accepted', () => {
    for (const call of [
      { ...whole, label: undefined },
      { from: ME, to: FRIEND, value: '0x1', gasPrice: '0x77359400', nonce: '0x0', type: '0x0', chainId: '0x7a69' },
      { from: ME, to: FRIEND, value: '0x1', gasPrice: '0x77359400', type: 'eip2930', accessList: [] },
      { to: FRIEND, value: '0', type: 'eip1559', maxFeePerGas: '9', maxPriorityFeePerGas: '9', accessList: [] },
      { to: FRIEND, input: '0x00', data: '0x00', gas: '0x5208', gasLimit: '0x5208' },
    ])
      expect(bound(call), JSON.stringify(call)).not.toBeNull()
  })

  test('contradictions and blobs are refused by name', () => {
    const reason = (call: unknown): string => {
      try {
        parseCall(call, 'the call')
        return 'accepted'
      } catch (error) {
        return (error as Error).message
      }
    }
    expect(
      [
        { to: FRIEND, gas: '1', gasLimit: '2' },
        { to: FRIEND, data: '0x00', input: '0x01' },
        { to: FRIEND, chain_id: 1, chainId: 2 },
        { to: FRIEND, gasPrice: '1', maxFeePerGas: '1' },
        { to: FRIEND, type: '0x2', gasPrice: '1' },
        { to: FRIEND, type: '0x0', maxFeePerGas: '1' },
        { to: FRIEND, type: '0x0', accessList: [{ address: FRIEND, storageKeys: [] }] },
        { to: FRIEND, type: '0x3', blobVersionedHashes: [] },
        { to: FRIEND, type: '0x5' },
        { to: FRIEND, accessList: [{ address: FRIEND, storageKeys: ['0x01'] }] },
        { to: FRIEND, nonce: '-1' },
      ].map(reason),
    ).toMatchInlineSnapshot(`
      [
        "the call cannot be simulated: "gas" and "gasLimit" differ.",
        "the call cannot be simulated: "data" and "input" differ.",
        "the call cannot be simulated: "chain_id" and "chainId" differ.",
        "the call cannot be simulated: "gas_price" cannot stand beside "max_fee_per_gas" or "max_priority_fee_per_gas".",
        "the call cannot be simulated: "type" does not fit: "gas_price" needs type 0x0 or 0x1.",
        "the call cannot be simulated: "type" does not fit: two fees need type 0x2 or 0x4.",
        "the call cannot be simulated: "type" does not fit: an access list needs type 0x1 or later.",
        "the call cannot be simulated: blob transactions (EIP-4844) are not simulated.",
        "the call cannot be simulated: "type" is none of 0x0, 0x1, 0x2 and 0x4.",
        "the call, access list entry 1 cannot be simulated: a storage key has 32 bytes.",
        "the call cannot be simulated: "nonce": The amount cannot be read.",
      ]
    `)
  })
})

describe('fees', () => {
  const setBaseFee = async (wei: bigint): Promise<void> => {
    await world.chain.rpc('anvil_setNextBlockBaseFeePerGas', [`0x${wei.toString(16)}`])
    await world.chain.rpc('anvil_mine', ['0x1'])
  }

  test('promise: what is expected is never above the most, and the most is held or it blocks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.bigInt({ min: 0n, max: 200n * GWEI }),
        fc.bigInt({ min: 0n, max: 5n * GWEI }),
        fc.bigInt({ min: 1n, max: 200n * GWEI }),
        fc.bigInt({ min: 0n, max: 20n }),
        fc.option(fc.bigInt({ min: 21_000n, max: 400_000n }), { nil: null }),
        async (cap, tip, baseFee, finney, gasLimit) => {
          const balance = (finney * ETHER) / 1_000n
          const { report } = await world.play(async () => {
            await setBaseFee(baseFee)
            await world.chain.rpc('anvil_setBalance', [world.me, `0x${balance.toString(16)}`])
            const call: Call = { ...world.pay(world.friend, ETHER / 1_000n), gasLimit }
            return { calls: [cap === 0n ? call : { ...call, maxFeePerGasWei: cap, maxPriorityFeePerGasWei: tip }] }
          })
          const { maxFeeWei, expectedFeeWei } = report.gasEstimate
          expect(expectedFeeWei).toBeLessThanOrEqual(maxFeeWei)
          if (report.verdict !== 'block') expect(maxFeeWei + ETHER / 1_000n).toBeLessThanOrEqual(balance)
        },
      ),
      { numRuns: 40, seed: 7 },
    )
  })

  test('a contract that wants much gas to be left gets a limit near its need', async () => {
    for (const wanted of [50_000n, 300_000n, 1_000_000n, 5_000_000n]) {
      const { report } = await world.play(async () => ({
        calls: [world.call('GasWanter', await world.deploy('GasWanter'), 'pay', [world.friend, wanted])],
      }))
      expect(report.steps[0]?.status, String(wanted)).toBe('success')
      expect(report.gasEstimate.gasLimit).toBeLessThanOrEqual((wanted + 100_000n) * 2n)
      expect(report.gasEstimate.gasLimit).toBeGreaterThanOrEqual(wanted)
    }
  })

  test('promise: an access list costs what the chain takes for it, on both engines', async () => {
    const { report } = await world.play((each) => ({
      calls: [
        {
          ...each.pay(each.friend, 1n),
          accessList: [{ address: each.friend, storageKeys: [`0x${'00'.repeat(32)}`, `0x${'01'.repeat(32)}`] }],
        },
      ],
    }))
    // EIP-2930: 21,000, and 2,400 an address and 1,900 a slot.
    expect(report.gasEstimate.gasUsed).toBe(21_000n + 2_400n + 2n * 1_900n)
    expect(report.findings.filter(({ rule }) => rule === 'engines-disagree')).toEqual([])
  })

  test('a transaction that fails shows no fee', async () => {
    const { card } = await world.play((each) => ({ calls: [each.pay(each.friend, 10n ** 30n)] }))
    expect(card).toContain('none shown: the transaction would fail')
  })
})
