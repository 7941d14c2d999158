import type { Address, Hex } from '@countersign/base'

/** One transaction to simulate, already parsed: nothing ambiguous is left in it. */
export interface Call {
  /** `null` creates a contract. */
  readonly to: Address.Address | null
  readonly value: bigint
  readonly data: Hex.Hex
  /** The limit that will be signed. `null`: estimated, simulated again at exactly that limit, and bound. */
  readonly gasLimit: bigint | null
  readonly maxFeePerGasWei: bigint | null
  readonly label: string | null
}

/** An ordered batch: each call sees the state left by the one before. */
export interface SimulationRequest {
  readonly chainId: number
  readonly from: Address.Address
  readonly calls: readonly Call[]
  readonly block: bigint | 'latest'
  /** What the caller vouches for. Rules and names rest on this, never on what a contract says of itself. */
  readonly known: readonly KnownAddress[]
  /** An agent chose the arguments: a recipient that nobody accountable named is then a warning, not a note. */
  readonly isAgentProposed?: boolean
  /** How old the known head may be before it is asked for again, in milliseconds. 0: always ask. Default 1000. */
  readonly maxHeadAgeMs?: number
}

/** An address that somebody accountable (app configuration, the user's own words) vouches for. */
export interface KnownAddress {
  readonly address: Address.Address
  readonly name: string
  /**
   * `spender`: may be approved (routers, Permit2). `token` and `infrastructure` are named contracts. `contact`:
   * configured recipient. `user`: the user typed this address in the current request.
   */
  readonly kind: 'token' | 'spender' | 'infrastructure' | 'contact' | 'user'
  readonly symbol?: string
  readonly decimals?: number
}
