import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Clock } from '@countersign/base'
import fc from 'fast-check'
import * as Gcra from './Gcra.ts'
import type { Limiter } from './Limiter.ts'
import { createLocalLimiter } from './localLimiter.ts'
import * as RateLimitHeaders from './RateLimitHeaders.ts'
import { openRedisLimiter } from './redisLimiter.ts'

const window = (limit: number, windowMs: number, name = 'key'): Gcra.Window => ({ name, limit, windowMs })
const charge = (w: Gcra.Window, cost = 1, bucket = 'key:a'): Gcra.Charge[] => [{ bucket, windows: [w], cost }]

describe('in this process', () => {
  const at = () => {
    const clock = Clock.fixed(0)
    const limiter = createLocalLimiter({ clock })
    return { clock, take: (charges: Gcra.Charge[]) => limiter.charge(charges) as Gcra.Decision }
  }

  test('a window holds its limit exactly, whatever the limit', () => {
    for (const limit of [1, 3, 7, 10, 999, 1000]) {
      const { take, clock } = at()
      const w = window(limit, 10_000)
      for (let i = 0; i < limit; i += 1) expect(take(charge(w)).allowed, `${i} of ${limit}`).toBe(true)
      const refused = take(charge(w))
      expect(refused).toMatchObject({ allowed: false, states: [{ remaining: 0 }] })
      clock.advanceMs(Math.ceil(refused.retryAfterMs))
      expect(take(charge(w)).allowed).toBe(true)
    }
  })

  test('promise: at the edge of a window no more than 1.15 times the limit passes in 300 ms', () => {
    const { take, clock } = at()
    const w = window(100, 2_000)
    const passed: number[] = []
    for (let ms = 0; ms < 6_000; ms += 1) {
      clock.advanceMs(1)
      // Quiet until just before where a fixed window would end, then as fast as it goes.
      if (ms > 1_850) while (take(charge(w)).allowed) passed.push(ms)
    }
    const most = Math.max(...passed.map((from) => passed.filter((ms) => ms >= from && ms < from + 300).length))
    expect(most).toBeLessThanOrEqual(115)
  })

  test('promise: in any span no more than a burst and the refill passes, whatever the pattern and the costs', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 100, max: 5_000 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1, max: 5 })), { maxLength: 200 }),
        (limit, windowMs, steps) => {
          const { take, clock } = at()
          const w = window(limit, windowMs)
          const passed: { ms: number; cost: number }[] = []
          for (const [waitMs, cost] of steps) {
            clock.advanceMs(waitMs)
            if (take(charge(w, cost)).allowed) passed.push({ ms: clock.nowMs(), cost: Math.min(cost, limit) })
          }
          for (const { ms: from } of passed) {
            let sum = 0
            for (const each of passed.filter(({ ms }) => ms >= from)) {
              sum += each.cost
              expect(sum).toBeLessThanOrEqual(Gcra.bound(w, each.ms - from))
            }
          }
        },
      ),
      { numRuns: 200 },
    )
  })

  test('several windows: the tightest refuses, and then none is charged', () => {
    const { take } = at()
    const both = [{ bucket: 'key:a', windows: [window(2, 1_000, 'second'), window(100, 60_000, 'minute')], cost: 1 }]
    take(both)
    take(both)
    const refused = take(both)
    expect(refused.allowed).toBe(false)
    expect(refused.states.map(({ name, remaining }) => [name, remaining])).toEqual([
      ['second', 0],
      ['minute', 98],
    ])
  })

  test('a cost of 0 looks and takes nothing, and never is refused', () => {
    const { take } = at()
    const w = window(1, 10_000)
    expect(take(charge(w)).allowed).toBe(true)
    for (let i = 0; i < 10; i += 1) expect(take(charge(w, 0))).toMatchObject({ allowed: true })
  })

  test('the headers follow the draft', () => {
    const { take } = at()
    const decision = take([
      { bucket: 'a', windows: [window(50, 1_000, 'second'), window(1_000, 60_000, 'minute')], cost: 10 },
    ])
    expect(RateLimitHeaders.of(decision.states)).toEqual({
      policy: '"second";q=50;w=1, "minute";q=1000;w=60',
      state: '"second";r=40;t=1',
    })
    expect(RateLimitHeaders.of([])).toBeNull()
  })
})

