import { Address, type Hex } from '@countersign/base'
import { handle } from '../../audit/Audit.ts'
import { awaitFence, type Fence } from '../../keys/awaitFence.ts'
import { raiseEpoch } from '../../keys/KeyTools.ts'
import type { Reader } from '../../store/openStore.ts'
import { fromRow, type Row } from '../findMandate.ts'
import { noteFreeze } from '../freezes.ts'
import { freezeIn } from '../freezeWhen.ts'
import type { Moved } from '../ledger/Reservation.ts'
import { MandateError } from '../MandateError.ts'
import { tellTargets } from '../tellTargets.ts'
import { keepDraft, loadDraft, useDraft, type Draft } from './drafts.ts'
import { hashOf, unfreezeDocument } from './MandateDocument.ts'
import { requireSigned, type MandateTools } from './putMandate.ts'

/** What could still move although it is frozen: it was handed out before. */
export interface Outstanding {
  readonly reservation: string
  readonly proposal: string | null
  readonly account: string
  readonly chainId: number
  readonly nonce: number | null
  readonly moves: Moved
}

export interface Frozen {
  readonly frozenMs: number
  readonly mandates: readonly Row[]
  readonly fence: Fence
  readonly outstanding: readonly Outstanding[]
}

/** What a freeze is about: one mandate, or a wallet or all of an app, whether they have a mandate or not. */
export type Subject =
  | { readonly mandate: string; readonly app: string }
  | { readonly owner: Address.Address; readonly app: string }
  | { readonly app: string }

/**
 * Freezes mandates, and answers when every live instance acts on it: from the commit on nothing is reserved and nothing handed
 * out under them. What was handed out before cannot be called back, so it is listed.
 */
export async function freezeMandates(
  { store, clock, audit, tellTargets: tell }: Pick<MandateTools, 'store' | 'clock' | 'audit' | 'tellTargets'>,
  { subject, because }: { subject: Subject; because: string },
): Promise<Frozen> {
  const { mandates, epoch, outstanding, frozenMs } = await store.write(async (write) => {
    let query = write.db.selectFrom('mandates').selectAll().where('state', '<>', 'ended')
    if ('mandate' in subject) query = query.where('id', '=', subject.mandate)
    query = query.where('app', '=', subject.app)
    if ('owner' in subject) query = query.where('owner', '=', subject.owner)
    const rows = await query.execute()
    const frozenMs = clock.nowMs()
    if (!('mandate' in subject)) {
      const owner = 'owner' in subject ? subject.owner : null
      await noteFreeze(write, { app: subject.app, owner, atMs: frozenMs, because })
      await audit(write, {
        app: subject.app,
        event: 'mandates.wallet.frozen',
        body: { owner: owner === null ? null : handle(owner), because },
      })
    }
    for (const { id } of rows) await freezeIn({ audit, clock, tellTargets: tell }, write, { mandate: id, because })
    const ids = rows.map(({ id }) => id)
    return {
      frozenMs,
      mandates:
        ids.length === 0 ? [] : await write.db.selectFrom('mandates').selectAll().where('id', 'in', ids).execute(),
      outstanding: await outstandingOf(write.db, ids),
      epoch: await raiseEpoch(write),
    }
  })
  const fence = await awaitFence({ store, clock: store.machineClock }, { epoch })
  return { frozenMs, mandates, fence, outstanding }
}

async function outstandingOf(read: Reader, mandates: readonly string[]): Promise<readonly Outstanding[]> {
  if (mandates.length === 0) return []
  const rows = await read
    .selectFrom('reservations')
    .selectAll()
    .where('mandate', 'in', [...mandates])
    .where('state', '=', 'open')
    .execute()
  return rows.map((row) => ({
    reservation: row.id,
    proposal: row.proposal,
    account: row.account,
    chainId: row.chain_id,
    nonce: row.nonce,
    moves: JSON.parse(row.moves) as Moved,
  }))
}

/** Ends a mandate. What it holds stays until its proofs. @throws {MandateError} `mandates:state:frozen`. */
export async function endMandate(
  { store, audit, clock, tellTargets: tell }: Pick<MandateTools, 'store' | 'audit' | 'clock' | 'tellTargets'>,
  { id }: { id: string },
): Promise<Row> {
  return store.write(async (write) => {
    const row = await loadRow(write.db, id)
    if (row.state === 'frozen') throw new MandateError('frozen')
    if (row.state === 'ended') return row
    await write.db.updateTable('mandates').set({ state: 'ended' }).where('id', '=', id).execute()
    await audit(write, {
      app: row.app,
      event: 'mandates.mandate.ended',
      body: { mandate: handle(id), owner: handle(row.owner), version: row.version },
    })
    await tellTargets({ clock, tellTargets: tell }, write, {
      ...{ mandate: id, event: 'mandates.mandate.ended' },
      what: 'it was ended.',
    })
    return loadRow(write.db, id)
  })
}

/** What the owner signs to unfreeze a mandate. @throws {MandateError} `mandates:state:active`. */
export async function proposeUnfreeze(
  { store, clock }: Pick<MandateTools, 'store' | 'clock'>,
  { id }: { id: string },
): Promise<Draft> {
  return store.write(async (write) => {
    const row = await loadRow(write.db, id)
    if (row.state !== 'frozen') throw new MandateError('not-frozen')
    const mandate = fromRow(row)
    const typedData = unfreezeDocument({ ...mandate, epoch: row.epoch })
    return keepDraft(write, {
      ...{ app: row.app, owner: row.owner, kind: 'unfreeze', subject: id, typedData, nowMs: clock.nowMs() },
      body: { epoch: row.epoch, version: row.version },
    })
  })
}

/** Unfreezes by the owner's signature, which is for one freeze of one version. */
export async function unfreezeMandate(
  tools: MandateTools,
  { id, draft, signature }: { id: string; draft: string; signature: Hex.Hex },
): Promise<Row> {
  const { store, clock, audit, tellTargets: tell } = tools
  const kept = await loadDraft(store.read, { id: draft, kind: 'unfreeze', subject: id, nowMs: clock.nowMs() })
  const before = fromRow(await loadRow(store.read, id))
  await requireSigned(tools, {
    ...{ account: Address.parse(kept.owner), digest: kept.digest as Hex.Hex, signature },
    chainIds: before.policy.chains,
  })
  return store.write(async (write) => {
    const row = await loadRow(write.db, id)
    // Frozen again, or changed, since the document was made: another document.
    const expected = hashOf(unfreezeDocument({ ...fromRow(row), epoch: row.epoch }))
    if (row.state !== 'frozen' || expected !== kept.digest) throw new MandateError('stale')
    await useDraft(write, { draft, nowMs: clock.nowMs() })
    await write.db.updateTable('mandates').set({ state: 'active', frozen_because: null }).where('id', '=', id).execute()
    // What froze it was looked at: it counts from here.
    await write.db.deleteFrom('mandate_marks').where('mandate', '=', id).execute()
    await audit(write, {
      app: row.app,
      event: 'mandates.mandate.unfrozen',
      body: { mandate: handle(id), owner: handle(row.owner), version: row.version },
    })
    await tellTargets({ clock, tellTargets: tell }, write, {
      ...{ mandate: id, event: 'mandates.mandate.unfrozen' },
      what: 'its owner unfroze it by a signature.',
    })
    return loadRow(write.db, id)
  })
}

/** @throws {MandateError} `mandates:mandate:absent`. */
export async function loadRow(read: Reader, id: string): Promise<Row> {
  const row = await read.selectFrom('mandates').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw new MandateError('absent')
  return row
}
