import { Address, type Hex } from '@countersign/base'
import { expect, test } from 'vitest'
import { EngineLimitError } from '../../evm/EngineLimitError.ts'
import { openLane } from '../../evm/Lane.ts'
import { laneBeside } from '../../evm/laneBeside.ts'
import * as Overlay from '../../evm/Overlay.ts'
import type { Fork } from '../../evm/runBatch.ts'
import { EMPTY_CODE_HASH } from '../../model/Access.ts'
import type { Deposit } from '../../model/Evidence.ts'
import type { Flow } from '../../model/ValueFlow.ts'
import { tryTakers } from './takers.ts'
import type { Ground } from './trials.ts'

const BOX = '0x00000000000000000000000000000000000b0c05'
const PERSON = '0x00000000000000000000000000000000000b0b05'
/** PUSH4 of one selector, and nothing more. */
const CODE: Hex.Hex = '0x6312345678'
const CODE_HASH: Hex.Hex = `0x${'11'.repeat(32)}`

/** A fork whose engine answers every run with the same bytes, or gives up. */
function groundOf(output: Hex.Hex | 'exhausted'): { ground: Ground; asked: () => number } {
  const lane = openLane()
  let asked = 0
  const account = (codeHash: Hex.Hex) => ({ codeHash, balance: 0n, nonce: 0n })
  const fork = {
    first: {
      isNode: false,
      block: '"latest"',
      overrides: () => '{}',
      blocks: () => '{}',
      run: () => {
        asked += 1
        return output === 'exhausted'
          ? Promise.reject(new EngineLimitError(new Error('too long')))
          : Promise.resolve([
              { ok: true, result: output },
              { ok: true, result: {} },
            ])
      },
    },
    cache: {
      accounts: new Map([
        [BOX, account(CODE_HASH)],
        [PERSON, account(EMPTY_CODE_HASH)],
      ]),
      slots: new Map(),
    },
    codes: { get: () => CODE },
    env: { number: 1n, timestampS: 1n, gasLimit: 30_000_000n, baseFeeWei: 0n, tipWei: 0n, isFree: true },
    isClosureChecked: true,
    lane,
  } as unknown as Fork
  const run = { steps: [], touched: new Map(), after: Overlay.empty() }
  return { ground: { fork, access: new Map(), run, touched: new Map() }, asked: () => asked }
}

const deposit = (contract: string): Deposit => ({
  ...{ contract, account: PERSON, amount: 5n, given: [{ token: null, amount: 5n }], ids: [], receipt: null },
})
const flow: Flow = { mine: new Set(), proceeds: [], units: [], contracts: [] }
const UNTRIED = [{ contract: Address.parse(BOX), isWritten: true, isWhole: false, takers: [] }]

test.each<Hex.Hex>(['0x', '0x01', `0x${'00'.repeat(31)}20`, `0x${'ff'.repeat(64)}`])(
  'promise: an engine that answers %s has tried nothing, and that is said',
  async (output) => {
    await expect(tryTakers(groundOf(output).ground, { flow, deposits: [deposit(BOX)] })).resolves.toEqual(UNTRIED)
  },
)

test('promise: tries that exhaust the engine say that they were not made, and end nothing else', async () => {
  await expect(tryTakers(groundOf('exhausted').ground, { flow, deposits: [deposit(BOX)] })).resolves.toEqual(UNTRIED)
})

test('a payment to a person is no deposit: nothing is tried', async () => {
  const { ground, asked } = groundOf('0x')
  await expect(tryTakers(ground, { flow, deposits: [deposit(PERSON)] })).resolves.toEqual([])
  expect(asked()).toBe(0)
})

test('deposits beyond the most that are followed are said to be untried', async () => {
  const deposits = [deposit(BOX), deposit(BOX), deposit(BOX)]
  const { ground, asked } = groundOf('exhausted')
  await expect(tryTakers(ground, { flow, deposits })).resolves.toHaveLength(3)
  expect(asked()).toBe(2)
})

test('promise: tries spend nothing of the simulation’s own budget, and their runs count as its', () => {
  const lane = openLane()
  const beside = laneBeside(lane)
  lane.runs = 3
  beside.runs += 2
  beside.spentMs += 100
  beside.second.spentMs += 10
  expect(lane).toMatchObject({ runs: 5, spentMs: 0, second: { spentMs: 0 } })
  expect(laneBeside(lane)).toBe(beside)
  expect(beside.budgetMs).toBeLessThan(lane.budgetMs)
})
