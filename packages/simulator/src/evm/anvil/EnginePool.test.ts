import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import type { CpuClock } from './cpuTime.ts'
import type { EngineLimit } from '../EngineLimitError.ts'
import { openLane, spend } from '../Lane.ts'
import { createEnginePool, type EnginePool } from './EnginePool.ts'
import { spawnAnvil } from './spawnAnvil.ts'

let pool: EnginePool | null = null
const stopped = new Set<number>()
afterEach(async () => {
  for (const pid of stopped) {
    try {
      process.kill(pid, 'SIGCONT')
    } catch {
      // It was replaced.
    }
  }
  stopped.clear()
  await pool?.close()
})

// Processor time is told on Linux only.
test.skipIf(process.platform !== 'linux')(
  'promise: a worker that is given no processor says nothing of what it runs: it is run again, and not called hostile',
  async () => {
    pool = await createEnginePool({ chainId: 1, size: 1 })
    for (const pid of pool.pids) {
      process.kill(pid, 'SIGSTOP')
      stopped.add(pid)
    }
    const [answer] = await pool.run(pool.pick(), [{ method: 'eth_chainId', params: [] }], openLane())
    expect(answer).toMatchObject({ ok: true })
  },
)

/** Workers that answer nothing once they stand. */
const spawnStopped: typeof spawnAnvil = async (options) => {
  const started = await spawnAnvil(options)
  process.kill(started.pid, 'SIGSTOP')
  stopped.add(started.pid)
  // Threads that were running go on for a moment.
  await sleep(300)
  return started
}
const clock = (since: CpuClock['since']) => (): CpuClock => ({ read: () => undefined, since })

test.each<{ name: string; clockOf: () => CpuClock; why: EngineLimit; code: string; says: RegExp }>([
  {
    name: 'was given too little of the processor',
    clockOf: clock(() => 0),
    why: 'starved',
    code: 'simulation:engine:busy',
    says: /machine was too busy.*Try again/,
  },
  {
    name: 'used all the processor time that it may',
    clockOf: clock((startMs) => performance.now() - startMs),
    why: 'exhausted',
    code: 'simulation:engine:limit',
    says: /exhausted the simulator.*hostile/,
  },
  {
    name: 'took too long where processor time is not told',
    clockOf: clock(() => null),
    why: 'untold',
    code: 'simulation:engine:limit',
    says: /could not be measured.*Try again/,
  },
])('promise: a run that $name ends with that cause and a next step', async ({ clockOf, why, code, says }) => {
  pool = await createEnginePool({ chainId: 1, size: 1 }, { spawn: spawnStopped, clockOf, maxWallMs: 300 })
  const lane = openLane()
  const error: unknown = await pool
    .run(pool.pick(), [{ method: 'eth_chainId', params: [] }], lane)
    .catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ name: 'simulator.EngineLimitError', why, code })
  const { message, hint } = error as { message: string; hint: string }
  expect(`${message} ${hint}`).toMatch(says)
})

/** Many short requests, one after the other, by clocks that are set by hand. */
async function spendShort(times: number, usedEachMs: number): Promise<number> {
  let [nowMs, usedMs] = [0, 0]
  const readings: { atMs: number; usedMs: number }[] = []
  const cpu: CpuClock = {
    read: () => void readings.push({ atMs: nowMs, usedMs }),
    since: (startMs) => usedMs - (readings.find(({ atMs }) => atMs >= startMs)?.usedMs ?? usedMs),
  }
  const wall = vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
  const lane = openLane({ slow: 1 })
  try {
    for (let i = 0; i < times; i += 1)
      await spend(lane, cpu, () => {
        nowMs += 50
        usedMs += usedEachMs
        return Promise.resolve()
      })
  } finally {
    wall.mockRestore()
  }
  return lane.spentMs
}

test('promise: many short requests on a busy machine do not use up the budget, and the same at work do', async () => {
  await expect(spendShort(200, 2)).resolves.toBeLessThan(1_200)
  await expect(spendShort(200, 50)).rejects.toMatchObject({ why: 'exhausted' })
  // What a fifth more than the budget would do by the processor's own clock is not let through.
  await expect(spendShort(200, 12)).rejects.toMatchObject({ why: 'exhausted' })
})
