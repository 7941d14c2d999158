import { BaseError, Json, type Clock } from '@countersign/base'
import type { AppendAudit } from '../../audit/appendAudit.ts'
import type { Store, Write } from '../../store/openStore.ts'
import type { Schema } from '../../store/Schema.ts'
import type { App } from '../App.ts'
import type { AppFiles } from '../folder/AppReader.ts'
import { DOCUMENT_TOOLS } from '../Tools.ts'
import { cut } from './Chunk.ts'
import { digestOf, idOf, sorted, type DocumentFinding, type DocumentState } from './Document.ts'
import { chainFindings, type AskChains } from './review/chainFindings.ts'
import { contradictionsIn } from './review/contradictionsIn.ts'
import { unread, type Reviewed } from './review/reviewText.ts'
import { searchDocuments, type FoundChunk } from './searchDocuments.ts'

type Row = Schema['documents']
/** A review as it is kept: its text stands in the index. */
type Kept = Omit<Reviewed, 'text'>

export interface ListedDocument {
  readonly id: string
  readonly path: string
  readonly state: DocumentState
  readonly findings: readonly DocumentFinding[]
  readonly sha256: string
  /** When it becomes stale by its own dates, in milliseconds; null where it names none. */
  readonly staleAtMs: number | null
  /** Null while no person has decided about this content. */
  readonly decision: { readonly by: string; readonly atMs: number; readonly because: string | null } | null
}

/** The most of a reason that is kept. Characters. */
export const MAX_REASON = 500

export interface AppDocumentsTools {
  readonly store: Store
  readonly clock: Clock.Clock
  readonly audit: AppendAudit
  /** Null where the review did not end in time. */
  readonly review: (
    document: { readonly path: string; readonly text: string },
    nowMs: number,
  ) => Promise<Reviewed | null>
  /** What reviews: reviews of another version are made again. */
  readonly reviewer: () => Promise<string>
  /** Told of an app whose released documents are others. */
  readonly onChange: (app: string) => void
  readonly onError: (error: unknown) => void
}

type AskOf = (app: string) => AskChains

/** How long a load waits for reviews; those that take longer follow. Milliseconds. */
const PATIENCE_MS = 5_000
/** How many documents are reviewed at once, whoever's they are. */
const MAX_REVIEWING = 2
/** How often it is looked whether a document became stale, or was decided on in another process. */
const LOOK_MS = 1_000
/** How often chains are asked again about what documents say of them. */
const CHAIN_MS = 3_600_000

/**
 * The documents of all apps. Each is reviewed when its app is loaded, and quarantined until a person releases exactly that
 * content. What is quarantined, stale or rejected is not found, and its facts are no values.
 */
export class AppDocuments {
  readonly #tools: AppDocumentsTools
  readonly #apps = new Map<string, readonly string[]>()
  readonly #live = new Map<string, string>()
  readonly #timers: NodeJS.Timeout[]
  #ask: AskOf | null = null
  /** What is under way for each app, one thing after the other. */
  readonly #work = new Map<string, Promise<unknown>>()
  #reviewing = 0
  /** Reviews that wait for a thread: at most one an app, so that each app has its turn. */
  readonly #waiting: (() => void)[] = []
  #isClosed = false

  constructor(tools: AppDocumentsTools) {
    this.#tools = tools
    this.#timers = [setInterval(() => this.#look(), LOOK_MS), setInterval(() => this.#askAll(), CHAIN_MS)]
    for (const timer of this.#timers) timer.unref()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const timer of this.#timers) clearInterval(timer)
    await Promise.all(this.#work.values())
  }

  /** From now on chains are asked about addresses; every app's documents are looked at again. */
  useChains(ask: AskOf): void {
    this.#ask = ask
    this.#askAll()
  }

  #askAll(): void {
    for (const app of this.#apps.keys()) void this.#later(app, () => this.#askChains(app))
  }

  /** Takes the documents of an app as its files are now. Content that is new is quarantined before anything else happens. */
  async load(app: App, files: AppFiles): Promise<void> {
    const found = [...files].filter(([path]) =>
      (app.documents ?? []).some((each) => path === each || path.startsWith(`${each}/`)),
    )
    if (found.length === 0 && !this.#apps.has(app.name) && this.#rows(app.name).length === 0) return
    this.#apps.set(
      app.name,
      found.map(([path]) => path),
    )
    const reviewer = await this.#tools.reviewer()
    const open: { path: string; text: string }[] = []
    await this.#tools.store.write(async (write) => {
      for (const row of this.#rows(app.name))
        if (!files.has(row.path) || !found.some(([path]) => path === row.path)) await forget(write, row)
      for (const [path, text] of found)
        if (await this.#take(write, { app: app.name, path, sha256: digestOf(text), reviewer }))
          open.push({ path, text })
    })
    if (open.length === 0) return
    const reviews = this.#later(app.name, async () => {
      for (const each of open) await this.#review(app.name, each, reviewer)
      await this.#askChains(app.name)
      this.#look()
    })
    let timer: NodeJS.Timeout | undefined
    await Promise.race([reviews, new Promise((resolve) => (timer = setTimeout(resolve, PATIENCE_MS)))])
    clearTimeout(timer)
  }

