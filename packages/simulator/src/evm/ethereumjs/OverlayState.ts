import type { AccountFields, StateManagerInterface } from '@ethereumjs/common'
import { Account, KECCAK256_NULL, type Address } from '@ethereumjs/util'
import { keccak_256 } from '@noble/hashes/sha3.js'
import type { AccessSet, Prestate } from '../../model/Access.ts'
import type { StateDiff } from '../../model/Run.ts'
import { hexOf, hexOfNumber } from './hex.ts'

/** Code and its hash; one object for each code, so that what is known of it can hang on its identity. */
export interface Code {
  readonly bytes: Uint8Array
  readonly hash: Uint8Array
}

export const NO_CODE: Code = { bytes: new Uint8Array(0), hash: KECCAK256_NULL }

/** An account as the run sees it. Never changed in place: a write puts a new one, so that undoing is putting back. */
export interface AccountState {
  readonly balance: bigint
  readonly nonce: bigint
  readonly code: Code
}

const EMPTY: AccountState = { balance: 0n, nonce: 0n, code: NO_CODE }
const ZERO = new Uint8Array(0)

/**
 * The state of one run: what was handed in, and over it what the run writes, with an undo log. The stock
 * `RPCStateManager` commits storage wrongly after a revert, and stock managers keep tries that nobody here reads.
 */
export class OverlayState implements StateManagerInterface {
  #base: ReadonlyMap<string, AccountState> = new Map()
  #baseSlots: ReadonlyMap<string, ReadonlyMap<string, Uint8Array>> = new Map()
  readonly #accounts = new Map<string, AccountState>()
  readonly #slots = new Map<string, Map<string, Uint8Array>>()
  /** Accounts created by this run: their storage starts empty whatever was handed in. */
  readonly #cleared = new Set<string>()
  readonly #undo: (() => void)[] = []
  readonly #checkpoints: number[] = []
  #touched: AccessSet = new Map()

