import { Address, BaseError, Hex } from '@countersign/base'
import type { AuthorityKind, Finding, NotChecked, TokenStandard } from '../Report.ts'
import { isVouched, type KnownAddress } from '../Request.ts'

/** Who signs, where, and when. Nothing here is read from the document. */
export interface SignatureContext {
  readonly chainId: number
  /** The account whose key signs. */
  readonly from: Address.Address
  readonly nowMs: number
  /** What the caller vouches for; without it nobody is vouched for. */
  known?(address: Address.Address): KnownAddress | undefined
}

/** The same context, in which a mention by the user vouches for nobody: what every reader of a document starts from. */
export function withoutMentions(context: SignatureContext): SignatureContext {
  return {
    ...context,
    known(address) {
      const known = context.known?.(address)
      return isVouched(known) ? known : undefined
    },
  }
}

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
  readonly findings: readonly Finding[]
  readonly notChecked: readonly NotChecked[]
  readonly source: SignableSource
}

/** What one scheme makes of a document; the rest of the request is the same for all. */
export type Draft = Omit<SignatureRequest, 'digest' | 'primaryType' | 'verifyingContract' | 'findings' | 'source'> & {
  readonly findings: readonly Finding[]
}

/** A draft that says nothing yet. */
export const EMPTY: Omit<Draft, 'kind' | 'title'> = {
  lines: [],
  grants: [],
  offers: [],
  considerations: [],
  holderCalls: [],
  withoutSignature: [],
  expects: [],
  findings: [],
  notChecked: [],
}

/** A document from outside as plain JSON: numbers that JSON has no room for become decimal text. */
export function asJson(value: unknown): Readonly<Record<string, unknown>> {
  return JSON.parse(
    JSON.stringify(value, (_, entry: unknown) => (typeof entry === 'bigint' ? entry.toString() : entry)),
  ) as Record<string, unknown>
}

/** An address that holds nothing and stands for "anybody" where a scheme lets anybody present the signature. */
export const STRANGER = Address.parse('0x5741a6e200000000000000000000000000000bad')

/**
 * The signature that stands in until there is a real one. `v` is 27; `s` is in the lower half of the curve order, which
 * OpenZeppelin's ECDSA insists on (EIP-2).
 */
export const DUMMY = {
  r: `0x${'c5'.repeat(32)}`,
  s: `0x${'35'.repeat(32)}`,
  v: 27,
  bytes: `0x${'c5'.repeat(32)}${'35'.repeat(32)}1b`,
} as const

/**
 * Puts a real 65-byte signature (r, s, v) where a holder call has the dummy, whether it stands there as bytes or as
 * three words in the order v, r, s.
 */
export function withSignature(call: HolderCall, signature: Hex.Hex): HolderCall {
  const [r, s, v] = [signature.slice(2, 66), signature.slice(66, 130), signature.slice(130, 132)]
  const [dummyR, dummyS] = [DUMMY.r.slice(2), DUMMY.s.slice(2)]
  const data = call.data
    .replaceAll(`${'1b'.padStart(64, '0')}${dummyR}${dummyS}`, `${v.padStart(64, '0')}${r}${s}`)
    .replaceAll(`${dummyR}${dummyS}1b`, `${r}${s}${v}`)
  return { ...call, data: data as Hex.Hex }
}

/** Cuts a holder call's amounts down to what the owner has. `balanceOf` returns undefined where it does not know. */
export function withBalances(
  call: HolderCall,
  balanceOf: (token: Address.Address | null, owner: Address.Address) => bigint | undefined,
): HolderCall {
  let data: string = call.data
  for (const { offset, token, owner, granted } of call.bounded ?? []) {
    const balance = balanceOf(token, owner)
    if (balance === undefined || balance >= granted) continue
    const start = 2 + 2 * offset
    data = `${data.slice(0, start)}${word(balance).slice(2)}${data.slice(start + 64)}`
  }
  return { ...call, data: data as Hex.Hex }
}

/** Whether an answer is the one the document needs. A missing or short answer is not. */
export function isExpected(expectation: Expectation, answer: Hex.Hex): boolean {
  const start = 2 + 64 * (expectation.word ?? 0)
  if (answer.length < start + 64) return false
  const found = BigInt(`0x${answer.slice(start, start + 64)}`)
  return (found & BigInt(expectation.mask ?? `0x${'ff'.repeat(32)}`)) === BigInt(expectation.equals)
}

/** A number as a 32-byte word. */
export function word(value: bigint): Hex.Hex {
  return `0x${value.toString(16).padStart(64, '0')}`
}

/** The document cannot be read in one way only, so it is not read at all. */
export class SignatureError extends BaseError {
  override readonly name = 'simulator.SignatureError'
  constructor(where: string, reason: string) {
    super(`${where} cannot be read: ${reason.replace(/\.$/, '')}.`, {
      code: 'simulation:signature:unreadable',
      kind: 'invalid',
      hint: 'Write an EIP-712 document {"types", "primaryType", "domain", "message"} with exactly the fields its types name: addresses and bytes as full 0x-hex, integers as plain decimal digits.',
    })
  }
}
