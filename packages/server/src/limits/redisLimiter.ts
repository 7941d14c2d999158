import { BaseError, type Clock } from '@countersign/base'
import { Redis } from 'ioredis'
import * as Gcra from './Gcra.ts'
import type { Limiter } from './Limiter.ts'
import { Backlogs, chargeLocally, MONOTONIC } from './localLimiter.ts'

/**
 * All windows of a request in one script: decided together, charged together. Time is Redis's own, so that no
 * instance's clock can change a decision. Numbers are milliseconds since 2024, because Lua's are doubles.
 *
 * KEYS: one per window. ARGV: limit, windowMs, cost, what this instance knows the fill to be at least, what it
 * admitted by itself while Redis was out, and since how long, for each window. That is added as if it had been charged
 * when it began: what others charged meanwhile counts on top, and what was refilled meanwhile is refilled.
 */
const SCRIPT = `
local t = redis.call('TIME')
local now = (tonumber(t[1]) - 1704067200) * 1000 + tonumber(t[2]) / 1000
local n = #KEYS
local allowed = 1
local before, after = {}, {}
for i = 1, n do
  local a = (i - 1) * 6
  local limit, window, cost = tonumber(ARGV[a + 1]), tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3])
  local stored = tonumber(redis.call('GET', KEYS[i]) or '0') - now
  local known, debt, age = tonumber(ARGV[a + 4]), tonumber(ARGV[a + 5]), tonumber(ARGV[a + 6])
  if debt > 0 then stored = math.max(stored, -age) + debt end
  local fill = math.max(stored, known, 0)
  if fill > window then fill = window end
  before[i] = fill
  after[i] = fill + math.min(cost, limit) * window / limit
  if cost > 0 and after[i] > window + 0.01 then allowed = 0 end
end
local out = { allowed }
for i = 1, n do
  local fill = allowed == 1 and after[i] or before[i]
  if fill > 0 then
    redis.call('SET', KEYS[i], string.format('%.4f', now + fill), 'PX', math.ceil(fill) + 1000)
  end
  out[#out + 1] = string.format('%.4f', fill)
  out[#out + 1] = string.format('%.4f', after[i])
end
return out
`

/** A frozen Redis is noticed after this long, a request later not at all. Milliseconds (gateway.md 4: 51 ms seen). */
const COMMAND_TIMEOUT_MS = 50
/** How long nobody asks Redis after it failed; then one request tries. */
const PROBE_MS = 500
/** A server that starts waits this long for Redis, then starts without. */
const FIRST_CONNECT_MS = 1_000
const MAX_BUCKETS = 100_000

interface Scripted {
  gcra(keys: number, ...args: (string | number)[]): Promise<[number, ...string[]]>
}

/**
 * Limits in Redis: exact across processes. When Redis is frozen or gone, each instance goes on with its share of the
 * limit (`1 / liveInstances`), starting from the fill it last saw, and tells Redis afterwards what it let through:
 * neither open nor closed. One Redis, not a cluster: the windows of a request lie in one script.
 *
 * @throws {RedisUrlError} `limits:redis:unreadable`. An unreachable Redis is no error: it may come back.
 */
