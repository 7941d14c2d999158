import { EMPTY, SignatureError, type SignatureContext } from './SignatureRequest.ts'
import type { SignableSource, SignatureRequest } from '../model/Document.ts'
import { readAuthorization } from './readAuthorization.ts'
import { readRawHash, readRawMessage, type RawMessage } from './readRawMessage.ts'
import { readTypedData } from './readTypedData.ts'
import { parseStrictJson } from './strictJson.ts'

/**
 * Reads whatever a wallet may be asked to sign, as a file holds it: an EIP-712 document, an EIP-7702 authorization
 * `{chain_id, address, nonce}`, a bare 32-byte hash, or `{"message": "…"}` for `personal_sign`. What is none of these is
 * refused: a text that is signed by mistake for a document would be the worst of both.
 *
 * @param text - The file, whole.
 * @throws {SignatureError} `simulation:signature:unreadable`.
 * @example
 * await readSignable('{"message": "Hello"}', { chainId: 1, from, nowMs: Date.now() }) // .kind === 'message'
 */
export async function readSignable(text: string, context: SignatureContext): Promise<SignatureRequest> {
  const trimmed = text.trim()
  if (/^(?:0x)?[0-9a-fA-F]{64}$/.test(trimmed)) return ofHash(trimmed)
  const value = parseStrictJson(text)
  if (typeof value === 'string' && /^(?:0x)?[0-9a-fA-F]{64}$/.test(value)) return ofHash(value)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SignatureError('The document', 'it is neither typed data, nor an authorization, nor a message')
  const fields = Object.keys(value)
  if (fields.join() === 'message') return readSource({ message: (value as { message: unknown }).message }, context)
  if (fields.includes('nonce') && !fields.includes('types')) return readAuthorization(value, context)
  // As text, so that what stands there twice is still seen.
  return readTypedData(text, context)
}

/**
 * The same from what a receipt carries (`SignatureRequest.source`), which was read strictly before.
 *
 * @throws {SignatureError} `simulation:signature:unreadable`.
 */
export async function readSource(
  source: SignableSource | { readonly message: unknown },
  context: SignatureContext,
): Promise<SignatureRequest> {
  if ('typed_data' in source) return readTypedData(source.typed_data, context)
  if ('authorization' in source) return readAuthorization(source.authorization, context)
  if ('hash' in source) return ofHash(source.hash)
  if (typeof source.message !== 'string') throw new SignatureError('The message', 'it is not text')
  return readMessage(source.message, context)
}

/**
 * A message for `personal_sign`, as a document to be signed.
 *
 * @param message - Text, or `0x` and an even number of digits, which wallets take for bytes.
 * @throws {SignatureError} `simulation:signature:unreadable`.
 * @example
 * readMessage('Hello', { chainId: 1, from }).kind // 'message'
 */
export function readMessage(message: string, context: Pick<SignatureContext, 'chainId' | 'from'>): SignatureRequest {
  return ofRaw(readRawMessage(message, context), 'message', { message })
}

function ofHash(hash: string): SignatureRequest {
  const raw = readRawHash(hash.startsWith('0x') ? hash : `0x${hash}`)
  return ofRaw(raw, 'hash', { hash: raw.digest })
}

function ofRaw(raw: RawMessage, kind: 'message' | 'hash', source: SignableSource): SignatureRequest {
  return {
    ...EMPTY,
    kind,
    digest: raw.digest,
    primaryType: kind,
    verifyingContract: null,
    title: raw.title,
    lines: raw.lines,
    findings: raw.findings,
    notChecked: [{ what: 'what the message is used for', why: 'a text has no transaction that could be simulated' }],
    source,
  }
}
