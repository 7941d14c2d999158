import { BaseError, Redacted, type Clock } from '@countersign/base'
import { handle } from '../audit/Audit.ts'
import type { Store } from '../store/openStore.ts'
import * as ApiKey from './ApiKey.ts'
import { awaitFence } from './awaitFence.ts'
import { makeKey, type IssuedKey } from './issueKey.ts'
import * as KeyRecord from './KeyRecord.ts'
import { KeyStateError, loadKey, raiseEpoch, type KeyTools } from './KeyTools.ts'

/**
 * How the old key ends. `clock`: both work from now on, the old one for `overlapMs`. `first-use`: the new key waits;
 * when it is used for the first time the old one's `overlapMs` begins, and when it is not used by the deadline nothing
 * has happened and the old key stays.
 */
export type RotationStyle =
  | { readonly kind: 'clock'; readonly overlapMs: number }
  | { readonly kind: 'first-use'; readonly overlapMs: number; readonly deadlineMs: number }

/** One day for the old key, one day to put the new one in place. */
export const DEFAULT_STYLE: RotationStyle = { kind: 'first-use', overlapMs: 86_400_000, deadlineMs: 86_400_000 }
/** Longer than this is no rotation any more. Milliseconds: 31 days. */
export const MAX_OVERLAP_MS = 31 * 86_400_000

/**
 * Issues the successor of a key: same app, family, scopes, networks, limits, and the same end, which a rotation never
 * moves. Old and new are independent: revoking one leaves the other.
 *
 * @throws {KeyHandleError} 404, {KeyStateError} 409 for a key that is not active or is being replaced already,
 *   {OverlapError} `keys:overlap:unreadable`.
 */
export async function rotateKey(
  { store, clock, audit, peppers }: KeyTools,
  { id, app, style = DEFAULT_STYLE }: { id: string; app: string | null; style?: RotationStyle },
): Promise<IssuedKey & { readonly replaces: string; readonly oldEndsMs: number | null }> {
  const { overlapMs } = style
  const deadlineMs = style.kind === 'first-use' ? style.deadlineMs : 0
  for (const ms of [overlapMs, deadlineMs]) {
    if (!Number.isSafeInteger(ms) || ms < 0 || ms > MAX_OVERLAP_MS) throw new OverlapError()
  }
  if (style.kind === 'first-use' && deadlineMs === 0) throw new OverlapError()
  return store.write(async (write) => {
    const old = await loadKey(write, { id, app })
    const nowMs = clock.nowMs()
    const standing = KeyRecord.standingAt(old, nowMs)
    if (standing !== 'active' || old.isCanary) {
      throw new KeyStateError(
        'not-active',
        `Key ${old.id} is ${old.isCanary ? 'a canary' : standing}.`,
        'Issue a new key instead.',
      )
    }
    if (old.quarantine !== null) {
      throw new KeyStateError(
        'quarantined',
        `Key ${old.id} is quarantined.`,
        'Look at its evidence, then release or revoke it.',
      )
    }
    const waiting = await write.db.selectFrom('keys').selectAll().where('replaces', '=', old.id).execute()
    const successor = waiting
      .map(KeyRecord.fromRow)
      .find((key) => ['active', 'pending'].includes(KeyRecord.standingAt(key, nowMs)))
    if (successor !== undefined || old.notAfterMs !== null) {
      throw new KeyStateError(
        'rotating',
        `Key ${old.id} is being replaced already${successor === undefined ? '' : ` by ${successor.id}`}.`,
        'Use the successor, or revoke it and rotate again.',
      )
    }
    const made = makeKey(old.app)
    // Not `earlier` of nothing: a key without an end keeps having none.
    const oldEndsMs = style.kind === 'clock' ? KeyRecord.earlier(nowMs + overlapMs, old.expiresMs) : null
    await write.db
      .insertInto('keys')
      .values({
        id: made.id,
        app: old.app,
        label: old.label,
        family: old.family,
        generation: old.generation + 1,
        digest: ApiKey.digest(made.text, Redacted.reveal(peppers.newest.bytes)),
        pepper_version: peppers.newest.version,
        last4: made.text.slice(-4),
        scopes: JSON.stringify(old.scopes),
        networks: JSON.stringify(old.networks),
        owner: old.owner,
        tools: old.tools === null ? null : JSON.stringify(old.tools),
        limits: JSON.stringify(old.limits),
        guards: old.guards,
        created_ms: nowMs,
        expires_ms: old.expiresMs,
        not_after_ms: null,
        activate_by_ms: style.kind === 'first-use' ? nowMs + deadlineMs : null,
        overlap_ms: overlapMs,
        replaces: old.id,
        revoked_ms: null,
        revoked_reason: null,
        exposed_ms: null,
        quarantine: null,
        released_ms: null,
        canary: 0,
        last_used_ms: null,
        reminded_day: 0,
      })
      .execute()
    if (oldEndsMs !== null) {
      await write.db.updateTable('keys').set({ not_after_ms: oldEndsMs }).where('id', '=', old.id).execute()
    }
    await raiseEpoch(write)
    await audit(write, {
      app: old.app,
      event: 'keys.key.rotated',
      body: { key: handle(made.id), replaces: handle(old.id), style: style.kind, overlap_ms: overlapMs },
    })
    return { id: made.id, app: old.app, key: Redacted.of(made.text), replaces: old.id, oldEndsMs }
  })
}

