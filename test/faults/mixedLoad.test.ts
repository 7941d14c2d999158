import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Clock, Redacted } from '@countersign/base'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import { openKeyring } from '@countersign/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { append, call, openStream, print, residentMiB, waitForSession, type Stream } from './calls.ts'
import { canCluster, Cluster, hasNamespaces } from './cluster.ts'
import { percentile } from './spawnGate.ts'

/**
 * Mixed load on three instances with a fault every half minute: writes, uses of keys, streams and simulations go on, and memory stays
 * flat. `COUNTERSIGN_SOAK_MINUTES`: how long; 20 is the full length, the default is 5. `COUNTERSIGN_SOAK_FAULT_S`: a fault every so many
 * seconds, default 30.
 */
const MINUTES = Number(process.env['COUNTERSIGN_SOAK_MINUTES'] ?? 5)
const FAULT_S = Number(process.env['COUNTERSIGN_SOAK_FAULT_S'] ?? 30)
/** How much the memory of the instance that lives through all may grow between the second quarter of the run and the last. */
const FLAT = { share: 1.25, moreMiB: 32 }
if (!canCluster) console.warn('No PostgreSQL or Redis may be started here: there is no mixed load.')
if (!hasNamespaces) console.warn('No network namespaces may be made here: no instance is cut off under mixed load.')

const BOB = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const ALICE = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'

