import { createHash } from 'node:crypto'
import { BaseError, Redacted, type Clock } from '@countersign/base'
import type { Store } from '../store/openStore.ts'
import type { Binding } from './Binding.ts'
import * as Dpop from './Dpop.ts'
import * as Mac from './Mac.ts'
import * as Seal from './Seal.ts'

/** How far a proof's own time may be from ours without a server nonce, in milliseconds. */
export const PROOF_WINDOW_MS = 60_000
/** With a fresh server nonce the nonce tells the age; a client's clock may then be this far off, in milliseconds. */
export const PROOF_WINDOW_WITH_NONCE_MS = 10 * 60_000

/** What the proof is checked against: the request as it came, in the words of HTTP. */
export interface ProofRequest {
  readonly method: string
  /** Path and query, as sent. */
  readonly target: string
  /** Every origin this server is known under, such as `https://api.example.com`. */
  readonly origins: readonly string[]
  readonly sessionId: string
  readonly body: string
  /** The API key or token that came along; null when none did. */
  readonly credential: string | null
  /** The `DPoP` header. */
  readonly dpop: string | null
  /** The `X-Session-Mac` header. */
  readonly mac: string | null
}

export interface ProofTools {
  readonly store: Store
  readonly clock: Clock.Clock
  readonly sessionSecret: Redacted.Redacted<Uint8Array>
}

/**
 * Checks a DPoP proof (RFC 9449, section 4.3) for this very request and uses it up, in every process that shares the
 * store.
 *
 * @returns the thumbprint of the key that signed.
 * @throws {ProofError} `proofs:proof:…`.
 */
export async function checkDpop(
  { store, clock, sessionSecret }: ProofTools,
  request: ProofRequest,
  { needsNonce }: { needsNonce: boolean },
): Promise<string> {
  if (request.dpop === null) throw new ProofError('absent')
  const proof = Dpop.parse(request.dpop)
  if (proof === null) throw new ProofError('unreadable')
  const path = request.target.split('?')[0] ?? ''
  if (proof.htm !== request.method || !request.origins.some((origin) => sameUrl(proof.htu, origin + path))) {
    throw new ProofError('elsewhere')
  }
  const ath = request.credential === null ? null : Dpop.credentialHash(request.credential)
  if (proof.ath !== ath) throw new ProofError('credential')

  const nowMs = clock.nowMs()
  const secret = Redacted.reveal(sessionSecret)
  if (proof.nonce !== null && !Seal.isFreshNonce(proof.nonce, nowMs, secret)) throw new ProofError('nonce')
  if (proof.nonce === null && needsNonce) throw new ProofError('nonce')
  const windowMs = proof.nonce === null ? PROOF_WINDOW_MS : PROOF_WINDOW_WITH_NONCE_MS
  if (Math.abs(nowMs - proof.iatMs) > windowMs) throw new ProofError('stale')
  await useUp(store, { id: `${proof.jkt}.${proof.jti}`, untilMs: nowMs + 2 * windowMs })
  return proof.jkt
}

/**
 * Checks that a request carries what its session is bound to.
 *
 * @throws {ProofError} `proofs:proof:…`.
 */
export async function checkBinding(
  tools: ProofTools,
  request: ProofRequest,
  { binding, sid, needsNonce }: { binding: Binding; sid: string; needsNonce: boolean },
): Promise<void> {
  if (binding.mode === 'dpop') {
    if ((await checkDpop(tools, request, { needsNonce })) !== binding.jkt) throw new ProofError('key')
    return
  }
  if (request.mac === null) throw new ProofError('absent')
  const mac = Mac.parse(request.mac)
  if (mac === null) throw new ProofError('unreadable')
  const key = Seal.open(binding.sealed, { secret: Redacted.reveal(tools.sessionSecret), context: `mac:${sid}` })
  if (key === null) throw new ProofError('key')
  const credentialHash = request.credential === null ? '' : Dpop.credentialHash(request.credential)
  const { method, target, sessionId, body } = request
  if (!Mac.verifies({ method, target, sessionId, body, credentialHash }, mac, key)) throw new ProofError('key')
  const nowMs = tools.clock.nowMs()
  if (Math.abs(nowMs - mac.atMs) > PROOF_WINDOW_MS) throw new ProofError('stale')
  await useUp(tools.store, { id: `${sid}.${mac.nonce}`, untilMs: nowMs + 2 * PROOF_WINDOW_MS })
}

