import type { HolderCall, Expectation, SignatureRequest } from '../model/Document.ts'
import { Address, BaseError, Hex } from '@countersign/base'
import type { Coin } from '../model/Coin.ts'
import type { Finding } from '../model/Finding.ts'
import { isVouched, type KnownAddress } from '../model/KnownAddress.ts'

/** Who signs, where, and when. Nothing here is read from the document. */
export interface SignatureContext {
  readonly chainId: number
  /** The account whose key signs. */
  readonly from: Address.Address
  readonly nowMs: number
  /** The chain's own coin; by the shipped records where it is left out. */
  readonly coin?: Coin
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
