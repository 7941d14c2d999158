import type { Hex } from '@countersign/base'
import { word, type AccessSet, type CodeStore, type Prestate, type StateCache } from '../state/StateCache.ts'

/** What earlier steps of the same simulation wrote. It lives and dies with that simulation. */
export interface Overlay {
  readonly accounts: Map<string, { balance?: bigint; nonce?: bigint; code?: Hex.Hex }>
  readonly slots: Map<string, Map<string, Hex.Hex>>
}

/** Answer of `prestateTracer` in diff mode. */
export interface StateDiff {
  readonly pre: Prestate
  readonly post: Prestate
}

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
    const written = {
      ...Object.fromEntries(Object.keys(pre?.storage ?? {}).map((slot) => [slot, '0x0'])),
      ...post?.storage,
    }
    if (Object.keys(written).length === 0) continue
    let slots = overlay.slots.get(address)
    if (slots === undefined) overlay.slots.set(address, (slots = new Map()))
    for (const [slot, value] of Object.entries(written)) slots.set(word(slot), word(value))
  }
}

/** `stateOverrides` as nodes take them, by lower-case address. */
export type StateOverrides = Record<string, Override>

type Override = { balance?: string; nonce?: string; code?: string; stateDiff?: Record<string, string> }

/**
 * The `stateOverrides` that make an empty engine look like the block, as far as a run needs it, plus what earlier
 * steps wrote. Code that the worker already holds at the same address is left out.
 */
export function overrides(
  { cache, codes, installed }: { cache: StateCache; codes: CodeStore; installed: ReadonlyMap<string, Hex.Hex> },
  access: AccessSet,
  overlay: Overlay,
): StateOverrides {
  const result: StateOverrides = {}
  for (const [address, wanted] of access) {
    const account = cache.accounts.get(address)
    const override: Override = {}
    if (account !== undefined) {
      override.balance = hex(account.balance)
      if (account.nonce !== 0n) override.nonce = hex(account.nonce)
      const held = installed.get(address)
      if ((held !== undefined || codes.get(account.codeHash) !== '0x') && held !== account.codeHash) {
        override.code = codes.get(account.codeHash)
      }
    }
    const slots = cache.slots.get(address)
    if (slots !== undefined && wanted.size > 0) {
      const stateDiff: Record<string, string> = {}
      for (const slot of wanted) {
        const value = slots.get(slot)
        if (value !== undefined) stateDiff[slot] = value
      }
      override.stateDiff = stateDiff
    }
    result[address] = override
  }
  for (const [address, written] of overlay.accounts) {
    const override = (result[address] ??= {})
    if (written.balance !== undefined) override.balance = hex(written.balance)
    if (written.nonce !== undefined) override.nonce = hex(written.nonce)
    if (written.code !== undefined) override.code = written.code
  }
  for (const [address, slots] of overlay.slots) {
    const override = (result[address] ??= {})
    override.stateDiff = { ...override.stateDiff, ...Object.fromEntries(slots) }
  }
  return result
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`
}
