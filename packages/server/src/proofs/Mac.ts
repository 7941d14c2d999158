import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** A parsed `X-Session-Mac` header: `t={ms since the epoch}, n={nonce}, s={base64url HMAC-SHA-256}`. */
export interface Mac {
  readonly atMs: number
  readonly nonce: string
  readonly signature: string
}

/** Reads the header strictly; null when it is anything else. */
export function parse(text: string): Mac | null {
  const match = /^t=(\d{13}), ?n=([A-Za-z0-9_-]{16,64}), ?s=([A-Za-z0-9_-]{43})$/.exec(text)
  if (match === null) return null
  const [, at = '', nonce = '', signature = ''] = match
  return { atMs: Number(at), nonce, signature }
}

/** What is signed: everything that decides what the request does, one item a line. */
export interface Request {
  readonly method: string
  /** Path and query, as sent. */
  readonly target: string
  /** In lower case. */
  readonly sessionId: string
  /** The body, byte for byte; empty when there is none. */
  readonly body: string
  /** What `Dpop.credentialHash` says of the API key or token that travels along; empty without one. */
  readonly credentialHash: string
}

/** The text under the MAC. */
export function textOf(
  { method, target, sessionId, body, credentialHash }: Request,
  mac: Omit<Mac, 'signature'>,
): string {
  const bodyHash = createHash('sha256').update(body).digest('base64url')
  return ['countersign-mac-1', method, target, sessionId, bodyHash, credentialHash, String(mac.atMs), mac.nonce].join(
    '\n',
  )
}

/** The MAC of a request under a 256-bit key, base64url. */
export function sign(request: Request, mac: Omit<Mac, 'signature'>, key: Uint8Array): string {
  return createHmac('sha256', key).update(textOf(request, mac)).digest('base64url')
}

/** Compares in constant time. */
export function verifies(request: Request, mac: Mac, key: Uint8Array): boolean {
  const expected = Buffer.from(sign(request, mac, key), 'base64url')
  const given = Buffer.from(mac.signature, 'base64url')
  return expected.length === given.length && timingSafeEqual(expected, given)
}
