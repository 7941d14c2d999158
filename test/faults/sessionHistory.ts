import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clock } from '@countersign/base'
import { openInlineStore } from '../../packages/server/lab/proposals/openInlineStore.ts'
import { createAppendAudit } from '../../packages/server/src/audit/appendAudit.ts'
import { endSession } from '../../packages/server/src/sessions/endSessions.ts'
import { createEventLog } from '../../packages/server/src/sessions/EventLog.ts'
import { endedWhy, READ_ON_MS, SessionEndedError } from '../../packages/server/src/sessions/Lifetime.ts'
import { rotateSession } from '../../packages/server/src/sessions/rotateSession.ts'
import { findEnded, findSession, openSession, touchSession } from '../../packages/server/src/sessions/sessions.ts'
import { sweepSessions } from '../../packages/server/src/sessions/sweepSessions.ts'
import { HistoryError, type PlayHistory, type Step } from './runHistories.ts'

const LIFETIME = { idleMs: 60_000, absoluteMs: 300_000 }
const START_MS = 1_700_000_000_000

/** What the model knows about an id: the rules of docs/reference/sessions.md, written a second time and differently. */
interface Model {
  readonly id: string
  bornMs: number
  usedMs: number
  /** Why it was ended; null: by nothing but time. */
  why: 'owner' | 'admin' | 'rotated' | 'idle' | 'absolute' | null
  /** Its row was cleared away. */
  isSwept: boolean
}

/**
 * Random opening, using, replacing, ending and clearing away of sessions at two instances, with time that goes on and now and then back,
 * and crashes, against the model.
 */
export async function openSessionHistories(): Promise<{ readonly play: PlayHistory; close(): Promise<void> }> {
  const dataDir = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'countersign-sessions-'))
  let nowMs = START_MS
  const clock: Clock.Clock = { nowMs: () => nowMs }
  const audit = createAppendAudit({ clock })
  const open = async () => {
    const store = await openInlineStore({ clock }, { dataDir })
    return { store, clock, audit, events: createEventLog({ store, clock }) }
  }
  let instances = [await open(), await open()]
  let owner = ''
  let ids: Model[] = []
  let log: string[] = []
  const close = async (): Promise<void> => {
    for (const { store, events } of instances) {
      events.close()
      await store.close()
    }
  }

  /** What a door answers for an id: `alive`, `absent`, or why it is over. */
  const answerOf = ({ store }: (typeof instances)[number], id: string): string => {
    const session = findSession({ store }, { publicId: id, access: { owner } })
    if (session === null) return findEnded({ store }, { publicId: id, access: { owner } }) ?? 'absent'
    return endedWhy(session, LIFETIME, { nowMs, isRead: false, isTurnRunning: false }) ?? 'alive'
  }
  const overWhy = (each: Model): 'idle' | 'absolute' | null => {
    const endMs = Math.min(each.usedMs + LIFETIME.idleMs, each.bornMs + LIFETIME.absoluteMs)
    if (Math.max(nowMs, each.usedMs) < endMs) return null
    return each.bornMs + LIFETIME.absoluteMs <= each.usedMs + LIFETIME.idleMs ? 'absolute' : 'idle'
  }
  const expected = (each: Model): string => {
    // What its owner ended is not remembered once it is cleared away.
    if (each.isSwept) return each.why === 'owner' ? 'absent' : (each.why ?? 'absent')
    return each.why ?? overWhy(each) ?? 'alive'
  }
  const sweepModel = (): void => {
    for (const each of ids) {
      if (each.isSwept || each.why === 'rotated') continue
      const idleMs = nowMs - LIFETIME.idleMs - READ_ON_MS
      const isDue =
        each.why !== null || each.usedMs <= idleMs || each.bornMs <= nowMs - LIFETIME.absoluteMs - READ_ON_MS
      const why = each.why ?? overWhy(each)
      if (isDue && why !== null) Object.assign(each, { isSwept: true, why })
    }
  }

  async function playStep({ random }: Step): Promise<void> {
    const below = (n: number): number => Math.floor(random() * n)
    const at = instances[below(2)] as (typeof instances)[number]
    const each = ids[below(ids.length)]
    const what = each === undefined ? 0 : below(12)
    const session =
      each === undefined ? null : findSession({ store: at.store }, { publicId: each.id, access: { owner } })
    const isAlive = each !== undefined && expected(each) === 'alive'
    log.push(`${nowMs - START_MS} ${what} on ${each === undefined ? '-' : `${ids.indexOf(each)} ${expected(each)}`}`)
    if (each === undefined || what === 0) {
      const id = randomUUID()
      await openSession(at, { publicId: id, app: 'model', owner })
      ids.push({ id, bornMs: nowMs, usedMs: nowMs, why: null, isSwept: false })
    } else if (what === 1) {
      const answer = await openSession(at, { publicId: each.id, app: 'model', owner }).then(
        () => 'opened',
        (error: unknown) => {
          if (!(error instanceof SessionEndedError)) throw error
          return error.why
        },
      )
      const isGone = each.isSwept && each.why === 'owner'
      const says = each.why === 'rotated' || (each.isSwept && !isGone) ? each.why : 'opened'
      if (answer !== says) throw new HistoryError(`opening again gave ${answer}, the model says ${says}`)
      if (isGone) Object.assign(each, { bornMs: nowMs, usedMs: nowMs, why: null, isSwept: false })
    } else if (what <= 4) {
      if (isAlive && session !== null) {
        await at.store.write(async (write) => touchSession(at, write, session))
        each.usedMs = Math.max(each.usedMs, nowMs)
      }
    } else if (what === 5) {
      if (session !== null) {
        const why = random() < 0.5 ? 'owner' : 'admin'
        const isNew = await at.store.write((write) => endSession(at, write, { session, why }))
        if (isNew !== (each.why === null)) throw new HistoryError(`ending gave ${isNew}`)
        each.why ??= why
      }
    } else if (what === 6) {
      if (isAlive && session !== null) {
        const next = await at.store.write((write) => rotateSession(at, write, { session, because: 'proof-bound' }))
        ids.push({ id: next, bornMs: each.bornMs, usedMs: nowMs, why: null, isSwept: false })
        each.why = 'rotated'
      }
    } else if (what === 7) {
      const others = { lifetimes: { byApp: new Map(), others: LIFETIME }, batch: 1_000, isTurnRunning: () => false }
      await sweepSessions(at, others)
      sweepModel()
    } else if (what === 8 && random() < 0.1) {
      await close()
      instances = [await open(), await open()]
    } else if (what <= 10) {
      // Around the ends of a life now and then; a clock may step back.
      const steps = [below(20_000), LIFETIME.idleMs - 1 + below(3), -below(5_000), LIFETIME.idleMs + READ_ON_MS]
      nowMs += steps[random() < 0.6 ? 0 : below(4)] ?? 0
    }
    for (const one of ids) {
      const got = answerOf(instances[below(2)] as (typeof instances)[number], one.id)
      if (got !== expected(one))
        throw new HistoryError(
          `session ${ids.indexOf(one)} is ${got}, the model says ${expected(one)}\n${log.join('\n')}`,
        )
    }
  }
  return {
    async play(seed, steps) {
      nowMs = START_MS
      owner = `key:${seed} ${randomUUID()}`
      ids = []
      log = []
      try {
        for (const step of steps) await playStep(step)
        return null
      } catch (error) {
        if (error instanceof HistoryError) return error.message
        throw error
      }
    },
    async close() {
      await close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
