import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto'
import { Redacted } from '@countersign/base'

/**
 * How a session's id stands in the store. An id opens sessions of apps that take it alone, so the database holds no id in
 * clear: a keyed digest finds the session, and the id itself is encrypted for lists that give it back. The secret lies
 * outside of the database.
 */
export interface SessionIds {
  /** HMAC-SHA256 of the id: what `sessions.id_digest` holds. */
  digest(publicId: string): string
  /** The id, encrypted with AES-256-GCM and tied to its session. */
  seal(publicId: string, sid: string): string
  /** The id again; `UNREADABLE_ID` when it was sealed under another secret, for another session, or altered. */
  open(sealed: string | null, sid: string): string
}

/** The nil UUID of RFC 9562. No session can have it, because `Session.parseId` refuses it. */
export const UNREADABLE_ID = '00000000-0000-0000-0000-000000000000'

/** @param secret - Asked for at the first use: a command that names no session needs no secret, and makes none. */
export function createSessionIds(secret: () => Redacted.Redacted<Uint8Array>): SessionIds {
  let keys: { readonly digest: KeyObject; readonly seal: KeyObject } | null = null
  const keysOf = () => (keys ??= { digest: derive(secret(), 'session-digest'), seal: derive(secret(), 'session-id') })
  return {
    digest: (publicId) => createHmac('sha256', keysOf().digest).update(publicId).digest('base64url'),
    seal(publicId, sid) {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', keysOf().seal, iv).setAAD(Buffer.from(sid))
      return Buffer.concat([iv, cipher.update(publicId), cipher.final(), cipher.getAuthTag()]).toString('base64url')
    },
    open(sealed, sid) {
      const bytes = Buffer.from(sealed ?? '', 'base64url')
      if (bytes.length < 28) return UNREADABLE_ID
      try {
        const cipher = createDecipheriv('aes-256-gcm', keysOf().seal, bytes.subarray(0, 12))
          .setAAD(Buffer.from(sid))
          .setAuthTag(bytes.subarray(-16))
        return Buffer.concat([cipher.update(bytes.subarray(12, -16)), cipher.final()]).toString()
      } catch {
        return UNREADABLE_ID
      }
    },
  }
}

/** A key object: from bytes, Node makes one at each use, and that is nine tenths of the time of a digest (34 of 38 µs). */
function derive(secret: Redacted.Redacted<Uint8Array>, purpose: string): KeyObject {
  const bytes = hkdfSync('sha256', Redacted.reveal(secret), new Uint8Array(0), `countersign:${purpose}`, 32)
  return createSecretKey(new Uint8Array(bytes))
}
