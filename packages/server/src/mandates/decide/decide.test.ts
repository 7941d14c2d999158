import { Address } from '@countersign/base'
import { describe, expect, test } from 'vitest'
import { toCanonical } from '../policy/canonical.ts'
import { narrower } from '../policy/narrower.ts'
import { ANSWERS, digestOf, isStricter, type Policy } from '../policy/Policy.ts'
import { parsePolicy } from '../policy/readPolicy.ts'
import {
  layerOf,
  mandateOf,
  OWNER,
  parse,
  pick,
  randomEdit,
  randomMoves,
  randomOf,
  randomPolicyText,
  randomSituation,
} from '../../../lab/mandates/randomPolicies.ts'
import { VOCABULARY } from '../../../lab/mandates/samples.ts'
import { decide, type Question } from './decide.ts'
import { digestOf as decisionDigest, toWire } from './Decision.ts'
import type { Effect, Moves } from './Moves.ts'
import type { Layer, Ledger, Situation } from './Situation.ts'

/** The long run: `MANDATE_PAIRS=10000 npx vitest run packages/server/src/mandates/decide/decide.test.ts`. */
const PAIRS = Number(process.env['MANDATE_PAIRS'] ?? 150)
const REQUESTS = 20

function questionOf(policy: Policy, moves: Moves, situation: Situation, used: bigint): Question {
  const ledger: Ledger = () => ({ open: used, settled: 0n, freeAt: () => null })
  return { moves, situation, mandate: mandateOf(policy), layers: [layerOf(policy)], ledger }
}

describe('properties over random policies', () => {
  test('promise: what is proven narrower answers no request more loosely, order means nothing, and a policy reads back as itself', () => {
    const random = randomOf(20_261_130)
    let narrowed = 0
    const broken: unknown[] = []
    const answers = new Map<string, number>()
    for (let pair = 0; pair < PAIRS; pair++) {
      const text = randomPolicyText(random)
      const before = parse(text)
      const next = parse(randomEdit(random, text))
      const canonical = toCanonical(before)
      const again = parsePolicy(JSON.stringify(canonical), {
        format: 'json',
        vocabulary: { ...VOCABULARY, token: () => null },
        isStored: true,
      })
      expect(toCanonical(again)).toEqual(canonical)
      expect(digestOf(toCanonical(again))).toBe(digestOf(canonical))
      const isNarrower = narrower(before, next)
      if (isNarrower) narrowed += 1
      const shuffled: Policy = {
        ...before,
        rules: before.rules.toSorted(() => random() - 0.5),
        limits: before.limits.toSorted(() => random() - 0.5),
      }
      for (let i = 0; i < REQUESTS; i++) {
        const [moves, situation] = [randomMoves(random), randomSituation(random)]
        const used = BigInt(Math.floor(random() * 500)) * 10n ** BigInt(pick(random, [0, 6, 18]))
        const first = decide(questionOf(before, moves, situation, used))
        answers.set(first.answer, (answers.get(first.answer) ?? 0) + 1)
        if (decide(questionOf(shuffled, moves, situation, used)).answer !== first.answer)
          broken.push({ shuffled: canonical, pair, i })
        if (!isNarrower) continue
        const second = decide(questionOf(next, moves, situation, used))
        if (isStricter(first.answer, second.answer))
          broken.push({ canonical, next: toCanonical(next), pair, i, first: first.answer, second: second.answer })
      }
    }
    expect(broken.slice(0, 1)).toEqual([])
    // The run says something only where every answer occurs and enough pairs are narrower.
    expect([...answers.keys()].toSorted()).toEqual([...ANSWERS].toSorted())
    expect(narrowed).toBeGreaterThan(PAIRS / 20)
  })
})

