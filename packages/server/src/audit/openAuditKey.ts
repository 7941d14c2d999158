import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { BaseError, Json } from '@countersign/base'
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
 * Opens the Ed25519 key that signs the heads of the audit record: `audit-key.json` in the data directory, readable by
 * the owner alone, made at first use.
 *
 * @throws {AuditKeyError} `audit:key:broken`.
 */
export function openAuditKey({ dataDir }: { dataDir: string }): AuditKey {
  const path = join(dataDir, FILE)
  create(path)
  const privateKey = read(path)
  const publicKey = createPublicKey(privateKey)
  const id = hash('sha256', publicKey.export({ format: 'der', type: 'spki' }), 'hex').slice(0, 16)
  const verifier = Checkpoint.verifierKey(`countersign/${id}`, publicKey)
  return {
    verifier,
    origin: (app) => `${verifier.name}/${app}`,
    sign: (checkpoint) => Checkpoint.signNote(checkpoint, verifier, privateKey),
  }
}

/** Whole or not at all, and once: two processes that start together must not end up with two keys. */
function create(path: string): void {
  const part = `${path}.${process.pid}.part`
  try {
    readFileSync(path)
    return
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw new AuditKeyError(path, error)
  }
  const { d, x } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }) as { d: string; x: string }
  try {
    const file = openSync(part, 'w', 0o600)
    writeSync(file, `${JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x, d })}\n`)
    fsyncSync(file)
    closeSync(file)
    linkSync(part, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw new AuditKeyError(path, error)
  } finally {
    rmSync(part, { force: true })
  }
}

function read(path: string): KeyObject {
  try {
    return createPrivateKey({ key: Json.parse(readFileSync(path, 'utf8')) as JsonWebKey, format: 'jwk' })
  } catch (cause) {
    throw new AuditKeyError(path, cause)
  }
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
