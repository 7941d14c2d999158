import {
  createPrivateKey,
  createPublicKey,
  sign as signBytes,
  verify as verifyBytes,
  type KeyObject,
} from 'node:crypto'
import { BaseError, Json } from '@countersign/base'
import { SIGNATURE_FILES, type Signature } from './Signature.ts'

/**
 * `SKILL.sig`: `{ "version": 1, "algorithm": "ed25519", "public_key": …, "signature": … }`, both in base64url without padding.
 * Signed is the text `countersign-skill-v1 LF <content digest> LF` (RFC 8032, Ed25519).
 */
interface SkillSig {
  readonly public_key: string
  readonly signature: string
}

/** The DER that stands before the 32 bytes of an Ed25519 key (RFC 8410, section 4). */
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex')

/** What the key signs: the digest under a name of its own, so that no other signature of the key can stand for it. */
function messageOf(contentDigest: string): Buffer {
  return Buffer.from(`countersign-skill-v1\n${contentDigest}\n`, 'utf8')
}

/**
 * Signs a package.
 *
 * @param contentDigest - `sha256:` and 64 hex digits: `Skill.digestOf`.
 * @param pem - An Ed25519 private key, PKCS #8 in PEM.
 * @returns The text of `SKILL.sig`, and the identity that it proves.
 * @throws {KeyError} `scanner:key:unreadable`. The key is not echoed.
 */
export function sign(contentDigest: string, pem: string): { text: string; identity: string } {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch {
    throw new KeyError()
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new KeyError()
  const raw = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(SPKI_HEAD.length)
  const publicKey = raw.toString('base64url')
  const signature = signBytes(null, messageOf(contentDigest), key).toString('base64url')
  const text = JSON.stringify({ version: 1, algorithm: 'ed25519', public_key: publicKey, signature }, null, 2)
  return { text: `${text}\n`, identity: `ed25519:${publicKey}` }
}

/** Checks the text of a `SKILL.sig` against a package. */
export function verify(text: string, contentDigest: string): Signature {
  const base = { file: SIGNATURE_FILES.ed25519, kind: 'ed25519', issuer: null } as const
  const invalid = (because: string): Signature => ({ ...base, status: 'invalid', identity: null, because })
  const read = parse(text)
  if (read === null) return invalid('It is not a signature of version 1 by an Ed25519 key.')
  try {
    const key = createPublicKey({
      key: Buffer.concat([SPKI_HEAD, Buffer.from(read.public_key, 'base64url')]),
      format: 'der',
      type: 'spki',
    })
    if (!verifyBytes(null, messageOf(contentDigest), key, Buffer.from(read.signature, 'base64url')))
      return invalid('It does not sign this content.')
  } catch {
    return invalid('Its key is not an Ed25519 key.')
  }
  return { ...base, status: 'verified', identity: `ed25519:${read.public_key}`, because: null }
}

function parse(text: string): SkillSig | null {
  let value: unknown
  try {
    value = Json.parse(text)
  } catch {
    return null
  }
  const record = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  const { version, algorithm, public_key, signature, ...more } = record
  // A verified signature is not read as text, so it may hold nothing else.
  if (Object.keys(more).length > 0) return null
  // 32 and 64 bytes have one spelling each: a second one would be a second identity of the same key.
  const isSpelled = (field: unknown, bytes: number): field is string =>
    typeof field === 'string' &&
    Buffer.from(field, 'base64url').length === bytes &&
    Buffer.from(field, 'base64url').toString('base64url') === field
  if (version !== 1 || algorithm !== 'ed25519' || !isSpelled(public_key, 32) || !isSpelled(signature, 64)) return null
  return { public_key, signature }
}

export class KeyError extends BaseError {
  override readonly name = 'scanner.KeyError'
  constructor() {
    super('The signing key cannot be read.', {
      code: 'scanner:key:unreadable',
      kind: 'invalid',
      hint: 'Give an Ed25519 key in PEM: openssl genpkey -algorithm ed25519 -out publisher.pem',
    })
  }
}
