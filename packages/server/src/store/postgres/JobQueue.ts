import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type pg from 'pg'
import { closeConnection, connect, toPgError } from './connect.ts'

/** A worker that says nothing for this long is not counted on, and its jobs are given to others. Milliseconds. */
export const LEASE_MS = 3_000
/** How often whoever waits looks, in case a notification was lost. Milliseconds. */
const LOOK_MS = 200
const ASKED = 'countersign_jobs'
const ANSWERED = 'countersign_answers'

/** A job that a worker holds until its lease ends. */
export interface Claimed {
  readonly id: string
  readonly chainId: number
  /** Of the claim: an answer under an older one is refused. */
  readonly fence: number
  readonly job: Buffer
}

/**
 * What was answered to a job: null where nobody did in time, where it is not a worker's answer to this very job, or where no
 * worker lives any more: then it was taken back, and will not be answered.
 */
export type Outcome = { readonly answer: Buffer } | { readonly answer: null; readonly why: 'late' | 'refused' | 'gone' }

/**
 * Jobs that the processes on one database do for each other. Rows are claimed with `skip locked` under a lease and a fence, and
 * are authenticated with a key that only these processes have: whoever may merely write to the database can neither hand a
 * worker a job nor a server an answer, and an answer fits no other job.
 */
export class JobQueue {
  readonly #url: string
  readonly #key: Buffer
  readonly #version: string
  readonly #waiting = new Map<string, () => void>()
  #client: Promise<pg.Client> | null = null
  #tail: Promise<unknown> = Promise.resolve()
  #onAsked: (() => void) | null = null
  #timer: NodeJS.Timeout | null = null
  #served = new Set<number>()
  #isClosed = false

  /** @param version - Of this program: processes of other versions do nothing for each other. */
  constructor({ url, key, version }: { url: string; key: Buffer; version: string }) {
    this.#url = url
    this.#key = key
    this.#version = version
  }

  /** Begins to look which chains workers serve. */
  watch(): void {
    this.#timer ??= setInterval(() => void this.#countWorkers(), LOOK_MS).unref()
  }

  /** Whether a worker that lives serves the chain, as of a moment ago. */
  isServed(chainId: number): boolean {
    return this.#served.has(chainId)
  }