export async function openRedisLimiter(
  {
    clock = MONOTONIC,
    liveInstances,
    onChange,
  }: {
    clock?: Clock.Clock
    liveInstances: () => number
    /** Told when Redis went or came back. */
    onChange: (mode: 'redis' | 'fallback') => void
  },
  {
    url,
    prefix = 'countersign:limit',
    commandTimeoutMs = COMMAND_TIMEOUT_MS,
  }: { url: string; prefix?: string; commandTimeoutMs?: number },
): Promise<Limiter> {
  if (!/^rediss?:\/\//.test(url)) throw new RedisUrlError()
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 200,
    retryStrategy: () => 200,
    lazyConnect: false,
  })
  redis.on('error', () => undefined)
  redis.defineCommand('gcra', { lua: SCRIPT })
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, FIRST_CONNECT_MS)
    redis.once('ready', () => {
      clearTimeout(timer)
      resolve()
    })
  })
  const scripted = redis as unknown as Scripted
  const books = new Books({ clock, liveInstances, prefix, commandTimeoutMs })
  let openUntilMs = Number.NEGATIVE_INFINITY
  let isProbing = false
  let isOut = false

  const failed = (): void => {
    openUntilMs = clock.nowMs() + PROBE_MS
    if (isOut) return
    isOut = true
    onChange('fallback')
  }
  const worked = (): void => {
    if (!isOut) return
    isOut = false
    books.forgetShare()
    onChange('redis')
  }

  const ask = async (charges: readonly Gcra.Charge[]): Promise<Gcra.Decision> => {
    const question = books.questionFor(charges)
    const { keys, args } = question
    const answer = await inTime(scripted.gcra(keys.length, ...keys, ...args), commandTimeoutMs).catch(
      (error: unknown) => {
        books.untell(question)
        throw error
      },
    )
    return books.read(answer, question, charges)
  }

  return {
    async charge(charges) {
      const isOpen = clock.nowMs() < openUntilMs
      if (redis.status !== 'ready' || isOpen || (isOut && isProbing)) {
        if (redis.status !== 'ready') failed()
        return books.decideAlone(charges)
      }
      isProbing = isOut
      try {
        const decision = await ask(charges)
        worked()
        return decision
      } catch {
        failed()
        return books.decideAlone(charges)
      } finally {
        isProbing = false
      }
    },
    mode: () => (isOut ? 'fallback' : 'redis'),
    close: async () => {
      redis.disconnect()
    },
  }
}

/** What this instance admitted while Redis was out, in milliseconds of budget, and since when. */
interface Debt {
  costMs: number
  readonly sinceMs: number
}

/** What Redis is asked, as the script takes it, and the debts that it is told. */
interface Question {
  readonly keys: readonly string[]
  readonly args: readonly number[]
  readonly names: readonly string[]
  readonly told: readonly (readonly [name: string, debt: Debt])[]
  readonly atMs: number
}

/** What one instance knows of the limits: what Redis last said, its own share while Redis is out, and what it owes. */
class Books {
  readonly #clock: Clock.Clock
  readonly #liveInstances: () => number
  readonly #prefix: string
  readonly #commandTimeoutMs: number
  /** What Redis last said. */
  readonly #known = new Backlogs(MAX_BUCKETS)
  /** What this instance decides with while Redis is out: its share, from what was known. */
  #share = new Backlogs(MAX_BUCKETS)
  /** What it admitted meanwhile, to be told once. */
  readonly #debts = new Map<string, Debt>()

  constructor({ clock, liveInstances, prefix, commandTimeoutMs }: BooksInput) {
    this.#clock = clock
    this.#liveInstances = liveInstances
    this.#prefix = prefix
    this.#commandTimeoutMs = commandTimeoutMs
  }

  forgetShare(): void {
    this.#share = new Backlogs(MAX_BUCKETS)
  }

