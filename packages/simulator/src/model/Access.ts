import type { Hex } from '@countersign/base'

/** Which accounts and slots a run touched: address → slots. */
export type AccessSet = Map<string, Set<string>>

/** Answer of `prestateTracer`: what each touched account held before. */
export type Prestate = Readonly<
  Record<
    string,
    {
      readonly balance?: string
      readonly nonce?: number | string
      readonly code?: string
      readonly storage?: Readonly<Record<string, string>>
    }
  >
>

/** keccak256 of nothing: an account without code. */
export const EMPTY_CODE_HASH = '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470' as Hex.Hex

/** A 32-byte word in full. */
export function word(hex: string): Hex.Hex {
  return `0x${hex.slice(2).padStart(64, '0').toLowerCase()}`
}

/** The access set of a prestate answer. */
export function accessOf(prestate: Prestate): AccessSet {
  const access: AccessSet = new Map()
  for (const [address, account] of Object.entries(prestate)) {
    access.set(address.toLowerCase(), new Set(Object.keys(account.storage ?? {}).map(word)))
  }
  return access
}

/** Adds one access set to another. */
export function addAccess(target: AccessSet, source: AccessSet): void {
  for (const [address, slots] of source) {
    const known = target.get(address)
    if (known === undefined) target.set(address, new Set(slots))
    else for (const slot of slots) known.add(slot)
  }
}

/** A copy that can be added to without touching the original. */
export function copyAccess(access: AccessSet): AccessSet {
  return new Map([...access].map(([address, slots]) => [address, new Set(slots)]))
}

/** Number of items to read: accounts and slots. */
export function sizeOf(access: AccessSet): number {
  let size = access.size
  for (const slots of access.values()) size += slots.size
  return size
}
