import type { AuthorityKind } from './Authority.ts'
import type { Finding, NotChecked } from './Finding.ts'
import type { TokenStandard } from './TokenChange.ts'
import { Address, Hex } from '@countersign/base'

export type SignatureKind =
  | 'eip2612'
  | 'dai-permit'
  | 'permit2-single'
  | 'permit2-batch'
  | 'permit2-transfer'
  | 'permit2-batch-transfer'
  | 'permit2-witness'
  | 'erc3009'
  | 'seaport-order'
  | 'token-order'
  | 'safe-tx'
  | 'delegation'
  | 'vote-delegation'
  | 'forward-request'
  | 'authorization-7702'
  | 'user-operation'
  | 'message'
  | 'hash'
  | 'unknown'

/** What is to be signed, as it came: enough to read it again. One field, which says what it is. */
export type SignableSource =
  | { readonly typed_data: Readonly<Record<string, unknown>> }
  | { readonly authorization: Readonly<Record<string, unknown>> }
  | { readonly message: string }
  | { readonly hash: Hex.Hex }

/** One field as people read it: exact, and escaped where somebody else chose the text. */
export interface Line {
  readonly label: string
  readonly value: string
}

/** A power that the signature hands over as soon as somebody presents it. */
export interface Grant {
  readonly kind: AuthorityKind
  readonly owner: Address.Address
  /** Where the power lives: the token, Permit2, the Safe, the delegation manager. */
  readonly contract: Address.Address
  /** Who gains it. */
  readonly subject: Address.Address
  /** `null`: not about one token. */
  readonly token: Address.Address | null
  /** Smallest unit; 0 where the power has no amount. */
  readonly amount: bigint
  readonly unlimited: boolean
  readonly expiresMs: number | null
}

/** Something that changes hands by the terms that are signed. */
export interface Movement {
  readonly standard: TokenStandard
  /** `null` for the chain's own coin. */
  readonly token: Address.Address | null
  /** `null`: has no id, or whoever uses the signature picks it. */
  readonly tokenId: bigint | null
  /** Smallest unit. Of a range, what is worse for the signer: the most that leaves, the least that comes. */
  readonly amount: bigint
  /** `null`: whoever uses the signature decides. */
  readonly to: Address.Address | null
}

/** A 32-byte word of call data that holds an amount, which must not exceed what the owner has. */
export interface BoundedWord {
  /** Byte offset in `data`. */
  readonly offset: number
  /** `null` for the chain's own coin. */
  readonly token: Address.Address | null
  readonly owner: Address.Address
  readonly granted: bigint
}

/** A transaction that the holder of the signature could send. */
export interface HolderCall {
  readonly from: Address.Address
  readonly to: Address.Address
  readonly value: bigint
  readonly data: Hex.Hex
  readonly label: string
  /** `use` presents the signature; `exploit` is what its holder can do next. */
  readonly purpose: 'use' | 'exploit'
  /** Amounts to cut down to the owner's balance first (`withBalances`): a token refuses more than there is. */
  readonly bounded?: readonly BoundedWord[]
  /** What the sender must own, and have approved, for the call to work; the simulator provides it or says so. */
  readonly needs?: readonly Movement[]
}

/** Something the chain must answer for the document to be usable. Compare with `isExpected`. */
export interface Expectation {
  readonly to: Address.Address
  readonly data: Hex.Hex
  /** The word that must come back, 32 bytes. */
  readonly equals: Hex.Hex
  readonly what: string
  /** Which 32-byte word of the answer; 0 unless given. */
  readonly word?: number
  /** Bits that count, 32 bytes; all unless given. */
  readonly mask?: Hex.Hex
}

/** What a document would do if it were signed. */
export interface SignatureRequest {
  /** The EIP-712 hash that would be signed. */
  readonly digest: Hex.Hex
  readonly primaryType: string
  readonly verifyingContract: Address.Address | null
  readonly kind: SignatureKind
  readonly title: string
  readonly lines: readonly Line[]
  readonly grants: readonly Grant[]
  /** What the signer, or the account it owns, gives. */
  readonly offers: readonly Movement[]
  /** What the terms promise, to whom. */
  readonly considerations: readonly Movement[]
  /** In order, each with a dummy 65-byte signature in place (`withSignature` puts a real one in). */
  readonly holderCalls: readonly HolderCall[]
  /** The same effect without the signature check: for accounts that need further owners or a bundler. */
  readonly withoutSignature: readonly HolderCall[]
  readonly expects: readonly Expectation[]
  /** Findings that block a person and only warn of a contract: its code, and not its word, decides what it does. */
  readonly milderForCode?: { readonly account: Address.Address; readonly rules: readonly string[] }
  readonly findings: readonly Finding[]
  readonly notChecked: readonly NotChecked[]
  readonly source: SignableSource
}