  /** An app with the facts of its released documents among its values, and the tools that find them. */
  complete(app: App): App {
    const live = this.#liveRows(app.name)
    this.#live.set(app.name, signatureOf(live))
    if (live.length === 0) return app
    const facts = new Map<string, string | null>()
    for (const { review } of live)
      for (const [name, value] of Object.entries(reviewOf(review)?.facts ?? {}))
        // Two documents that differ vouch for nothing.
        facts.set(name, facts.has(name) && facts.get(name) !== value ? null : value)
    const values = [...facts].filter((each): each is [string, string] => each[1] !== null)
    return { ...app, values: { ...Object.fromEntries(values), ...app.values }, documentTools: DOCUMENT_TOOLS }
  }

  list(app: string): readonly ListedDocument[] {
    const rows = this.#rows(app)
    const all = rows.map(({ path, review }) => ({ path, claims: reviewOf(review)?.claims ?? [] }))
    const nowMs = this.#tools.clock.nowMs()
    return rows.map((row) => {
      const review = reviewOf(row.review)
      const findings = [
        ...(review?.findings ?? [PENDING]),
        ...contradictionsIn({ path: row.path, claims: review?.claims ?? [] }, all),
        ...(Json.parse(row.chain_findings ?? '[]') as DocumentFinding[]),
        ...(isPast(row, nowMs) && review?.findings.every(({ rule }) => rule !== 'stale') === true ? [EXPIRED] : []),
      ]
      const state =
        row.state === 'released' && (isPast(row, nowMs) || row.is_stale_on_chain === 1) ? 'stale' : row.state
      const decision =
        row.decided_by === null ? null : { by: row.decided_by, atMs: row.at_ms, because: row.decided_because }
      return {
        ...{ id: row.id, path: row.path, state, findings: sorted(findings), sha256: row.sha256 },
        ...{ staleAtMs: row.stale_at_ms, decision },
      }
    })
  }

  /** One document with the text that would be searched. @throws {DocumentAbsentError} */
  show(app: string, id: string): ListedDocument & { readonly text: string } {
    const listed = this.list(app).find((each) => each.id === id)
    if (listed === undefined) throw new DocumentAbsentError()
    const chunks = this.#tools.store
      .prepare<{ heading: string; text: string }>(
        'select heading, text from document_chunks where app = ? and path = ? order by n',
      )
      .all(app, listed.path)
    const text = chunks
      .map((each) => (each.heading === '' ? each.text : `[${each.heading}]\n${each.text}`))
      .join('\n\n')
    return { ...listed, text }
  }

  /**
   * Writes down what a person decided of exactly the content that was reviewed.
   *
   * @throws {DocumentAbsentError}, {DocumentChangedError} 409, {DocumentUnreadError} 409.
   */
  async decide({
    app,
    id,
    sha256,
    state,
    by,
    because,
  }: {
    app: string
    id: string
    sha256: string
    state: 'released' | 'rejected'
    by: string
    /** At most `MAX_REASON` characters; null where none is given. */
    because: string | null
  }): Promise<ListedDocument> {
    const { store, clock, audit } = this.#tools
    await store.write(async (write) => {
      const row = await write.db
        .selectFrom('documents')
        .selectAll()
        .where('app', '=', app)
        .where('id', '=', id)
        .executeTakeFirst()
      if (row === undefined) throw new DocumentAbsentError()
      if (row.sha256 !== sha256) throw new DocumentChangedError()
      const review = reviewOf(row.review)
      if (state === 'released' && (review === null || review.unread !== null)) throw new DocumentUnreadError()
      if (row.state === state) return
      await write.db
        .updateTable('documents')
        .set({ state, decided_by: by, decided_because: because, at_ms: clock.nowMs() })
        .where('app', '=', app)
        .where('id', '=', id)
        .where('sha256', '=', sha256)
        .execute()
      const reason = because === null ? {} : { because }
      const body = { id, path: row.path, sha256, key: by, ...reason }
      await audit(write, { app, event: `apps.document.${state}`, body })
    })
    this.#look()
    const listed = this.list(app).find((each) => each.id === id)
    if (listed === undefined) throw new DocumentAbsentError()
    return listed
  }

