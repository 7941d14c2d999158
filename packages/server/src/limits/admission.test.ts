import { describe, expect, test } from 'vitest'
import { Admission, DEFAULT_SIZES, type AdmissionSizes, type Lane, type Refusal } from './Admission.ts'
import { asTenant, currentTenant, type Tenant } from './currentTenant.ts'

/** A process whose simulations take as long as is said, in a time of its own. */
function open({ sizes = {}, loopShare = 0 }: { sizes?: Partial<AdmissionSizes>; loopShare?: number } = {}) {
  let nowMs = 0
  const refusals: Refusal[] = []
  const running: { endsMs: number; end: () => void }[] = []
  const admission = new Admission(
    { ...DEFAULT_SIZES, slots: { common: 4, apart: 2 }, maxWaitMs: 3_600_000, ...sizes },
    { began: () => undefined, refused: (why) => refusals.push(why) },
    { nowMs: () => nowMs, loopShare: () => loopShare },
  )
  const ask = (tenant: Tenant, tookMs: number, lanes: Lane[] = []): Promise<number> =>
    admission
      .run((lane, cost) => {
        lanes.push(lane)
        cost.engineMs = tookMs
        return new Promise<void>((resolve) => running.push({ endsMs: nowMs + tookMs, end: resolve }))
      }, tenant)
      .then(() => nowMs)
  return {
    admission,
    ask,
    refusals,
    get nowMs() {
      return nowMs
    },
    /** Lets time pass until then, ending what ends meanwhile in order. */
    async until(endMs: number): Promise<void> {
      for (;;) {
        await settle()
        const next = running.toSorted((a, b) => a.endsMs - b.endsMs)[0]
        if (next === undefined || next.endsMs > endMs) break
        running.splice(running.indexOf(next), 1)
        nowMs = next.endsMs
        next.end()
      }
      nowMs = endMs
    },
  }
}
const settle = async (): Promise<void> => {
  for (let i = 0; i < 10; i += 1) await Promise.resolve()
}
const key = (app: string, member = 'key'): Tenant => ({ app, member })

describe('fair shares', () => {
  test('promise: one that asks while another floods the queue is served next', async () => {
    const house = open({ loopShare: 1 })
    const flood = Array.from({ length: 50 }, () => house.ask(key('flood'), 100))
    const atMs: number[] = []
    for (let i = 0; i < 20; i += 1) {
      await house.until(house.nowMs + 100)
      const startMs = house.nowMs
      void house.ask(key('victim'), 10).then((endMs) => atMs.push(endMs - startMs))
    }
    await house.until(60_000)
    await Promise.all(flood)
    // The first one comes while the other, alone until then, holds every slot.
    expect(atMs[0]).toBeLessThanOrEqual(110)
    expect(Math.max(...atMs.slice(1))).toBeLessThanOrEqual(20)
  })

  test('promise: apps share by the time of their simulations, not by their number', async () => {
    const house = open({ sizes: { slots: { common: 1, apart: 1 } } })
    const ended = { cheap: 0, costly: 0 }
    const more = (name: 'cheap' | 'costly', tookMs: number): void =>
      void house.ask(key(name), tookMs).then(() => {
        ended[name] += 1
        more(name, tookMs)
      })
    for (let i = 0; i < 10; i += 1) {
      more('cheap', 10)
      more('costly', 100)
    }
    await house.until(20_000)
    const share = (ended.costly * 100) / (ended.costly * 100 + ended.cheap * 10)
    expect(share).toBeGreaterThan(0.4)
    expect(share).toBeLessThan(0.6)
  })

  test('promise: a key with many simulations leaves the other keys of its app their part', async () => {
    const house = open({ sizes: { slots: { common: 2, apart: 1 } } })
    for (let i = 0; i < 60; i += 1) void house.ask(key('shop', 'greedy'), 50).catch(() => undefined)
    await house.until(100)
    const startMs = house.nowMs
    const other = house.ask(key('shop', 'modest'), 50)
    await house.until(10_000)
    expect((await other) - startMs).toBeLessThanOrEqual(100)
  })

  test('promise: simulations that are heavy on the engines run apart, also under new keys', async () => {
    const house = open()
    const lanes: Lane[] = []
    for (let i = 0; i < 5; i += 1) {
      void house.ask(key('hostile', `key${i}`), 1_200, lanes)
      void house.ask(key('victim'), 10)
      await house.until(house.nowMs + 2_000)
    }
    // New keys of an app whose simulations are long do not begin anew.
    expect(lanes).toEqual(['common', 'common', 'apart', 'apart', 'apart'])
    const own: Lane[] = []
    void house.ask(key('victim'), 10, own)
    await house.until(house.nowMs + 2_000)
    expect(own).toEqual(['common'])
  })

  test('one hostile key does not move the other keys of its app, and one long simulation moves nobody', async () => {
    const house = open()
    const [hostile, honest]: [Lane[], Lane[]] = [[], []]
    void house.ask(key('shop', 'honest'), 1_000, honest)
    await house.until(house.nowMs + 2_000)
    for (let i = 0; i < 6; i += 1) {
      void house.ask(key('shop', 'honest'), 10, honest)
      void house.ask(key('other'), 10)
      await house.until(house.nowMs + 100)
      void house.ask(key('shop', 'hostile'), 1_200, hostile)
      await house.until(house.nowMs + 2_000)
    }
    expect(hostile.slice(2)).toEqual(['apart', 'apart', 'apart', 'apart'])
    // Until the hostile key is known for itself, its first simulation counts for the app.
    expect(honest.slice(3)).toEqual(['common', 'common', 'common', 'common'])
  })

  test('simulations that only wait long for a provider run with all others', async () => {
    const house = open()
    const lanes: Lane[] = []
    for (let i = 0; i < 4; i += 1) {
      void house.admission.run(async (lane, cost) => {
        lanes.push(lane)
        await house.ask(key('provider'), 3_000)
        cost.engineMs = 20
      }, key('slow'))
      await house.until(house.nowMs + 10_000)
    }
    expect(lanes).toEqual(['common', 'common', 'common', 'common'])
  })

  test('alone, a tenant may use every slot; with others it leaves them half', async () => {
    const house = open()
    for (let i = 0; i < 8; i += 1) void house.ask(key('a'), 100)
    expect(house.admission.counts).toEqual({ waiting: 4, running: { common: 4, apart: 0 } })
    await house.until(1_000)
    void house.ask(key('b'), 1)
    await house.until(1_001)
    for (let i = 0; i < 8; i += 1) void house.ask(key('a'), 100)
    expect(house.admission.counts).toEqual({ waiting: 7, running: { common: 1, apart: 0 } })
  })
})

