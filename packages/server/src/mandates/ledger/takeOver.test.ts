import { Digest } from '@countersign/base'
import { afterAll, expect, test } from 'vitest'
import { openSqlite } from '../../../lab/mandates/openMemory.ts'
import { OWNER, pick, randomOf, type Random } from '../../../lab/mandates/randomPolicies.ts'
import { VOCABULARY } from '../../../lab/mandates/samples.ts'
import { layerFor, movesOf, SCOPE } from '../../../lab/mandates/scene.ts'
import * as Amount from '../policy/Amount.ts'
import { decimalsOf, placesIn, unitKey, type Policy } from '../policy/Policy.ts'
import { parsePolicy } from '../policy/readPolicy.ts'
import * as Window from '../policy/Window.ts'
import { toCanonical } from '../policy/canonical.ts'
import { digestOf } from '../policy/Policy.ts'
import { handOut, release, settle } from './close.ts'
import { violations } from './invariants.ts'
import { reopen } from './reopen.ts'
import { reserve } from './reserve.ts'
import { limitId, rowsOf, type Sql } from './Sql.ts'
import { takeOver } from './takeOver.ts'
import type { Time } from './Time.ts'

const db = openSqlite()
afterAll(() => db.close())

/** USDC has 6 decimals on one of the chains and 18 on the other. */
const CHAINS = [[1], [1, 56], [56]] as const
const WINDOWS = [{ per_day: '1000' }, { per_hour: '700' }, { per_week: '2000', lifetime: '9000' }, { lifetime: '5000' }]
const MONTH = { calendar: { month: '3000', tz: 'Europe/Berlin' } }

function policyOf(random: Random): Policy {
  const chains = pick(random, CHAINS)
  // By its name, or by its address where it has one name alone.
  const token =
    chains.length === 1 && random() < 0.3 ? (VOCABULARY.token(chains[0], 'USDC')?.address as string) : 'USDC'
  const limits = [...WINDOWS, MONTH].filter(() => random() < 0.6).map((caps, i) => ({ id: `l${i}`, token, ...caps }))
  return parsePolicy(
    JSON.stringify({
      ...{ mandate: 'lab', owner: OWNER, chains, valid: { until: '2100-01-01T00:00:00Z' } },
      rules: [{ id: 'pay', answer: 'allow', when: { tokens: [token] } }],
      limits: limits.length === 0 ? [{ id: 'only', token, per_day: '1000' }] : limits,
    }),
    { format: 'json', vocabulary: VOCABULARY },
  )
}

interface Counted {
  readonly places: readonly string[]
  readonly window: string
  /** In 18 decimals. */
  readonly used: bigint
}

async function countedOf(sql: Sql, policy: Policy): Promise<readonly Counted[]> {
  const rows = await rowsOf<{ id: string; open: string; settled: string }>(
    sql,
    'select id, open, settled from mandate_limits',
    [],
  )
  return policy.limits.flatMap(({ caps }) =>
    caps.map(({ unit, window }) => {
      const row = rows.find(({ id }) => id === limitId(SCOPE, unitKey(policy, unit), Window.key(window)))
      const used = BigInt(row?.open ?? 'missing') + BigInt(row?.settled ?? 'missing')
      return {
        ...{ places: placesIn(unitKey(policy, unit)), window: Window.key(window) },
        used: Amount.rescale(used, decimalsOf(policy, unit), 18),
      }
    }),
  )
}

async function empty(sql: Sql): Promise<void> {
  for (const table of ['reservation_lines', 'paid_recipients', 'reservations', 'mandate_limits', 'mandates'])
    await sql.run(`delete from ${table}`, [])
  await sql.run(
    `insert into mandates (id, app, owner, name, version, state, policy, digest, valid_until_ms, created_ms, epoch, worst) values ('m', 'lab', ?, 'lab', 1, 'active', '{}', '', 4102444800000, 0, 0, '')`,
    [OWNER],
  )
}

/** Asks for a payment of so much USDC, in the smallest unit of its chain, under the mandate's policy. */
async function reserveOf(
  sql: Sql,
  time: Time,
  { policy, chainId, amount, idem }: { policy: Policy; chainId: number; amount: bigint; idem: string },
) {
  const place = VOCABULARY.token(chainId, 'USDC') ?? expect.fail()
  const digest = digestOf(toCanonical(policy))
  const moves = movesOf(amount, 0n)
  await sql.run('update mandates set digest = ?', [digest])
  return reserve(sql, time, {
    ...{ idem, proposal: null, kind: 'tx', account: OWNER, chainId, nonceKind: 'wallet', nonceFrom: 0 },
    ...{ deadlineMs: null, holder: idem, bytesDigest: Digest.sha256(idem) },
    question: {
      moves: {
        ...{ ...moves, chainId },
        totals: moves.totals.map((total) => ({ ...total, token: place.address, decimals: place.decimals })),
        effects: moves.effects.map((effect) => ({
          ...{ ...effect, chainId, token: place.address, contract: place.address, decimals: place.decimals },
        })),
      },
      mandate: { id: 'm', name: 'lab', version: 1, state: 'active', digest, policy, owner: OWNER },
      layers: [layerFor(policy)],
      situation: {
        asker: { door: 'guard', key: null, skill: null, session: null },
        ...{ prices: new Map(), stepUp: [], namedLifts: new Set<string>() },
      },
    },
  })
}

