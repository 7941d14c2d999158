import { Table } from '@countersign/base'
import { createHash } from 'node:crypto'

/** What a review can find (`docs/reference/documents.md`). */
export const DOCUMENT_RULES = ['secret', 'hidden-text', 'instruction', 'contradiction', 'stale'] as const
export type DocumentRule = (typeof DOCUMENT_RULES)[number]
export type Severity = 'low' | 'medium' | 'high' | 'critical'

/** One thing that a person should see before releasing a document. */
export interface DocumentFinding {
  readonly rule: DocumentRule
  readonly severity: Severity
  /** From 1, in the file; a PDF has none, so its lines are those of its text. */
  readonly line: number
  /** In our own words. It never repeats a secret. */
  readonly because: string
}

export type DocumentState = 'quarantined' | 'released' | 'stale' | 'rejected'

export type DocumentKind = 'markdown' | 'html' | 'pdf' | 'text'

const KINDS = Table.of<DocumentKind>({
  md: 'markdown',
  markdown: 'markdown',
  html: 'html',
  htm: 'html',
  pdf: 'pdf',
  txt: 'text',
})

/** How a file of the app is read as a document; null for files that are none. */
export function kindOf(path: string): DocumentKind | null {
  return KINDS[/\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ''] ?? null
}

/** Of what a person reviews: the content as the app holds it. */
export function digestOf(text: string): string {
  return createHash('sha256').update(bytesOf(text)).digest('hex')
}

/** Where a PDF stands among texts: its bytes in base64. */
export const PDF_PREFIX = 'data:application/pdf;base64,'

/** The bytes of the file. */
export function bytesOf(text: string): Uint8Array {
  return text.startsWith(PDF_PREFIX)
    ? new Uint8Array(Buffer.from(text.slice(PDF_PREFIX.length), 'base64'))
    : new Uint8Array(Buffer.from(text, 'utf8'))
}

/** The handle of a document: the same in every process, and of its app and path only. */
export function idOf(app: string, path: string): string {
  return `doc_${createHash('sha256').update(`${app}\0${path}`).digest('hex').slice(0, 24)}`
}

const ORDER: readonly Severity[] = ['critical', 'high', 'medium', 'low']

/** The gravest first, then by place; the same finding once. */
export function sorted(findings: readonly DocumentFinding[]): readonly DocumentFinding[] {
  const seen = new Set<string>()
  return findings
    .toSorted(
      (a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity) || a.line - b.line || (a.rule < b.rule ? -1 : 1),
    )
    .filter(({ rule, line, because }) => {
      const key = `${rule} ${line} ${because}`
      return !seen.has(key) && seen.add(key) !== undefined
    })
}
