import {
  createCipheriv,
  createECDH,
  createHmac,
  createPrivateKey,
  hkdfSync,
  randomBytes,
  sign,
  type ECDH,
} from 'node:crypto'
import { Json } from '@countersign/base'

/** What a browser hands out for being reached: where, and the keys that a message is encrypted for. */
export interface Subscription {
  readonly endpoint: string
  readonly p256dh: string
  readonly auth: string
}

/** Uncompressed points of P-256 and the 16 bytes of the secret, in base64url. */
const POINT_BYTES = 65
const AUTH_BYTES = 16
/** One record holds the whole message (RFC 8188): header, text, delimiter and tag stay below what services take (4,096). */
const RECORD_BYTES = 4_096
const MAX_TEXT_BYTES = 3_000
/** How long the signed token of a request is good (RFC 8292: at most 24 h). Seconds. */
const TOKEN_S = 12 * 3_600

/** Reads `PushSubscription.toJSON()`, or our own text of it; null where it is no subscription. */
export function parseSubscription(value: unknown): Subscription | null {
  let given = value
  if (typeof value === 'string')
    try {
      given = Json.parse(value)
    } catch {
      return null
    }
  if (typeof given !== 'object' || given === null) return null
  const fields = given as Record<string, unknown>
  const keys = (typeof fields['keys'] === 'object' && fields['keys'] !== null ? fields['keys'] : fields) as Record<
    string,
    unknown
  >
  const { endpoint } = fields
  const { p256dh, auth } = keys
  if (typeof endpoint !== 'string' || typeof p256dh !== 'string' || typeof auth !== 'string') return null
  if (endpoint.length > 1_000 || !URL.canParse(endpoint)) return null
  const url = new URL(endpoint)
  if (!/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return null
  const point = Buffer.from(p256dh, 'base64url')
  if (point.length !== POINT_BYTES || point[0] !== 4 || Buffer.from(auth, 'base64url').length !== AUTH_BYTES)
    return null
  return { endpoint: url.href, p256dh: point.toString('base64url'), auth }
}

/** Push services of the browsers. A subscription names its own, so any other would be a request to where its sender wants. */
const SERVICES =
  /^(?:fcm\.googleapis\.com|updates\.push\.services\.mozilla\.com|web\.push\.apple\.com|[\w-]{1,40}\.(?:push\.apple\.com|notify\.windows\.com))$/

/** Whether messages go to this push service: one of the browsers', over https, or one that the operator named. */
export function isService(endpoint: string, named: readonly string[]): boolean {
  const { origin, protocol, port, hostname } = new URL(endpoint)
  return named.includes(origin) || (protocol === 'https:' && port === '' && SERVICES.test(hostname))
}

/**
 * Encrypts a message for one subscription: RFC 8291 with the content coding `aes128gcm` (RFC 8188).
 *
 * @param once - For tests: the salt and the sender's key, which are random and used once.
 */
export function encrypt(
  text: string,
  { p256dh, auth }: Pick<Subscription, 'p256dh' | 'auth'>,
  once: { readonly salt: Buffer; readonly key: ECDH } = { salt: randomBytes(16), key: freshKey() },
): Buffer {
  const { salt, key } = once
  const receiver = Buffer.from(p256dh, 'base64url')
  const sender = key.getPublicKey()
  const shared = key.computeSecret(receiver)
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), receiver, sender])
  const material = hkdf(shared, Buffer.from(auth, 'base64url'), info, 32)
  const contentKey = hkdf(material, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16)
  const nonce = hkdf(material, salt, Buffer.from('Content-Encoding: nonce\0'), 12)
  const cipher = createCipheriv('aes-128-gcm', contentKey, nonce)
  // 2 ends the last record.
  const body = Buffer.concat([cipher.update(Buffer.concat([clipped(text), Buffer.from([2])])), cipher.final()])
  const header = Buffer.alloc(21)
  salt.copy(header)
  header.writeUInt32BE(RECORD_BYTES, 16)
  header.writeUInt8(sender.length, 20)
  return Buffer.concat([header, sender, body, cipher.getAuthTag()])
}

/** A text of at most 3,000 bytes; no character is cut in two. */
function clipped(text: string): Buffer {
  const bytes = Buffer.from(text)
  if (bytes.length <= MAX_TEXT_BYTES) return bytes
  return Buffer.from(new TextDecoder().decode(bytes.subarray(0, MAX_TEXT_BYTES), { stream: true }))
}

function hkdf(secret: Buffer, salt: Buffer, info: Buffer, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, info, bytes))
}

function freshKey(): ECDH {
  const key = createECDH('prime256v1')
  key.generateKeys()
  return key
}

/** The key that this server signs its requests to push services with. */
export interface VapidKey {
  /** Base64url, as browsers take it for `applicationServerKey`. */
  readonly publicKey: string
  sign(text: string): Buffer
}

/** Reads a private key of P-256: 32 bytes. Throws what is none, such as zero. */
export function vapidKeyFrom(bytes: Uint8Array): VapidKey {
  const pair = createECDH('prime256v1')
  pair.setPrivateKey(Buffer.from(bytes))
  const point = pair.getPublicKey()
  const key = createPrivateKey({
    format: 'jwk',
    key: {
      ...{ kty: 'EC', crv: 'P-256', d: Buffer.from(bytes).toString('base64url') },
      ...{ x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') },
    },
  })
  return {
    publicKey: point.toString('base64url'),
    sign: (text) => sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }),
  }
}

/** A key made of a secret of the installation, the same at every start and every instance. */
export function vapidKeyOf(secret: Uint8Array): VapidKey {
  // A number that is 0 or above the order of the curve is no key: 1 in 2^32.
  for (let i = 0; ; i += 1)
    try {
      return vapidKeyFrom(createHmac('sha256', secret).update(`reach:vapid:${i}`).digest())
    } catch (error) {
      if (i > 8) throw error
    }
}

/**
 * The `Authorization` header by which a push service knows the sender (RFC 8292).
 *
 * @param contact - `mailto:…` or `https:…`: whom the service may write to.
 */
export function authorization(
  key: VapidKey,
  { endpoint, contact, nowMs }: { endpoint: string; contact: string; nowMs: number },
): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { aud: new URL(endpoint).origin, exp: Math.floor(nowMs / 1_000) + TOKEN_S, sub: contact }
  const signed = `${part({ typ: 'JWT', alg: 'ES256' })}.${part(claims)}`
  return `vapid t=${signed}.${key.sign(signed).toString('base64url')}, k=${key.publicKey}`
}
