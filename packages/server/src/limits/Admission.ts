import { availableParallelism } from 'node:os'
import { performance } from 'node:perf_hooks'
import { assert, BaseError } from '@countersign/base'
import { currentTenant, type Tenant } from './currentTenant.ts'
import * as Share from './Share.ts'

/** Where a simulation runs: with all others, or apart, with those of tenants whose simulations are heavy on the engines. */
export type Lane = 'common' | 'apart'

/** What a simulation says of itself when it ends. */
export interface Cost {
  /** What the engines spent on it, in milliseconds. */
  engineMs: number
}

export interface AdmissionNews {
  /** One began, after so many milliseconds in the queue. */
  began(lane: Lane, waitedMs: number): void
  /** One was refused: the queue of its tenant or of the process is full, or it waited too long. */
  refused(why: Refusal): void
}
export type Refusal = 'member' | 'app' | 'process' | 'time'

export interface AdmissionSizes {
  /** Simulations that run at once in each lane. */
  readonly slots: Readonly<Record<Lane, number>>
  /** Simulations that wait: of one key or address, of one app, and in the whole process. */
  readonly queued: Readonly<Record<'member' | 'app' | 'process', number>>
  /** The longest that one waits, in milliseconds. */
  readonly maxWaitMs: number
}

/** Much of a simulation is waiting for a provider: 16 at once keep two cores busy at 100 ms a round trip. */
export const DEFAULT_SIZES: AdmissionSizes = {
  slots: { common: 8 * Math.max(2, availableParallelism()), apart: Math.max(2, availableParallelism() >> 1) },
  queued: { member: 64, app: 256, process: 1_024 },
  maxWaitMs: 10_000,
}

/** Above this share of its time, the event loop has none left for a tenant that already has a simulation running. */
const BUSY_LOOP = 0.5
/** How often the loop's share is measured, in milliseconds. */
const MEASURE_MS = 200

interface Waiting {
  readonly sinceMs: number
  readonly start: (charge: { readonly appMs: number; readonly memberMs: number }) => void
  readonly refuse: (why: Refusal) => void
  readonly timer: NodeJS.Timeout
}

/** An app with its keys and addresses in a lane, or one of them with what waits. */
interface Member extends Share.Share {
  readonly queue: Waiting[]
}
interface App extends Share.Share {
  readonly ring: Member[]
  readonly members: Map<string, Member>
}

/**
 * Admits simulations, so that none of those who share a process starves the others. Apps take turns by the time that their
 * simulations took (deficit round robin), and within an app its keys. While others are there, nobody holds more than half of
 * a fair part of the slots, and only one where the event loop is busy; simulations of a tenant
 * that exhausts engines run apart. Queues are bounded.
 */
