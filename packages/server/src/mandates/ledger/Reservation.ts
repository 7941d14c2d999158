import type { Address } from '@countersign/base'

export type Kind = 'tx' | 'document' | 'call' | 'allowance' | 'outside'
export type State = 'held' | 'open' | 'settled' | 'released'

/** What moves with a reservation, by asset: limits are rebuilt from it, and allowances and recipients are read from it. */
export interface Moved {
  readonly assets: readonly { readonly token: Address.Address | null; readonly amount: string }[]
  /** Rights that it leaves standing. */
  readonly rights: readonly {
    readonly token: Address.Address
    readonly spender: Address.Address
    readonly amount: string
  }[]
  /** New recipients and known ones. Lower case. */
  readonly recipients: readonly string[]
}

/** What lets money back, or says that it is gone. Stored with the reservation, and checked again by `countersign doctor`. */
export type Proof =
  /** The proposal ended while nothing had been handed out. */
  | { readonly kind: 'ended'; readonly why: string }
  /** These bytes, at depth k. */
  | {
      readonly kind: 'mined'
      readonly hash: string
      readonly nonce: number
      readonly block: number
      readonly blockHash: string
      readonly depth: number
      readonly isReverted: boolean
    }
  /** Another transaction of the account has the nonce, at depth k. */
  | {
      readonly kind: 'replaced'
      readonly hash: string
      readonly nonce: number
      readonly block: number
      readonly blockHash: string
      readonly depth: number
    }
  /** EIP-1193 4001, told by the proven owner's page that held the wallet, with the nonce bound. */
  | { readonly kind: 'rejected'; readonly session: string; readonly nonce: number }
  /** The owner signed that nothing was signed. */
  | { readonly kind: 'not-signed'; readonly signature: string }
  /** A document can no longer be used: its nonce is gone, or a block at depth k is later than its deadline. */
  | { readonly kind: 'invalid'; readonly why: 'nonce' | 'deadline'; readonly block: number; readonly depth: number }
  /** Of an allowance: what was read at depth k. */
  | { readonly kind: 'allowance'; readonly standing: string; readonly block: number; readonly depth: number }
  | { readonly kind: 'used'; readonly hash: string; readonly block: number; readonly depth: number }
  /** A tool said so, and declares `idempotency`. */
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'done'; readonly why: string }

/** Which proofs may give back an open reservation, by what it is and who chose its nonce. Time and errors are none. */
export function mayRelease(kind: Kind, nonceKind: string, proof: Proof['kind']): boolean {
  switch (kind) {
    case 'tx':
      if (proof === 'not-signed' || proof === 'replaced') return nonceKind !== 'wallet' || proof === 'not-signed'
      return proof === 'rejected' && nonceKind === 'bound'
    case 'document':
      return proof === 'invalid' || proof === 'not-signed'
    case 'call':
      return proof === 'failed' || proof === 'not-signed'
    case 'allowance':
      return proof === 'allowance'
    case 'outside':
      return false
  }
}

/** Which proofs may settle it. */
export function maySettle(kind: Kind, proof: Proof['kind']): boolean {
  switch (kind) {
    case 'tx':
    case 'outside':
      return proof === 'mined'
    case 'document':
      return proof === 'used'
    case 'call':
      return proof === 'done'
    case 'allowance':
      return proof === 'allowance'
  }
}
