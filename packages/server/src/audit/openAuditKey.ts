import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto'
import { BaseError, Json } from '@countersign/base'
import type { KeyFiles } from '../store/KeyFiles.ts'
import * as Checkpoint from './Checkpoint.ts'

/** What signs checkpoints. */
export interface AuditKey {
  readonly verifier: Checkpoint.VerifierKey
  /** The name of an app's log: this installation and the app. */
  origin(app: string): string
  sign(checkpoint: Checkpoint.Checkpoint): string
}

/** The app that an origin speaks of. */
export function appOf(origin: string): string {
  return origin.slice(origin.lastIndexOf('/') + 1)
}

const FILE = 'audit-key.json'

/**
 * Opens the Ed25519 key that signs the heads of the audit record: `audit-key.json`, made at first use.
 *
 * @throws {AuditKeyError} `audit:key:broken`.
 */
export function openAuditKey(keys: KeyFiles): AuditKey {
  const privateKey = open(keys)
  const publicKey = createPublicKey(privateKey)
  const id = hash('sha256', publicKey.export({ format: 'der', type: 'spki' }), 'hex').slice(0, 16)
  const verifier = Checkpoint.verifierKey(`countersign/${id}`, publicKey)
  return {
    verifier,
    origin: (app) => `${verifier.name}/${app}`,
    sign: (checkpoint) => Checkpoint.signNote(checkpoint, verifier, privateKey),
  }
}

function open(keys: KeyFiles): KeyObject {
  try {
    const text = keys.read(FILE) ?? keys.keep(FILE, make())
    return createPrivateKey({ key: Json.parse(text) as JsonWebKey, format: 'jwk' })
  } catch (cause) {
    throw new AuditKeyError(keys.nameOf(FILE), cause)
  }
}

function make(): string {
  const { d, x } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }) as { d: string; x: string }
  return `${JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x, d })}\n`
}

export class AuditKeyError extends BaseError {
  override readonly name = 'audit.AuditKeyError'
  constructor(path: string, cause: unknown) {
    super(`The audit key ${path} cannot be read or made.`, {
      code: 'audit:key:broken',
      kind: 'invalid',
      hint: 'Restore it from a backup. Without it earlier checkpoints still verify, but the log needs a new origin.',
      cause,
    })
  }
}
