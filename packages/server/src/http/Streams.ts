import type { ServerResponse } from 'node:http'
import { BaseError } from '@countersign/base'
import { SessionAbsentError } from '../sessions/Session.ts'
import type { Store } from '../store/openStore.ts'
import { watchCommits, type CommitWatch } from '../store/watchCommits.ts'
import { createCrowd } from './crowd.ts'
import { isGone, onceGone } from './onceGone.ts'

/** How many streams may be open at once. */
export interface StreamCaps {
  /** Of one key. */
  readonly key: number
  /** Of one address, without a key. */
  readonly address: number
  /** Of one browser. */
  readonly browser: number
  /** Of one session. */
  readonly session: number
  /** Of one key, or of one address without a key, for sessions that do not exist yet. */
  readonly waiting: number
}

export const DEFAULT_STREAM_CAPS: StreamCaps = { key: 10_000, address: 1_024, browser: 64, session: 32, waiting: 64 }

/** How often an idle stream says that it lives, in milliseconds (Aomi's clients expect 15 s). */
const KEEP_ALIVE_MS = 15_000
/** How long a stream waits for a session that does not exist: a client opens it just before its first message. */
const WAIT_MS = 60_000
/** How often the streams are gone through for both. */
const TICK_MS = 1_000
/** How often the store is asked whether any credential was changed. One comparison. */
const LOOK_MS = 50
/** Streams that are judged in one go; others get their turn in between. */
const SLICE = 500
/** A client that lets this much pile up is told nothing more that it could do without. Bytes. */
export const MAX_BACKLOG_BYTES = 256 * 1024

/** Whose budget of streams something draws on. */
export type Payer = readonly [whose: keyof StreamCaps, name: string]

/**
 * The open streams of one server: counted by payer, kept alive, ended when the authority is gone that they were opened
 * with. All that a stream holds is released in one place, however and whenever its client goes.
 */
export class Streams {
  readonly #caps: StreamCaps
  readonly #seats = new Set<Seat>()
  readonly #counts = new Map<string, number>()
  readonly #crowd = createCrowd()
  readonly #watch: CommitWatch
  readonly #epoch
  #seenEpoch = -1
  #timer: NodeJS.Timeout | null = null

  constructor({ store }: { store: Store }, { caps = {} }: { caps?: Partial<StreamCaps> } = {}) {
    this.#caps = { ...DEFAULT_STREAM_CAPS, ...caps }
    this.#epoch = store.prepare<{ epoch: number }>('select epoch from authority_epoch where id = 1')
    this.#watch = watchCommits(store, { intervalMs: LOOK_MS, look: () => this.#look() })
  }