  /** The decision without Redis, on this instance's share; what is admitted becomes a debt. */
  decideAlone(charges: readonly Gcra.Charge[]): Gcra.Decision {
    const nowMs = this.#clock.nowMs()
    const instances = Math.max(1, this.#liveInstances())
    for (const { bucket, windows } of charges) {
      for (const window of windows) {
        const name = `${bucket}|${window.name}`
        const seen = this.#known.read(name, nowMs)
        if (seen > this.#share.read(name, nowMs)) this.#share.write(name, seen, nowMs)
      }
    }
    const decision = chargeLocally(this.#share, charges, nowMs, instances, 'fallback')
    if (decision.allowed) for (const charge of charges) this.#owe(charge, nowMs)
    return decision
  }

  #owe({ bucket, windows, cost }: Gcra.Charge, nowMs: number): void {
    if (cost === 0) return
    for (const window of windows) {
      const name = `${bucket}|${window.name}`
      const debt = this.#debts.get(name) ?? { costMs: 0, sinceMs: nowMs }
      debt.costMs = Gcra.fill(debt.costMs, window, cost)
      this.#debts.set(name, debt)
      if (this.#debts.size > MAX_BUCKETS) this.#debts.delete(this.#debts.keys().next().value as string)
    }
  }

  questionFor(charges: readonly Gcra.Charge[]): Question {
    const keys: string[] = []
    const args: number[] = []
    const names: string[] = []
    const told: [string, Debt][] = []
    const atMs = this.#clock.nowMs()
    for (const { bucket, windows, cost } of charges) {
      for (const window of windows) {
        const name = `${bucket}|${window.name}`
        names.push(name)
        keys.push(`${this.#prefix}:${name}`)
        const debt = this.#debts.get(name)
        // Told once: a request that goes out at the same time must not tell it again.
        if (debt !== undefined) {
          this.#debts.delete(name)
          told.push([name, debt])
        }
        // Redis may have come back empty: what was known is a floor, less what an answer may take on its way. As it was
        // known, it would stand above Redis whenever this question travels longer than the last one did, and every
        // such question would take a little of the budget for nobody (4 % of it, with three busy processes).
        const floorMs = Math.max(0, this.#known.read(name, atMs) - this.#commandTimeoutMs)
        const ageMs = debt === undefined ? 0 : atMs - debt.sinceMs
        args.push(window.limit, window.windowMs, cost, floorMs, debt?.costMs ?? 0, ageMs)
      }
    }
    return { keys, args, names, told, atMs }
  }

  /** Redis did not answer: what it was told is owed again, with what was added meanwhile. */
  untell({ told }: Question): void {
    for (const [name, debt] of told) {
      const since = this.#debts.get(name)
      this.#debts.set(name, { costMs: debt.costMs + (since?.costMs ?? 0), sinceMs: debt.sinceMs })
    }
  }

  read(
    answer: readonly [number, ...string[]],
    { names, atMs }: Question,
    charges: readonly Gcra.Charge[],
  ): Gcra.Decision {
    const allowed = answer[0] === 1
    const states: Gcra.WindowState[] = []
    let retryAfterMs = 0
    let i = 0
    for (const { windows } of charges) {
      for (const window of windows) {
        const name = names[i] as string
        const backlogMs = Number(answer[1 + 2 * i])
        // As of the moment it was asked for: dated later, it would run ahead of Redis by the time the answer took.
        this.#known.write(name, backlogMs, atMs)
        states.push(Gcra.stateOf(backlogMs, window))
        if (!allowed) retryAfterMs = Math.max(retryAfterMs, Number(answer[2 + 2 * i]) - window.windowMs)
        i += 1
      }
    }
    return { allowed, states, retryAfterMs: Math.max(retryAfterMs, allowed ? 0 : 1), source: 'redis' }
  }
}

interface BooksInput {
  readonly clock: Clock.Clock
  readonly liveInstances: () => number
  readonly prefix: string
  readonly commandTimeoutMs: number
}

/** How often a wait is begun again because this process itself stood still. */
const MAX_STALLS = 4

/**
 * The answer, if it comes in time. A timer that fires late tells that this process stood still, not Redis: the answer
 * may lie unread, so it is waited for again. An outage that is none would let each instance admit its share on top.
 */
function inTime<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    let stalls = 0
    let timer: NodeJS.Timeout
    const wait = (): void => {
      const dueMs = performance.now() + timeoutMs
      timer = setTimeout(() => {
        const lateMs = performance.now() - dueMs
        if (lateMs > timeoutMs / 5 && stalls < MAX_STALLS) {
          stalls += 1
          wait()
        } else reject(new Error('Redis did not answer in time'))
      }, timeoutMs)
    }
    wait()
    answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

export class RedisUrlError extends BaseError {
  override readonly name = 'limits.RedisUrlError'
  constructor() {
    // The URL is not echoed: it may hold a password.
    super('REDIS_URL is not a redis:// or rediss:// URL.', {
      code: 'limits:redis:unreadable',
      kind: 'invalid',
      hint: 'Write redis://host:6379, or unset REDIS_URL to keep limits in this process.',
    })
  }
}
