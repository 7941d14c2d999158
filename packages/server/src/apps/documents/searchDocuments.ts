import { sql } from 'kysely'
import type { Store } from '../../store/openStore.ts'
import { termsOf } from './Chunk.ts'

export interface FoundChunk {
  readonly path: string
  readonly heading: string
  readonly text: string
}

const MAX_TERMS = 32
/**
 * Okapi BM25 as everybody sets it (Robertson and Zaragoza, 2009, section 3.4). Literals, because PostgreSQL takes a parameter
 * beside a whole number for one.
 */
const K1 = sql.lit(1.2)
const K1_AND_ONE = sql.lit(2.2)
const B = sql.lit(0.75)
const ONE_LESS_B = sql.lit(0.25)

/**
 * The pieces of an app's released documents that fit a question best, by BM25. The app and the state of each document stand
 * inside of the query, in its counts as well: what is not this app's, or not released, changes no score.
 */
export async function searchDocuments(
  store: Pick<Store, 'read'>,
  { app, query, limit, nowMs }: { app: string; query: string; limit: number; nowMs: number },
): Promise<readonly FoundChunk[]> {
  const terms = [...new Set(termsOf(query))].slice(0, MAX_TERMS)
  if (terms.length === 0) return []
  const live = sql`select path from documents where app = ${app} and state = 'released' and is_stale_on_chain = 0
    and (stale_at_ms is null or stale_at_ms > ${nowMs})`
  const { rows } = await sql<FoundChunk>`
    with live as (${live}),
      chunks as (select path, n, heading, text, length from document_chunks where app = ${app} and path in (select path from live)),
      size as (select count(*) as total, avg(length) as mean from chunks),
      hits as (select term, path, n, tf from document_terms
        where app = ${app} and term in (${sql.join(terms)}) and path in (select path from live)),
      counts as (select term, count(*) as df from hits group by term)
    select chunks.path, chunks.heading, chunks.text from hits
      join counts on counts.term = hits.term
      join chunks on chunks.path = hits.path and chunks.n = hits.n
      cross join size
    group by chunks.path, chunks.n, chunks.heading, chunks.text
    order by sum(ln(1.0 + (size.total - counts.df + 0.5) / (counts.df + 0.5))
      * hits.tf * ${K1_AND_ONE} / (hits.tf + ${K1} * (${ONE_LESS_B} + ${B} * chunks.length / size.mean))) desc, chunks.path, chunks.n
    limit ${limit}`.execute(store.read)
  return rows
}
