import { Address, Digest } from '@countersign/base'
import type { Effect, Moves, StepMoves, Total } from '../../src/mandates/decide/Moves.ts'
import type { Asker, Layer, Mandate, Situation } from '../../src/mandates/decide/Situation.ts'
import { toCanonical } from '../../src/mandates/policy/canonical.ts'
import { digestOf, expand, type Policy } from '../../src/mandates/policy/Policy.ts'
import { parsePolicy } from '../../src/mandates/policy/readPolicy.ts'
import { VOCABULARY } from './samples.ts'

/** Seeded policies, edits of them and requests: what the properties of policies are tried on. */
export type Random = () => number

/** Mulberry32: the same numbers for the same seed, on every machine. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T
}

const some = <T>(random: Random, from: readonly T[]): T[] => {
  const found = from.filter(() => random() < 0.5)
  return found.length === 0 ? [pick(random, from)] : found
}
const chance = (random: Random, share: number): boolean => random() < share

const address = (i: number): Address.Address => Address.parse(`0x${i.toString(16).padStart(40, '0')}`)
export const OWNER = address(0xa11ce)
const CONTRACTS = [address(0x101), address(0x102), address(0x103)]
const PEOPLE = [address(0x201), address(0x202), address(0x203)]
const USDC = VOCABULARY.token(1, 'USDC')?.address as Address.Address
const WETH = VOCABULARY.token(1, 'WETH')?.address as Address.Address
const SIGNATURES = ['transfer(address to,uint256 amount)', 'swap(uint256 amount,address to)', 'claim()']
const SELECTORS = ['0xa9059cbb', '0x0b8d3f12', '0x4e71d92d'] as const
const FINDINGS = ['gas-high', 'recipient-unverified', 'spender-unknown', 'takeable', 'nothing-back']
const ANSWERS = ['allow', 'allow', 'allow', 'allow', 'delay', 'delay', 'ask', 'step-up', 'deny'] as const

type Json = Record<string, unknown>

function randomWhen(random: Random): Json {
  const when: Json = {}
  const put = (share: number, key: string, value: () => unknown): void =>
    void (chance(random, share) && (when[key] = value()))
  put(0.1, 'chains', () => [1])
  put(0.35, 'contracts', () => some(random, [...CONTRACTS, USDC]))
  put(0.15, 'selectors', () => some(random, SIGNATURES))
  put(0.35, 'recipients', () => some(random, [...PEOPLE, 'own', 'known', 'new']))
  put(0.4, 'tokens', () => some(random, ['USDC', 'WETH', 'native']))
  put(0.2, 'spenders', () => some(random, CONTRACTS))
  put(0.15, 'allowance', () => pick(random, ['exact', 'bounded', 'never']))
  put(0.1, 'out', () => some(random, ['USDC', 'WETH', 'native']))
  put(0.1, 'in', () => some(random, ['USDC', 'WETH', 'native']))
  put(0.1, 'usd', () => ({ over: String(Math.floor(random() * 2_000)) }))
  put(0.1, 'fee', () => ({ over: pick(random, ['0.001', '0.01', '0.1']) }))
  put(0.1, 'time', () => ({
    [pick(random, ['inside', 'outside'])]: pick(random, ['08:00-20:00', '22:00-06:00', '00:00-12:00']),
    days: pick(random, ['mon-fri', 'sat,sun', 'fri-mon']),
    tz: pick(random, ['Europe/Berlin', 'UTC']),
  }))
  put(0.08, 'doors', () => some(random, ['page', 'chat', 'guard']))
  if (Array.isArray(when['tokens']) && when['tokens'].length === 1 && chance(random, 0.3))
    when['amount'] = { over: String(Math.floor(random() * 500)) }
  if (Object.keys(when).length === 0) when['tokens'] = ['USDC']
  return when
}

export function randomPolicyText(random: Random): Json {
  const rules = Array.from({ length: 1 + Math.floor(random() * 6) }, (_, i) => {
    const answer = pick(random, ANSWERS)
    const atLeast =
      answer === 'allow' && chance(random, 0.25) ? pick(random, ['ask', 'step-up', 'delay'] as const) : undefined
    const isDelayed = answer === 'delay' || atLeast === 'delay'
    return {
      id: `r${i}`,
      answer,
      ...(atLeast === undefined ? {} : { at_least: atLeast }),
      ...(isDelayed ? { delay: pick(random, ['1h', '12h']) } : {}),
      when: randomWhen(random),
    }
  })
  const over = (): string => pick(random, ['deny', 'ask', 'step-up'])
  const limits: Json[] = [
    {
      id: 'usd',
      usd: { per_day: String(500 + Math.floor(random() * 3_000)), loss_per_day: '100' },
      prices: [{ tool: 'GetTokenPrice', argument: '/symbol', value: '/price' }],
      over: over(),
    },
    ...(chance(random, 0.7)
      ? [
          {
            id: 'usdc',
            token: 'USDC',
            per_call: '400',
            per_day: String(100 + Math.floor(random() * 900)),
            over: over(),
          },
        ]
      : []),
    ...(chance(random, 0.4) ? [{ id: 'eth', native: true, per_day: '1', over: over() }] : []),
    ...(chance(random, 0.3) ? [{ id: 'fees', fee: true, per_day: '0.02', over: over() }] : []),
    ...(chance(random, 0.3) ? [{ id: 'pace', calls: { per_hour: 3 }, over: over() }] : []),
    ...(chance(random, 0.3) ? [{ id: 'people', new_recipients_per_day: 1, over: over() }] : []),
  ]
  return {
    mandate: 'm',
    owner: 'session',
    agent: { keys: ['any'], skills: ['any'], doors: some(random, ['page', 'chat', 'guard', 'rpc']) },
    chains: [1],
    valid: { until: '2026-12-31T00:00:00Z' },
    otherwise: pick(random, ['deny', 'ask']),
    bound: pick(random, ['simulated', 'simulated', 'proven', 'enforced']),
    ...(chance(random, 0.5) ? { tolerates: some(random, FINDINGS) } : {}),
    rules,
    limits,
  }
}

export function parse(value: Json): Policy {
  return parsePolicy(JSON.stringify(value), { format: 'json', vocabulary: VOCABULARY })
}

/** A policy with one to three edits of all kinds, most of them narrowing. */
export function randomEdit(random: Random, before: Json): Json {
  const next = structuredClone(before)
  const rules = next['rules'] as Json[]
  const limits = next['limits'] as Json[]
  let count = 0
  const fresh = (): string => `x${(count += 1)}`
  const edits: (() => unknown)[] = [
    () => rules.splice(Math.floor(random() * rules.length), 1),
    () =>
      rules.push({
        id: fresh(),
        answer: pick(random, ['ask', 'step-up', 'deny'] as const),
        when: randomWhen(random),
      }),
    () => rules.push({ id: fresh(), answer: 'allow', when: randomWhen(random) }),
    () => rules.length > 0 && Object.assign(pick(random, rules)['when'] as Json, randomWhen(random)),
    () => {
      const when = rules.length > 0 ? (pick(random, rules)['when'] as Json) : {}
      const keys = Object.keys(when).filter((key) => key !== 'tokens')
      if (keys.length > 1) delete when[pick(random, keys)]
    },
    () => rules.length > 0 && delete pick(random, rules)['at_least'],
    () => (next['otherwise'] = 'deny'),
    () => (next['bound'] = pick(random, ['simulated', 'proven', 'enforced'])),
    () => delete next['tolerates'],
    () => (pick(random, limits)['over'] = pick(random, ['deny', 'ask', 'step-up'])),
    () => limits.push({ id: fresh(), token: 'WETH', per_day: '1', over: 'ask' }),
    () => limits.push({ id: fresh(), fee: true, per_day: '0.01' }),
    () => limits.length > 1 && limits.splice(1 + Math.floor(random() * (limits.length - 1)), 1),
    () =>
      Object.assign(limits.find(({ id }) => id === 'usdc') ?? {}, { per_day: String(Math.floor(random() * 1_000)) }),
  ]
  for (let i = 0; i <= Math.floor(random() * 3); i++) pick(random, edits)()
  // Edits may leave a delay without its answer.
  for (const rule of rules) {
    const isDelayed = rule['answer'] === 'delay' || rule['at_least'] === 'delay'
    if (!isDelayed) delete rule['delay']
    const when = rule['when'] as Json
    if (when['amount'] !== undefined && !(Array.isArray(when['tokens']) && when['tokens'].length === 1))
      delete when['amount']
  }
  if (rules.length === 0) delete next['rules']
  return next
}

