import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clock, Redacted } from '@countersign/base'
import { createAppendAudit, readAudit } from '../../packages/server/src/audit/appendAudit.ts'
import * as Audit from '../../packages/server/src/audit/Audit.ts'
import { openKeyIndex } from '../../packages/server/src/keys/openKeyIndex.ts'
import { createKeyring } from '../../packages/server/src/keys/openKeyring.ts'
import { openPepper } from '../../packages/server/src/keys/openPepper.ts'
import { verifyKey } from '../../packages/server/src/keys/verifyKey.ts'
import { openInlineStore } from '../../packages/server/lab/proposals/openInlineStore.ts'
import { HistoryError, type PlayHistory, type Step } from './runHistories.ts'

/** What the model knows about a key: the rules of docs/reference/keys.md, written a second time and differently. */
interface Model {
  readonly id: string
  readonly text: string
  readonly family: string
  readonly endsMs: number
  replacedMs: number
  /** Infinity: never waited. */
  mustBeUsedMs: number | null
  overlapMs: number
  replaces: Model | null
  revokedMs: number | null
  isExposed: boolean
}

/** Plays histories of keys; one store is used for all of them, because what others left behind must not matter. */
export interface KeyHistories {
  readonly play: PlayHistory
  close(): Promise<void>
}

/**
 * Random issuing, using, rotating, revoking, taking back and exposing of keys, with time going on and the process crashing (everything
 * in memory lost), against the model. Two instances take turns, so that every step is also read by one that did not write it.
 */
