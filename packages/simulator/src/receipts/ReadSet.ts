import { Address, Digest } from '@countersign/base'
import { otherBuilder } from '../evm/environments.ts'
import type { BatchRun } from '../model/Run.ts'
import { all, mentionedAddresses } from '../effects/Trace.ts'
import type { SimulationRequest } from '../model/Request.ts'
import { EMPTY_CODE_HASH, type AccessSet } from '../model/Access.ts'
import type { CodeStore, StateCache } from '../chain/state/StateCache.ts'

/**
 * Everything a simulation read of the chain, with the values it found: what the outcome rests on. Addresses and slots
 * are lower-case hex. It is kept beside the report, not in it; the report and the receipt carry its digest.
 */
export interface ReadSet {
  readonly version: 1
  /**
   * Accounts that were read only because somebody must build the block: nothing in the batch names or calls them, so
   * what they own is not what the outcome rests on.
   */
  readonly builders: readonly string[]
  /** Sorted by address; an account comes before its slots. */
  readonly entries: readonly ReadEntry[]
}

export type ReadEntry =
  | readonly [address: string, balance: string, nonce: string, codeHash: string]
  | readonly [address: string, slot: string, value: string]

/** One thing that is not as it was read. */
export interface Movement {
  readonly address: string
  readonly what: 'balance' | 'nonce' | 'code' | 'storage'
  readonly slot: string | null
  readonly before: string
  readonly after: string
  /** Whether the outcome may rest on it: only then does it have to be looked at again. */
  readonly isLoadBearing: boolean
}

/** The read set of a finished simulation. */
export function of(access: AccessSet, cache: StateCache, builders: readonly string[]): ReadSet {
  const entries: ReadEntry[] = []
  for (const [address, wanted] of [...access].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const account = cache.accounts.get(address)
    if (account !== undefined)
      entries.push([address, account.balance.toString(), account.nonce.toString(), account.codeHash])
    for (const slot of [...wanted].sort()) entries.push([address, slot, cache.slots.get(address)?.get(slot) ?? ''])
  }
  return { version: 1, builders: [...builders].sort(), entries }
}

/** Block builders that nothing in the batch names: not its calls, not its trace, nor the code and storage it read. */
export function builders(
  { request, coinbase, run }: { request: SimulationRequest; coinbase: Address.Address; run: BatchRun | null },
  { access, cache, codes }: { access: AccessSet; cache: StateCache; codes: CodeStore },
): string[] {
  const named = new Set([request.from.toLowerCase()])
  for (const call of request.calls) {
    if (call.to !== null) named.add(call.to.toLowerCase())
    for (const address of mentionedAddresses(call.data)) named.add(address)
  }
  for (const step of run?.steps ?? []) {
    if ('refused' in step) continue
    for (const { frame } of all(step.trace)) {
      named.add(frame.from.toLowerCase())
      if (frame.to !== undefined) named.add(frame.to.toLowerCase())
    }
  }
  const isHeld = (address: string): boolean => {
    const digits = address.slice(2)
    for (const [contract, slots] of access) {
      const account = cache.accounts.get(contract)
      if (account !== undefined && codes.get(account.codeHash).includes(digits)) return true
      for (const slot of slots) if (cache.slots.get(contract)?.get(slot)?.includes(digits) === true) return true
    }
    return false
  }
  return [...new Set([coinbase.toLowerCase(), otherBuilder(coinbase).toLowerCase()])].filter(
    (address) => address !== Address.ZERO && !named.has(address) && !isHeld(address),
  )
}

/** RFC 8785 text. Keys are written in sorted order and every string is plain ASCII, so JSON.stringify gives just that. */
export function toJson({ builders, entries }: ReadSet): string {
  return JSON.stringify({ builders, entries, version: 1 })
}

export function digest(readSet: ReadSet): Digest.Digest {
  return Digest.sha256(toJson(readSet))
}

/** Reads a kept read set; null when it is not the one asked for. */
export function parse(text: string, expected: Digest.Digest): ReadSet | null {
  // The digest covers every byte; a text that has it is one that `toJson` wrote.
  return Digest.sha256(text) === expected ? (JSON.parse(text) as ReadSet) : null
}