export function randomMoves(random: Random): Moves {
  const effects: Effect[] = []
  const steps: StepMoves[] = []
  const base = { chainId: 1, isUnlimited: false, isExact: false, detail: null, selector: null } as const
  const count = 1 + Math.floor(random() * 2)
  for (let step = 1; step <= count; step++) {
    const which = Math.floor(random() * SELECTORS.length)
    const isPayment = chance(random, 0.4)
    const asset = pick(random, [
      { token: USDC, isNative: false, decimals: 6, asset: 'USDC' },
      { token: WETH, isNative: false, decimals: 18, asset: 'WETH' },
      { token: null, isNative: true, decimals: 18, asset: 'COIN' },
    ])
    const amount = BigInt(Math.floor(random() * 600)) * 10n ** BigInt(asset.decimals)
    const person = pick(random, [...PEOPLE, OWNER])
    const contract = isPayment ? (asset.token ?? person) : pick(random, CONTRACTS)
    const data = isPayment && asset.token === null ? '0x' : (SELECTORS[isPayment ? 0 : which] ?? '0x')
    const grade = pick(random, ['proven', 'proven', 'simulated', 'enforced'] as const)
    const call: Effect = {
      ...base,
      kind: 'call',
      step,
      contract,
      selector: data === '0x' ? null : data,
      asset: null,
      token: null,
      isNative: false,
      counterparty: contract,
      amount: null,
      decimals: null,
      grade: null,
      because: '',
    }
    const flow: Effect = {
      ...base,
      ...asset,
      kind: 'outflow',
      step,
      contract,
      counterparty: isPayment ? person : pick(random, [contract, person]),
      amount,
      grade,
      because: '',
    }
    const mine = [call]
    if (isPayment || chance(random, 0.7)) mine.push(flow)
    if (!isPayment && chance(random, 0.3))
      mine.push({
        ...base,
        ...asset,
        token: asset.token ?? USDC,
        isNative: false,
        kind: 'authority',
        step,
        contract,
        counterparty: pick(random, CONTRACTS),
        amount: chance(random, 0.2) ? null : amount,
        isUnlimited: chance(random, 0.2),
        isExact: chance(random, 0.5),
        grade: 'proven',
        because: '',
        detail: 'erc20_allowance',
      })
    effects.push(...mine)
    const flows = mine
      .filter(({ kind }) => kind === 'outflow')
      .map((effect) => ({
        token: effect.token,
        isNative: effect.isNative,
        amount: effect.amount ?? 0n,
        decimals: effect.decimals,
      }))
    steps.push({
      step,
      to: contract,
      data,
      value: 0n,
      isSingle: isPayment && mine.length === 2,
      leaves: flows,
      arrives: chance(random, 0.3) ? [{ token: WETH, isNative: false, amount: 10n ** 17n, decimals: 18 }] : [],
    })
  }
  const findings = chance(random, 0.4)
    ? [
        {
          rule: pick(random, FINDINGS),
          level: 'warn' as const,
          subject: pick(random, [...PEOPLE, ...CONTRACTS]),
          because: 'x',
        },
      ]
    : []
  return {
    chainId: 1,
    owner: OWNER,
    steps,
    effects,
    totals: totalsOf(effects),
    arrivals: steps.flatMap(({ arrives }) => arrives),
    feeWei: BigInt(Math.floor(random() * 30)) * 10n ** 15n,
    document: null,
    tool: null,
    verdict: chance(random, 0.05) ? 'block' : findings.length > 0 ? 'warn' : 'allow',
    findings,
    unreadable: chance(random, 0.03) ? ['x'] : [],
    isEnforced: chance(random, 0.2),
  }
}

