import type { Address, Hex } from '@countersign/base'
import type { SignedAuthorization } from './evm/ethereumjs/protocol.ts'
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
  /**
   * Whom the user named as the recipient, in that role and in the words of this very request (provenance `user`). It
   * answers one question: whether the agent chose the recipient. Nobody is vouched for by being here.
   */
  readonly saidRecipients?: readonly Address.Address[]
  /** A document to be signed: what its holder could do with it is simulated after the transactions, if there are any. */
  readonly signature?: SignatureRequest | null
  /** What the user meant: assertions that must hold in every environment. */
  readonly intent?: Intent | null
  /** Whether to play what could happen next. Default true. */
  readonly isLookAhead?: boolean
  /** How old the known head may be before it is asked for again, in milliseconds. 0: always ask. Default 1000. */
  readonly maxHeadAgeMs?: number
}

/** An address that the app's configuration vouches for, or that the user mentioned. */
export interface KnownAddress {
  readonly address: Address.Address
  readonly name: string
  /**
   * `spender`: may be approved (routers, Permit2). `token` and `infrastructure` are named contracts. `contact`:
   * configured recipient. `user`: the address stands somewhere in what the user wrote. A mention vouches for nobody: it
   * lowers no level, removes no finding and switches no analysis off (`vouchedOf`).
   */
  readonly kind: 'token' | 'spender' | 'infrastructure' | 'contact' | 'user'
  readonly symbol?: string
  readonly decimals?: number
}

/** An address that the app's configuration vouches for. */
export type VouchedAddress = KnownAddress & { readonly kind: Exclude<KnownAddress['kind'], 'user'> }

/** Whether an entry counts for more than a mention. */
export function isVouched(entry: KnownAddress | undefined): entry is VouchedAddress {
  return entry !== undefined && entry.kind !== 'user'
}

/**
 * Whom a request vouches for, by address in lower case. All that judges or analyses reads this and never
 * `request.known`, so that no mention, whichever way it came into a text, can stand in for a registry entry or hide one.
 */
export function vouchedOf({ known }: Pick<SimulationRequest, 'known'>): ReadonlyMap<string, VouchedAddress> {
  return new Map(known.filter(isVouched).map((entry) => [entry.address.toLowerCase(), entry]))
}
