/** A transaction that the wallet sent and the server has not confirmed to know. Kept across reloads. */
export interface Unreported {
  readonly proposal: string
  readonly step: number
  /** Where one transaction did several steps. */
  readonly steps?: readonly number[]
  readonly hash: string
}

const SLOT = 'countersign.unreported'

/** What this browser sent and could not report yet. */
export function unreported(): readonly Unreported[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(SLOT) ?? '[]')
    return Array.isArray(kept) ? (kept as readonly Unreported[]) : []
  } catch {
    return []
  }
}

/** Keeps a hash before anybody is told of it: a page that closes now has not lost it. */
export function keepUnreported(sent: Unreported): void {
  localStorage.setItem(SLOT, JSON.stringify([...unreported().filter((each) => each.hash !== sent.hash), sent]))
}

export function forgetUnreported(hash: string): void {
  localStorage.setItem(SLOT, JSON.stringify(unreported().filter((each) => each.hash !== hash)))
}

/** What the server has of a transaction needs no report any more. */
export function forgetKnown(calls: readonly { readonly tx_hash: string | null }[]): void {
  for (const { hash } of unreported()) if (calls.some((call) => call.tx_hash === hash)) forgetUnreported(hash)
}
