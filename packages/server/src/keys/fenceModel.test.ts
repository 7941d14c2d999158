import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clock, Redacted } from '@countersign/base'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { createAppendAudit } from '../audit/appendAudit.ts'
import { openStore, type Store } from '../store/openStore.ts'
import type { Fence } from './awaitFence.ts'
import { LEASE_MS, openInstance, type Instance } from './openInstance.ts'
import { openKeyIndex, type KeyIndex } from './openKeyIndex.ts'
import { createKeyring } from './openKeyring.ts'
import { openPepper } from './openPepper.ts'
import { revokeKey } from './revokeKey.ts'

/**
 * The fence of a revocation, explored: every order of what two processes do is played with their own code, until no new state comes.
 * One revokes and waits; the other remembers the key, looks for changes, renews its lease, stalls, or ends. Timers are held back
 * and fired by the explorer, as Node may: no timer of a process fires before the turn is over in which it looked at the epoch.
 */
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-fence-'))
const START_MS = 1_700_000_000_000
let store: Store
beforeAll(async () => {
  store = await openStore({ clock: Clock.fixed(START_MS) }, { dataDir })
})
afterEach(() => vi.unstubAllGlobals())
afterAll(async () => {
  await store.close()
  rmSync(dataDir, { recursive: true, force: true })
})

const ACTIONS = ['revoke', 'fence looks', 'time passes', 'look', 'renew', 'ask', 'turn ends', 'end'] as const
type Action = (typeof ACTIONS)[number]
/** Two such steps end a lease, and every wait. */
const STEP_MS = 1_300

/** What stands in the way of what was true of the protocol, for the tests of this model. */
interface Flaw {
  /** It trusts what it remembers without a lease. */
  readonly withoutLease?: boolean
  /** Its timers fire within a turn. */
  readonly withinTurn?: boolean
}

class World {
  nowMs = START_MS
  #epochBefore = 0
  #keyId = ''
  #text = ''
  #instance: Instance | null = null
  #index!: KeyIndex
  /** Renewal and look, as the instance set them up. */
  #timers: (() => void)[] = []
  #pause: (() => void) | null = null
  #endTurn: (() => void) | null = null
  /** The epoch as of the open turn, and the one that the key is remembered at. */
  #glance: number | null = null
  #remembered: number | null = null
  #startedMs: number | null = null
  #fence: Fence | null = null
  readonly #clock = { nowMs: () => this.nowMs }
  readonly #flaw: Flaw

  constructor(flaw: Flaw) {
    this.#flaw = flaw
  }