  /** What is held now: for metrics, and for tests that nothing is held for clients that are gone. */
  get held(): { readonly streams: number; readonly payers: number; readonly timers: number } {
    return { streams: this.#seats.size, payers: this.#counts.size, timers: this.#timer === null ? 0 : 1 }
  }

  /**
   * A place for a stream. Call it before anything is waited for: it listens for the client's end from here on.
   *
   * @throws {StreamLimitError} `limits:streams:open`.
   */
  take(response: ServerResponse, payer: Payer): Seat {
    const seat = new Seat(this, response)
    this.pay(seat, payer)
    this.#seats.add(seat)
    this.#crowd.enter()
    this.#start()
    onceGone(response, () => seat.leave())
    return seat
  }

  /** Counts a stream for one more payer. */
  pay(seat: Seat, [whose, name]: Payer): void {
    if (seat.isGone) return
    const bucket = `${whose}:${name}`
    if (seat.paid.includes(bucket)) return
    const open = this.#counts.get(bucket) ?? 0
    if (open >= this.#caps[whose]) {
      // Waiting streams beyond the cap are what they are: streams of sessions that do not exist.
      if (whose === 'waiting') throw new SessionAbsentError()
      throw new StreamLimitError(this.#caps[whose], whose)
    }
    this.#counts.set(bucket, open + 1)
    seat.paid.push(bucket)
  }

  /** Gives back what was paid for. */
  repay(bucket: string): void {
    const left = (this.#counts.get(bucket) ?? 1) - 1
    if (left <= 0) this.#counts.delete(bucket)
    else this.#counts.set(bucket, left)
  }

  /** Forgets a stream whose client is gone. */
  forget(seat: Seat): void {
    if (!this.#seats.delete(seat)) return
    this.#crowd.leave()
    if (this.#seats.size > 0) return
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    this.#watch.stop()
  }

  #start(): void {
    if (this.#timer !== null) return
    this.#seenEpoch = this.#epoch.get()?.epoch ?? 0
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
    this.#timer.unref()
    this.#watch.start()
  }

  #tick(): void {
    const nowMs = performance.now()
    for (const seat of this.#seats) seat.tick(nowMs)
  }

  /** When any credential was changed, every stream is asked whether it may go on. */
  #look(): boolean {
    const epoch = this.#epoch.get()?.epoch ?? 0
    if (epoch !== this.#seenEpoch) {
      this.#seenEpoch = epoch
      void this.#judgeAll()
    }
    return true
  }

  async #judgeAll(): Promise<void> {
    let judged = 0
    for (const seat of [...this.#seats]) {
      seat.judge()
      judged += 1
      if (judged % SLICE === 0) await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

/** One stream's place. Everything that it holds is released when its client is gone, however late it was added. */
export class Seat {
  readonly paid: string[] = []
  readonly #streams: Streams
  readonly #response: ServerResponse
  readonly #sinceMs = performance.now()
  #spokeMs = this.#sinceMs
  #release: (() => void) | null = null
  /** Whether whoever opened the stream would still be let in; null until it is open. */
  #isOpen: (() => boolean) | null = null
  #end: (() => void) | null = null
  #hasLeft = false
  #isWaiting = false

  constructor(streams: Streams, response: ServerResponse) {
    this.#streams = streams
    this.#response = response
  }

  get isGone(): boolean {
    return this.#hasLeft || isGone(this.#response)
  }

  /** What is to be undone when the client is gone, in place of what was before; immediately when it has gone. */
  holds(release: () => void): void {
    this.#release = release
    if (this.#hasLeft) this.#releaseNow()
  }

  /** From here on the stream is kept alive, and ended when `isOpen` says no. */
  open({ isOpen, end, isWaiting = false }: { isOpen: () => boolean; end: () => void; isWaiting?: boolean }): void {
    this.#isOpen = isOpen
    this.#end = end
    this.#isWaiting = isWaiting
    if (!isWaiting) this.#stopWaiting()
    // It may have been closed between the look that let it in and this.
    this.judge()
  }

  judge(): void {
    if (this.#isOpen?.() === false) this.#end?.()
  }

  tick(nowMs: number): void {
    if (this.#isOpen === null) return
    if (this.#isWaiting && nowMs - this.#sinceMs >= WAIT_MS) return this.#end?.()
    if (nowMs - this.#spokeMs < KEEP_ALIVE_MS) return
    this.#spokeMs = nowMs
    this.judge()
    if (this.#response.writableEnded || this.isGone) return
    if (this.#response.writableLength <= MAX_BACKLOG_BYTES) this.#response.write(': keep-alive\n\n')
  }

  leave(): void {
    if (this.#hasLeft) return
    this.#hasLeft = true
    this.#isOpen = null
    this.#end = null
    for (const bucket of this.paid.splice(0)) this.#streams.repay(bucket)
    this.#streams.forget(this)
    this.#releaseNow()
  }

  #stopWaiting(): void {
    const at = this.paid.findIndex((bucket) => bucket.startsWith('waiting:'))
    if (at >= 0) this.#streams.repay(this.paid.splice(at, 1)[0] as string)
  }

  #releaseNow(): void {
    const release = this.#release
    this.#release = null
    release?.()
  }
}

const WHOSE: Readonly<Record<keyof StreamCaps, string>> = {
  key: 'of this key',
  address: 'of this address',
  browser: 'of this browser',
  session: 'of this session',
  waiting: 'for sessions that do not exist',
}

export class StreamLimitError extends BaseError {
  override readonly name = 'limits.StreamLimitError'
  constructor(max: number, whose: keyof StreamCaps) {
    super(`${max} streams ${WHOSE[whose]} are open, and no more may be.`, {
      code: 'limits:streams:open',
      kind: 'spent',
      hint: 'Close streams that are not read, or poll GET /api/state.',
    })
  }
}