export async function openKeyHistories(): Promise<KeyHistories> {
  const dataDir = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'countersign-sim-'))
  const clock = Clock.fixed(1_700_000_000_000)
  let log: string[] = []
  const open = async () => {
    const store = await openInlineStore({ clock }, { dataDir })
    const peppers = openPepper({ keys: store.keys, env: {} })
    const tools = { store, clock, audit: createAppendAudit({ clock }), peppers }
    return { store, tools, keyring: createKeyring(tools), index: openKeyIndex({ store, peppers }, { maxCached: 4 }) }
  }
  let instances = [await open(), await open()]
  let keys: Model[] = []
  const refusesOf = async (run: () => Promise<unknown>): Promise<string | null> => {
    try {
      await run()
      return null
    } catch (error) {
      return (error as { code?: string }).code ?? String(error)
    }
  }
  const agree = (what: string, got: unknown, expected: unknown): void => {
    if (got === expected) return
    throw new HistoryError(`${what} gave ${String(got)}, the model says ${String(expected)}\n${log.join('\n')}`)
  }
  const opens = (key: Model): boolean => {
    const nowMs = clock.nowMs()
    if (key.revokedMs !== null || nowMs >= key.endsMs || nowMs >= key.replacedMs) return false
    return key.mustBeUsedMs === null || nowMs < key.mustBeUsedMs
  }
  const isPlainlyActive = (key: Model): boolean => opens(key) && key.mustBeUsedMs === null
  async function playStep({ random }: Step): Promise<void> {
    // A request is a turn of its own: a process looks once a turn whether keys changed.
    await new Promise((resolve) => setImmediate(resolve))
    const below = (n: number): number => Math.floor(random() * n)
    const at = instances[below(2)] as (typeof instances)[number]
    const key = keys[below(keys.length)]
    const what = key === undefined ? 0 : below(16)
    if (key === undefined || what === 0) {
      const endsMs = random() < 0.4 ? clock.nowMs() + 1 + below(20_000) : Infinity
      const made = await at.keyring.issue({ app: 'sim', label: '', expiresMs: endsMs === Infinity ? null : endsMs })
      log.push(`${clock.nowMs()} issue ${made.id} until ${endsMs}`)
      keys.push({
        id: made.id,
        text: Redacted.reveal(made.key),
        family: made.id,
        endsMs,
        replacedMs: Infinity,
        mustBeUsedMs: null,
        overlapMs: 0,
        replaces: null,
        revokedMs: null,
        isExposed: false,
      })
    } else if (what <= 2) {
      const overlapMs = [0, 1, below(8_000)][below(3)] as number
      const deadlineMs = 1 + below(8_000)
      const kind = random() < 0.5 ? 'clock' : 'first-use'
      const successors = keys.filter((each) => each.replaces === key && opens(each))
      const allowed = isPlainlyActive(key) && key.replacedMs === Infinity && successors.length === 0
      let made: Awaited<ReturnType<typeof at.keyring.rotate>> | null = null
      const refused = await refusesOf(async () => {
        made = await at.keyring.rotate({
          id: key.id,
          app: 'sim',
          style: kind === 'clock' ? { kind, overlapMs } : { kind, overlapMs, deadlineMs },
        })
      })
      log.push(`${clock.nowMs()} rotate ${key.id} ${kind} ${overlapMs} ${deadlineMs}: ${refused}`)
      agree('rotate', refused === null, allowed)
      const issued = made as Awaited<ReturnType<typeof at.keyring.rotate>> | null
      if (issued !== null) {
        if (kind === 'clock') key.replacedMs = Math.min(clock.nowMs() + overlapMs, key.endsMs)
        keys.push({
          id: issued.id,
          text: Redacted.reveal(issued.key),
          family: key.family,
          endsMs: key.endsMs,
          replacedMs: Infinity,
          mustBeUsedMs: kind === 'clock' ? null : clock.nowMs() + deadlineMs,
          overlapMs,
          replaces: key,
          revokedMs: null,
          isExposed: false,
        })
      }
    } else if (what <= 4) {
      const isExposed = random() < 0.3
      await at.keyring.revoke({ id: key.id, app: 'sim', isExposed })
      log.push(`${clock.nowMs()} revoke ${key.id} ${isExposed ? 'exposed' : ''}`)
      key.revokedMs ??= clock.nowMs()
      key.isExposed ||= isExposed
    } else if (what === 5) {
      const allowed = key.revokedMs !== null && !key.isExposed && clock.nowMs() - key.revokedMs < 3_600_000
      const refused = await refusesOf(() => at.keyring.undo({ id: key.id, app: 'sim' }))
      log.push(`${clock.nowMs()} undo ${key.id}: ${refused}`)
      agree('undo', refused === null, allowed)
      if (allowed) key.revokedMs = null
    } else if (what === 6) {
      // One hour is where an undo ends: land around it now and then.
      const ms = random() < 0.1 ? 3_599_999 + below(3) : below(6_000)
      clock.advanceMs(ms)
      log.push(`${clock.nowMs()} after ${ms} ms`)
    } else if (what === 7 && random() < 0.05) {
      log.push(`${clock.nowMs()} crash`)
      for (const each of instances) await each.store.close()
      instances = [await open(), await open()]
    } else {
      const expected = opens(key) ? key.id : null
      let caller: { keyId: string; family: string } | null = null
      await refusesOf(async () => {
        caller = await verifyKey(
          { ...at.tools, index: at.index, onRefusal: () => undefined },
          { text: key.text, ip: '203.0.113.7' },
        )
      })
      const found = caller as { keyId: string; family: string } | null
      log.push(`${clock.nowMs()} use ${key.id}: ${found?.keyId ?? 'refused'}`)
      agree(`use of ${key.id}`, found?.keyId ?? null, expected)
      if (found !== null) agree('family', found.family, key.family)
      if (expected !== null && key.mustBeUsedMs !== null) {
        key.mustBeUsedMs = null
        const old = key.replaces
        if (old !== null) old.replacedMs = Math.min(old.replacedMs, clock.nowMs() + key.overlapMs, old.endsMs)
      }
    }
  }
  return {
    async play(_, steps) {
      keys = []
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
      const [one] = instances
      if (one !== undefined)
        agree('the audit chain', Audit.firstBreak(await readAudit({ store: one.store }, { app: 'sim' })), null)
      for (const each of instances) await each.store.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
