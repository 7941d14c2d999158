import { type AccessSet, type Prestate, EMPTY_CODE_HASH, word } from '../../model/Access.ts'
import { assert, Digest, type Hex } from '@countersign/base'
import type { StateOverride } from '../../model/Override.ts'
import {
  type RpcCall,
  type RpcEndpoint,
  expectResult,
  readBytes,
  readQuantity,
  readWord,
  UpstreamError,
} from '../rpc/Rpc.ts'

/** An account as it stood at the block. Addresses and slots are lower-case hex in this room. */
export interface Account {
  readonly balance: bigint
  readonly nonce: bigint
  readonly codeHash: Hex.Hex
}

/** Code never changes for a given hash, so it is kept for good and shared by all blocks. */
export class CodeStore {
  readonly #codes = new Map<Hex.Hex, Hex.Hex>([[EMPTY_CODE_HASH, '0x']])
  readonly #hashes = new Map<Hex.Hex, Hex.Hex>()

  add(code: Hex.Hex): Hex.Hex {
    if (code === '0x') return EMPTY_CODE_HASH
    // Code comes back with every block; hashing 24 KB takes a millisecond, recognising it does not.
    const known = this.#hashes.get(code)
    if (known !== undefined) return known
    const hash = Digest.keccak256(code)
    this.#codes.set(hash, code)
    this.#hashes.set(code, hash)
    return hash
  }

  get(hash: Hex.Hex): Hex.Hex {
    const code = this.#codes.get(hash)
    assert(code !== undefined, 'a code hash is only handed out for code that is kept')
    return code
  }
}

let opened = 0

/**
 * Everything read so far of one block's state, shared by all simulations on that block. It only ever grows; what
 * simulations write stays in their own overlays.
 */
export class StateCache {
  readonly blockHash: Hex.Hex
  /** Of this cache alone: when it is dropped because its source was wrong, another one of the same block has another. */
  readonly id: string
  readonly accounts = new Map<string, Account>()
  readonly slots = new Map<string, Map<string, Hex.Hex>>()
  readonly #codes: CodeStore
  readonly #pending = new Map<string, Promise<void>>()

  /** What a preview assumes instead of what is read; a later one wins. None in a state that others share. */
  readonly overrides: readonly StateOverride[]
  readonly #assumed = new Map<string, { account: Omit<StateOverride, 'address'>; slots: Map<string, Hex.Hex> }>()

