import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Address, Clock, Redacted } from '@countersign/base'
import { startLocalChain, type LocalChain } from '@countersign/chain'
import type { SimulationRequest } from '@countersign/simulator'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, isServerThere, type TestDatabase } from '../../../../../test/postgres/server.ts'
import { openSimulationQueue, startSimulateWorker } from '../../openSimulationQueue.ts'
import { openStore, type Store } from '../../store/openStore.ts'
import { JobQueue } from '../../store/postgres/JobQueue.ts'
import type { ChainConfig } from '../Chain.ts'
import * as Job from './Job.ts'
import { startProcess, type SimulationProcess } from './startProcess.ts'

let chain: LocalChain
let simulating: SimulationProcess
const asked: string[] = []

beforeAll(async () => {
  chain = await startLocalChain()
  simulating = startProcess(
    { chainId: chain.chainId, rpcUrls: [chain.rpcUrl] },
    { onRequest: ({ methods }) => asked.push(...methods) },
  )
})
afterAll(async () => {
  await simulating.close()
  await chain.close()
})

const request = (): SimulationRequest => ({
  chainId: chain.chainId,
  from: Address.parse(chain.accounts[0]?.address ?? ''),
  calls: [
    {
      ...{ to: Address.parse(`0x${'22'.repeat(20)}`), value: 5n, data: '0x' },
      ...{ gasLimit: null, maxFeePerGasWei: null, label: null },
    },
  ],
  ...{ block: 'latest', known: [], maxHeadAgeMs: 0 },
})

test('promise: another process gives the report that this one would, and one that ends is said and replaced', async () => {
  const first = Job.expect(await simulating.run({ kind: 'simulate', request: request() }), 'simulate')
  expect([first.report.verdict, first.report.steps[0]?.gasUsed]).toEqual(['allow', 21_000n])
  expect(first.readSet?.entries.length).toBeGreaterThan(0)
  expect(asked).toContain('eth_chainId')

  const cut = simulating.run({ kind: 'simulate', request: request() })
  process.kill(simulating.pid() ?? 0, 'SIGKILL')
  await expect(cut).rejects.toMatchObject({ code: 'chains:simulation:gone', kind: 'unavailable' })
  const again = Job.expect(await simulating.run({ kind: 'simulate', request: request() }), 'simulate')
  expect(again.report.tokenChanges).toEqual(first.report.tokenChanges)

  const wrong = await simulating.run({ kind: 'simulate', request: { ...request(), chainId: 5 } })
  expect(() => Job.expect(wrong, 'simulate')).toThrowError(expect.objectContaining({ name: 'chains.RemoteError' }))
})

