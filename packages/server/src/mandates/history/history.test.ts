import { expect, test } from 'vitest'
import { diaryOf, past, payment, someAddress, swap } from '../../../lab/mandates/diaries.ts'
import { OWNER, pick, randomOf } from '../../../lab/mandates/randomPolicies.ts'
import { VOCABULARY } from '../../../lab/mandates/samples.ts'
import * as Amount from '../policy/Amount.ts'
import { parsePolicy } from '../policy/readPolicy.ts'
import * as MovesText from './MovesText.ts'
import { proposePolicy } from './proposePolicy.ts'
import { replay, type Past } from './replay.ts'
import { worstCase } from './worstCase.ts'

const DIARIES = 50
const LEARNT = 140
const AT = { app: 'lab', owner: OWNER }
const read = (policy: object) => parsePolicy(JSON.stringify(policy), { format: 'json', vocabulary: VOCABULARY })
const proposed = (diary: readonly Past[]) => {
  const found = proposePolicy(diary, { owner: OWNER, askShare: 0.05, nowMs: 1_800_000_000_000 })
  if (found === null) throw new Error('nothing was proposed')
  return { ...found, parsed: read(found.policy) }
}

test('promise: of 50 diaries, at least 80 % of what comes later is inside of the mandate proposed from what came before', () => {
  const random = randomOf(1)
  let [inside, later, asked, learnt] = [0, 0, 0, 0]
  for (let i = 0; i < DIARIES; i++) {
    const diary = diaryOf(random)
    const { parsed } = proposed(diary.slice(0, LEARNT))
    const { all } = replay(parsed, diary, AT)
    asked += all.slice(0, LEARNT).filter(({ would }) => would !== 'allow').length
    learnt += LEARNT
    inside += all.slice(LEARNT).filter(({ would }) => would === 'allow').length
    later += diary.length - LEARNT
  }
  expect(asked / learnt).toBeLessThan(0.12)
  expect(inside / later).toBeGreaterThan(0.8)
})

test('promise: no plan of a random search inside of a proposed mandate takes more than the worst that is shown', () => {
  const random = randomOf(2)
  let reached = 0
  for (let i = 0; i < DIARIES; i++) {
    const diary = diaryOf(random).slice(0, LEARNT)
    const { parsed, policy } = proposed(diary)
    const { limits } = worstCase(parsed)
    const day = limits.find(({ symbol, window }) => symbol === 'USDC' && window === 'in any 1d')
    const most = Amount.parse(day?.most ?? '', 6) ?? 0n
    const each = limits.find(({ symbol, window }) => symbol === 'USDC' && window === 'in one request')?.most
    const perCall = Number(Amount.parse(each ?? '', 6))
    const payees = (policy['rules'] as { when: { recipients?: string[] } }[]).flatMap(
      ({ when }) => when.recipients ?? [],
    )
    // All within one day, to listed payees and strangers, by every way that is known.
    const plan = Array.from({ length: 60 }, (_each, step): Past => {
      const amount = BigInt(Math.floor(random() * perCall * 1.2))
      const to = random() < 0.6 && payees.length > 0 ? pick(random, payees) : someAddress(random)
      const moves =
        random() < 0.7 ? payment(to as never, amount) : swap(amount, random() < 0.5 ? OWNER : someAddress(random))
      return past(moves, 1_800_000_000_000 + step * 60_000, step)
    })
    const taken = replay(parsed, plan, { ...AT, isConfirmed: false }).all.filter(({ would }) => would === 'allow')
    const sum = taken.reduce((all, each) => all + (each.past.moves.totals[0]?.amount ?? 0n), 0n)
    expect(sum).toBeLessThanOrEqual(most)
    if (sum > (most * 8n) / 10n) reached += 1
    // A swap that pays somebody else never passes.
    expect(
      taken.filter(({ past: { moves } }) => moves.steps[0]?.isSingle === false && moves.arrivals.length === 0),
    ).toEqual([])
  }
  expect(reached).toBeGreaterThan(DIARIES / 4)
})

test('a dry run says how many would have asked, counts in windows, and writes nothing down', () => {
  const rent = someAddress(randomOf(3))
  const HOUR = 3_600_000
  const diary = [400n, 400n, 400n, 150n].map((units, i) =>
    past(payment(rent, units * 1_000_000n), (i + 1) * 9 * HOUR, i),
  )
  const policy = read({
    ...{ mandate: 'rent', owner: OWNER, chains: [1], valid: { until: '2030-01-01T00:00:00Z' } },
    rules: [{ id: 'rent', answer: 'allow', when: { recipients: [rent], tokens: ['USDC'] } }],
    limits: [{ id: 'usdc', token: 'USDC', per_day: '900', over: 'ask' }],
  })
  // The third is beyond the day's cap; its owner said yes, so it counts, and the fourth asks as well.
  expect(replay(policy, diary, AT).all.map(({ would }) => would)).toEqual(['allow', 'allow', 'ask', 'ask'])
  expect(replay(policy, diary, { ...AT, isConfirmed: false }).all.at(-1)).toMatchObject({ would: 'allow' })
  const stranger = past(payment(someAddress(randomOf(4)), 1n), 1, 9)
  expect(replay(policy, [stranger], AT).all[0]).toMatchObject({
    would: 'deny',
    spoke: expect.arrayContaining([expect.objectContaining({ rule: 'otherwise', code: 'mandates:effect:unnamed' })]),
  })
})

test('the worst case names what others could gain, and assets that nothing bounds', () => {
  const rules = (when: object) => ({
    ...{ mandate: 'x', owner: OWNER, chains: [1], valid: { until: '2030-01-01T00:00:00Z' } },
    rules: [{ id: 'r', answer: 'allow', when }],
    limits: [{ id: 'usdc', token: 'USDC', per_day: '900' }],
  })
  const listed = worstCase(read(rules({ recipients: [OWNER], tokens: ['USDC'] })))
  expect(listed).toMatchObject({ limits: [{ most: '900', gain: null }], unbounded: [] })
  expect(worstCase(read(rules({ tokens: ['USDC'] })))).toMatchObject({ limits: [{ gain: '900' }], unbounded: [] })
  expect(worstCase(read(rules({ recipients: ['new'], tokens: ['WETH'] }))).unbounded).toEqual(['WETH'])
  expect(worstCase(read(rules({ contracts: [OWNER] }))).unbounded).toEqual(['anything'])
})

test('what a decision was about reads back as it was written', () => {
  for (const each of diaryOf(randomOf(5), 40)) {
    const { moves, asker } = each
    expect(MovesText.read(MovesText.write({ moves, asker }))).toEqual({ moves, asker })
  }
})