  /** What SSTORE's gas is reckoned from: the value before the transaction (EIP-2200). */
  readonly originalStorageCache = {
    get: (address: Address, key: Uint8Array): Promise<Uint8Array> =>
      Promise.resolve(this.#baseSlots.get(address.toString())?.get(hexOf(key)) ?? ZERO),
    clear: (): void => undefined,
  }

  /** Forgets the last run and stands on another state. The EVM keeps one state object for good. */
  begin(
    base: ReadonlyMap<string, AccountState>,
    baseSlots: ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>,
  ): void {
    this.#base = base
    this.#baseSlots = baseSlots
    this.#accounts.clear()
    this.#slots.clear()
    this.#cleared.clear()
    this.#undo.length = 0
    this.#checkpoints.length = 0
    this.#touched = new Map()
  }

  read(address: string): AccountState {
    this.touch(address)
    return this.#accounts.get(address) ?? this.#base.get(address) ?? EMPTY
  }

  write(address: string, account: AccountState): void {
    this.touch(address)
    const before = this.#accounts.get(address)
    this.#undo.push(() => {
      if (before === undefined) this.#accounts.delete(address)
      else this.#accounts.set(address, before)
    })
    this.#accounts.set(address, account)
  }

  touch(address: string): Set<string> {
    let slots = this.#touched.get(address)
    if (slots === undefined) this.#touched.set(address, (slots = new Set()))
    return slots
  }

  /** Of storage values only the significant bytes are kept; nothing is zero. */
  readSlot(address: string, slot: string): Uint8Array {
    this.touch(address).add(slot)
    const written = this.#slots.get(address)?.get(slot)
    if (written !== undefined) return written
    if (this.#cleared.has(address)) return ZERO
    return this.#baseSlots.get(address)?.get(slot) ?? ZERO
  }

  getAccount(address: Address): Promise<Account | undefined> {
    const { balance, nonce, code } = this.read(address.toString())
    // The library changes what it is given, so it is given a copy.
    const isAbsent = balance === 0n && nonce === 0n && code.bytes.length === 0
    const wasPut = this.#accounts.has(address.toString())
    if (isAbsent && !wasPut) return ABSENT
    return Promise.resolve(new Account(nonce, balance, undefined, code.hash))
  }

  putAccount(address: Address, account?: Account): Promise<void> {
    const key = address.toString()
    // Code is only ever put by `putCode`; the hash that comes along is the one that was read.
    this.write(
      key,
      account === undefined ? EMPTY : { balance: account.balance, nonce: account.nonce, code: this.read(key).code },
    )
    return DONE
  }

  deleteAccount(address: Address): Promise<void> {
    this.write(address.toString(), EMPTY)
    return this.clearStorage(address)
  }

  modifyAccountFields(address: Address, { balance, nonce }: AccountFields): Promise<void> {
    const key = address.toString()
    const { code, ...before } = this.read(key)
    this.write(key, { balance: balance ?? before.balance, nonce: nonce ?? before.nonce, code })
    return DONE
  }

  putCode(address: Address, bytes: Uint8Array): Promise<void> {
    const key = address.toString()
    this.write(key, { ...this.read(key), code: codeOf(bytes) })
    return DONE
  }

  getCode(address: Address): Promise<Uint8Array> {
    return Promise.resolve(this.read(address.toString()).code.bytes)
  }

  getCodeSize(address: Address): Promise<number> {
    return Promise.resolve(this.read(address.toString()).code.bytes.length)
  }

  getStorage(address: Address, key: Uint8Array): Promise<Uint8Array> {
    return Promise.resolve(this.readSlot(address.toString(), hexOf(key)))
  }

  putStorage(address: Address, key: Uint8Array, value: Uint8Array): Promise<void> {
    const account = address.toString()
    const slot = hexOf(key)
    this.touch(account).add(slot)
    let slots = this.#slots.get(account)
    if (slots === undefined) this.#slots.set(account, (slots = new Map()))
    const written = slots
    const before = written.get(slot)
    this.#undo.push(() => {
      if (before === undefined) written.delete(slot)
      else written.set(slot, before)
    })
    written.set(slot, value)
    return DONE
  }

  clearStorage(address: Address): Promise<void> {
    const key = address.toString()
    const written = this.#slots.get(key)
    const wasCleared = this.#cleared.has(key)
    this.#slots.delete(key)
    this.#cleared.add(key)
    this.#undo.push(() => {
      if (!wasCleared) this.#cleared.delete(key)
      if (written !== undefined) this.#slots.set(key, written)
      else this.#slots.delete(key)
    })
    return DONE
  }

  checkpoint(): Promise<void> {
    this.#checkpoints.push(this.#undo.length)
    return DONE
  }

  commit(): Promise<void> {
    this.#checkpoints.pop()
    return DONE
  }

  revert(): Promise<void> {
    const length = this.#checkpoints.pop() ?? 0
    for (let i = this.#undo.length - 1; i >= length; i -= 1) this.#undo[i]?.()
    this.#undo.length = length
    return DONE
  }

  get touched(): AccessSet {
    return this.#touched
  }

  /** What the run changed, as `prestateTracer` tells it: a slot that became zero stands only in `pre`. */
  diff(): StateDiff {
    const pre: Record<string, Writable<Prestate[string]>> = {}
    const post: Record<string, Writable<Prestate[string]>> = {}
    for (const address of new Set([...this.#accounts.keys(), ...this.#slots.keys(), ...this.#cleared])) {
      const before = this.#base.get(address) ?? EMPTY
      const after = this.#accounts.get(address) ?? before
      const changed: Writable<Prestate[string]> = {}
      if (after.balance !== before.balance) changed.balance = hexOfNumber(after.balance)
      if (after.nonce !== before.nonce) changed.nonce = Number(after.nonce)
      if (hexOf(after.code.hash) !== hexOf(before.code.hash)) changed.code = hexOf(after.code.bytes)
      const { slotsBefore, slotsAfter } = this.#slotDiff(address)
      const hasSlots = Object.keys(slotsBefore).length + Object.keys(slotsAfter).length > 0
      if (Object.keys(changed).length === 0 && !hasSlots) continue
      if (Object.keys(slotsAfter).length > 0) changed.storage = slotsAfter
      if (!isEmpty(before) || Object.keys(slotsBefore).length > 0) {
        pre[address] = {
          balance: hexOfNumber(before.balance),
          ...(before.nonce === 0n ? {} : { nonce: Number(before.nonce) }),
          ...(before.code.bytes.length === 0 ? {} : { code: hexOf(before.code.bytes) }),
          ...(Object.keys(slotsBefore).length === 0 ? {} : { storage: slotsBefore }),
        }
      }
      post[address] = changed
    }
    return { pre, post }
  }

  #slotDiff(address: string) {
    const slotsBefore: Record<string, string> = {}
    const slotsAfter: Record<string, string> = {}
    const base = this.#baseSlots.get(address)
    const written = this.#slots.get(address)
    const slots = this.#cleared.has(address)
      ? new Set([...(base?.keys() ?? []), ...(written?.keys() ?? [])])
      : written?.keys()
    for (const slot of slots ?? []) {
      const before = hexWord(base?.get(slot) ?? ZERO)
      const after = hexWord(written?.get(slot) ?? ZERO)
      if (before === after) continue
      if (before !== ZERO_WORD) slotsBefore[slot] = before
      if (after !== ZERO_WORD) slotsAfter[slot] = after
    }
    return { slotsBefore, slotsAfter }
  }

  clearCaches(): void {}

  // The EVM alone never asks for these; a run has no trie.
  getStateRoot(): Promise<Uint8Array> {
    return Promise.reject(new Error('the overlay has no state root'))
  }
  setStateRoot(): Promise<void> {
    return Promise.reject(new Error('the overlay has no state root'))
  }
  hasStateRoot(): Promise<boolean> {
    return Promise.resolve(false)
  }
  shallowCopy(): StateManagerInterface {
    throw new Error('the overlay is never copied')
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

const DONE: Promise<void> = Promise.resolve()
const ABSENT: Promise<undefined> = Promise.resolve(undefined)
const ZERO_WORD = `0x${'0'.repeat(64)}`

/** An account that EIP-161 counts as not there. */
export function isEmpty(account: AccountState): boolean {
  return account.balance === 0n && account.nonce === 0n && account.code.bytes.length === 0
}

export function codeOf(bytes: Uint8Array): Code {
  return bytes.length === 0 ? NO_CODE : { bytes, hash: keccak_256(bytes) }
}

function hexWord(value: Uint8Array): string {
  return `0x${hexOf(value).slice(2).padStart(64, '0')}`
}
