/** The contract on a real anvil. The mutation run is a command of its own: `npm run test:guard`. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Digest, type Hex } from '@countersign/base'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { send } from '@countersign/chain'
import { compileGuard } from '../../contracts/compileGuard.ts'
import { openGuardBench, type GuardBench } from '../../contracts/GuardBench.ts'
import { endings, GUARD_CHECKS, guardCall } from '../../contracts/guardChecks.ts'
import { randomBatches } from '../../contracts/randomBatches.ts'
import { GUARD, GUARD_DEPLOYMENT } from './Guard.ts'
import { GUARD_CODE } from './guardCode.ts'

let bench: GuardBench
beforeAll(async () => {
  bench = await openGuardBench()
})
afterAll(() => bench.close())

test.each(GUARD_CHECKS)('$title', async (check) => {
  await check.run(bench)
})

test('promise: the shipped code is what the committed source compiles to', () => {
  const folder = join(import.meta.dirname, '..', '..', 'contracts')
  const source = readFileSync(join(folder, 'OutcomeGuard.sol'), 'utf8')
  const artifact: unknown = JSON.parse(readFileSync(join(folder, 'OutcomeGuard.json'), 'utf8'))
  const compiled = compileGuard(source)
  expect(artifact).toEqual(JSON.parse(JSON.stringify(compiled)))
  expect(compiled.bytecode).toBe(GUARD.creationCode)
  expect(compiled.deployedBytecode).toBe(GUARD_CODE)
  expect(GUARD_CODE.length / 2 - 1).toBeLessThanOrEqual(3_000)
  expect(source.split('\n').length).toBeLessThanOrEqual(250)
})

test('promise: anybody who deploys it gets the pinned address and code', async () => {
  expect({ address: GUARD.address, codeHash: GUARD.codeHash, version: GUARD.version }).toMatchInlineSnapshot(`
    {
      "address": "0x01000B176804196fD062b62c15b551264accbFb2",
      "codeHash": "0x98065f58815dd36919d58db488468b2a8d5efa932322a0e778379a0d136c81eb",
      "version": 1,
    }
  `)
  const own = await openGuardBench()
  try {
    await own.rpc('anvil_setCode', [GUARD.address, '0x'])
    const from = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'
    await send(own.rpc, { from, ...GUARD_DEPLOYMENT })
    const code = await own.rpc<Hex.Hex>('eth_getCode', [GUARD.address, 'latest'])
    expect(Digest.keccak256(code)).toBe(GUARD.codeHash)
  } finally {
    await own.close()
  }
})

/** Random bytes of `npm test`; COUNTERSIGN_GUARD_RUNS sets more. */
const numRuns = Number(process.env['COUNTERSIGN_GUARD_RUNS'] ?? 400)

test('promise: the contract ends every batch as the model does, whatever the bytes', async () => {
  const seen = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(randomBatches(bench), async (batch) => {
      const ends = await endings(bench, batch.calls)
      for (const end of ends) seen.set(end?.error ?? 'holds', (seen.get(end?.error ?? 'holds') ?? 0) + 1)
      expect(ends).toEqual(batch.expected)
    }),
    { numRuns, seed: 15 },
  )
  // A generator that never gets past the parser would prove nothing.
  expect([...seen.keys()].toSorted()).toEqual([
    'AlreadyOpened',
    'BadBound',
    'NotOpened',
    'OutcomeRefused',
    'ReadFailed',
    'holds',
  ])
})

test('promise: random bytes never close, unless they are bounds that hold', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 80 }), async (bytes) => {
      const bounds: Hex.Hex = `0x${Buffer.from(bytes).toString('hex')}`
      const batch = [guardCall.open(bench, bounds), guardCall.close(bench, bounds)]
      expect(await endings(bench, batch)).toEqual(randomBatches.expected(bench, bounds))
    }),
    { numRuns, seed: 15 },
  )
})
