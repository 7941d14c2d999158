import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'

/**
 * Secrets that the server needs back, under a key derived from the session secret, which lives outside the database: a stolen
 * database alone signs nothing.
 */
const derive = (secret: Uint8Array, purpose: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), `countersign:${purpose}`, 32))

/** Encrypts with AES-256-GCM, bound to what it is for, such as the session it belongs to. */
export function seal(value: Uint8Array, { secret, context }: { secret: Uint8Array; context: string }): string {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', derive(secret, 'seal'), iv).setAAD(Buffer.from(context))
  const bytes = Buffer.concat([iv, cipher.update(value), cipher.final()])
  return Buffer.concat([bytes, cipher.getAuthTag()]).toString('base64url')
}

/** Decrypts; null when it was made for something else, under another secret, or altered. */
export function open(text: string, { secret, context }: { secret: Uint8Array; context: string }): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length < 28) return null
  try {
    const cipher = createDecipheriv('aes-256-gcm', derive(secret, 'seal'), bytes.subarray(0, 12))
      .setAAD(Buffer.from(context))
      .setAuthTag(bytes.subarray(-16))
    return new Uint8Array(Buffer.concat([cipher.update(bytes.subarray(12, -16)), cipher.final()]))
  } catch {
    return null
  }
}

/** How long a server nonce is good for, in milliseconds. */
export const NONCE_LIFE_MS = 5 * 60_000

/** A server nonce (RFC 9449, section 8): the time it was made, and a MAC that every process of this server can check. */
export function nonce(nowMs: number, secret: Uint8Array): string {
  const at = Buffer.alloc(8)
  at.writeBigUInt64BE(BigInt(nowMs))
  return Buffer.concat([at, nonceMac(at, secret)]).toString('base64url')
}

/** Whether a nonce is ours and not older than `NONCE_LIFE_MS`. */
export function isFreshNonce(text: string, nowMs: number, secret: Uint8Array): boolean {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length !== 24 || bytes.toString('base64url') !== text) return false
  const at = bytes.subarray(0, 8)
  if (!timingSafeEqual(nonceMac(at, secret), bytes.subarray(8))) return false
  const ageMs = nowMs - Number(at.readBigUInt64BE())
  return ageMs < NONCE_LIFE_MS && ageMs > -60_000
}

function nonceMac(at: Uint8Array, secret: Uint8Array): Buffer {
  return createHmac('sha256', derive(secret, 'nonce')).update(at).digest().subarray(0, 16)
}
