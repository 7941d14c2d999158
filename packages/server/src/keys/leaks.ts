import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { BaseError, Json, Redacted } from '@countersign/base'
import { handle } from '../audit/Audit.ts'
import type { Store } from '../store/openStore.ts'
import * as ApiKey from './ApiKey.ts'
import type { Fence } from './awaitFence.ts'
import type { KeyTools } from './KeyTools.ts'
import { revokeKey } from './revokeKey.ts'

/** Public keys of whoever may report leaks, by their identifier. ECDSA on P-256. */
export type LeakReporters = ReadonlyMap<string, KeyObject>

/**
 * Reads the reporters' public keys: the JSON of GitHub's `meta/public_keys/secret_scanning`, `{"public_keys":
 * [{"key_identifier", "key": PEM}]}`, or the same of another reporter.
 *
 * @throws {LeakKeysError} `keys:leak-keys:unreadable`.
 */
export function readLeakReporters(path: string): LeakReporters {
  try {
    const parsed = Json.parse(readFileSync(path, 'utf8')) as {
      public_keys: readonly { key_identifier: string; key: string }[]
    }
    return new Map(
      parsed.public_keys.map(({ key_identifier: id, key }) => {
        const made = createPublicKey(key)
        if (made.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Error('not P-256')
        return [id, made]
      }),
    )
  } catch (cause) {
    throw new LeakKeysError(cause)
  }
}

/** A report as GitHub's secret scanning sends it to its partners. */
export interface LeakReport {
  readonly token: string
  readonly type: string
  readonly url: string
  readonly source: string
}

export interface LeakAnswer {
  readonly token_hash: string
  readonly token_type: string
  /** Whether it is one of our keys, in GitHub's words. */
  readonly label: 'true_positive' | 'false_positive'
}

/**
 * Takes a signed report. A key of ours that was seen in public is revoked at once, in a way that cannot be undone, and
 * everything that is reported is remembered by its SHA-256 for the self-check.
 *
 * @param body - The bytes as they came: the signature is over them.
 * @throws {LeakSignatureError} 401 before anything is read; {LeakBodyError} 400.
 */
export async function takeLeakReport(
  tools: KeyTools,
  { body, keyId, signature, reporters }: { body: Buffer; keyId: string; signature: string; reporters: LeakReporters },
): Promise<{ answers: LeakAnswer[]; fences: Fence[] }> {
  const publicKey = reporters.get(keyId)
  const isSigned =
    publicKey !== undefined &&
    /^[A-Za-z0-9+/=]{8,200}$/.test(signature) &&
    verify('sha256', body, publicKey, Buffer.from(signature, 'base64'))
  if (!isSigned) throw new LeakSignatureError()
  const answers: LeakAnswer[] = []
  const fences: Fence[] = []
  for (const report of parseReports(body)) {
    const digest = sha256(report.token)
    const key = ApiKey.parse(report.token) === null ? null : await findKey(tools, report.token)
    if (ApiKey.parse(report.token) !== null) {
      await tools.store.write((write) =>
        write.db
          .insertInto('leaked_keys')
          .values({
            digest,
            prefix: digest.slice(0, 5),
            key_id: key?.id ?? null,
            source: report.source.slice(0, 100),
            reported_ms: tools.clock.nowMs(),
          })
          .onConflict((conflict) => conflict.column('digest').doNothing())
          .execute(),
      )
    }
    if (key !== null) {
      await tools.store.write((write) =>
        tools.audit(write, {
          app: key.app,
          event: 'keys.key.exposed',
          // Where it was seen is for the operator; the address of a public file is no secret.
          body: { key: handle(key.id), source: report.source.slice(0, 100), url: report.url.slice(0, 300) },
        }),
      )
      const { fence } = await revokeKey(tools, { id: key.id, app: null, reason: 'seen in public', isExposed: true })
      fences.push(fence)
    }
    answers.push({
      token_hash: createHash('sha256').update(report.token).digest('base64'),
      token_type: report.type,
      label: key === null ? 'false_positive' : 'true_positive',
    })
  }
  return { answers, fences }
}

async function findKey({ store, peppers }: KeyTools, text: string): Promise<{ id: string; app: string } | null> {
  const digests = peppers.all.map((pepper) => ApiKey.digest(text, Redacted.reveal(pepper.bytes)))
  const row = await store.read
    .selectFrom('keys')
    .select(['id', 'app'])
    .where('digest', 'in', digests)
    .executeTakeFirst()
  return row ?? null
}

/** GitHub sends at most a hundred or so; a report that is larger is not one. */
const MAX_REPORTS = 500

function parseReports(body: Buffer): LeakReport[] {
  let parsed: unknown
  try {
    parsed = Json.parse(body.toString('utf8'))
  } catch {
    throw new LeakBodyError()
  }
  if (!Array.isArray(parsed) || parsed.length > MAX_REPORTS) throw new LeakBodyError()
  return parsed.map((entry: unknown) => {
    const { token, type, url, source } = (entry ?? {}) as Record<string, unknown>
    if (typeof token !== 'string') throw new LeakBodyError()
    const text = (value: unknown): string => (typeof value === 'string' ? value : '')
    return { token, type: text(type), url: text(url), source: text(source) }
  })
}

/** The first digits by which the self-check asks: five, so that each answer is one of a million groups. */
export const PREFIX = /^[0-9a-f]{5}$/
/** An answer always has this many lines or more, so that it does not say how many leaks there are. */
const MIN_LINES = 32

/**
 * The k-anonymous self-check: the rest of every leaked key's SHA-256 that begins with a prefix, among lines that mean
 * nothing. Whoever asks says five digits of a hash, and learns what it may compare by itself.
 */
export async function leakedRange(
  { store, peppers }: Pick<KeyTools, 'store' | 'peppers'>,
  { prefix }: { prefix: string },
): Promise<string[]> {
  const rows = await store.read.selectFrom('leaked_keys').select('digest').where('prefix', '=', prefix).execute()
  const lines = rows.map((row) => row.digest.slice(5))
  // The same filling each time: what changes would stand out.
  for (let i = 0; lines.length < MIN_LINES; i += 1) {
    lines.push(ApiKey.digest(`filling:${prefix}:${i}`, Redacted.reveal(peppers.newest.bytes)).slice(0, 59))
  }
  return lines.toSorted()
}

/** Whether a key was reported, asked of the store itself. */
export async function isLeaked({ store }: { store: Store }, { text }: { text: string }): Promise<boolean> {
  const row = await store.read
    .selectFrom('leaked_keys')
    .select('digest')
    .where('digest', '=', sha256(text))
    .executeTakeFirst()
  return row !== undefined
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

export class LeakKeysError extends BaseError {
  override readonly name = 'keys.LeakKeysError'
  constructor(cause: unknown) {
    const why = cause instanceof Json.DuplicateFieldError ? `: ${Json.faultOf(cause)}` : ''
    super(`The file of leak reporters cannot be used${why}.`, {
      code: 'keys:leak-keys:unreadable',
      kind: 'invalid',
      hint: 'COUNTERSIGN_LEAK_KEYS names a JSON file {"public_keys": [{"key_identifier": "…", "key": "-----BEGIN PUBLIC KEY…"}]} of P-256 keys.',
      cause,
    })
  }
}

export class LeakSignatureError extends BaseError {
  override readonly name = 'keys.LeakSignatureError'
  constructor() {
    super('The report is not signed by a known reporter.', {
      code: 'keys:leak:unsigned',
      kind: 'unknown-caller',
      hint: 'Send Github-Public-Key-Identifier and Github-Public-Key-Signature over the exact body.',
    })
  }
}

export class LeakBodyError extends BaseError {
  override readonly name = 'keys.LeakBodyError'
  constructor() {
    super('The report cannot be read.', {
      code: 'keys:leak:unreadable',
      kind: 'invalid',
      hint: `Send a JSON array of at most ${MAX_REPORTS} objects {"token", "type", "url", "source"}.`,
    })
  }
}