const USDC = VOCABULARY.token(1, 'USDC')?.address as Address.Address
const RENT = Address.parse('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const ROUTER = Address.parse('0x7a250d5630B4cF539739dF2C5dAcb4c659F2488D')
const base = {
  chainId: 1,
  isUnlimited: false,
  isExact: false,
  detail: null,
  selector: null,
  step: 1,
  contract: USDC,
  asset: null,
  token: null,
  isNative: false,
  counterparty: null,
  amount: null,
  decimals: null,
  grade: null,
  because: '',
} as const
const call: Effect = { ...base, kind: 'call' }
const pay = (to: Address.Address, amount: bigint): Effect => ({
  ...base,
  kind: 'outflow',
  token: USDC,
  asset: 'USDC',
  decimals: 6,
  counterparty: to,
  amount,
  grade: 'proven',
})
const approve = (spender: Address.Address, amount: bigint, more: Partial<Effect> = {}): Effect => ({
  ...base,
  kind: 'authority',
  token: USDC,
  asset: 'USDC',
  decimals: 6,
  counterparty: spender,
  amount,
  grade: 'proven',
  detail: 'erc20_allowance',
  isExact: true,
  ...more,
})

function movesOf(effects: readonly Effect[], more: Partial<Moves> = {}): Moves {
  const amount = effects.reduce(
    (sum, effect) => sum + (effect.kind === 'outflow' || effect.kind === 'authority' ? (effect.amount ?? 0n) : 0n),
    0n,
  )
  const isUnlimited = effects.some((effect) => effect.isUnlimited)
  return {
    chainId: 1,
    owner: OWNER,
    effects,
    steps: [
      { step: 1, to: USDC, data: '0xa9059cbb', value: 0n, isSingle: effects.length === 2, leaves: [], arrives: [] },
    ],
    totals:
      amount === 0n && !isUnlimited
        ? []
        : [{ token: USDC, isNative: false, decimals: 6, amount, isUnlimited, grade: 'proven' }],
    arrivals: [],
    feeWei: 10n ** 15n,
    document: null,
    tool: null,
    verdict: 'allow',
    findings: [],
    unreadable: [],
    isEnforced: false,
    ...more,
  }
}

const situation: Situation = {
  nowMs: Date.parse('2026-12-03T12:00:00Z'),
  asker: { door: 'page', key: null, skill: null, session: null },
  known: new Set(),
  openRecipients: new Set(),
  covered: new Map(),
  prices: new Map(),
  stepUp: [],
  namedLifts: new Set(['recipient-unverified', 'takeable']),
}

function policyOf(rest: object): Policy {
  return parse({ mandate: 'm', owner: 'session', chains: [1], valid: { until: '2026-12-31T00:00:00Z' }, ...rest })
}

function ask(policy: Policy, moves: Moves, more: Partial<Question> & { at?: Partial<Situation> } = {}) {
  const { at, ...rest } = more
  return decide({
    moves,
    situation: { ...situation, ...at },
    mandate: mandateOf(policy),
    layers: [layerOf(policy)],
    ledger: () => null,
    ...rest,
  })
}

describe('one request', () => {
  const rent = policyOf({
    rules: [{ id: 'rent', answer: 'allow', when: { recipients: [RENT], tokens: ['USDC'] } }],
    limits: [{ id: 'usdc', token: 'USDC', per_call: '500', per_day: '2000', over: 'ask' }],
  })
  test('promise: a payment to a named recipient is allowed, and reserves', () => {
    const decision = ask(rent, movesOf([call, pay(RENT, 400_000_000n)]))
    expect(decision).toMatchObject({
      answer: 'allow',
      code: null,
      lines: [{ amount: 400_000_000n, isBeyond: false, decimals: 6 }],
    })
    expect(toWire(decision, { reservation: 'res_1' })).toMatchSnapshot()
  })
  test('promise: a call that moves nothing is denied unless a rule names it', () => {
    expect(ask(rent, movesOf([call]))).toMatchObject({ answer: 'deny', code: 'mandates:effect:unnamed' })
    const vote = policyOf({ rules: [{ id: 'vote', answer: 'allow', when: { contracts: [USDC] } }] })
    expect(ask(vote, movesOf([call])).answer).toBe('allow')
  })
  test('promise: a full limit answers what it says, with what is free and when', () => {
    const full: Ledger = () => ({ open: 0n, settled: 1_800_000_000n, freeAt: () => 1_800_000_000_000 })
    const decision = ask(rent, movesOf([call, pay(RENT, 400_000_000n)]), { ledger: full })
    expect(decision).toMatchObject({
      answer: 'ask',
      free: '200',
      freeAtMs: 1_800_000_000_000,
      lines: [{ isBeyond: true }],
    })
    expect(decision.spoke).toContainEqual(
      expect.objectContaining({ limit: 'usdc', window: '1d', used: '1800', asks: '400', cap: '2000', answer: 'ask' }),
    )
  })
  test('promise: the digest of a decision does not move with what was used', () => {
    const [first, second] = [1_700_000_000n, 1_900_000_000n].map((settled) =>
      ask(rent, movesOf([call, pay(RENT, 400_000_000n)]), {
        ledger: () => ({ open: 0n, settled, freeAt: () => null }),
      }),
    )
    expect(first?.free).not.toBe(second?.free)
    expect(decisionDigest(first as never)).toBe(decisionDigest(second as never))
  })
  test('promise: unlimited is over every cap; an exact allowance to a named spender counts in full', () => {
    const policy = policyOf({
      rules: [
        { id: 'a', answer: 'allow', when: { spenders: [ROUTER], allowance: 'bounded' } },
        { id: 'b', answer: 'allow', when: { spenders: [ROUTER], authority: ['erc20_allowance'] } },
      ],
      limits: [{ id: 'usdc', token: 'USDC', per_day: '2000' }],
    })
    expect(ask(policy, movesOf([call, approve(ROUTER, 400_000_000n)])).lines).toMatchObject([{ amount: 400_000_000n }])
    expect(ask(policy, movesOf([call, approve(ROUTER, 2n ** 255n, { isUnlimited: true })]))).toMatchObject({
      answer: 'deny',
      code: 'mandates:limit:full',
    })
  })
  test('promise: a right that has no amount is never allowed, whatever a rule says', () => {
    const policy = policyOf({
      bound: 'simulated',
      rules: [{ id: 'a', answer: 'allow', when: { authority: ['operator'] } }],
    })
    expect(
      ask(policy, movesOf([call, approve(ROUTER, 0n, { amount: null, isUnlimited: true, detail: 'operator' })])).answer,
    ).toBe('ask')
  })
  test('promise: a dollar limit without a price is refused; a condition without one holds in a raise and not in an allow', () => {
    const prices = [{ tool: 'GetTokenPrice', argument: '/symbol', value: '/price' }]
    const limit = [{ id: 'usd', usd: { per_day: 1_000 }, prices, over: 'ask' }]
    const pays = movesOf([call, pay(RENT, 400_000_000n)])
    const plain = policyOf({ rules: [{ id: 'r', answer: 'allow', when: { recipients: [RENT] } }], limits: limit })
    expect(ask(plain, pays)).toMatchObject({ answer: 'deny', code: 'mandates:price:absent' })
    const price = new Map([[`1/${USDC.toLowerCase()}`, { high: '1.01', low: '0.99' }]])
    expect(ask(plain, pays, { at: { prices: price } }).lines).toMatchObject([{ amount: 404_000_000n }])
    const raised = policyOf({
      rules: [
        { id: 'r', answer: 'allow', when: { recipients: [RENT] } },
        { id: 'big', answer: 'step-up', when: { usd: { over: 10_000 } } },
      ],
      limits: [{ id: 'usd', usd: { per_call: 1 }, prices, over: 'ask' }],
    })
    expect(ask(raised, pays).spoke).toContainEqual(expect.objectContaining({ rule: 'big', answer: 'step-up' }))
  })
  test('promise: a warning about a value that the rule names does not ask; a block is never lifted', () => {
    const findings = [{ rule: 'recipient-unverified', level: 'warn' as const, subject: RENT, because: 'x' }]
    expect(ask(rent, movesOf([call, pay(RENT, 1n)], { findings, verdict: 'warn' })).answer).toBe('allow')
    const loose = policyOf({ rules: [{ id: 'r', answer: 'allow', when: { recipients: ['new'], tokens: ['USDC'] } }] })
    expect(ask(loose, movesOf([call, pay(RENT, 1n)], { findings, verdict: 'warn' })).answer).toBe('ask')
    expect(ask(rent, movesOf([call, pay(RENT, 1n)], { verdict: 'block' })).answer).toBe('deny')
  })
  test('promise: state, chain and agent come first; an ended mandate is as none on the page and denies at a guard', () => {
    const moves = movesOf([call, pay(RENT, 1n)])
    expect(ask(rent, moves, { mandate: { ...mandateOf(rent), state: 'frozen' } })).toMatchObject({
      answer: 'deny',
      code: 'mandates:state:frozen',
    })
    const ended = { ...mandateOf(rent), state: 'ended' as const }
    expect(ask(rent, moves, { mandate: ended })).toMatchObject({ answer: 'ask', mandate: null })
    expect(ask(rent, moves, { mandate: ended, at: { asker: { ...situation.asker, door: 'guard' } } })).toMatchObject({
      answer: 'deny',
      code: 'mandates:state:ended',
    })
    expect(ask(rent, { ...moves, chainId: 5 })).toMatchObject({ code: 'mandates:agent:denied' })
  })
  test('promise: a new recipient waits for the longest delay, and counts once while its payment is open', () => {
    const policy = policyOf({
      rules: [
        { id: 'n', answer: 'allow', at_least: 'delay', delay: '12h', when: { recipients: ['new'], tokens: ['USDC'] } },
        { id: 'm', answer: 'delay', delay: '1d', when: { tokens: ['USDC'] } },
      ],
      limits: [{ id: 'p', new_recipients_per_day: 2 }],
    })
    expect(ask(policy, movesOf([call, pay(RENT, 1n)]))).toMatchObject({
      answer: 'delay',
      delayMs: 86_400_000,
      lines: [{ amount: 1n }],
    })
    expect(
      ask(policy, movesOf([call, pay(RENT, 1n)]), { at: { openRecipients: new Set([RENT.toLowerCase()]) } }).lines,
    ).toMatchObject([{ amount: 0n }])
  })
  test('promise: outflow through an allowance that is counted already adds nothing to a window, and counts for one request', () => {
    const policy = policyOf({
      rules: [{ id: 's', answer: 'allow', when: { contracts: [ROUTER] } }],
      limits: [{ id: 'u', token: 'USDC', per_call: '300', per_day: '1000' }],
    })
    const through = { ...pay(ROUTER, 400_000_000n), contract: ROUTER }
    const moves = movesOf([{ ...call, contract: ROUTER }, through], {
      steps: [{ step: 1, to: ROUTER, data: '0x12345678', value: 0n, isSingle: false, leaves: [], arrives: [] }],
    })
    const covered = new Map([[`1/${USDC}/${ROUTER}`.toLowerCase(), 400_000_000n]])
    expect(ask(policy, moves, { at: { covered } })).toMatchObject({
      answer: 'deny',
      spoke: expect.arrayContaining([expect.objectContaining({ window: 'call', asks: '400' })]),
    })
    const loose = policyOf({
      rules: [{ id: 's', answer: 'allow', when: { contracts: [ROUTER] } }],
      limits: [{ id: 'u', token: 'USDC', per_day: '1000' }],
    })
    expect(ask(loose, moves, { at: { covered } }).lines).toMatchObject([{ amount: 0n }])
    expect(
      ask(
        loose,
        movesOf([...moves.effects, { ...approve(ROUTER, 400_000_000n), contract: ROUTER }], { steps: moves.steps }),
        { at: { covered } },
      ).lines,
    ).toMatchObject([{ amount: 800_000_000n }])
  })
  test('promise: without a mandate the page asks, and guards still refuse', () => {
    const guards: Layer = {
      layer: 'app',
      scope: 'app:x',
      tokens: rent.tokens,
      limits: [],
      rules: [],
      otherwise: null,
      allowed: { calls: null, recipients: [{ recipients: [RENT] }], spenders: null },
      maxima: [],
    }
    expect(ask(rent, movesOf([call, pay(RENT, 1n)]), { mandate: null, layers: [guards] })).toMatchObject({
      answer: 'ask',
      mandate: null,
    })
    expect(ask(rent, movesOf([call, pay(ROUTER, 1n)]), { mandate: null, layers: [guards] })).toMatchObject({
      answer: 'deny',
    })
  })
  test('promise: an enforced bound asks for the outcome guard, and refuses documents', () => {
    const policy = policyOf({ bound: 'enforced', rules: [{ id: 'r', answer: 'allow', when: { recipients: [RENT] } }] })
    expect(ask(policy, movesOf([call, pay(RENT, 1n)])).answer).toBe('deny')
    expect(ask(policy, movesOf([call, pay(RENT, 1n)], { isEnforced: true })).answer).toBe('allow')
    expect(
      ask(
        policy,
        movesOf([call, pay(RENT, 1n)], { isEnforced: true, document: { scheme: 'permit', deadlineMs: null } }),
      ).answer,
    ).toBe('deny')
  })

  test('promise: a mandate speaks from its first millisecond to the one before its last, and to its own agents only', () => {
    const from = '2026-12-03T12:00:00Z'
    const until = '2026-12-04T00:00:00Z'
    const dated = policyOf({
      valid: { from, until },
      rules: [{ id: 'r', answer: 'allow', when: { recipients: [RENT] } }],
    })
    const at = (nowMs: number, door: 'page' | 'chat' | 'guard' = 'guard') =>
      ask(dated, movesOf([call, pay(RENT, 1n)]), { at: { nowMs, asker: { ...situation.asker, door } } })
    const [startMs, endMs] = [Date.parse(from), Date.parse(until)]
    expect(at(startMs - 1)).toMatchObject({ answer: 'deny', code: 'mandates:state:early' })
    expect([at(startMs).answer, at(endMs - 1).answer]).toEqual(['allow', 'allow'])
    expect(at(endMs)).toMatchObject({ answer: 'deny', code: 'mandates:state:expired' })
    // For people it is then as if there were none: what the app itself forbids stays forbidden.
    for (const door of ['page', 'chat'] as const)
      expect(at(endMs, door)).toMatchObject({ answer: 'ask', mandate: null })

    const of = (agent: object, asker: Partial<Situation['asker']>) =>
      ask(
        policyOf({ agent, rules: [{ id: 'r', answer: 'allow', when: { recipients: [RENT] } }] }),
        movesOf([call, pay(RENT, 1n)]),
        {
          at: { asker: { ...situation.asker, ...asker } },
        },
      )
    expect(of({ doors: ['guard'] }, { door: 'guard' }).answer).toBe('allow')
    expect(of({ doors: ['guard'] }, { door: 'page' }).code).toBe('mandates:agent:denied')
    const key = `key_${'a'.repeat(24)}`
    expect(of({ keys: [key] }, { key }).answer).toBe('allow')
    for (const other of [null, `key_${'b'.repeat(24)}`])
      expect(of({ keys: [key] }, { key: other }).code).toBe('mandates:agent:denied')
    expect(of({ skills: ['pay'] }, { skill: 'pay' }).answer).toBe('allow')
    for (const skill of [null, 'other']) expect(of({ skills: ['pay'] }, { skill }).code).toBe('mandates:agent:denied')
  })

  test('promise: an ended mandate takes its own limits along, and no guard of the app', () => {
    const guard: Layer = {
      ...{ layer: 'app', scope: 'app:x', tokens: rent.tokens, limits: [], rules: [], otherwise: null, maxima: [] },
      allowed: { calls: null, recipients: [{ recipients: [RENT] }], spenders: null },
    }
    const over = (moves: Moves) =>
      ask(rent, moves, { mandate: { ...mandateOf(rent), state: 'ended' }, layers: [layerOf(rent), guard] })
    // 600 are more than the mandate's 500 a call, and it says `deny` of recipients that it does not name.
    expect(over(movesOf([call, pay(RENT, 600_000_000n)]))).toMatchObject({ answer: 'ask', lines: [] })
    expect(over(movesOf([call, pay(ROUTER, 1n)]))).toMatchObject({ answer: 'deny' })
  })

  test('promise: what stands in a decision is what its strictest rule and its fullest limit say', () => {
    const policy = policyOf({
      rules: [{ id: 'r', answer: 'allow', when: { recipients: [RENT] } }],
      limits: [
        { id: 'soft', token: 'USDC', per_week: '1000', over: 'ask' },
        { id: 'hard', token: 'USDC', per_day: '500', over: 'step-up' },
      ],
    })
    const ledger: Ledger = (_scope, _unit, window) =>
      window === '7d'
        ? { open: 0n, settled: 900_000_000n, freeAt: () => 7 }
        : { open: 0n, settled: 480_000_000n, freeAt: () => 9 }
    const decision = ask(policy, movesOf([call, pay(RENT, 400_000_000n)]), { ledger })
    expect(decision).toMatchObject({ answer: 'step-up', free: '20', freeAtMs: 9, code: null, reason: null })

    const refused = policyOf({
      rules: [
        { id: 'r', answer: 'allow', when: { recipients: [RENT] } },
        { id: 'no-usdc', answer: 'deny', when: { tokens: ['USDC'] } },
        { id: 'look', answer: 'ask', when: { doors: ['page'] } },
      ],
    })
    const denied = ask(refused, movesOf([call, pay(RENT, 1n)]))
    expect(denied).toMatchObject({ answer: 'deny', code: 'mandates:rule:denied', lines: [], delayMs: null })
    expect(denied.reason).toBe('The rule "no-usdc" refuses it.')
    // A rule about effects names the first that it is about; a rule about the request names none.
    expect(denied.spoke).toContainEqual(
      expect.objectContaining({ rule: 'no-usdc', answer: 'deny', effect: '/effects/1', code: 'mandates:rule:denied' }),
    )
    const looked = denied.spoke.find(({ rule }) => rule === 'look')
    expect(looked).toMatchObject({ answer: 'ask' })
    expect([looked?.effect, looked?.code, looked?.because]).toEqual([undefined, undefined, undefined])
  })

  test('promise: a rule that names a payment names the call that is nothing else, and no other call of the batch', () => {
    const second = { ...call, step: 2, contract: ROUTER }
    const steps = (isSingle: boolean) => [
      { step: 1, to: USDC, data: '0xa9059cbb', value: 0n, isSingle, leaves: [], arrives: [] } as const,
      { step: 2, to: ROUTER, data: '0x12345678', value: 0n, isSingle: true, leaves: [], arrives: [] } as const,
    ]
    const named = ask(rent, movesOf([call, pay(RENT, 1n)], { steps: steps(true) }))
    expect(named.answer).toBe('allow')
    expect(ask(rent, movesOf([call, pay(RENT, 1n), second], { steps: steps(true) }))).toMatchObject({
      answer: 'deny',
      code: 'mandates:effect:unnamed',
      spoke: expect.arrayContaining([expect.objectContaining({ rule: 'otherwise', effect: '/effects/2' })]),
    })
    // A call that does more than the payment is not named by it.
    expect(ask(rent, movesOf([call, pay(RENT, 1n)], { steps: steps(false) })).answer).toBe('deny')
    // Fees need no name; documents are named like calls.
    const fee: Effect = { ...base, kind: 'fee', amount: 1n, isNative: true }
    expect(ask(rent, movesOf([call, pay(RENT, 1n), fee], { steps: steps(true) })).answer).toBe('allow')
  })

  test('promise: a condition on payees or rights says nothing of a call, and every other condition does', () => {
    const withSelector = policyOf({
      rules: [
        {
          id: 'r',
          answer: 'allow',
          when: { recipients: [RENT], tokens: ['USDC'], selectors: ['transfer(address,uint256)'] },
        },
      ],
    })
    const calling = (data: `0x${string}`) =>
      ask(
        withSelector,
        movesOf([call, pay(RENT, 1n)], {
          steps: [{ step: 1, to: USDC, data, value: 0n, isSingle: false, leaves: [], arrives: [] }],
        }),
      ).answer
    expect(calling('0xa9059cbb')).toBe('allow')
    expect(calling('0x095ea7b3')).toBe('deny')
    const document: Effect = { ...base, kind: 'document' }
    const signs = policyOf({
      rules: [{ id: 'd', answer: 'allow', when: { recipients: [RENT], documents: ['permit'] } }],
    })
    const signing = (scheme: string) =>
      ask(signs, movesOf([document], { document: { scheme, deadlineMs: null } as never })).answer
    expect([signing('permit'), signing('order')]).toEqual(['allow', 'deny'])
  })

  test('promise: a warning is lifted only by an allow that holds here and names just its subject; doubts of origin likewise', () => {
    const finding = (subject: string | null, rule = 'recipient-unverified') => [
      { rule, level: 'warn' as const, subject, because: 'x' },
    ]
    const pays = (findings: Moves['findings'], policy = rent, at: Partial<Situation> = {}) =>
      ask(policy, movesOf([call, pay(RENT, 1n)], { findings, verdict: 'warn' }), { at }).answer
    expect(pays(finding(RENT.toLowerCase()))).toBe('allow')
    expect([pays(finding(ROUTER)), pays(finding(null)), pays(finding(RENT, 'price-impact'))]).toEqual([
      'ask',
      'ask',
      'ask',
    ])
    // An allow for another token names nobody here.
    const elsewhere = policyOf({
      rules: [
        { id: 'any', answer: 'allow', when: { recipients: ['new'], tokens: ['USDC'] } },
        { id: 'weth', answer: 'allow', when: { recipients: [RENT], tokens: ['WETH'] } },
        { id: 'raise', answer: 'ask', when: { recipients: [ROUTER] } },
      ],
    })
    expect(pays(finding(RENT), elsewhere)).toBe('ask')
    expect(pays(finding(ROUTER), elsewhere)).toBe('ask')
    const tolerant = policyOf({
      ...{ tolerates: ['gas-high'] },
      rules: [{ id: 'r', answer: 'allow', when: { recipients: [RENT] } }],
    })
    expect([pays(finding(null, 'gas-high'), tolerant), pays(finding(null, 'gas-low'), tolerant)]).toEqual([
      'allow',
      'ask',
    ])
    const doubt = (value: string) => ({ stepUp: [{ value, because: 'A page said it.' }] }) as Partial<Situation>
    expect([pays([], rent, doubt(RENT)), pays([], rent, doubt(ROUTER))]).toEqual(['allow', 'step-up'])
  })

  test('promise: every amount that leaves is bounded as well as the mandate asks; what cannot be counted asks', () => {
    const when = { recipients: [RENT] }
    const bounded = policyOf({ bound: 'proven', rules: [{ id: 'r', answer: 'allow', when }] })
    const guessed = { ...pay(RENT, 1n), grade: 'simulated' as const }
    const denied = ask(bounded, movesOf([call, guessed]))
    expect(denied).toMatchObject({ answer: 'deny', code: 'mandates:rule:denied' })
    expect(denied.spoke).toContainEqual(expect.objectContaining({ rule: 'bound', effect: '/effects/1' }))
    expect(ask(bounded, movesOf([call, pay(RENT, 1n)])).answer).toBe('allow')
    const predicted = policyOf({ bound: 'simulated', rules: [{ id: 'r', answer: 'allow', when }] })
    expect(ask(predicted, movesOf([call, guessed])).answer).toBe('allow')
    // A tool's call is on no chain: no outcome guard is asked of it.
    const enforced = policyOf({ bound: 'enforced', rules: [{ id: 'r', answer: 'allow', when }] })
    expect(
      ask(enforced, movesOf([call, pay(RENT, 1n)], { tool: { name: 'Pay', level: 'ordinary' } as never })).answer,
    ).toBe('allow')
  })

  test('promise: the longest delay that holds is waited for, and none that does not', () => {
    const delayed = (rules: readonly object[]) =>
      ask(
        policyOf({ rules: [{ id: 'r', answer: 'allow', when: { recipients: [RENT] } }, ...rules] }),
        movesOf([call, pay(RENT, 1n)]),
      ).delayMs
    const hour = { id: 'h', answer: 'delay', delay: '1h', when: { tokens: ['USDC'] } }
    const day = { id: 'd', answer: 'delay', delay: '1d', when: { tokens: ['WETH'] } }
    expect([delayed([]), delayed([hour]), delayed([day]), delayed([day, hour])]).toEqual([
      null,
      3_600_000,
      null,
      3_600_000,
    ])
    expect(delayed([hour, { ...day, when: { tokens: ['USDC'] } }])).toBe(86_400_000)
  })

  test('promise: other people have to agree where the condition of the mandate holds, and only there', () => {
    const of = [RENT, ROUTER]
    const policy = policyOf({
      rules: [{ id: 'r', answer: 'allow', when: { recipients: [RENT] } }],
      approvers: { of, need: 2, when: { tokens: ['USDC'] } },
    })
    const other = policyOf({
      rules: [{ id: 'r', answer: 'allow', when: { recipients: [RENT] } }],
      approvers: { of, need: 2, when: { tokens: ['WETH'] } },
    })
    expect(ask(policy, movesOf([call, pay(RENT, 1n)])).approvers).toEqual({ of, need: 2 })
    expect(ask(other, movesOf([call, pay(RENT, 1n)])).approvers).toBeNull()
  })
})