  search(app: string, { query, limit }: { query: string; limit: number }): Promise<readonly FoundChunk[]> {
    return searchDocuments(this.#tools.store, { app, query, limit, nowMs: this.#tools.clock.nowMs() })
  }

  /** Keeps what is known of unchanged content, and quarantines the rest. Answers whether it has to be reviewed. */
  async #take(
    write: Write,
    { app, path, sha256, reviewer }: { app: string; path: string; sha256: string; reviewer: string },
  ): Promise<boolean> {
    const known = await write.db
      .selectFrom('documents')
      .selectAll()
      .where('app', '=', app)
      .where('path', '=', path)
      .executeTakeFirst()
    if (known?.sha256 === sha256) return known.reviewer !== reviewer
    if (known !== undefined) await forget(write, known)
    const id = idOf(app, path)
    await write.db
      .insertInto('documents')
      .values({
        ...{ app, path, id, sha256, state: 'quarantined', reviewer: null, review: null, chain_findings: null },
        ...{
          stale_at_ms: null,
          is_stale_on_chain: 0,
          decided_by: null,
          decided_because: null,
          at_ms: this.#tools.clock.nowMs(),
        },
      })
      .execute()
    await this.#tools.audit(write, { app, event: 'apps.document.quarantined', body: { id, path, sha256 } })
    return true
  }

  async #review(app: string, document: { path: string; text: string }, reviewer: string): Promise<void> {
    if (this.#isClosed) return
    const { review, clock } = this.#tools
    const reviewed = await this.#inTurn(() => review(document, clock.nowMs()))
    const { text, ...kept } = reviewed ?? unread('its review took too long')
    const place = { app, path: document.path, sha256: digestOf(document.text) }
    const parts = inParts(cut(text))
    const last = parts.pop() ?? []
    // A long index goes first, in many writes: whoever else writes waits for one of them. What is not reviewed is not found.
    if (parts.length > 0 && !(await this.#whileSame(place, (write) => forgetIndex(write, place)))) return
    for (const part of parts) if (!(await this.#whileSame(place, (write) => index(write, place, part)))) return
    await this.#whileSame(place, async (write) => {
      if (parts.length === 0) await forgetIndex(write, place)
      await index(write, place, last)
      await write.db
        .updateTable('documents')
        .set({ reviewer, review: JSON.stringify(kept), stale_at_ms: kept.staleAtMs })
        .where('app', '=', app)
        .where('path', '=', place.path)
        .execute()
    })
  }

  /** Writes while the document is what was reviewed. False where other content has come, with a review of its own. */
  #whileSame(
    { app, path, sha256 }: { app: string; path: string; sha256: string },
    work: (write: Write) => Promise<void>,
  ): Promise<boolean> {
    return this.#tools.store.write(async (write) => {
      const same = await write.db
        .selectFrom('documents')
        .select('path')
        .where('app', '=', app)
        .where('path', '=', path)
        .where('sha256', '=', sha256)
        .executeTakeFirst()
      if (same === undefined) return false
      await work(write)
      return true
    })
  }

  async #askChains(app: string): Promise<void> {
    const ask = this.#ask?.(app)
    if (ask === undefined || this.#isClosed) return
    for (const { path, sha256, review } of this.#rows(app)) {
      const claims = reviewOf(review)?.chainClaims ?? []
      if (claims.length === 0) continue
      const findings = await chainFindings(claims, ask)
      const isStale = findings.some(({ severity }) => severity === 'high') ? 1 : 0
      await this.#tools.store.write(async (write) => {
        await write.db
          .updateTable('documents')
          .set({ chain_findings: JSON.stringify(findings), is_stale_on_chain: isStale })
          .where('app', '=', app)
          .where('path', '=', path)
          .where('sha256', '=', sha256)
          .execute()
      })
    }
    this.#look()
  }

  /** Tells of apps whose released documents are others than when they were put together. */
  #look(): void {
    if (this.#isClosed) return
    try {
      for (const [app, before] of this.#live) if (signatureOf(this.#liveRows(app)) !== before) this.#tools.onChange(app)
    } catch (error) {
      this.#tools.onError(error)
    }
  }

  #rows(app: string): readonly Row[] {
    return this.#tools.store.prepare<Row>('select * from documents where app = ? order by path').all(app)
  }

  #liveRows(app: string): readonly Row[] {
    return this.#tools.store
      .prepare<Row>(
        `select * from documents where app = ? and state = 'released' and is_stale_on_chain = 0
          and (stale_at_ms is null or stale_at_ms > ?) order by path`,
      )
      .all(app, this.#tools.clock.nowMs())
  }

  /** After what is under way for the same app. Apps do not wait for each other. */
  #later(app: string, work: () => Promise<void>): Promise<unknown> {
    const before = this.#work.get(app) ?? Promise.resolve()
    const next = before.then(work).catch(this.#tools.onError)
    this.#work.set(app, next)
    void next.then(() => {
      if (this.#work.get(app) === next) this.#work.delete(app)
    })
    return next
  }

  /** A review takes a thread, and one that is made to take long takes it for half a minute: each app waits for its own. */
  async #inTurn<T>(review: () => Promise<T>): Promise<T> {
    if (this.#reviewing < MAX_REVIEWING) this.#reviewing += 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await review()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#reviewing -= 1
      else next()
    }
  }
}

