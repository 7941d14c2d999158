import type { Address, Hex } from '@countersign/base'

/** What a preview assumes of one account instead of what the chain says. What is absent is as the chain has it. */
export interface StateOverride {
  readonly address: Address.Address
  /** In the smallest unit of the chain's coin. */
  readonly balance?: bigint
  readonly nonce?: bigint
  readonly code?: Hex.Hex
  /** Stored words, by slot; the others are as the chain has them. */
  readonly stateDiff?: readonly { readonly slot: Hex.Hex; readonly value: Hex.Hex }[]
  /** What the account holds of a token, in the token's smallest unit. */
  readonly tokens?: readonly { readonly token: Address.Address; readonly amount: bigint }[]
}