  constructor(blockHash: Hex.Hex, codes: CodeStore, overrides: readonly StateOverride[] = []) {
    this.blockHash = blockHash
    this.overrides = overrides
    for (const { address, stateDiff = [], ...account } of overrides) {
      const key = address.toLowerCase()
      const slots = this.#assumed.get(key)?.slots ?? new Map<string, Hex.Hex>()
      for (const { slot, value } of stateDiff) slots.set(word(slot), word(value))
      this.#assumed.set(key, { account: { ...this.#assumed.get(key)?.account, ...account }, slots })
    }
    opened += 1
    this.id = `${blockHash}#${opened}`
    this.#codes = codes
    for (const [address, { slots }] of this.#assumed)
      for (const [slot, value] of slots) this.setSlot(address, slot, value)
  }

  /**
   * Takes in an answer of `prestateTracer`, beside what was read: tracers have their own ideas of a sender's balance. The
   * `skipCodeOf` account ran with a borrowed code: its code is not state.
   */
  absorb(prestate: Prestate, skipCodeOf: string | null): void {
    this.absorbed(prestate, skipCodeOf)()
  }

  /** The same in two steps: read now, and kept by the function that comes back. */
  absorbed(prestate: Prestate, skipCodeOf: string | null): () => void {
    const kept: (() => void)[] = []
    if (typeof prestate !== 'object' || prestate === null)
      throw new UpstreamError('', new Error('prestateTracer: no accounts'))
    for (const [key, account] of Object.entries(prestate)) {
      if (!/^0x[0-9a-f]{40}$/i.test(key)) throw new UpstreamError('', new Error('prestateTracer: no address'))
      if (typeof account !== 'object' || account === null)
        throw new UpstreamError('', new Error('prestateTracer: no account'))
      const address = key.toLowerCase()
      const balance = readQuantity(account.balance ?? '0x0', 'balance')
      const nonce = readQuantity(account.nonce ?? 0, 'nonce')
      const code = readBytes(account.code ?? '0x', 'code')
      kept.push(() => {
        if (address !== skipCodeOf && !this.accounts.has(address)) this.setAccount(address, balance, nonce, code)
      })
      for (const [key, value] of Object.entries(account.storage ?? {})) {
        const slot = readWord(key, 'slot')
        const held = readWord(value, 'storage')
        kept.push(() => {
          if (this.slots.get(address)?.has(slot) !== true) this.setSlot(address, slot, held)
        })
      }
    }
    return () => {
      for (const keep of kept) keep()
    }
  }

  setAccount(address: string, balance: bigint, nonce: bigint, code: Hex.Hex): void {
    const assumed = this.#assumed.get(address)?.account
    this.accounts.set(address, {
      balance: assumed?.balance ?? balance,
      nonce: assumed?.nonce ?? nonce,
      codeHash: this.#codes.add(assumed?.code ?? code),
    })
  }

  setSlot(address: string, slot: string, value: string): void {
    let slots = this.slots.get(address)
    if (slots === undefined) this.slots.set(address, (slots = new Map()))
    slots.set(word(slot), this.#assumed.get(address)?.slots.get(word(slot)) ?? word(value))
  }

  /** What of an access set has not been read yet. */
  missing(access: AccessSet): AccessSet {
    const missing: AccessSet = new Map()
    for (const [address, slots] of access) {
      const known = this.slots.get(address)
      const unread = [...slots].filter((slot) => known?.has(slot) !== true)
      if (!this.accounts.has(address)) missing.set(address, new Set(unread))
      else if (unread.length > 0) missing.set(address, new Set(unread))
    }
    return missing
  }

  /** Reads what is missing in one request, all at this block's hash (EIP-1898). The same item is never asked twice at once. */
  async read(upstream: RpcEndpoint, missing: AccessSet): Promise<void> {
    // Read first, kept afterwards: of a request with one broken answer nothing stays.
    const calls: { call: RpcCall; take: (result: unknown) => () => void }[] = []
    const waits: Promise<void>[] = []
    const at = { blockHash: this.blockHash }
    const keys: string[] = []
    for (const [address, slots] of missing) {
      if (!this.accounts.has(address)) {
        const key = address
        const underway = this.#pending.get(key)
        if (underway !== undefined) waits.push(underway)
        else {
          keys.push(key)
          const parts = { balance: 0n, nonce: 0n }
          calls.push(
            {
              call: { method: 'eth_getBalance', params: [address, at] },
              take: (result) => {
                parts.balance = readQuantity(result, 'eth_getBalance')
                return () => undefined
              },
            },
            {
              call: { method: 'eth_getTransactionCount', params: [address, at] },
              take: (result) => {
                parts.nonce = readQuantity(result, 'eth_getTransactionCount')
                return () => undefined
              },
            },
            {
              call: { method: 'eth_getCode', params: [address, at] },
              take: (result) => {
                const code = readBytes(result, 'eth_getCode')
                return () => this.setAccount(address, parts.balance, parts.nonce, code)
              },
            },
          )
        }
      }
      for (const slot of slots) {
        if (this.slots.get(address)?.has(slot) === true) continue
        const key = `${address}|${slot}`
        const underway = this.#pending.get(key)
        if (underway !== undefined) waits.push(underway)
        else {
          keys.push(key)
          calls.push({
            call: { method: 'eth_getStorageAt', params: [address, slot, at] },
            take: (result) => {
              const value = readWord(result, 'eth_getStorageAt')
              return () => this.setSlot(address, slot, value)
            },
          })
        }
      }
    }
    if (calls.length > 0) {
      const reading = upstream.batch(calls.map(({ call }) => call)).then((answers) => {
        const kept = calls.map(({ call, take }, i) => take(expectResult<unknown>(answers[i], call.method)))
        for (const keep of kept) keep()
      })
      for (const key of keys) this.#pending.set(key, reading)
      try {
        await reading
      } finally {
        for (const key of keys) this.#pending.delete(key)
      }
    }
    await Promise.all(waits)
  }
}
