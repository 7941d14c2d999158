import { expect, test } from 'vitest'
import { OWNER, parse, randomOf, randomPolicyText } from '../../../lab/mandates/randomPolicies.ts'
import { EXAMPLE, VOCABULARY } from '../../../lab/mandates/samples.ts'
import { toCanonical } from '../policy/canonical.ts'
import { parsePolicy } from '../policy/readPolicy.ts'
import { EXPORTS, exportPolicy, type ExportKind } from './exportPolicy.ts'

const AT = { owner: OWNER, nowMs: 1_800_000_000_000 }
const of = (text: string, as: ExportKind) => {
  const format = text.trimStart().startsWith('{') ? ('json' as const) : ('yaml' as const)
  return exportPolicy({ ...AT, as, policy: toCanonical(parsePolicy(text, { format, vocabulary: VOCABULARY })) })
}
const RENT = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const pays = (more: object = {}) =>
  JSON.stringify({
    ...{ mandate: 'rent', owner: OWNER, chains: [1], valid: { until: '2027-06-01T00:00:00Z' } },
    rules: [{ id: 'rent', answer: 'allow', when: { recipients: [RENT], tokens: ['USDC'] } }],
    limits: [{ id: 'usdc', token: 'USDC', per_call: '500', per_day: '2000', lifetime: '9000' }],
    ...more,
  })

test('promise: every rule and limit of a policy stands in the terms or among what is not expressed', () => {
  const random = randomOf(7)
  for (let i = 0; i < 200; i++) {
    const policy = parse(randomPolicyText(random))
    for (const as of EXPORTS) {
      const { terms, not_expressed: lost } = exportPolicy({ ...AT, as, policy: toCanonical(policy) })
      const said = `${JSON.stringify(terms)} ${lost.join(' ')}`
      for (const { id, answer, atLeast } of policy.rules) {
        expect(said, `${as} ${id}`).toMatch(new RegExp(`"${id}"|${id}`))
        // What asks or refuses is no permission.
        if (answer !== 'allow' || atLeast !== null) expect(JSON.stringify(terms)).not.toContain(`"${id}"`)
      }
      for (const { id, caps } of policy.limits)
        if (caps.some(({ unit }) => unit.kind !== 'token' && unit.kind !== 'native'))
          expect(lost.join()).toContain(`"${id}"`)
    }
  }
})

test('a payment becomes a delegation to its payee, with the caps that caveats can count', () => {
  const { terms, not_expressed: lost } = of(pays(), 'erc7715')
  expect(terms).toEqual([
    {
      ...{ chain_id: 1, rule: 'rent' },
      caveats: expect.arrayContaining([
        { type: 'timestamp', afterThreshold: 1_800_000_000, beforeThreshold: Date.parse('2027-06-01') / 1_000 },
        { type: 'allowedTargets', targets: ['0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48'] },
        { type: 'allowedMethods', selectors: ['transfer(address,uint256)'] },
        { type: 'valueLte', maxValue: '0' },
        { type: 'allowedCalldata', startIndex: 4, value: `0x${'0'.repeat(24)}${RENT.slice(2).toLowerCase()}` },
        expect.objectContaining({ type: 'erc20PeriodTransfer', periodAmount: '2000000000', periodDuration: 86_400 }),
        expect.objectContaining({ type: 'erc20TransferAmount', maxAmount: '9000000000' }),
      ]),
    },
  ])
  expect(lost).toEqual(
    expect.arrayContaining([
      'Limit "usdc": the cap of one request is not known on chain.',
      'Limit "usdc": periods are fixed, so that up to twice the cap may leave across the end of one.',
    ]),
  )
})

test('a role shares one allowance over its functions, and binds payees and one request', () => {
  const { terms } = of(pays(), 'roles') as { terms: { functions: readonly object[]; allowances: readonly object[] } }
  expect(terms.functions).toMatchObject([
    {
      ...{ rules: ['rent'], selector: '0xa9059cbb', options: 'None' },
      condition: {
        ...{ paramType: 'Calldata', operator: 'Matches' },
        children: [
          { operator: 'EqualTo', compValue: expect.stringContaining(RENT.slice(2).toLowerCase()) },
          {
            operator: 'And',
            children: [{ operator: 'LessThan' }, { operator: 'WithinAllowance' }, { operator: 'WithinAllowance' }],
          },
        ],
      },
    },
  ])
  expect(terms.allowances).toMatchObject([
    { balance: '9000000000', refill: '0', period: 0 },
    { balance: '2000000000', refill: '2000000000', period: 86_400 },
  ])
})

test('two rules about one function share its condition, and their limits', () => {
  const other = { id: 'other', answer: 'allow', when: { recipients: [OWNER], tokens: ['USDC'] } }
  const { terms } = of(pays({ rules: [...JSON.parse(pays()).rules, other] }), 'roles') as {
    terms: { functions: readonly object[]; allowances: readonly object[] }
  }
  expect(terms.functions).toMatchObject([
    {
      rules: ['other', 'rent'],
      condition: { operator: 'Or', children: [{ paramType: 'Calldata' }, { paramType: 'Calldata' }] },
    },
  ])
  expect(terms.allowances).toHaveLength(2)
})

test('a Safe allowance says nothing of payees, so a rule that names them is left out', () => {
  expect(of(pays(), 'safe')).toMatchObject({ terms: [] })
  expect(of(pays({ rules: [{ id: 'any', answer: 'allow', when: { tokens: ['USDC'] } }] }), 'safe').terms).toEqual([
    {
      rules: ['any'],
      chain_id: 1,
      token: '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48',
      amount: '9000000000',
      reset_minutes: 0,
    },
  ])
})

test('the example of the reference: the swap keeps its receiver, and the rest is named', () => {
  const text = EXAMPLE.replace('out: [USDC], in: [WETH]', '').replace('is: own } ],', 'is: own } ]')
  const { terms, not_expressed: lost } = of(text, 'erc7715')
  expect(terms).toContainEqual({
    ...{ chain_id: 1, rule: 'swap' },
    caveats: expect.arrayContaining([
      { type: 'allowedCalldata', startIndex: 4 + 3 * 32, value: `0x${'0'.repeat(24)}${OWNER.slice(2).toLowerCase()}` },
    ]),
  })
  for (const id of ['approve', 'large', 'new', 'night', 'usd', 'fees', 'pace', 'people', 'month'])
    expect(lost.join('\n')).toContain(`"${id}"`)
})
