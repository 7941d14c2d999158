import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import type { JsonWebKey, KeyObject } from 'node:crypto'
import { chmodSync, closeSync, fsyncSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { BaseError, Clock, Json } from '@countersign/base'
import { makeDirectory } from '../disk/makeDirectory.ts'

/** A public key as RFC 8037 spells it, with its RFC 7638 thumbprint as `kid`. */
export interface PublicJwk {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
  readonly kid: string
  readonly use: 'sig'
  readonly alg: 'EdDSA'
  /** When it was replaced (RFC 3339): it vouches for nothing issued later. Absent while it signs. */
  readonly retired_at?: string
}

/** What verifies receipts: this installation's own keys, or an exported set. */
export interface VerifyingKeys {
  /** `issuedAtMs` matters for a key that was replaced: it vouches for nothing issued later. */
  verify(keyId: string, message: Uint8Array, signature: Uint8Array, issuedAtMs: number): 'good' | 'bad' | 'unknown'
}

/** What signs them too. The private half never leaves this object. */
export interface ReceiptKeys extends VerifyingKeys {
  sign(message: Uint8Array): { readonly keyId: string; readonly signature: Uint8Array }
  /** Public halves, the signing key first: what `/.well-known/countersign-receipt-keys.json` serves. */
  jwks(): { readonly keys: readonly PublicJwk[] }
  /** A new key signs from now on; the old one can only verify, until its last receipt has expired. */
  rotate(): { readonly keyId: string; readonly previous: string | null }
}

/**
 * The longest a receipt may live. One of the environments is an hour later: beyond that nothing was tried, so nothing
 * is promised.
 */
export const MAX_TTL_MS = 3_600_000
/** Clocks of two machines differ; a replaced key and a new receipt are given this much. */
export const CLOCK_MARGIN_MS = 30_000

const REREAD_MS = 5_000

/** Where the keys are kept: a directory, or what several servers share. */
export interface ReceiptKeyFolder {
  /** For messages. */
  readonly where: string
  /** Another text when anything has changed; undefined when there is nothing. It is not believed for long. */
  stamp(): string | undefined
  all(): readonly { readonly name: string; readonly text: string }[]
  /** Whole or not at all. */
  write(name: string, text: string): void
  remove(name: string): void
}

/** A key file. Without `d` the key was replaced at `retired_at` and only verifies. */
interface KeyFile {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
  readonly d?: string
  readonly created_at: string
  readonly retired_at?: string
}

interface Key {
  readonly keyId: string
  readonly jwk: PublicJwk
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject | null
  readonly createdMs: number
  readonly retiredMs: number | null
}

/**
 * Opens the keys that sign receipts, in `receipt-keys/` of the data directory: one file a key, readable by the owner
 * alone, the first made when something is first signed. Several processes may share the directory; each sees the others' rotations.
 *
 * @param mustExist - For what only reads or replaces: where there are no keys, none is made.
 * @throws {KeyFileError} `receipts:key:unreadable`.
 * @throws {KeysAbsentError} `receipts:key:absent`.
 */
export function openReceiptKeys({
  dataDir,
  clock = Clock.system,
  mustExist = false,
  folder = directoryOf(join(dataDir, 'receipt-keys')),
}: {
  dataDir: string
  clock?: Clock.Clock
  mustExist?: boolean
  folder?: ReceiptKeyFolder
}): ReceiptKeys {
  let seen = ''
  let seenMs = 0
  let keys: readonly Key[] = []

  function refresh(): void {
    // Files are only ever added, replaced or removed, and each of that changes the directory's time; which is coarse
    // on some file systems, so it is not believed for long.
    const stamp = folder.stamp()
    if (stamp === undefined) {
      keys = []
      return
    }
    if (seen === stamp && performance.now() - seenMs < REREAD_MS) return
    const nowMs = clock.nowMs()
    const found: Key[] = []
    for (const { name, text } of folder.all()) {
      const key = readKey(name, text)
      const isOver = key.retiredMs !== null && nowMs > key.retiredMs + MAX_TTL_MS + CLOCK_MARGIN_MS
      if (isOver) folder.remove(name)
      else found.push(key)
    }
    // The newest signs. Two processes that start at once may both make a key; both then know both.
    keys = found.sort((a, b) => b.createdMs - a.createdMs || (a.keyId < b.keyId ? -1 : 1))
    seen = stamp
    seenMs = performance.now()
  }
  function signing(): Key & { readonly privateKey: KeyObject } {
    refresh()
    const active = keys.find((key) => key.privateKey !== null) ?? create()
    return active as Key & { readonly privateKey: KeyObject }
  }
  function create(): Key {
    const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }) as { x: string; d: string }
    const file: KeyFile = {
      kty: 'OKP',
      crv: 'Ed25519',
      x: jwk.x,
      d: jwk.d,
      created_at: Clock.iso(clock.nowMs()),
    }
    const key = keyOf(file)
    folder.write(`${key.keyId}.json`, textOf(file))
    seen = ''
    refresh()
    return key
  }

  if (mustExist) {
    refresh()
    if (keys.length === 0) throw new KeysAbsentError(dataDir)
  }
  return {
    sign(message) {
      const { keyId, privateKey } = signing()
      return { keyId, signature: sign(null, message, privateKey) }
    },
    verify(keyId, message, signature, issuedAtMs) {
      refresh()
      let key = keys.find((each) => each.keyId === keyId)
      if (key === undefined) {
        seen = ''
        refresh()
        key = keys.find((each) => each.keyId === keyId)
      }
      return judge(key, { message, signature, issuedAtMs })
    },
    jwks() {
      signing()
      return { keys: keys.map((key) => key.jwk) }
    },
    rotate() {
      refresh()
      const before = keys.filter((key) => key.privateKey !== null)
      const next = create()
      // The new key is on disk before the old one can no longer sign: there is never none.
      for (const { keyId, jwk, createdMs } of before) {
        const retired_at = Clock.iso(clock.nowMs())
        const { kty, crv, x } = jwk
        folder.write(`${keyId}.json`, textOf({ kty, crv, x, created_at: Clock.iso(createdMs), retired_at }))
      }
      seen = ''
      return { keyId: next.keyId, previous: before[0]?.keyId ?? null }
    },
  }
}

