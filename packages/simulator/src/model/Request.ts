import type { Call } from './Call.ts'
import type { SignatureRequest } from './Document.ts'
import type { Intent } from './Intent.ts'
import type { KnownAddress } from './KnownAddress.ts'
import type { StateOverride } from './Override.ts'
import type { Unmined } from './Unmined.ts'
import type { Address } from '@countersign/base'

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
   * answers one question: whether the agent chose that account. Nobody is vouched for by being here: a power that it gets is a
   * warning instead of a block, and never nothing.
   */
  readonly saidRecipients?: readonly Address.Address[]
  /** A document to be signed: what its holder could do with it is simulated after the transactions, if there are any. */
  readonly signature?: SignatureRequest | null
  /** What the user meant: assertions that must hold in every environment. */
  readonly intent?: Intent | null
  /** What is assumed of the state instead of what the chain says: for previews, which get no receipt. */
  readonly overrides?: readonly StateOverride[]
  /**
   * What the sender has signed before and what is not mined, in the order of its nonces, the first of which is the
   * account's next: it is run first, and the batch stands on what it leaves behind.
   */
  readonly unmined?: readonly Unmined[]
  /**
   * How many of the first calls are signed already. They run and their effects count, but nobody can decide on them any more:
   * a rule about repetition looks at the others. Such a request gets no receipt. Default 0.
   */
  readonly signedBefore?: number
  /** Whether to play what could happen next. Default true. */
  readonly isLookAhead?: boolean
  /** How old the known head may be before it is asked for again, in milliseconds. 0: always ask. Default 1000. */
  readonly maxHeadAgeMs?: number
}
