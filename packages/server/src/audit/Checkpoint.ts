import { createPublicKey, hash, sign, verify, type JsonWebKey, type KeyObject } from 'node:crypto'
import { BaseError } from '@countersign/base'

/**
 * A signed head of one app's record, in the form of C2SP tlog-checkpoint v1.0: origin, size, base64 root, an empty line,
 * and signature lines as C2SP signed-note has them (`— name base64(key id || Ed25519 signature)`).
 */
export interface Checkpoint {
  readonly origin: string
  readonly size: number
  readonly root: Buffer
}

/** A note that was read: what it says, the text that is signed, and by whom. Nothing is verified yet. */
export interface Note extends Checkpoint {
  readonly text: string
  readonly signatures: readonly { readonly name: string; readonly keyId: string; readonly signature: Buffer }[]
}

/** A public key with the name that it signs under: a C2SP signed-note verifier key. */
export interface VerifierKey {
  readonly name: string
  readonly publicKey: KeyObject
  /** First four bytes, hex, of `SHA-256(name || 0x0A || 0x01 || public key)`. */
  readonly keyId: string
}

/** Signature type "Ed25519" of C2SP signed-note. */
const ED25519 = 0x01

export function verifierKey(name: string, publicKey: KeyObject): VerifierKey {
  return { name, publicKey, keyId: keyIdOf(name, rawOf(publicKey)) }
}

/** `name+key id+base64(0x01 || public key)`, as Go's note package and every C2SP tool write it. */
export function formatKey({ name, publicKey, keyId }: VerifierKey): string {
  return `${name}+${keyId}+${Buffer.concat([Buffer.from([ED25519]), rawOf(publicKey)]).toString('base64')}`
}

/** @throws {CheckpointError} `audit:key:unreadable`. */
export function parseKey(text: string): VerifierKey {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})$/.exec(text.trim())
  const bytes = Buffer.from(match?.[3] ?? '', 'base64')
  const name = match?.[1] ?? ''
  if (match === null || bytes.length !== 33 || bytes[0] !== ED25519) throw new CheckpointError('key:unreadable')
  const raw = bytes.subarray(1)
  if (keyIdOf(name, raw) !== match[2]) throw new CheckpointError('key:unreadable')
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }
  return verifierKey(name, createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' }))
}

/** Writes and signs a note. */
export function signNote(checkpoint: Checkpoint, { name, keyId }: VerifierKey, privateKey: KeyObject): string {
  const { origin, size, root } = checkpoint
  const text = `${origin}\n${size}\n${root.toString('base64')}\n`
  const signature = Buffer.concat([Buffer.from(keyId, 'hex'), sign(null, Buffer.from(text), privateKey)])
  return `${text}\n— ${name} ${signature.toString('base64')}\n`
}

/**
 * Reads the notes of a file, one after the other.
 *
 * @throws {CheckpointError} `audit:checkpoint:unreadable`.
 */
export function parseNotes(file: string): Note[] {
  const lines = file.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const notes: Note[] = []
  for (let at = 0; at < lines.length;) {
    const blank = lines.indexOf('', at)
    if (blank < 0) throw new CheckpointError('checkpoint:unreadable')
    const body = lines.slice(at, blank)
    const signatures: Note['signatures'][number][] = []
    at = blank + 1
    for (; lines[at]?.startsWith('— ') === true; at += 1) signatures.push(parseSignature(lines[at] as string))
    const [origin = '', size = '', root = ''] = body
    const bytes = Buffer.from(root, 'base64')
    if (
      origin === '' ||
      !/^(?:0|[1-9]\d{0,15})$/.test(size) ||
      bytes.length !== 32 ||
      bytes.toString('base64') !== root
    )
      throw new CheckpointError('checkpoint:unreadable')
    if (signatures.length === 0) throw new CheckpointError('checkpoint:unreadable')
    notes.push({ origin, size: Number(size), root: bytes, text: `${body.join('\n')}\n`, signatures })
  }
  return notes
}

function parseSignature(line: string): Note['signatures'][number] {
  const match = /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/.exec(line)
  const bytes = Buffer.from(match?.[2] ?? '', 'base64')
  if (match === null || bytes.length < 5) throw new CheckpointError('checkpoint:unreadable')
  return { name: match[1] as string, keyId: bytes.subarray(0, 4).toString('hex'), signature: bytes.subarray(4) }
}

/** Whether one of the keys signed the note. A signature by an unknown key says nothing; a bad one by a known key is bad. */
export function checkNote(note: Note, keys: readonly VerifierKey[]): 'good' | 'bad' | 'unknown' {
  let verdict: 'good' | 'unknown' = 'unknown'
  for (const { name, keyId, signature } of note.signatures) {
    const key = keys.find((each) => each.name === name && each.keyId === keyId)
    if (key === undefined) continue
    if (!verify(null, Buffer.from(note.text), key.publicKey, signature)) return 'bad'
    verdict = 'good'
  }
  return verdict
}

function keyIdOf(name: string, raw: Uint8Array): string {
  const bytes = Buffer.concat([Buffer.from(`${name}\n`), Buffer.from([ED25519]), raw])
  return hash('sha256', bytes, 'hex').slice(0, 8)
}

function rawOf(publicKey: KeyObject): Buffer {
  return Buffer.from((publicKey.export({ format: 'jwk' }) as { x: string }).x, 'base64url')
}

const WORDS = {
  'key:unreadable': [
    'The verifier key cannot be read.',
    'It looks like NAME+8 hex digits+44 base64 characters; `countersign audit key` prints it.',
  ],
  'checkpoint:unreadable': [
    'The checkpoint cannot be read.',
    'It holds an origin, a size, a root, an empty line and a signature; `countersign audit checkpoint` writes one.',
  ],
} as const

export class CheckpointError extends BaseError {
  override readonly name = 'audit.CheckpointError'
  constructor(reason: keyof typeof WORDS) {
    const [message, hint] = WORDS[reason]
    super(message, { code: `audit:${reason}`, kind: 'invalid', hint })
  }
}
