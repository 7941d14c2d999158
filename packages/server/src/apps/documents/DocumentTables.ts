/** The tables of documents. */
export interface DocumentTables {
  documents: {
    app: string
    /** Below the folder of the app. */
    path: string
    id: string
    /** Of the content now; a decision holds for it alone. */
    sha256: string
    state: 'quarantined' | 'released' | 'rejected'
    /** What reviewed it; null before the first review of this content. */
    reviewer: string | null
    /** JSON: `Reviewed` without its text. */
    review: string | null
    /** JSON: findings; null before a chain was asked. */
    chain_findings: string | null
    stale_at_ms: number | null
    is_stale_on_chain: number
    /** The key that released or rejected it. */
    decided_by: string | null
    /** In that person's words; null where none were given. */
    decided_because: string | null
    at_ms: number
  }
  document_chunks: {
    app: string
    path: string
    n: number
    heading: string
    text: string
    /** Terms. */
    length: number
  }
  document_terms: {
    app: string
    term: string
    path: string
    n: number
    tf: number
  }
}

declare module '../../store/Schema.ts' {
  interface Schema extends DocumentTables {}
}