function totalsOf(effects: readonly Effect[]): Total[] {
  const totals = new Map<string, Total>()
  for (const effect of effects) {
    if (effect.kind === 'call') continue
    const key = effect.token ?? 'native'
    const old = totals.get(key)
    totals.set(key, {
      token: effect.token,
      isNative: effect.isNative,
      decimals: effect.decimals,
      amount: (old?.amount ?? 0n) + (effect.amount ?? 0n),
      isUnlimited: old?.isUnlimited === true || effect.isUnlimited,
      grade: old?.grade === 'simulated' || effect.grade === 'simulated' ? 'simulated' : 'proven',
    })
  }
  return [...totals.values()]
}

export function randomSituation(random: Random): Situation {
  const asker: Asker = {
    door: pick(random, ['page', 'chat', 'guard', 'rpc', 'mcp']),
    key: null,
    skill: null,
    session: null,
  }
  return {
    nowMs: Date.parse('2026-12-05T00:00:00Z') + Math.floor(random() * 7 * 86_400_000),
    asker,
    known: new Set(chance(random, 0.5) ? [PEOPLE[0]?.toLowerCase() ?? ''] : []),
    openRecipients: new Set(chance(random, 0.3) ? [PEOPLE[1]?.toLowerCase() ?? ''] : []),
    covered: new Map(chance(random, 0.2) ? [[`1/${USDC}/${CONTRACTS[0] ?? ''}`.toLowerCase(), 100_000_000n]] : []),
    prices: new Map(
      chance(random, 0.8)
        ? [
            [`1/${USDC.toLowerCase()}`, { high: '1', low: '1' }],
            [`1/${WETH.toLowerCase()}`, { high: '2100', low: '2000' }],
            ['1/native', { high: '2100', low: '2000' }],
          ]
        : [],
    ),
    stepUp: chance(random, 0.1) ? [{ value: PEOPLE[0] ?? '', because: 'x' }] : [],
    namedLifts: new Set(['recipient-unverified', 'spender-unknown', 'takeable']),
  }
}

export function mandateOf(policy: Policy): Mandate {
  return {
    id: 'mandate_1',
    name: policy.name,
    version: 1,
    state: 'active',
    digest: Digest.sha256(digestOf(toCanonical(policy))),
    policy,
    owner: OWNER,
  }
}

export function layerOf(policy: Policy, scope = 'mandate:default'): Layer {
  return {
    layer: 'mandate',
    scope,
    tokens: policy.tokens,
    limits: policy.limits,
    rules: expand(policy.rules),
    otherwise: policy.otherwise,
    allowed: null,
    maxima: [],
  }
}
