import { randomUUID } from 'node:crypto'
import type { Reader, Write } from '../../store/openStore.ts'
import { MandateError } from '../MandateError.ts'
import type { MandateTables } from '../MandateTables.ts'
import { hashOf, type TypedData } from './MandateDocument.ts'

/** How long a draft waits for its signature, in milliseconds. */
const DRAFT_MS = 15 * 60_000

/** A document that waits for its owner's signature. */
export interface Draft {
  readonly draft: string
  readonly typedData: TypedData
  readonly expiresMs: number
}

/** What a draft is for. */
export type Kind = 'grant' | 'unfreeze' | 'not-signed'

/** Keeps a document until its owner signs it, and what is done then. */
export async function keepDraft(
  write: Write,
  {
    app,
    owner,
    kind,
    subject,
    typedData,
    body = {},
    nowMs,
  }: {
    app: string
    owner: string
    kind: Kind
    /** What it is about: a mandate, a reservation, or the digest of a policy. */
    subject: string
    typedData: TypedData
    body?: object
    nowMs: number
  },
): Promise<Draft> {
  const draft = `draft_${randomUUID()}`
  const expiresMs = nowMs + DRAFT_MS
  await write.db
    .insertInto('mandate_drafts')
    .values({
      ...{ id: draft, app, owner, kind, subject, digest: hashOf(typedData), body: JSON.stringify(body) },
      ...{ typed_data: JSON.stringify(typedData), expires_ms: expiresMs, used_ms: null },
    })
    .execute()
  return { draft, typedData, expiresMs }
}

/**
 * The draft that somebody signed: the one of an id, or the newest of an owner about a subject.
 *
 * @throws {MandateError} `mandates:draft:absent`, also where it was used or has expired.
 */
export async function loadDraft(
  read: Reader,
  {
    id,
    kind,
    nowMs,
    app,
    owner,
    subject,
  }: { id?: string; kind: Kind; nowMs: number; app?: string; owner?: string; subject?: string },
): Promise<MandateTables['mandate_drafts']> {
  let query = read.selectFrom('mandate_drafts').selectAll().where('kind', '=', kind)
  for (const [column, value] of Object.entries({ id, app, owner, subject }))
    if (value !== undefined) query = query.where(column as 'id' | 'app' | 'owner' | 'subject', '=', value)
  const kept = await query.orderBy('expires_ms', 'desc').limit(1).executeTakeFirst()
  if (kept === undefined || kept.used_ms !== null || nowMs >= kept.expires_ms) throw new MandateError('draft')
  return kept
}

/** A draft is signed once. @throws {MandateError} `mandates:draft:absent`. */
export async function useDraft(write: Write, { draft, nowMs }: { draft: string; nowMs: number }): Promise<void> {
  const used = await write.db
    .updateTable('mandate_drafts')
    .set({ used_ms: nowMs })
    .where('id', '=', draft)
    .where('used_ms', 'is', null)
    .returning('id')
    .executeTakeFirst()
  if (used === undefined) throw new MandateError('draft')
}
