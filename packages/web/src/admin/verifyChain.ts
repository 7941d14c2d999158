import type { AuditEntry } from '@countersign/sdk'
import canonicalize from 'canonicalize'

/** What the first entry of a record points back to. */
const GENESIS = `0x${'00'.repeat(32)}`

/** How far a record holds: so many entries from the first on, and the newest hash that follows. */
export interface Verified {
  readonly entries: number
  readonly head: string
  /** The first thing that is wrong; null while all holds. */
  readonly problem: { readonly seq: number; readonly fault: Fault } | null
}

/** What is wrong with an entry: another one stands in its place, or its app, its predecessor or its own hash does not fit. */
export type Fault = { readonly kind: 'place'; readonly found: number } | { readonly kind: 'app' | 'link' | 'hash' }

export const NOTHING: Verified = { entries: 0, head: GENESIS, problem: null }

/**
 * Goes on with a page of entries: recomputes the hash of each from its content (SHA-256 over canonical JSON, RFC 8785, without
 * `hash`), and compares place, app and predecessor. It says that the record is whole in itself; that it is the record of
 * yesterday says a checkpoint that was kept elsewhere.
 */
export async function verifyPage(
  before: Verified,
  { app, page }: { app: string; page: readonly AuditEntry[] },
): Promise<Verified> {
  let { entries, head } = before
  if (before.problem !== null) return before
  for (const entry of page) {
    const { hash, ...content } = entry
    const wrong = (fault: Fault): Verified => ({ entries, head, problem: { seq: entries + 1, fault } })
    if (entry.seq !== entries + 1) return wrong({ kind: 'place', found: entry.seq })
    if (entry.app !== app) return wrong({ kind: 'app' })
    if (entry.prev_hash !== head) return wrong({ kind: 'link' })
    if ((await sha256(canonicalize(content) ?? '')) !== hash) return wrong({ kind: 'hash' })
    entries += 1
    head = hash
  }
  return { entries, head, problem: null }
}

async function sha256(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return `0x${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
