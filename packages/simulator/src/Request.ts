import type { Address, Hex } from '@countersign/base'
import type { SignedAuthorization } from './engine/ethereumjs/protocol.ts'
import type { SignatureRequest } from './signatures/SignatureRequest.ts'
import type { Intent } from './intent/Intent.ts'

/** One transaction to simulate, already parsed: nothing ambiguous is left in it. */
export interface Call {
  /** `null` creates a contract. */
  readonly to: Address.Address | null
  readonly value: bigint
  readonly data: Hex.Hex
  /** The limit that will be signed. `null`: estimated, simulated again at exactly that limit, and bound. */
  readonly gasLimit: bigint | null
  readonly maxFeePerGasWei: bigint | null
  /** EIP-7702 authorizations, signed by whoever's account is to run other code. */
  readonly authorizationList?: readonly SignedAuthorization[]
  readonly label: string | null
  /** Somebody else sends it, and pays for it: what the holder of a signature could do. */
  readonly holder?: Address.Address
}

/** An ordered batch: each call sees the state left by the one before. */
export interface SimulationRequest {
  readonly chainId: number
  readonly from: Address.Address
  readonly calls: readonly Call[]
  readonly block: bigint | 'latest'
  /** What the caller vouches for. Rules and names rest on this, never on what a contract says of itself. */
  readonly known: readonly KnownAddress[]
  /**
   * Accounts this user has really paid before, as the caller's own books have it, not as the chain's history shows it
   * (anybody writes there). Nobody is vouched for by being here: they are what look-alike addresses are compared with.
   */
  readonly counterparties?: readonly Address.Address[]
  /** An agent chose the arguments: a recipient that nobody accountable named is then a warning, not a note. */
  readonly isAgentProposed?: boolean
  /** A document to be signed: what its holder could do with it is simulated after the transactions, if there are any. */
  readonly signature?: SignatureRequest | null
  /** What the user meant: assertions that must hold in every environment. */
  readonly intent?: Intent | null
  /** Whether to play what could happen next. Default true. */
  readonly isLookAhead?: boolean
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