/** Accounts and slots to read again. */
export function accessOf(readSet: ReadSet): AccessSet {
  const access: AccessSet = new Map()
  for (const [address, slot, , codeHash] of readSet.entries) {
    const slots = access.get(address) ?? new Set()
    if (codeHash === undefined) slots.add(slot)
    access.set(address, slots)
  }
  return access
}

/** The nonce of an account as it was read; null when it was not. */
export function nonceOf(readSet: ReadSet, account: Address.Address): bigint | null {
  const entry = readSet.entries.find((each) => each.length === 4 && each[0] === account.toLowerCase())
  return entry === undefined ? null : BigInt(entry[2])
}

/**
 * What is not as it was read. Load-bearing is everything that code or a rule can see, except:
 *
 * - what a builder owns that nothing in the batch names. It changes with every block, the next block has another
 *   builder anyway, and the batch was run with several: code that asks for COINBASE and looks at its balance shows
 *   in the environments;
 * - the nonce of an account without code that is not the sender. No opcode tells it and it takes part in nothing:
 *   contracts are created from the nonces of contracts and of the sender. With EIP-7702 authorizations all nonces
 *   count, because an authorization is good for one.
 *
 * A sender's balance that only grew does count: code can compare it. Counting it costs one simulation and no alarm,
 * since what is compared in the end is what happens to the user.
 */
export function movements(
  readSet: ReadSet,
  now: StateCache,
  { from, hasAuthorizations }: { from: Address.Address; hasAuthorizations: boolean },
): Movement[] {
  const builders = new Set(readSet.builders)
  const sender = from.toLowerCase()
  const found: Movement[] = []
  for (const entry of readSet.entries) {
    const [address] = entry
    if (entry.length === 3) {
      const [, slot, before] = entry
      const after = now.slots.get(address)?.get(slot) ?? ''
      if (before !== after) found.push({ address, what: 'storage', slot, before, after, isLoadBearing: true })
      continue
    }
    const [, balance, nonce, codeHash] = entry
    const account = now.accounts.get(address)
    const move = (what: Movement['what'], before: string, after: string, isLoadBearing: boolean): void => {
      if (before !== after) found.push({ address, what, slot: null, before, after, isLoadBearing })
    }
    move('balance', balance, account?.balance.toString() ?? '', !builders.has(address))
    const isNonceSeen = codeHash !== EMPTY_CODE_HASH || address === sender || hasAuthorizations
    move('nonce', nonce, account?.nonce.toString() ?? '', isNonceSeen)
    move('code', codeHash, account?.codeHash ?? '', true)
  }
  return found
}

/** For people. */
export function words(movement: Movement): string {
  const { address, what, slot, before, after } = movement
  const account = Address.parse(address)
  if (what === 'code') return `the code at ${account} changed`
  if (what === 'storage') return `storage of ${account} at ${slot}: ${before} → ${after}`
  return `${what} of ${account}: ${before} → ${after}`
}

/** The read sets of recent simulations, by digest, so that whoever has a report can keep what it rests on. */
export interface ReadSetShelf {
  put(readSet: ReadSet): Digest.Digest
  get(digest: Digest.Digest): ReadSet | null
}

/** @param maxEntries - All sets together; 50 000 entries are about 10 MB. The oldest make room. */
export function createShelf({ maxEntries = 50_000 }: { maxEntries?: number } = {}): ReadSetShelf {
  const kept = new Map<Digest.Digest, ReadSet>()
  let size = 0
  return {
    put(readSet) {
      const key = digest(readSet)
      const before = kept.get(key)
      if (before !== undefined) {
        kept.delete(key)
        size -= before.entries.length
      }
      kept.set(key, readSet)
      size += readSet.entries.length
      for (const [oldest, { entries }] of kept) {
        if (size <= maxEntries || oldest === key) break
        kept.delete(oldest)
        size -= entries.length
      }
      return key
    },
    get: (key) => kept.get(key) ?? null,
  }
}