  /** Puts a job into the queue and waits for its answer. */
  async ask({ chainId, job, timeoutMs }: { chainId: number; job: Buffer; timeoutMs: number }): Promise<Outcome> {
    const id = randomBytes(16).toString('hex')
    const untilMs = performance.now() + timeoutMs
    await this.#query(
      `insert into simulation_jobs (id, chain_id, job, mac, version, fence, lease_until, asked_at, expires_at)
       values ($1, $2, $3, $4, $6, 0, '-infinity', clock_timestamp(), clock_timestamp() + $5 * interval '1 ms')`,
      [id, chainId, job, this.#macOf('job', id, chainId, 0, job), timeoutMs, this.#version],
    )
    try {
      await this.#query(`select pg_notify('${ASKED}', '')`, [])
      while (performance.now() < untilMs) {
        await new Promise<void>((resolve) => {
          this.#waiting.set(id, resolve)
          setTimeout(resolve, LOOK_MS).unref()
        })
        const { rows } = await this.#query<{ fence: number; answer: Buffer; answer_mac: Buffer }>(
          'select fence, answer, answer_mac from simulation_jobs where id = $1 and answer is not null',
          [id],
        )
        const [row] = rows
        if (row === undefined) {
          if (!this.isServed(chainId) && (await this.#takeBack(id))) return { answer: null, why: 'gone' }
          continue
        }
        const mac = this.#macOf('answer', id, chainId, row.fence, job, row.answer)
        return isSame(mac, row.answer_mac) ? { answer: row.answer } : { answer: null, why: 'refused' }
      }
      return { answer: null, why: 'late' }
    } finally {
      this.#waiting.delete(id)
      await this.#query('delete from simulation_jobs where id = $1', [id]).catch(() => undefined)
    }
  }

  /** Says that a worker lives and which chains it serves. */
  async live(worker: string, chains: readonly number[]): Promise<void> {
    await this.#query(
      `insert into simulation_workers (id, chains, version, lease_until)
       values ($1, $2, $4, clock_timestamp() + $3 * interval '1 ms')
       on conflict (id) do update set chains = excluded.chains, lease_until = excluded.lease_until`,
      [worker, [...chains], LEASE_MS, this.#version],
    )
    await this.#query(`delete from simulation_workers where lease_until < clock_timestamp() - interval '1 minute'`, [])
    await this.#query(`delete from simulation_jobs where expires_at < clock_timestamp() - interval '1 minute'`, [])
  }

  async leave(worker: string): Promise<void> {
    await this.#query('delete from simulation_workers where id = $1', [worker])
  }

  /** Tells whenever a job may be there. */
  onAsked(run: () => void): void {
    this.#onAsked = run
  }

  /** Takes the oldest job that nobody holds; null for none. What no server of this installation asked for is thrown away. */
  async claim(chains: readonly number[]): Promise<Claimed | null> {
    const { rows } = await this.#query<{ id: string; chain_id: number; fence: number; job: Buffer; mac: Buffer }>(
      `update simulation_jobs set fence = fence + 1, lease_until = clock_timestamp() + $2 * interval '1 ms'
       where id = (select id from simulation_jobs
         where answer is null and chain_id = any($1) and version = $3 and lease_until < clock_timestamp() and expires_at > clock_timestamp()
         order by asked_at for update skip locked limit 1)
       returning id, chain_id, fence, job, mac`,
      [[...chains], LEASE_MS, this.#version],
    )
    const [row] = rows
    if (row === undefined) return null
    const { id, chain_id: chainId, fence, job, mac } = row
    if (isSame(mac, this.#macOf('job', id, chainId, 0, job))) return { id, chainId, fence, job }
    await this.#query('delete from simulation_jobs where id = $1', [id])
    return this.claim(chains)
  }

  /** Holds a claim for longer. False: it was lost, and the answer will be refused. */
  async hold({ id, fence }: Claimed): Promise<boolean> {
    const { rowCount } = await this.#query(
      `update simulation_jobs set lease_until = clock_timestamp() + $3 * interval '1 ms'
       where id = $1 and fence = $2 and answer is null`,
      [id, fence, LEASE_MS],
    )
    return rowCount === 1
  }

  /** Answers a claim. False: another worker holds the job by now, or nobody waits for it any more. */
  async answer({ id, chainId, fence, job }: Claimed, answer: Buffer): Promise<boolean> {
    const { rowCount } = await this.#query(
      'update simulation_jobs set answer = $3, answer_mac = $4 where id = $1 and fence = $2 and answer is null',
      [id, fence, answer, this.#macOf('answer', id, chainId, fence, job, answer)],
    )
    if (rowCount !== 1) return false
    await this.#query(`select pg_notify('${ANSWERED}', $1)`, [id])
    return true
  }

  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#timer !== null) clearInterval(this.#timer)
    await this.#tail.catch(() => undefined)
    const client = await this.#client?.catch(() => null)
    if (client != null) await closeConnection(client)
  }

  /** False: it was answered just now. */
  async #takeBack(id: string): Promise<boolean> {
    const { rowCount } = await this.#query('delete from simulation_jobs where id = $1 and answer is null', [id])
    return rowCount === 1
  }

  async #countWorkers(): Promise<void> {
    try {
      const { rows } = await this.#query<{ chains: readonly number[] }>(
        'select chains from simulation_workers where lease_until > clock_timestamp() and version = $1',
        [this.#version],
      )
      this.#served = new Set(rows.flatMap(({ chains }) => chains.map(Number)))
    } catch {
      this.#served = new Set()
    }
  }

  #macOf(kind: 'job' | 'answer', id: string, chainId: number, fence: number, job: Buffer, answer?: Buffer): Buffer {
    const mac = createHmac('sha256', this.#key).update(`${kind} ${id} ${chainId} ${fence} `)
    mac.update(createHash('sha256').update(job).digest())
    if (answer !== undefined) mac.update(answer)
    return mac.digest()
  }

  async #query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]): Promise<pg.QueryResult<Row>> {
    const done = this.#tail.then(async () => {
      const client = await (this.#client ??= this.#connect())
      return client.query<Row>(text, [...values])
    })
    this.#tail = done.catch(() => undefined)
    try {
      return await done
    } catch (error) {
      throw toPgError(error)
    }
  }

  async #connect(): Promise<pg.Client> {
    try {
      const client = await connect(this.#url, {
        ...{ readOnly: false, name: 'jobs' },
        onEnd: () => {
          this.#client = null
        },
      })
      client.on('notification', ({ channel, payload }) => {
        if (channel === ASKED) this.#onAsked?.()
        else if (payload !== undefined) this.#waiting.get(payload)?.()
      })
      if (!this.#isClosed) await client.query(`listen ${ASKED}; listen ${ANSWERED}`)
      return client
    } catch (error) {
      this.#client = null
      throw error
    }
  }
}

function isSame(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}