/** One file a key, readable by the owner alone. */
function directoryOf(directory: string): ReceiptKeyFolder {
  return {
    where: directory,
    stamp: () => timeOf(directory)?.toString(),
    all: () =>
      readdirSync(directory)
        .filter((name) => name.endsWith('.json'))
        .map((name) => ({ name: join(directory, name), text: readPrivate(join(directory, name)) })),
    write(name, text) {
      makeKeyDirectory(directory)
      write(directory, name, text)
    },
    remove: (path) => rmSync(path, { force: true }),
  }
}

/** A copy from a backup may be readable by all; a key must not be. */
function readPrivate(path: string): string {
  try {
    const text = readFileSync(path, 'utf8')
    if (text.includes('"d"')) chmodSync(path, 0o600)
    return text
  } catch (cause) {
    throw new KeyFileError(path, cause)
  }
}

/** When a directory last changed; undefined when it is not there. */
function timeOf(directory: string): bigint | undefined {
  try {
    return statSync(directory, { bigint: true, throwIfNoEntry: false })?.mtimeNs
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined
    throw new KeyDirectoryError(directory, cause)
  }
}

function makeKeyDirectory(directory: string): void {
  try {
    makeDirectory(directory)
  } catch (cause) {
    throw new KeyDirectoryError(directory, cause)
  }
}

/**
 * Keys from an exported set (`{"keys": […]}`), for verifying what another installation signed.
 *
 * @throws {KeyFileError} `receipts:key:unreadable`.
 */
export function keysFromJwks(value: unknown): VerifyingKeys {
  const list = (value as { keys?: unknown } | null)?.keys
  if (!Array.isArray(list)) throw new KeyFileError('the key set')
  const keys = new Map(
    list.map((entry: unknown) => {
      const { kty, crv, x, retired_at } = (entry ?? {}) as Partial<PublicJwk>
      if (kty !== 'OKP' || crv !== 'Ed25519' || typeof x !== 'string') throw new KeyFileError('the key set')
      const retiredMs = retired_at === undefined ? null : Date.parse(retired_at)
      if (Number.isNaN(retiredMs ?? 0)) throw new KeyFileError('the key set')
      // A key is called by its thumbprint, whatever the set calls it.
      return [thumbprint(x), { publicKey: publicKeyOf(x, 'the key set'), retiredMs }] as const
    }),
  )
  return {
    verify: (keyId, message, signature, issuedAtMs) => judge(keys.get(keyId), { message, signature, issuedAtMs }),
  }
}