/**
 * The first use of a waiting key: it is active from here on, and the old key's overlap begins. Answers when every live
 * instance knows when the old key ends, which may be now. Two first uses at once make one activation; the other one is
 * answered without waiting.
 *
 * @returns The key as it is now; pending no more, unless its deadline has passed meanwhile.
 */
export async function activateKey(
  {
    store,
    clock,
    audit,
    machineClock = store.machineClock,
  }: Omit<KeyTools, 'peppers'> & { machineClock?: Clock.Clock },
  { id }: { id: string },
): Promise<KeyRecord.KeyRecord> {
  const { key: activated, epoch } = await store.write(async (write) => {
    const key = await loadKey(write, { id, app: null })
    const nowMs = clock.nowMs()
    if (KeyRecord.standingAt(key, nowMs) !== 'pending') return { key, epoch: null }
    await write.db.updateTable('keys').set({ activate_by_ms: null }).where('id', '=', id).execute()
    const old = key.replaces === null ? null : await loadKey(write, { id: key.replaces, app: null })
    if (old !== null) {
      const end = KeyRecord.earlier(KeyRecord.earlier(nowMs + (key.overlapMs ?? 0), old.notAfterMs), old.expiresMs)
      await write.db.updateTable('keys').set({ not_after_ms: end }).where('id', '=', old.id).execute()
    }
    const raised = await raiseEpoch(write)
    await audit(write, {
      app: key.app,
      event: 'keys.key.activated',
      body: { key: handle(id), ...(old === null ? {} : { replaces: handle(old.id) }) },
    })
    return { key: await loadKey(write, { id, app: null }), epoch: raised }
  })
  if (epoch !== null) await awaitFence({ store, clock: machineClock }, { epoch })
  return activated
}

/** Moves a key to the newest pepper, at a use of it: only then is its text known. */
export async function rehashKey(
  { store, peppers }: { store: Store; peppers: KeyTools['peppers'] },
  { id, text }: { id: string; text: string },
): Promise<void> {
  await store.write(async (write) => {
    await write.db
      .updateTable('keys')
      .set({
        digest: ApiKey.digest(text, Redacted.reveal(peppers.newest.bytes)),
        pepper_version: peppers.newest.version,
      })
      .where('id', '=', id)
      .where('pepper_version', '<', peppers.newest.version)
      .execute()
    await raiseEpoch(write)
  })
}

export class OverlapError extends BaseError {
  override readonly name = 'keys.OverlapError'
  constructor() {
    super('The overlap or the deadline cannot be used.', {
      code: 'keys:overlap:unreadable',
      kind: 'invalid',
      hint: 'Give 0 to 31 days for the overlap, and up to 31 days for the deadline, such as 24h.',
    })
  }
}
