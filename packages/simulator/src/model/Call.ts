import type { Address, Hex } from '@countersign/base'

/** One transaction to simulate, already parsed: nothing ambiguous is left in it. */
export interface Call {
  /** `null` creates a contract. */
  readonly to: Address.Address | null
  readonly value: bigint
  readonly data: Hex.Hex
  /** The limit that will be signed. `null`: estimated, simulated again at exactly that limit, and bound. */
  readonly gasLimit: bigint | null
  /** The most that a unit of gas may cost, tip included. A transaction with one gas price has it here and as its tip. */
  readonly maxFeePerGasWei: bigint | null
  /** Left out: what the node suggests. */
  readonly maxPriorityFeePerGasWei?: bigint
  /** EIP-2930: what is paid for in advance. */
  readonly accessList?: readonly AccessListEntry[]
  /** As prepared by a wallet library. Left out: the account's next. A used one blocks, a later one warns. */
  readonly nonce?: bigint
  /** EIP-2718, as prepared. It changes nothing that runs; a receipt binds it. */
  readonly type?: TransactionType
  /** EIP-7702 authorizations, signed by whoever's account is to run other code. */
  readonly authorizationList?: readonly SignedAuthorization[]
  readonly label: string | null
  /** Somebody else sends it, and pays for it: what the holder of a signature could do. */
  readonly holder?: Address.Address
}

/** 0 legacy, 1 with an access list (EIP-2930), 2 with two fees (EIP-1559), 4 with authorizations (EIP-7702). */
export type TransactionType = 0 | 1 | 2 | 4

/** An account and slots of it that a transaction pays for in advance (EIP-2930). */
export interface AccessListEntry {
  readonly address: Address.Address
  readonly storageKeys: readonly Hex.Hex[]
}

/** A signed EIP-7702 authorization, as it stands in a type-4 transaction. */
export interface SignedAuthorization {
  /** 0 is good on every chain. */
  readonly chainId: bigint
  /** The code to take on; the zero address gives the code back. */
  readonly address: Address.Address
  readonly nonce: bigint
  readonly yParity: number
  readonly r: bigint
  readonly s: bigint
}