describe('bounded queues', () => {
  test('promise: what finds its queue full is refused with 503, and others still wait', async () => {
    const house = open({
      sizes: { slots: { common: 1, apart: 1 }, queued: { member: 3, app: 5, process: 7 } },
    })
    const ask = (app: string, member: string) => {
      const asked = house.ask(key(app, member), 10)
      asked.catch(() => undefined)
      return asked
    }
    const all = [
      ...Array.from({ length: 5 }, () => ask('a', '1')),
      ...Array.from({ length: 3 }, () => ask('a', '2')),
      ...Array.from({ length: 3 }, () => ask('b', '1')),
    ]
    await house.until(1_000)
    expect(house.refusals).toEqual(['member', 'app', 'process'])
    const ended = await Promise.allSettled(all)
    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(8)
    expect(ended.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'limits:simulations:busy', kind: 'unavailable' },
    })
    expect(house.admission.counts).toEqual({ waiting: 0, running: { common: 0, apart: 0 } })
  })

  test('promise: what waited too long is refused and never runs', async () => {
    const house = open({ sizes: { slots: { common: 1, apart: 1 }, maxWaitMs: 20 } })
    let ran = 0
    const first = house.ask(key('a'), 100)
    const late = house.admission.run(async () => void (ran += 1), key('b'))
    await expect(late).rejects.toMatchObject({ code: 'limits:simulations:busy' })
    await house.until(200)
    await first
    expect([ran, house.refusals, house.admission.counts.waiting]).toEqual([0, ['time'], 0])
  })

  test('what failed gives its slot back, and who is long gone is forgotten', async () => {
    const house = open({ sizes: { slots: { common: 1, apart: 1 } } })
    await expect(house.admission.run(() => Promise.reject(new Error('no')), key('a'))).rejects.toThrow('no')
    await house.until(200_000)
    void house.ask(key('b'), 1)
    await house.until(200_010)
    expect(house.admission.counts.running.common).toBe(0)
  })
})

test('work goes on for the tenant that it was begun for; without one it is the server’s own', async () => {
  const seen = await asTenant(key('shop'), async () => {
    await new Promise((resolve) => setImmediate(resolve))
    return currentTenant()
  })
  expect(seen).toEqual(key('shop'))
  expect(currentTenant().app).toBe('server')
})