test('promise: what was given back and is mined after all counts under other chains and windows as well, once', async () => {
  const time = () => Promise.resolve(1_800_000_000_000)
  const of = (chains: readonly number[], caps: object) =>
    parsePolicy(
      JSON.stringify({
        ...{ mandate: 'lab', owner: OWNER, chains, valid: { until: '2100-01-01T00:00:00Z' } },
        rules: [{ id: 'pay', answer: 'allow', when: { tokens: ['USDC'] } }],
        limits: [{ id: 'usdc', token: 'USDC', ...caps }],
      }),
      { format: 'json', vocabulary: VOCABULARY },
    )
  const [wide, narrow] = [of([1, 56], { per_day: '1000' }), of([1], { per_day: '1000', per_week: '2000' })]
  await db.write(async (sql) => {
    await empty(sql)
    await takeOver(sql, time, { scope: SCOPE, policy: wide })
    const asked = { policy: wide, chainId: 1, amount: 900n * 10n ** 6n, idem: 'false word' }
    const id = (await reserveOf(sql, time, asked)).reservation ?? expect.fail()
    await handOut(sql, time, { id, nonce: null })
    await release(sql, time, { id, proof: { kind: 'not-signed', signature: '0x' } as never })
    await takeOver(sql, time, { scope: SCOPE, policy: narrow })
    const used = async () => (await countedOf(sql, narrow)).map((each) => Amount.format(each.used, 18))
    expect(await used()).toEqual(['0', '0'])
    expect(await reopen(sql, time, { id })).toBe(true)
    expect(await used()).toEqual(['900', '900'])
    expect((await countedOf(sql, wide)).map((each) => Amount.format(each.used, 18))).toEqual(['900'])
    expect(await violations(sql)).toEqual([])
  })
})

test('promise: no change of a policy lowers what counts as used, whatever it does to chains, names and windows', async () => {
  const sums = { compared: 0, used: 0, narrowed: 0 }
  for (let seed = 1; seed <= 60; seed += 1) {
    const random = randomOf(seed)
    let nowMs = 1_800_000_000_000
    const time = () => Promise.resolve(nowMs)
    await db.write(empty)
    let policy = policyOf(random)
    await db.write((sql) => takeOver(sql, time, { scope: SCOPE, policy }))
    /** What was used of each token in the whole history, by a ledger of two lines. */
    const all: { readonly places: readonly string[]; readonly atMs: number | null; readonly amount: bigint }[] = []
    for (let version = 1; version <= 5; version += 1) {
      for (let i = 0; i < 4; i += 1) await use(policy, i)
      const next = policyOf(random)
      await db.write(async (sql) => {
        const before = await countedOf(sql, policy)
        await takeOver(sql, time, { scope: SCOPE, policy: next })
        const after = await countedOf(sql, next)
        for (const one of before)
          for (const other of after) {
            if (one.window !== other.window || !one.places.some((place) => other.places.includes(place))) continue
            expect({ seed, version, ...other, isLower: other.used < one.used }).toMatchObject({ isLower: false })
            sums.compared += 1
            if (one.used > 0n) sums.used += 1
            if (one.places.length > other.places.length) sums.narrowed += 1
          }
        // Whatever was paid at a place of a limit counts in it as long as it is in its window, also by versions before the last.
        for (const { places, window, used } of after) {
          const startMs = Window.startMs(Window.fromKey(window), nowMs)
          const least = all
            .filter((each) => each.places.some((place) => places.includes(place)))
            .filter(({ atMs }) => atMs === null || atMs >= startMs)
            .reduce((sum, { amount }) => sum + amount, 0n)
          expect({ seed, version, window, isLower: used < least }).toMatchObject({ isLower: false })
        }
        expect(await violations(sql, { nowMs })).toEqual([])
      })
      policy = next
      nowMs += Math.floor(random() * 7_200_000)
    }

    async function use(by: Policy, i: number): Promise<void> {
      const chainId = pick(random, by.chains)
      const place = VOCABULARY.token(chainId, 'USDC')
      if (place === null) return
      const amount = BigInt(1 + Math.floor(random() * 60)) * 10n ** BigInt(place.decimals)
      const idem = `${seed} ${nowMs} ${i} ${random()}`
      await db.write(async (sql) => {
        const { reservation: id, decision } = await reserveOf(sql, time, { policy: by, chainId, amount, idem })
        if (id === null || decision.answer !== 'allow') return
        if (random() < 0.1) {
          await release(sql, time, { id, proof: { kind: 'ended', why: 'rejected' } })
          return
        }
        const places = [`${chainId}/${place.address.toLowerCase()}`]
        const counted = Amount.rescale(amount, place.decimals, 18)
        const isOpen = random() < 0.4
        all.push({ places, atMs: isOpen ? null : nowMs, amount: counted })
        if (random() < 0.2 && isOpen) return
        await handOut(sql, time, { id, nonce: null })
        if (isOpen) return
        const proof = { kind: 'mined', hash: idem, block: 1 } as never
        await settle(sql, time, { id, proof, settled: null })
      })
    }
  }
  // A run in which little is used and nothing narrowed says nothing.
  expect(sums.used).toBeGreaterThan(200)
  expect(sums.narrowed).toBeGreaterThan(20)
})