describe.runIf(canCluster)('mixed load with faults', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'countersign-soak-'))
  let chain: LocalChain
  let cluster: Cluster
  let key = ''
  beforeAll(async () => {
    chain = await startLocalChain()
    cluster = await Cluster.open({ instances: 3, chain })
    const keyring = await openKeyring({ dataDir: join(scratch, 'cli'), env: cluster.env(), clock: Clock.system })
    key = Redacted.reveal((await keyring.issue({ app: 'acme', label: 'soak' })).key)
    await keyring.close()
  })
  afterAll(async () => {
    await cluster.close()
    await chain.close()
    rmSync(scratch, { recursive: true, force: true })
  })

  /** What is done to it, one after another. Each leaves everything as it was. */
  const FAULTS: readonly (readonly [string, () => Promise<void>])[] = [
    [
      'an instance killed',
      async () => {
        await cluster.kill(1)
        await cluster.start(1)
      },
    ],
    [
      'Postgres killed',
      async () => {
        cluster.postgres.kill()
        await cluster.postgres.start()
      },
    ],
    [
      'Redis frozen',
      () =>
        during(
          () => cluster.redis.signal('SIGSTOP'),
          () => cluster.redis.signal('SIGCONT'),
        ),
    ],
    [
      'an instance cut off',
      () =>
        during(
          () => cluster.cut(2, 'both'),
          () => cluster.heal(2),
        ),
    ],
    [
      'the provider silent',
      () =>
        during(
          () => cluster.silenceProvider(true),
          () => cluster.silenceProvider(false),
        ),
    ],
    [
      'Postgres restarted',
      async () => {
        cluster.postgres.stop()
        await cluster.postgres.start()
      },
    ],
    [
      'Redis killed',
      async () => {
        await cluster.redis.kill()
        await sleep(5_000)
        await cluster.redis.start()
      },
    ],
    [
      'an instance heard by nobody',
      () =>
        during(
          () => cluster.cut(2, 'to'),
          () => cluster.heal(2),
        ),
    ],
    [
      'an instance that hears nobody',
      () =>
        during(
          () => cluster.cut(2, 'from'),
          () => cluster.heal(2),
        ),
    ],
    ['streams that do not read', () => slowStreams()],
  ]
  async function during(begin: () => void, end: () => void): Promise<void> {
    begin()
    await sleep(8_000)
    end()
  }
  async function slowStreams(): Promise<void> {
    const id = await waitForSession(() => cluster.at(0).url)
    const streams: Stream[] = []
    for (let i = 0; i < 100; i += 1) {
      const stream = openStream(cluster.at(0).url, id, { afterId: 0 })
      stream.socket.pause()
      streams.push(stream)
    }
    for (let i = 0; i < 20; i += 1) await append(cluster.at(0).url, id, 'x'.repeat(150)).catch(() => null)
    await sleep(5_000)
    for (const { socket } of streams) socket.destroy()
  }

  test('promise: nothing acknowledged is lost, nothing is answered but yes, wait or no answer, and memory is flat', async () => {
    const load = { isOver: false }
    const answers = new Map<string, Map<number, number>>()
    const tookMs: number[] = []
    const acked = new Map<string, string[]>()
    /** One request; 0 where there was no answer. What must be waited for is waited for. */
    const ask = async (what: string, work: () => Promise<{ status: number }>): Promise<number> => {
      const startMs = performance.now()
      const { status } = await work().catch(() => ({ status: 0 }))
      const counted = answers.get(what) ?? new Map<number, number>()
      answers.set(what, counted.set(status, (counted.get(status) ?? 0) + 1))
      if (status === 200) tookMs.push(performance.now() - startMs)
      else await sleep(100)
      return status
    }
    const busy = (count: number, work: (k: number) => Promise<void>): Promise<void>[] =>
      Array.from({ length: count }, async (_, k) => {
        while (!load.isOver) await work(k)
      })
    const writers = busy(9, async (k) => {
      const sessionId = await waitForSession(() => cluster.at(k % 3).url)
      const titles: string[] = []
      acked.set(sessionId, titles)
      // A session of fifty writes, and then another one.
      for (let i = 0; i < 50 && !load.isOver; i += 1) {
        const title = `${k} ${i}`
        if ((await ask('write', () => append(cluster.at(k % 3).url, sessionId, title))) === 200) titles.push(title)
        await sleep(20)
      }
    })
    const users = busy(6, async (k) => {
      await ask('key', () => call('GET', `${cluster.at(k % 3).url}/api/key`, { headers: { 'aomi-app-key': key } }))
      await sleep(10)
    })
    const simulations = busy(3, async (k) => {
      const body = { chain_id: chain.chainId, from: ALICE, transactions: [{ to: BOB, value: '1', data: '0x' }] }
      await ask('simulate', () =>
        call('POST', `${cluster.at(k % 3).url}/api/simulate`, { headers: { 'aomi-app-key': key }, body }),
      )
      await sleep(200)
    })
    const memoryMiB: number[] = []
    const watch = busy(1, async () => {
      memoryMiB.push((await residentMiB(cluster.at(0).gate.child.pid)) ?? 0)
      await sleep(2_000)
    })

    const startMs = performance.now()
    const done: string[] = []
    while (performance.now() - startMs < MINUTES * 60_000) {
      const beganMs = performance.now()
      const [name, fault] = FAULTS[done.length % FAULTS.length] as (typeof FAULTS)[number]
      await fault()
      done.push(name)
      await sleep(Math.max(1_000, FAULT_S * 1_000 - (performance.now() - beganMs)))
    }
    load.isOver = true
    await Promise.all([...writers, ...users, ...simulations, ...watch])

    let [lost, gone] = [0, 0]
    for (const [sessionId, titles] of acked) {
      const { url } = cluster.at(0)
      while ((await append(url, sessionId, 'the end').catch(() => ({ status: 0 }))).status !== 200) {
        gone += 1
        await sleep(100)
      }
      const stream = openStream(url, sessionId, { afterId: 0 })
      await stream.until((events) => events.at(-1)?.data['new_title'] === 'the end')
      stream.socket.destroy()
      const seen = new Set(stream.events.map((event) => event.data['new_title']))
      lost += titles.filter((title) => !seen.has(title)).length
    }
    const quarter = Math.floor(memoryMiB.length / 4)
    const [before, after] = [memoryMiB.slice(quarter, 2 * quarter), memoryMiB.slice(-quarter)].map((each) =>
      percentile(each, 0.5),
    )
    const statuses = Object.fromEntries([...answers].map(([what, counted]) => [what, Object.fromEntries(counted)]))
    print('mixed load', {
      minutes: MINUTES,
      faults: done,
      acknowledged: [...acked.values()].reduce((sum, titles) => sum + titles.length, 0),
      lost,
      askedAgainAtTheEnd: gone,
      answers: statuses,
      p50Ms: Math.round(percentile(tookMs, 0.5)),
      p99Ms: Math.round(percentile(tookMs, 0.99)),
      memoryMiB: { secondQuarter: Math.round(before ?? 0), lastQuarter: Math.round(after ?? 0) },
    })
    const others = [...answers.values()].flatMap((counted) => [...counted.keys()])
    // 0: no answer, of an instance that was killed. 502: a provider gave none. 503: wait.
    expect(others.filter((status) => ![0, 200, 429, 502, 503].includes(status))).toEqual([])
    expect(lost).toBe(0)
    expect(after ?? 0).toBeLessThan((before ?? 0) * FLAT.share + FLAT.moreMiB)
  })
})