describe.runIf(await isServerThere())('the queue on PostgreSQL', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-jobs-'))
  const key = Buffer.alloc(32, 1)
  const opened: JobQueue[] = []
  let database: TestDatabase
  let env: NodeJS.ProcessEnv
  let store: Store

  beforeAll(async () => {
    database = await createTestDatabase()
    env = { DATABASE_URL: database.url, COUNTERSIGN_MASTER_KEY: '22'.repeat(32) }
    store = await openStore({ clock: Clock.system }, { dataDir, env })
  })
  afterAll(async () => {
    for (const queue of opened) await queue.close()
    await store.close()
    await database.drop()
    rmSync(dataDir, { recursive: true, force: true })
  })
  const open = (given = key, version = '1'): JobQueue => {
    const queue = new JobQueue({ url: database.url, key: given, version })
    opened.push(queue)
    queue.watch()
    return queue
  }
  const ask = (queue: JobQueue, text: string, timeoutMs = 60_000) =>
    queue.ask({ chainId: 1, job: Buffer.from(text), timeoutMs })
  /** The next job, however long it takes to come. */
  const claimed = async (queue: JobQueue) => {
    for (;;) {
      const found = await queue.claim([1])
      if (found !== null) return found
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  const live = async (server: JobQueue, worker: JobQueue) => {
    await worker.live('w', [1])
    await expect.poll(() => server.isServed(1), { timeout: 20_000 }).toBe(true)
    const beat = setInterval(() => void worker.live('w', [1]).catch(() => undefined), 500)
    return async () => {
      clearInterval(beat)
      await worker.leave('w')
    }
  }

  test('promise: each job is claimed once, and one that a dead worker held is done by another', async () => {
    const [server, first, second] = [open(), open(), open()]
    const stop = await live(server, second)
    const both = [ask(server, 'a'), ask(server, 'b')]
    const claims = [await claimed(first), await claimed(second)]
    expect(claims.map(({ job }) => job.toString()).toSorted()).toEqual(['a', 'b'])
    expect(await first.claim([1])).toBeNull()
    const [dead, done] = claims as [(typeof claims)[0], (typeof claims)[0]]
    expect(await second.answer(done, Buffer.from(`${done.job.toString()}!`))).toBe(true)
    // The first one says nothing any more: its lease ends.
    const again = await claimed(second)
    expect([again.id, again.fence]).toEqual([dead.id, dead.fence + 1])
    expect([await first.hold(dead), await first.answer(dead, Buffer.from('stale'))]).toEqual([false, false])
    await second.answer(again, Buffer.from(`${again.job.toString()}!`))
    const answers = await Promise.all(both)
    expect(answers.map(({ answer }) => answer?.toString())).toEqual(['a!', 'b!'])
    await stop()
  })

  test('promise: whoever can only write to the database hands over neither a job nor an answer', async () => {
    const [server, worker, stranger] = [open(), open(), open(Buffer.alloc(32, 2))]
    const stop = await live(server, worker)
    const forged = ask(stranger, 'forged', 2_000)
    await expect.poll(() => stranger.isServed(1), { timeout: 20_000 }).toBe(true)
    expect(await worker.claim([1])).toBeNull()
    expect(await forged).toEqual({ answer: null, why: 'late' })

    const asked = ask(server, 'a')
    const held = await claimed(worker)
    await stranger.answer(held, Buffer.from('allow'))
    expect(await asked).toEqual({ answer: null, why: 'refused' })

    // A true answer to another job is none to this one.
    const [one, two] = [ask(server, 'one'), ask(server, 'two')]
    const holds = [await claimed(worker), await claimed(worker)].toSorted((a, b) => (a.job < b.job ? -1 : 1))
    const client = await database.connect()
    const [left, right] = holds as [(typeof holds)[0], (typeof holds)[0]]
    const byText = left.job.toString() === 'one' ? [left, right] : [right, left]
    await worker.answer(byText[0] as typeof left, Buffer.from('one!'))
    await client.query(
      `update simulation_jobs j set answer = o.answer, answer_mac = o.answer_mac from simulation_jobs o
       where j.id = $1 and o.answer is not null and o.id <> j.id`,
      [byText[1]?.id],
    )
    await client.end()
    const outcomes = await Promise.all([one, two])
    expect(outcomes.some(({ answer }) => answer === null)).toBe(true)
    expect(outcomes[1]?.answer ?? null).toBeNull()
    await stop()
  })

  test('promise: no answer in time is none; where no worker lives the job is taken back, and other versions do nothing', async () => {
    const [server, worker, older] = [open(), open(), open(key, '0')]
    await older.live('old', [1])
    expect(await ask(server, 'a')).toEqual({ answer: null, why: 'gone' })
    expect(await older.claim([1])).toBeNull()
    const stop = await live(server, worker)
    expect(await ask(server, 'b', 500)).toEqual({ answer: null, why: 'late' })
    expect(await worker.claim([1])).toBeNull()
    await stop()
  })

  test('promise: a server is answered by workers that check as much as it does, and by no other', async () => {
    const config = {
      ...{
        chainId: chain.chainId,
        rpcUrl: Redacted.of(chain.rpcUrl),
        name: 'Local',
        nativeSymbol: 'ETH',
        isLocal: true,
      },
      ...{ explorerUrl: null, tokens: [], contracts: [], exchanges: [], faucet: null },
    } satisfies ChainConfig
    const closers: (() => Promise<void>)[] = []
    const registry = new Registry()
    const workersOf = await openSimulationQueue({ store, registry }, { env, closers })
    const [workers, strict] = [workersOf?.(config), workersOf?.({ ...config, isProofVerified: true })]
    expect(workers?.isServed()).toBe(false)
    const started = await startSimulateWorker({
      ...{ dataDir, env, chains: [config], clock: Clock.system },
      onError: (error) => console.error(error),
    })
    await expect.poll(() => workers?.isServed(), { timeout: 60_000 }).toBe(true)
    const answer = await workers?.run({ kind: 'simulate', request: request() })
    expect(answer?.kind === 'simulate' && [answer.report.verdict, answer.report.steps[0]?.gasUsed]).toEqual([
      'allow',
      21_000n,
    ])
    const refused = await strict?.run({ kind: 'simulate', request: request() })
    expect(refused).toMatchObject({ kind: 'error', error: { code: 'chains:simulation:setup', kind: 'unavailable' } })
    await started.close()
    await expect(workers?.run({ kind: 'simulate', request: request() })).rejects.toMatchObject({ why: 'gone' })
    for (const close of closers) await close()
    await expect(
      startSimulateWorker({ dataDir, env: {}, chains: [config], clock: Clock.system, onError: () => undefined }),
    ).rejects.toMatchObject({ code: 'server:worker:database' })
  })
})