const PENDING: DocumentFinding = {
  rule: 'hidden-text',
  severity: 'high',
  line: 1,
  because: 'It has not been reviewed yet.',
}
const EXPIRED: DocumentFinding = {
  rule: 'stale',
  severity: 'high',
  line: 1,
  because: 'It has expired, or was reviewed more than a year ago.',
}

function reviewOf(text: string | null): Kept | null {
  return text === null ? null : (Json.parse(text) as Kept)
}

function isPast({ stale_at_ms: atMs }: Row, nowMs: number): boolean {
  return atMs !== null && atMs <= nowMs
}

function signatureOf(rows: readonly Row[]): string {
  return rows.map(({ path, sha256 }) => `${path} ${sha256}`).join('\n')
}

/** How many terms one write puts into the index. */
const MAX_TERMS_A_WRITE = 2_000

/** The pieces of a document, so many at a time that each write is short. */
function inParts(chunks: ReturnType<typeof cut>): ReturnType<typeof cut>[] {
  const parts: ReturnType<typeof cut>[number][][] = [[]]
  let size = 0
  for (const chunk of chunks) {
    if (size > 0 && size + chunk.terms.size > MAX_TERMS_A_WRITE) {
      parts.push([])
      size = 0
    }
    parts.at(-1)?.push(chunk)
    size += chunk.terms.size + 1
  }
  return parts
}

/** Another process may be at the same document: what it wrote already is the same. */
async function index(
  write: Write,
  { app, path }: { app: string; path: string },
  chunks: ReturnType<typeof cut>,
): Promise<void> {
  for (const { n, heading, text, terms, length } of chunks) {
    await write.db
      .insertInto('document_chunks')
      .values({ app, path, n, heading, text, length })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    const rows = [...terms].map(([term, tf]) => ({ app, term, path, n, tf }))
    if (rows.length > 0)
      await write.db
        .insertInto('document_terms')
        .values(rows)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
  }
}

async function forget(write: Write, { app, path }: { app: string; path: string }): Promise<void> {
  await write.db.deleteFrom('documents').where('app', '=', app).where('path', '=', path).execute()
  await forgetIndex(write, { app, path })
}

async function forgetIndex(write: Write, { app, path }: { app: string; path: string }): Promise<void> {
  await write.db.deleteFrom('document_chunks').where('app', '=', app).where('path', '=', path).execute()
  await write.db.deleteFrom('document_terms').where('app', '=', app).where('path', '=', path).execute()
}

class DocumentAbsentError extends BaseError {
  override readonly name = 'apps.DocumentAbsentError'
  constructor() {
    super('The app has no such document.', {
      code: 'apps:document:absent',
      kind: 'absent',
      hint: 'GET /api/admin/documents lists the documents of the app.',
    })
  }
}

class DocumentChangedError extends BaseError {
  override readonly name = 'apps.DocumentChangedError'
  constructor() {
    super('The document is not the one that was reviewed.', {
      code: 'apps:document:changed',
      kind: 'conflict',
      hint: 'Read it again, then decide with the sha256 that it has now.',
    })
  }
}

class DocumentUnreadError extends BaseError {
  override readonly name = 'apps.DocumentUnreadError'
  constructor() {
    super('The document was not reviewed, so it cannot be released.', {
      code: 'apps:document:unread',
      kind: 'conflict',
      hint: 'Look at its findings: wait for the review, or repair the file.',
    })
  }
}
