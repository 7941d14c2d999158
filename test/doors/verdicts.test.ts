import { join } from 'node:path'
import { format } from 'prettier'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DOORS } from './verdicts/doors.ts'
import { openWorld, type World } from './verdicts/openWorld.ts'
import { isExpected, type Expected, type Sample } from './verdicts/Sample.ts'
import { SPECIAL, type Outcome } from './verdicts/special.ts'

/** The twelve requests of the contract (doors.md, section 6) through every door: one verdict each. */
const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'reference', 'verdicts.md')
let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const MAX = (2n ** 256n - 1n).toString()
const field = (name: string, type: string) => ({ name, type })
const permit: Sample['request'] = {
  typed_data: {
    types: {
      EIP712Domain: [
        field('name', 'string'),
        field('version', 'string'),
        field('chainId', 'uint256'),
        field('verifyingContract', 'address'),
      ],
      Permit: [
        field('owner', 'address'),
        field('spender', 'address'),
        field('value', 'uint256'),
        field('nonce', 'uint256'),
        field('deadline', 'uint256'),
      ],
    },
    primaryType: 'Permit',
    domain: { name: '$USDC_NAME', version: '$USDC_VERSION', chainId: 31_337, verifyingContract: '$USDC' },
    message: { owner: '$OWNER', spender: '$STRANGER', value: MAX, nonce: '$USDC_NONCE', deadline: MAX },
  },
}
const pay = (value: string) => ({ to: '$FRIEND', value, data: '0x' })
const REQUESTS: Readonly<Record<string, { request: Sample['request']; expect: Expected }>> = {
  payment: { request: { transactions: [pay('1000')] }, expect: 'allow' },
  'unlimited approve to a stranger': {
    request: {
      transactions: [{ to: '$USDC', value: '0', data: { abi: 'approve(address,uint256)', args: ['$STRANGER', MAX] } }],
    },
    expect: 'not-allow',
  },
  'unlimited permit to a stranger': { request: permit, expect: 'not-allow' },
  'batch of two payments': { request: { transactions: [pay('1000'), pay('2000')] }, expect: 'allow' },
  deploy: {
    request: { transactions: [{ to: null, value: '0', data: '0x69602a60005260206000f3600052600a6016f3' }] },
    expect: 'allow',
  },
  'text hi': { request: { message: 'hi' }, expect: 'allow' },
}
/** What a special request must come to. A method of its own name is refused by name; bytes and bodies are refused. */
const SPECIAL_EXPECTED: Readonly<Record<string, readonly Outcome[]>> = {
  'payment too large for the limit': ['refused'],
  'bare hash': ['never', 'refused'],
  '7702 authorization': ['never', 'refused'],
  'raw bytes of a good payment': ['allow'],
  'another chain': ['refused'],
  'value changed after the check': ['allow', 'refused'],
}

test('promise: the twelve requests have one verdict through every door', async () => {
  const rows: string[][] = []
  const wrong: string[] = []
  // Beside each other, because a door holds an answer open while the owner may still sign.
  const common = await Promise.all(
    Object.entries(REQUESTS).map(async ([name, { request, expect: expected }]) => {
      const sample: Sample = { id: name, kind: 'honest', what: name, request, expect: expected }
      const said = await Promise.all(
        Object.values(DOORS).map(async (door) => {
          const owner = await world.newOwner()
          return door(world, owner, await world.requestOf(sample, owner))
        }),
      )
      return { name, expected, said }
    }),
  )
  for (const { name, expected, said } of common) {
    const given = said.filter((each) => each !== 'none')
    if (new Set(given).size !== 1 || !given.every((each) => isExpected(each, expected)))
      wrong.push(`${name}: ${JSON.stringify(said)}`)
    rows.push([name, ...said.map((each) => (each === 'none' ? 'not offered' : each))])
  }
  for (const [name, doors] of Object.entries(SPECIAL)) {
    const said = await Promise.all(
      Object.keys(DOORS).map(async (door) => (await doors[door]?.(world, await world.newOwner())) ?? null),
    )
    const given = said.filter((each) => each !== null)
    if (!given.every((each) => SPECIAL_EXPECTED[name]?.includes(each) === true))
      wrong.push(`${name}: ${JSON.stringify(said)}`)
    rows.push([
      name,
      ...said.map((each) => ({ never: 'refused by name', null: 'not offered' })[String(each)] ?? String(each)),
    ])
  }
  expect(wrong).toEqual([])
  expect(rows).toHaveLength(12)
  const heads = ['request', ...Object.keys(DOORS)]
  const table = [heads, heads.map(() => '---'), ...rows]
  const page = [
    '# Verdicts by door',
    'Written by `test/doors/verdicts.test.ts` from its run. "Not offered": the door has no such request. A warning is refused in process where nobody is asked, and waits for the owner at a server. x402 signs payments only (another document is refused in `guardWallets.test.ts`), so a small plain payment is put to it as so many units of USDC. `npm run doors:samples` puts 55 further requests to the same doors.',
    table.map((row) => `| ${row.join(' | ')} |`).join('\n'),
  ].join('\n\n')
  await expect(await format(page, { parser: 'markdown', printWidth: 120 })).toMatchFileSnapshot(PAGE)
})

test('promise: what the record of a chain vouches for counts the same in process and at a server', async () => {
  const request = structuredClone(permit) as { typed_data: { message: Record<string, string> } }
  Object.assign(request.typed_data.message, { spender: '$ROUTER', value: '25000000', deadline: '$SOON' })
  const sample: Sample = { id: 'router', kind: 'honest', what: 'a permit for the router', request, expect: 'allow' }
  for (const door of ['POST /api/proposals', 'viem account']) {
    const owner = await world.newOwner()
    expect(await DOORS[door]?.(world, owner, await world.requestOf(sample, owner)), door).toBe('allow')
  }
})