export class Admission {
  readonly #lanes: Readonly<Record<Lane, { running: number; ring: App[]; apps: Map<string, App> }>> = {
    common: { running: 0, ring: [], apps: new Map() },
    apart: { running: 0, ring: [], apps: new Map() },
  }
  readonly #sizes: AdmissionSizes
  readonly #news: AdmissionNews
  readonly #nowMs: () => number
  readonly #loopShare: () => number
  #waiting = 0
  #sweptMs = 0

  /** @param loopShare - How much of its time the event loop works, 0 to 1; measured where it is left out. */
  constructor(
    sizes: AdmissionSizes,
    news: AdmissionNews,
    { nowMs = () => performance.now(), loopShare = measuredLoopShare() } = {},
  ) {
    this.#sizes = sizes
    this.#news = news
    this.#nowMs = nowMs
    this.#loopShare = loopShare
  }

  /** How many wait and run, for the operator. */
  get counts(): { readonly waiting: number; readonly running: Readonly<Record<Lane, number>> } {
    return { waiting: this.#waiting, running: { common: this.#lanes.common.running, apart: this.#lanes.apart.running } }
  }

  /**
   * Runs a simulation for the tenant that the process works for, when it is its turn.
   *
   * @throws {OverloadError} `limits:simulations:busy`.
   */
  async run<T>(work: (lane: Lane, cost: Cost) => Promise<T>, tenant: Tenant = currentTenant()): Promise<T> {
    const lane = this.#laneOf(tenant)
    const { app, member, charge } = await this.#admitted(tenant, lane)
    const startMs = this.#nowMs()
    const cost: Cost = { engineMs: 0 }
    try {
      return await work(lane, cost)
    } finally {
      const nowMs = this.#nowMs()
      const tookMs = nowMs - startMs
      this.#lanes[lane].running -= 1
      Share.end(app, { tookMs, expectedMs: charge.appMs, nowMs })
      Share.end(member, { tookMs, expectedMs: charge.memberMs, nowMs })
      this.#remember(tenant, { tookMs, engineMs: cost.engineMs })
      this.#serve(lane)
      this.#sweep(nowMs)
    }
  }

  /** What is expected of a tenant does not depend on where it was served, so it stands in one place. */
  #remember(tenant: Tenant, { tookMs, engineMs }: { tookMs: number; engineMs: number }): void {
    const { app, member } = this.#sharesOf(tenant, 'common')
    const simulation = { tookMs, engineMs, member: member.name }
    Share.remember(member, simulation)
    // A key that is served apart says nothing of the other keys of its app.
    if (Share.isHeavy(member)) Share.disown(app, member.name)
    else Share.remember(app, simulation)
  }

  #laneOf(tenant: Tenant): Lane {
    const { app, member } = this.#sharesOf(tenant, 'common')
    return Share.isHeavy(member) || Share.isHeavy(app) ? 'apart' : 'common'
  }

  #admitted(
    tenant: Tenant,
    lane: Lane,
  ): Promise<{ app: App; member: Member; charge: { readonly appMs: number; readonly memberMs: number } }> {
    const { app, member } = this.#sharesOf(tenant, lane)
    const { queued } = this.#sizes
    const full =
      member.waiting >= queued.member
        ? 'member'
        : app.waiting >= queued.app
          ? 'app'
          : this.#waiting >= queued.process
            ? 'process'
            : null
    return new Promise((resolve, reject) => {
      const refuse = (why: Refusal): void => {
        this.#news.refused(why)
        reject(new OverloadError(why))
      }
      if (full !== null) return refuse(full)
      const sinceMs = this.#nowMs()
      const waiting: Waiting = {
        ...{ sinceMs, refuse },
        start: (charge) => resolve({ app, member, charge }),
        timer: setTimeout(() => this.#giveUp(app, member, waiting), this.#sizes.maxWaitMs).unref(),
      }
      member.queue.push(waiting)
      for (const share of [app, member]) Object.assign(share, { waiting: share.waiting + 1, seenMs: sinceMs })
      this.#waiting += 1
      this.#serve(lane)
    })
  }

  #giveUp(app: App, member: Member, waiting: Waiting): void {
    const at = member.queue.indexOf(waiting)
    if (at < 0) return
    member.queue.splice(at, 1)
    app.waiting -= 1
    member.waiting -= 1
    this.#waiting -= 1
    waiting.refuse('time')
  }

  /** Gives free slots to those whose turn it is. */
  #serve(name: Lane): void {
    const lane = this.#lanes[name]
    while (lane.running < this.#sizes.slots[name]) {
      const nowMs = this.#nowMs()
      const most = this.#mostOf(lane.ring, this.#sizes.slots[name], nowMs)
      const app = Share.next(
        lane.ring,
        (each) => each.running < most(each) && this.#servable(each, most(each), nowMs).length > 0,
      )
      if (app === null) return
      const servable = this.#servable(app, most(app), nowMs)
      const member = Share.next(app.ring, (each) => servable.includes(each))
      const waiting = member?.queue.shift()
      assert(member !== null && waiting !== undefined, 'who is served had something waiting')
      clearTimeout(waiting.timer)
      lane.running += 1
      this.#waiting -= 1
      this.#news.began(name, nowMs - waiting.sinceMs)
      // Charged here: the next turn is decided before a promise goes on.
      waiting.start({ appMs: Share.begin(app), memberMs: Share.begin(member) })
    }
  }

  /** The keys of an app whose turn it may be. */
  #servable(app: App, slots: number, nowMs: number): readonly Member[] {
    if (app.waiting === 0) return []
    const most = this.#mostOf(app.ring, slots, nowMs)
    return app.ring.filter((each) => each.waiting > 0 && each.running < most(each))
  }

  /**
   * How many slots one of these may hold: all of them alone; else half of a fair part, and one while the event loop is busy, or
   * until it is known what its simulations cost.
   */
  #mostOf(among: readonly Share.Share[], slots: number, nowMs: number): (share: Share.Share) => number {
    let present = 0
    for (const share of among) if (Share.isPresent(share, nowMs)) present += 1
    if (present <= 1) return () => slots
    const most = this.#loopShare() >= BUSY_LOOP ? 1 : Math.max(1, Math.floor(slots / (2 * present)))
    return (share) => (Share.isKnown(share) ? most : 1)
  }

  #sharesOf(tenant: Tenant, lane: Lane): { app: App; member: Member } {
    const { apps, ring } = this.#lanes[lane]
    let app = apps.get(tenant.app)
    if (app === undefined) {
      app = { ...Share.create(tenant.app, this.#nowMs()), ring: [], members: new Map() }
      apps.set(tenant.app, app)
      ring.push(app)
    }
    let member = app.members.get(tenant.member)
    if (member === undefined) {
      member = { ...Share.create(tenant.member, this.#nowMs()), queue: [] }
      app.members.set(tenant.member, member)
      app.ring.push(member)
    }
    return { app, member }
  }

  /** Forgets who has not been there for long. */
  #sweep(nowMs: number): void {
    if (nowMs - this.#sweptMs < SWEEP_MS) return
    this.#sweptMs = nowMs
    for (const { apps, ring } of Object.values(this.#lanes)) {
      for (const app of apps.values()) {
        forget(app.members, app.ring, nowMs)
        if (app.ring.length > 0) app.seenMs = Math.max(app.seenMs, ...app.ring.map(({ seenMs }) => seenMs))
      }
      forget(apps, ring, nowMs)
    }
  }
}

const SWEEP_MS = 10_000

function forget<S extends Share.Share>(all: Map<string, S>, ring: S[], nowMs: number): void {
  for (const share of all.values()) if (Share.isForgettable(share, nowMs)) all.delete(share.name)
  ring.splice(0, ring.length, ...ring.filter((share) => all.get(share.name) === share))
}

function measuredLoopShare(): () => number {
  let last = performance.eventLoopUtilization()
  let atMs = performance.now()
  let share = 0
  return () => {
    const nowMs = performance.now()
    if (nowMs - atMs < MEASURE_MS) return share
    const now = performance.eventLoopUtilization()
    share = performance.eventLoopUtilization(now, last).utilization
    ;[last, atMs] = [now, nowMs]
    return share
  }
}

const WHOSE: Readonly<Record<Refusal, string>> = {
  member: 'Too many simulations of this caller are waiting.',
  app: 'Too many simulations of this app are waiting.',
  process: 'Too many simulations are waiting.',
  time: 'The simulation waited too long for its turn.',
}

/** No room, or none in time. Nothing was simulated, so nothing may be signed. */
export class OverloadError extends BaseError {
  override readonly name = 'limits.OverloadError'
  constructor(why: Refusal) {
    super(WHOSE[why], {
      code: 'limits:simulations:busy',
      kind: 'unavailable',
      hint: 'Wait as long as Retry-After says, then send it again. Send fewer simulations at the same time.',
    })
  }
}
