import { afterEach, expect, test } from 'vitest'
import { createEnginePool, openLane, type EnginePool } from './EnginePool.ts'

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
