const SLOT = 'countersign.window'

let name: Promise<string> | null = null

/**
 * This document's name for the server: two documents must not open two wallets for one proposal. A reload keeps it, as
 * the wallet may still be open; a duplicated tab copies the storage but cannot have the lock, and gets a name of its own.
 */
export function windowName(): Promise<string> {
  name ??= claimName()
  return name
}

async function claimName(): Promise<string> {
  const kept = sessionStorage.getItem(SLOT)
  const fresh = crypto.randomUUID()
  // Without locks nothing tells a reload from a duplicate: a new name is the safe one.
  const own = kept !== null && (await holds(kept)) ? kept : fresh
  if (own === fresh) void holds(fresh)
  sessionStorage.setItem(SLOT, own)
  return own
}

/** Takes the lock of a name for as long as this document lives. False when another document has it. */
function holds(each: string): Promise<boolean> {
  const locks = (navigator as { locks?: LockManager }).locks
  if (locks === undefined) return Promise.resolve(false)
  return new Promise((resolve) => {
    locks
      .request(`${SLOT}.${each}`, { ifAvailable: true }, (lock) => {
        resolve(lock !== null)
        return lock === null ? undefined : new Promise(() => undefined)
      })
      .catch(() => resolve(false))
  })
}
