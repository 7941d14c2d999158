import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto'
import { Json } from '@countersign/base'

/** A proof whose signature and shape hold. Freshness, single use and what it is for are checked by `checkProof`. */
export interface Dpop {
  /** RFC 7638 thumbprint of the key that signed. */
  readonly jkt: string
  readonly jti: string
  readonly htm: string
  readonly htu: string
  readonly iatMs: number
  readonly ath: string | null
  readonly nonce: string | null
}

/** Longer than any honest proof (RFC 9449's example has 500 bytes), short enough to refuse at once. */
const MAX_LENGTH = 4_096
/** How many public keys are kept parsed: parsing one costs more than verifying with it. */
const MAX_KEYS = 1_000

const keys = new Map<string, KeyObject>()

/**
 * Reads a DPoP proof (RFC 9449, section 4.2) and verifies its signature with the public key it carries. ES256 and
 * EdDSA (Ed25519) only: the algorithm has to belong to the key's type, so that neither can be swapped.
 *
 * @returns null for anything that is not exactly such a proof; the reason is nobody's business but the client's.
 */
export function parse(text: string): Dpop | null {
  if (text.length > MAX_LENGTH) return null
  const parts = text.split('.')
  if (parts.length !== 3) return null
  const [head = '', body = '', mark = ''] = parts
  if (![head, body, mark].every((part) => /^[A-Za-z0-9_-]+$/.test(part))) return null
  const header = json(head)
  const claims = json(body)
  if (header === null || claims === null || header['typ'] !== 'dpop+jwt' || 'crit' in header) return null
  const key = publicKey(header['jwk'], header['alg'])
  if (key === null) return null
  const signature = Buffer.from(mark, 'base64url')
  if (signature.length !== 64 || signature.toString('base64url') !== mark) return null
  const signed = Buffer.from(`${head}.${body}`)
  const isGood =
    header['alg'] === 'ES256'
      ? verify('sha256', signed, { key: key.object, dsaEncoding: 'ieee-p1363' }, signature)
      : verify(null, signed, key.object, signature)
  if (!isGood) return null
  const { jti, htm, htu, iat, ath, nonce } = claims
  if (typeof jti !== 'string' || jti.length < 8 || jti.length > 256) return null
  if (typeof htm !== 'string' || typeof htu !== 'string' || typeof iat !== 'number' || !Number.isFinite(iat))
    return null
  if (ath !== undefined && typeof ath !== 'string') return null
  if (nonce !== undefined && typeof nonce !== 'string') return null
  return { jkt: key.jkt, jti, htm, htu, iatMs: iat * 1_000, ath: ath ?? null, nonce: nonce ?? null }
}

/** How a proof names the credential it travels with: base64url SHA-256 (RFC 9449, `ath`). */
export function credentialHash(credential: string): string {
  return createHash('sha256').update(credential).digest('base64url')
}

function json(part: string): Record<string, unknown> | null {
  try {
    const value = Json.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

function publicKey(jwk: unknown, alg: unknown): { jkt: string; object: KeyObject } | null {
  if (typeof jwk !== 'object' || jwk === null) return null
  const { kty, crv, x, y, ...rest } = jwk as Record<string, unknown>
  // A private key in a header has leaked, and so is no proof of anything.
  if ('d' in rest || typeof x !== 'string') return null
  let canonical: string
  if (alg === 'ES256' && kty === 'EC' && crv === 'P-256' && typeof y === 'string') {
    canonical = JSON.stringify({ crv, kty, x, y })
  } else if (alg === 'EdDSA' && kty === 'OKP' && crv === 'Ed25519') {
    canonical = JSON.stringify({ crv, kty, x })
  } else return null
  const jkt = createHash('sha256').update(canonical).digest('base64url')
  let object = keys.get(jkt)
  if (object === undefined) {
    try {
      object = createPublicKey({ key: JSON.parse(canonical) as Record<string, string>, format: 'jwk' })
    } catch {
      return null
    }
    if (keys.size >= MAX_KEYS) keys.delete(keys.keys().next().value ?? '')
    keys.set(jkt, object)
  }
  return { jkt, object }
}