  async begin(): Promise<void> {
    await store.write(({ db }) => db.deleteFrom('instances').execute())
    const clock = this.#clock
    const peppers = openPepper({ keys: store.keys, env: {} })
    const keyring = createKeyring({ store, clock, audit: createAppendAudit({ clock }), peppers })
    const { id, key } = await keyring.issue({ app: 'acme', label: '' })
    this.#keyId = id
    this.#text = Redacted.reveal(key)
    this.#index = openKeyIndex({
      ...{ store, peppers },
      mayTrust: () => this.#flaw.withoutLease === true || this.#instance?.isLeased() === true,
    })
    this.#epochBefore = this.#index.epoch()
    const timers = this.#timers
    vi.stubGlobal('setInterval', (call: () => void) => {
      timers.push(call)
      return { unref: () => undefined }
    })
    const onError = (error: unknown): never => {
      throw error
    }
    this.#instance = await openInstance({ store, clock, epoch: () => this.#index.epoch(), onError })
    vi.unstubAllGlobals()
  }

  /** What may happen now. */
  enabled(): readonly Action[] {
    const isTurnOpen = this.#endTurn !== null && this.#flaw.withinTurn !== true
    return ACTIONS.filter((action) => {
      if (action === 'revoke') return this.#startedMs === null
      if (action === 'fence looks') return this.#pause !== null
      if (action === 'time passes') return this.nowMs < START_MS + 2 * STEP_MS
      if (this.#instance === null) return false
      if (action === 'turn ends') return this.#endTurn !== null
      return action === 'ask' || !isTurnOpen
    })
  }

  async act(action: Action): Promise<void> {
    switch (action) {
      case 'revoke': {
        this.#startedMs = this.nowMs
        const audit = createAppendAudit({ clock: this.#clock })
        const real = setTimeout
        vi.stubGlobal('setTimeout', (call: () => void, ms: number) => {
          // The pause between two looks of the fence; every other timer is the store's.
          if (ms !== 2) return real(call, ms)
          this.#pause = call
          return null
        })
        const revoked = revokeKey(
          { store, clock: this.#clock, audit, machineClock: this.#clock },
          { id: this.#keyId, app: null },
        )
        void revoked.then(({ fence }) => (this.#fence = fence))
        await this.#settled(() => this.#pause !== null || this.#fence !== null)
        return
      }
      case 'fence looks': {
        const pause = this.#pause
        this.#pause = null
        pause?.()
        return this.#settled(() => this.#pause !== null || this.#fence !== null)
      }
      case 'time passes':
        this.nowMs += STEP_MS
        return
      case 'renew':
      case 'look':
        this.#timers[action === 'renew' ? 0 : 1]?.()
        // Writes of one process are done in order: when this one is done, so is the timer's.
        await store.write(({ db }) => db.selectFrom('instances').select('id').execute())
        return this.#settled(() => true)
      case 'ask':
        this.isAccepted()
        return
      case 'turn ends':
        this.#endTurn?.()
        this.#endTurn = null
        this.#glance = null
        return
      case 'end':
        await this.#instance?.close()
        this.#instance = null
        this.#endTurn = null
    }
  }

  /** Whether the other process takes the key now. */
  isAccepted(): boolean {
    this.#glance ??= this.#index.epoch() - this.#epochBefore
    const { misses } = this.#index.counts
    vi.stubGlobal('setImmediate', (call: () => void) => (this.#endTurn = call))
    const found = this.#index.find(this.#text)
    vi.stubGlobal('setImmediate', setImmediateReal)
    if (this.#index.counts.misses > misses) this.#remembered = this.#glance
    if (found instanceof Promise) throw new TypeError('a look-up waited')
    return found !== null && found.revokedMs === null
  }

  get isOver(): boolean {
    return this.#fence !== null
  }
  get isServing(): boolean {
    return this.#instance !== null
  }
  get waitedMs(): number {
    return this.#startedMs === null ? 0 : this.nowMs - this.#startedMs
  }

  /** All that decides what comes next. */
  async state(): Promise<string> {
    const [row] = await store.read.selectFrom('instances').select(['lease_until_ms', 'acked_epoch']).execute()
    return JSON.stringify([
      ...[this.nowMs - START_MS, this.#startedMs, this.#fence !== null, this.#index.epoch() - this.#epochBefore],
      ...[this.isServing, this.#endTurn !== null, this.#glance, this.#remembered],
      ...[row?.lease_until_ms, (row?.acked_epoch ?? 0) - this.#epochBefore, this.#instance?.isLeased()],
    ])
  }

  async #settled(isDone: () => boolean): Promise<void> {
    do await new Promise((resolve) => setImmediateReal(resolve))
    while (!isDone())
  }
}
const setImmediateReal = setImmediate

/** Plays every order of actions to its end, and gives how many states there are and what broke the promise. */
async function explore(flaw: Flaw = {}): Promise<{ states: number; broken: Action[] | null }> {
  const seen = new Set<string>()
  let edge: Action[][] = [[]]
  while (edge.length > 0) {
    const next: Action[][] = []
    for (const path of edge) {
      const world = new World(flaw)
      await world.begin()
      for (const action of path) await world.act(action)
      const state = await world.state()
      const isNew = !seen.has(state)
      seen.add(state)
      if (isNew) next.push(...world.enabled().map((action) => [...path, action]))
      // Asked last, because asking is something that happens, too.
      if (isNew && world.isOver && world.isServing && world.isAccepted()) return { states: seen.size, broken: path }
      if (isNew && world.waitedMs > LEASE_MS + 400 && path.at(-1) === 'fence looks') expect(world.isOver).toBe(true)
      await world.act('end')
      vi.unstubAllGlobals()
    }
    edge = next
  }
  return { states: seen.size, broken: null }
}

test('promise: in no order of events does a process take a key after the answer of its revocation', async () => {
  const { states, broken } = await explore()
  expect(broken).toBeNull()
  expect(states).toBeGreaterThan(100)
})

test('the model finds a process that trusts its memory without a lease, and one that confirms within a turn', async () => {
  expect((await explore({ withoutLease: true })).broken).not.toBeNull()
  expect((await explore({ withinTurn: true })).broken).not.toBeNull()
})