/** A proof is good once: the row is either ours to insert or somebody was faster. */
async function useUp(store: Store, { id, untilMs }: { id: string; untilMs: number }): Promise<void> {
  const digest = createHash('sha256').update(id).digest('hex')
  const inserted = await store.write((write) =>
    write.db
      .insertInto('used_proofs')
      .values({ id: digest, until_ms: untilMs })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id')
      .executeTakeFirst(),
  )
  if (inserted === undefined) throw new ProofError('used')
}

/** Forgets proofs that are too old to be accepted, a batch at a time. */
export async function sweepProofs(
  { store, clock }: Pick<ProofTools, 'store' | 'clock'>,
  { batch }: { batch: number },
): Promise<number> {
  const nowMs = clock.nowMs()
  const rows = await store.write((write) =>
    write.db
      .deleteFrom('used_proofs')
      .where('id', 'in', (eb) => eb.selectFrom('used_proofs').select('id').where('until_ms', '<', nowMs).limit(batch))
      .returning('id')
      .execute(),
  )
  return rows.length
}

/** RFC 3986 equality, without query and fragment (RFC 9449, section 4.3, step 9). */
function sameUrl(htu: string, url: string): boolean {
  if (!URL.canParse(htu) || !URL.canParse(url)) return false
  const [left, right] = [new URL(htu), new URL(url)]
  return left.origin === right.origin && left.pathname === right.pathname
}

type Why = 'absent' | 'unreadable' | 'elsewhere' | 'credential' | 'nonce' | 'stale' | 'used' | 'key' | 'unbound'

const WORDS: Readonly<Record<Why, [string, string]>> = {
  absent: [
    'This session needs a proof of possession.',
    'Send a DPoP proof (RFC 9449), or X-Session-Mac for a session with a MAC key.',
  ],
  unreadable: [
    'The proof of possession cannot be read.',
    'Send one DPoP proof: typ dpop+jwt, ES256 or EdDSA, with jwk, jti, htm, htu and iat.',
  ],
  elsewhere: ['The proof was made for another request.', 'htm is the method, htu the URL without its query.'],
  credential: [
    'The proof was made for another credential.',
    'ath is the base64url SHA-256 of the API key or token that is sent; without one it is left out.',
  ],
  nonce: ['The proof needs a fresh nonce.', 'Make a new proof with the nonce of the DPoP-Nonce response header.'],
  stale: [
    'The proof is not from now.',
    'Set the clock, or make a new proof with the nonce of the DPoP-Nonce response header.',
  ],
  used: ['The proof was used before.', 'Make a new proof, with a new jti or nonce, for every request.'],
  key: ['The proof was made with another key.', 'Use the key that the session was bound to.'],
  unbound: [
    'Sessions of this app are bound to a proof of possession.',
    'Start the session with a DPoP proof, or with POST /api/sessions {"proof": "hmac"}.',
  ],
}

/** The caller did not prove to hold what the session is bound to. */
export class ProofError extends BaseError {
  override readonly name = 'proofs.ProofError'
  /** The reason as RFC 9449 says it in `WWW-Authenticate`. */
  readonly challenge: 'use_dpop_nonce' | 'invalid_dpop_proof'
  constructor(why: Why) {
    const [message, hint] = WORDS[why]
    super(message, { code: `proofs:proof:${why}`, kind: 'unknown-caller', hint })
    this.challenge = why === 'nonce' || why === 'stale' ? 'use_dpop_nonce' : 'invalid_dpop_proof'
  }
}
