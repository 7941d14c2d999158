import type { Overlay, StateDiff } from '../model/Run.ts'
import type { Hex } from '@countersign/base'
import { EMPTY_CODE_HASH, sizeOf, word, type AccessSet } from '../model/Access.ts'
import type { CodeStore, StateCache } from '../chain/state/StateCache.ts'

export type { Overlay, StateDiff } from '../model/Run.ts'

const ZERO_WORD = word('0x0')

export function empty(): Overlay {
  return { accounts: new Map(), slots: new Map() }
}

/** A copy that can be written to without touching the original. */
export function copy(overlay: Overlay): Overlay {
  return {
    accounts: new Map([...overlay.accounts].map(([address, account]) => [address, { ...account }])),
    slots: new Map([...overlay.slots].map(([address, slots]) => [address, new Map(slots)])),
  }
}

/**
 * Writes a step's diff into the overlay. A slot that became zero is missing from `post` (anvil and geth leave it
 * out), so every slot in `pre` counts as written.
 */
export function apply(overlay: Overlay, diff: StateDiff): void {
  for (const key of new Set([...Object.keys(diff.pre), ...Object.keys(diff.post)])) {
    const address = key.toLowerCase()
    const pre = diff.pre[key]
    const post = diff.post[key]
    const account = overlay.accounts.get(address) ?? {}
    if (post?.balance !== undefined) account.balance = BigInt(post.balance)
    if (post?.nonce !== undefined) account.nonce = BigInt(post.nonce)
    if (post?.code !== undefined) account.code = post.code as Hex.Hex
    overlay.accounts.set(address, account)
    const before = pre?.storage
    const after = post?.storage
    if (before === undefined && after === undefined) continue
    let slots = overlay.slots.get(address)
    if (slots === undefined) overlay.slots.set(address, (slots = new Map()))
    for (const slot in before) slots.set(word(slot), ZERO_WORD)
    for (const slot in after) slots.set(word(slot), word(after[slot] ?? '0x0'))
  }
}

/** `stateOverrides` as nodes take them, by lower-case address. */
export type StateOverrides = Record<string, Override>

type Override = { balance?: string; nonce?: string; code?: string; stateDiff?: Record<string, string> }

interface Base {
  readonly cache: StateCache
  readonly codes: CodeStore
}

/**
 * The `stateOverrides` that make an empty engine look like the block, as far as a run needs it, plus what earlier
 * steps wrote. Whole: for an engine that holds nothing.
 */
export function overrides(base: Base, access: AccessSet, overlay: Overlay): StateOverrides {
  const result: StateOverrides = {}
  for (const address of access.keys()) result[address] = override(base, access, overlay, address, null)
  for (const address of written(overlay)) result[address] ??= override(base, access, overlay, address, null)
  return result
}

/** Overrides as they are written, by address, of accounts that no step wrote to. */
export interface Pieces {
  readonly texts: Map<string, string>
  /** Size of the access set that they were written for. */
  size: number
}

export function noPieces(): Pieces {
  return { texts: new Map(), size: 0 }
}

/**
 * The same as JSON, without code that the worker already holds at the same address.
 *
 * @param lent - Code that an account has for this one call.
 */
export function json(
  fork: Base & { readonly worker: { readonly installed: ReadonlyMap<string, Hex.Hex> }; readonly pieces: Pieces },
  access: AccessSet,
  overlay: Overlay,
  lent?: { address: string; code: Hex.Hex },
): string {
  const { pieces } = fork
  const size = sizeOf(access)
  if (size !== pieces.size) {
    pieces.texts.clear()
    pieces.size = size
  }
  const parts: string[] = []
  for (const address of access.keys()) {
    if (address === lent?.address || overlay.accounts.has(address) || overlay.slots.has(address)) continue
    let text = pieces.texts.get(address)
    if (text === undefined) {
      text = `"${address}":${JSON.stringify(override(fork, access, overlay, address, fork.worker.installed))}`
      pieces.texts.set(address, text)
    }
    parts.push(text)
  }
  for (const address of written(overlay)) {
    if (address === lent?.address) continue
    parts.push(`"${address}":${JSON.stringify(override(fork, access, overlay, address, fork.worker.installed))}`)
  }
  if (lent !== undefined) {
    const account = { ...override(fork, access, overlay, lent.address, fork.worker.installed), code: lent.code }
    parts.push(`"${lent.address}":${JSON.stringify(account)}`)
  }
  return `{${parts.join(',')}}`
}

function written(overlay: Overlay): Set<string> {
  return new Set([...overlay.accounts.keys(), ...overlay.slots.keys()])
}

/** @param installed - Code that the engine holds already; null: none, and accounts without code need not be told so. */
function override(
  { cache, codes }: Base,
  access: AccessSet,
  overlay: Overlay,
  address: string,
  installed: ReadonlyMap<string, Hex.Hex> | null,
): Override {
  const result: Override = {}
  const account = cache.accounts.get(address)
  const changed = overlay.accounts.get(address)
  const balance = changed?.balance ?? account?.balance
  const nonce = changed?.nonce ?? account?.nonce ?? 0n
  // Nothing was ever paid to or stored in a worker of ours: what is zero there need not be said.
  const isEmptyBelow = installed !== null
  if (balance !== undefined && !(isEmptyBelow && balance === 0n)) result.balance = hex(balance)
  if (nonce !== 0n) result.nonce = hex(nonce)
  if (changed?.code !== undefined) result.code = changed.code
  else if (account !== undefined) {
    // An account without code is always told so: another simulation may put code there at any moment.
    if (installed === null ? account.codeHash !== EMPTY_CODE_HASH : installed.get(address) !== account.codeHash)
      result.code = codes.get(account.codeHash)
  }
  const wanted = access.get(address)
  const slots = cache.slots.get(address)
  const after = overlay.slots.get(address)
  if ((slots !== undefined && wanted !== undefined && wanted.size > 0) || after !== undefined) {
    const stateDiff: Record<string, string> = {}
    for (const slot of wanted ?? []) {
      const value = after?.get(slot) ?? slots?.get(slot)
      if (value !== undefined && !(isEmptyBelow && value === ZERO_WORD)) stateDiff[slot] = value
    }
    for (const [slot, value] of after ?? []) if (!(isEmptyBelow && value === ZERO_WORD)) stateDiff[slot] = value
    result.stateDiff = stateDiff
  }
  return result
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`
}
