import { assert, BaseError, Digest, type Address, type Hex } from '@countersign/base'
import { readMessage, readTypedData, type KnownAddress, type SignatureRequest } from '@countersign/simulator'

/**
 * A proposal may hold one EIP-712 document instead of transactions. It is a step like any other whose bytes are the
 * document's canonical JSON (RFC 8785) in UTF-8, so that the digest, the receipt, the state machine and the comparison
 * of bytes are the same for both. It is never sent: `kind` keeps it out of every queue of transactions.
 */
export const DOCUMENT_KIND = 'sign_typed_data'
/** A text for `personal_sign`: a step of the same sort, whose bytes are the text in UTF-8. */
export const MESSAGE_KIND = 'personal_sign'

/** Whether a step is signed and never sent. */
export function isSigned({ kind }: { readonly kind: string }): boolean {
  return kind === DOCUMENT_KIND || kind === MESSAGE_KIND
}

/** The document as the bytes that are proposed. */
export function encode(document: Readonly<Record<string, unknown>>): Hex.Hex {
  return `0x${Buffer.from(Digest.canonicalJson(document), 'utf8').toString('hex')}`
}

/** The step that a document or a message is, in a proposal of its own. */
export function callOf({ source, verifyingContract }: SignatureRequest): {
  readonly to: Address.Address | null
  readonly value: bigint
  readonly data: Hex.Hex
  readonly kind: string
} {
  if ('message' in source)
    return { to: null, value: 0n, data: `0x${Buffer.from(source.message, 'utf8').toString('hex')}`, kind: MESSAGE_KIND }
  assert('typed_data' in source, 'only typed data and messages are proposed')
  return { to: verifyingContract, value: 0n, data: encode(source.typed_data), kind: DOCUMENT_KIND }
}

/** The document or the message that a step stands for; null for a transaction. */
export function textOf(call: { readonly kind: string; readonly data: Hex.Hex }): string | null {
  return isSigned(call) ? Buffer.from(call.data.slice(2), 'hex').toString('utf8') : null
}

/** The document or the message of a proposal; null when it holds transactions. */
export function of(proposal: {
  readonly calls: readonly { readonly kind: string; readonly data: Hex.Hex }[]
}): string | null {
  const [only] = proposal.calls
  return only === undefined ? null : textOf(only)
}

/** What it would mean to sign the proposal's document or message, read again from its bytes; null for transactions. */
export function signatureOf(
  proposal: {
    readonly chainId: number
    readonly from: Address.Address
    readonly calls: readonly { readonly kind: string; readonly data: Hex.Hex }[]
  },
  { nowMs, known }: { nowMs: number; known: readonly KnownAddress[] },
): SignatureRequest | null {
  const text = of(proposal)
  if (text === null) return null
  if (proposal.calls[0]?.kind === MESSAGE_KIND) return readMessage(text, proposal)
  return readTypedData(text, {
    chainId: proposal.chainId,
    from: proposal.from,
    nowMs,
    known: (address) => known.find((entry) => entry.address === address),
  })
}

/** A document stands alone: what is signed in one window must not be mixed with what is sent. */
export class MixedProposalError extends BaseError {
  override readonly name = 'proposals.MixedProposalError'
  constructor() {
    super('A document to be signed is a proposal of its own.', {
      code: 'proposals:batch:mixed',
      kind: 'invalid',
      hint: 'Stage the transactions and each document separately.',
    })
  }
}