/** The one judge of a signature, by keys of this installation and by those of an exported set. */
function judge(
  key: Pick<Key, 'publicKey' | 'retiredMs'> | undefined,
  {
    message,
    signature,
    issuedAtMs,
  }: { readonly message: Uint8Array; readonly signature: Uint8Array; readonly issuedAtMs: number },
): ReturnType<VerifyingKeys['verify']> {
  if (key === undefined) return 'unknown'
  if (key.retiredMs !== null && issuedAtMs > key.retiredMs + CLOCK_MARGIN_MS) return 'bad'
  return verify(null, message, key.publicKey, signature) ? 'good' : 'bad'
}

/** RFC 7638: SHA-256 of the required members in lexicographic order, base64url. */
export function thumbprint(x: string): string {
  return createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url')
}

function readKey(where: string, text: string): Key {
  try {
    return keyOf(Json.parse(text) as KeyFile)
  } catch (cause) {
    throw cause instanceof KeyFileError ? cause : new KeyFileError(where, cause)
  }
}

const textOf = (file: KeyFile): string => `${JSON.stringify(file)}\n`

function keyOf(file: KeyFile): Key {
  const { x, d, created_at, retired_at } = file
  const keyId = thumbprint(x)
  const privateKey =
    d === undefined || retired_at !== undefined
      ? null
      : createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', x, d } as JsonWebKey, format: 'jwk' })
  const createdMs = Date.parse(created_at)
  const retiredMs = retired_at === undefined ? null : Date.parse(retired_at)
  if (Number.isNaN(createdMs) || Number.isNaN(retiredMs ?? 0)) throw new KeyFileError(keyId)
  return {
    keyId,
    jwk: {
      ...{ kty: 'OKP', crv: 'Ed25519', x, kid: keyId, use: 'sig', alg: 'EdDSA' },
      ...(retired_at === undefined ? {} : { retired_at }),
    },
    publicKey: publicKeyOf(x, keyId),
    privateKey,
    createdMs,
    retiredMs,
  }
}

function publicKeyOf(x: string, where: string): KeyObject {
  try {
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x } as JsonWebKey, format: 'jwk' })
  } catch (cause) {
    throw new KeyFileError(where, cause)
  }
}

/** Whole or not at all: written beside, then renamed. */
function write(directory: string, name: string, text: string): void {
  const temporary = join(directory, `${name}.${process.pid}.part`)
  try {
    const descriptor = openSync(temporary, 'w', 0o600)
    writeSync(descriptor, text)
    fsyncSync(descriptor)
    closeSync(descriptor)
    renameSync(temporary, join(directory, name))
  } catch (cause) {
    throw new KeyDirectoryError(directory, cause)
  }
}

export class KeysAbsentError extends BaseError {
  override readonly name = 'receipts.KeysAbsentError'
  constructor(dataDir: string) {
    super(`There are no receipt keys in ${dataDir}.`, {
      code: 'receipts:key:absent',
      kind: 'absent',
      hint: 'Check --data-dir (COUNTERSIGN_DATA_DIR). The first receipt that is signed makes the key.',
    })
  }
}

export class KeyDirectoryError extends BaseError {
  override readonly name = 'receipts.KeyDirectoryError'
  constructor(directory: string, cause: unknown) {
    super(`The directory ${directory} cannot be made or read.`, {
      code: 'receipts:directory:unwritable',
      kind: 'invalid',
      hint: 'Choose another directory with --data-dir, or make this one writable for the user who runs the command.',
      cause,
    })
  }
}

export class KeyFileError extends BaseError {
  override readonly name = 'receipts.KeyFileError'
  constructor(where: string, cause?: unknown) {
    super(`The receipt key ${where} cannot be read.`, {
      code: 'receipts:key:unreadable',
      kind: 'invalid',
      hint: 'Restore it from a backup, or delete the file: a new key is made, and receipts of the old one end.',
      cause,
    })
  }
}
