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
})