const hasRedis = spawnSync('redis-server', ['--version']).status === 0
describe.skipIf(!hasRedis)(
  `across processes, on a real Redis${hasRedis ? '' : ' (skipped: there is no redis-server here)'}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-redis-'))
    let port = 0
    let redis: ChildProcess
    const open: Limiter[] = []
    const limiter = async (liveInstances = 1, changes: string[] = [], commandTimeoutMs = 50): Promise<Limiter> => {
      const made = await openRedisLimiter(
        { liveInstances: () => liveInstances, onChange: (mode) => changes.push(mode) },
        { url: `redis://127.0.0.1:${port}`, commandTimeoutMs },
      )
      open.push(made)
      return made
    }
    const startRedis = async (): Promise<void> => {
      redis = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder])
      await new Promise<void>((resolve, reject) => {
        redis.once('exit', () => reject(new Error('redis-server ended')))
        redis.stdout?.on('data', (chunk: Buffer) => {
          if (/Ready to accept connections/.test(String(chunk))) resolve()
        })
      })
    }
    const stopRedis = async (): Promise<void> => {
      const gone = new Promise((resolve) => redis.once('exit', resolve))
      redis.kill('SIGKILL')
      await gone
    }
    beforeAll(async () => {
      port = await freePort()
      await startRedis()
    })
    afterAll(async () => {
      for (const each of open) await each.close()
      await stopRedis()
      rmSync(folder, { recursive: true, force: true })
    })

    test('promise: two limiters on one key admit what one would, and no less than what is free at once', async () => {
      // A machine that is busy with other things must not be taken for a Redis that is gone.
      const [one, two] = [await limiter(2, [], 10_000), await limiter(2, [], 10_000)]
      const w = window(1_000, 10_000)
      const startMs = performance.now()
      let admitted = 0
      let asked = 0
      const hammer = async (each: Limiter): Promise<void> => {
        while (performance.now() - startMs < 1_000) {
          const decisions = await Promise.all(
            Array.from({ length: 16 }, async () => each.charge(charge(w, 1, 'exact'))),
          )
          for (const decision of decisions) {
            expect(decision.source).toBe('redis')
            asked += 1
            if (decision.allowed) admitted += 1
          }
        }
      }
      await Promise.all([hammer(one), hammer(two)])
      const bound = Gcra.bound(w, performance.now() - startMs)
      expect(admitted).toBeLessThanOrEqual(bound)
      // What grows with time depends on how fast the machine is; what is free at once does not.
      expect(admitted).toBeGreaterThanOrEqual(Math.min(asked, Math.floor(Gcra.bound(w, 0) * 0.98)))
    })

    test('promise: frozen, dead and back empty, the limit holds and nobody waits', async () => {
      const changes: string[] = []
      const one = await limiter(1, changes)
      const w = window(100, 100_000)
      const take = (cost = 1) => one.charge(charge(w, cost, 'out'))
      for (let i = 0; i < 60; i += 1) expect((await take()).allowed).toBe(true)

      redis.kill('SIGSTOP')
      let admitted = 60
      let sources = new Set<string>()
      for (let i = 0; i < 60; i += 1) {
        const decision = await take()
        sources.add(decision.source)
        if (decision.allowed) admitted += 1
      }
      expect([...sources]).toEqual(['fallback'])
      // A refill of one a second, and nothing more.
      expect(admitted).toBeGreaterThanOrEqual(99)
      expect(admitted).toBeLessThanOrEqual(104)

      await stopRedis()
      for (let i = 0; i < 20; i += 1) if ((await take()).allowed) admitted += 1
      expect(admitted).toBeLessThanOrEqual(104)

      await startRedis()
      sources = new Set()
      const until = performance.now() + 10_000
      while (!sources.has('redis') && performance.now() < until) {
        const decision = await take()
        sources.add(decision.source)
        if (decision.allowed) admitted += 1
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      // The new Redis knew nothing, and was told.
      expect(sources.has('redis')).toBe(true)
      expect(admitted).toBeLessThanOrEqual(110)
      expect(changes).toEqual(['fallback', 'redis'])
    })

    test('promise: without Redis each of n instances admits its share', async () => {
      const four = await limiter(4)
      redis.kill('SIGSTOP')
      let admitted = 0
      for (let i = 0; i < 100; i += 1)
        if ((await four.charge(charge(window(100, 1_000_000), 1, 'share'))).allowed) admitted += 1
      redis.kill('SIGCONT')
      expect(admitted).toBe(25)
    })
  },
)

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
