import { randomUUID } from 'node:crypto'
import { BaseError, Clock, type Address } from '@countersign/base'
import type { ReceiptKeys } from '@countersign/simulator'
import { frozenAt } from '../mandates/freezes.ts'
import type { Reader } from '../store/openStore.ts'
import * as Document from './Document.ts'
import { approvalsMissing, isAllowed, isDelayed } from './decision/Decided.ts'
import type { Gate } from './Gate.ts'
import { isFinal, TransitionError, type Proposal } from './Proposal.ts'
import { recheckProposal } from './recheckProposal.ts'
import { verifiedReceipt } from './receipts.ts'
import { loadProposal } from './rows.ts'

/** How long a grant is good, in milliseconds: it is signed with at once. */
const GRANT_MS = 60_000
/** How often it is judged again because the chain moved meanwhile. */
const MAX_TRIES = 3
/** Leases of grants, beside those of windows. */
const LEASE = 'grant '

/** What lets an agent's own signer sign these bytes, once. */
export interface Grant {
  /** A compact JWS by the receipt key. */
  readonly grant: string
  /** Of the transaction that may be signed; null for a document. */
  readonly nonce: number | null
  readonly expiresMs: number
}

/**
 * Hands a proposal out to the signer of whoever proposed it, after the same last look that a wallet on the page gets. Once:
 * a grant that expired is no reason for another one, because its holder may have signed.
 *
 * @param isTrusted - Whether the key gets what is allowed without the owner (scope `guard`). Everything else is granted only
 *   after the owner confirmed it.
 * @throws {GrantError} 409 `proposals:grant:waiting`, `proposals:grant:used`.
 */
export async function grantProposal(
  gate: Gate,
  {
    id,
    sid,
    sender,
    chainId,
    isTrusted,
  }: { id: string; sid: string; sender: Address.Address; chainId: number; isTrusted: boolean },
): Promise<Grant> {
  for (let i = 0; i < MAX_TRIES; i += 1) {
    const proposal = await loadProposal(gate.store.read, { id, sid })
    if (proposal.walletOpenedMs !== null) throw new GrantError('used')
    if (isFinal(proposal.state)) throw new TransitionError(proposal.state, 'submitted')
    if (!isReleased(proposal, isTrusted)) throw new GrantError('waiting')
    const {
      outcome,
      opened,
      proposal: released,
    } = await recheckProposal(gate, {
      ...{ id, sid, sender, chainId, isOnce: true },
      async mayOpen(write, now) {
        if (!isReleased(now, isTrusted) || (await isStopped(write.db, now))) throw new GrantError('waiting')
      },
      ...{ lease: `${LEASE}${randomUUID()}`, leaseMs: GRANT_MS },
    })
    if (outcome === 'fresh' && opened !== null)
      return sign(gate, { proposal: released, receipt: opened.receipt, expiresMs: opened.untilMs })
  }
  throw new GrantError('waiting')
}

function isReleased({ levelGivenMs, level, report, decided }: Proposal, isTrusted: boolean): boolean {
  // Where there is a mandate it decides, whatever the key may do.
  if (decided !== null && decided.mandate !== null)
    return !isDelayed(decided) && approvalsMissing(decided) === 0 && (isAllowed(decided) || levelGivenMs !== null)
  return levelGivenMs !== null || (isTrusted && level === 'ordinary' && report?.verdict === 'allow')
}

/**
 * Whether a freeze holds it back: made after the owner confirmed it, or with no confirmation at all. Where there is a mandate,
 * its own state decides (`mandates.md` 5).
 */
async function isStopped(read: Reader, { app, from, decided, levelGivenMs }: Proposal): Promise<boolean> {
  if (decided?.mandate != null) return false
  const frozenMs = await frozenAt(read, { app, owner: from })
  return frozenMs !== null && (levelGivenMs === null || levelGivenMs <= frozenMs)
}

/** Whether somebody holds a grant for it that may still be used, and nothing of it was seen yet. */
export function isGranted({ wallet, calls }: Proposal, nowMs: number): boolean {
  const isOpen = wallet !== null && wallet.lease.startsWith(LEASE) && nowMs < wallet.untilMs
  return isOpen && calls.some((call) => call.status === 'waiting' && !Document.isSigned(call))
}

async function sign(
  gate: Gate,
  { proposal, receipt, expiresMs }: { proposal: Proposal; receipt: string; expiresMs: number },
): Promise<Grant> {
  const { chainId, from, digest, calls } = proposal
  const isDocument = Document.of(proposal) !== null
  // The one that was judged: after what was signed before, mined or not.
  const { receipt: judged } = await verifiedReceipt(gate, gate.store.read, { proposal, mayBeOld: true })
  const nonce = isDocument ? null : Number(judged.bound.nonce)
  const claims = {
    ...{ jti: proposal.id, iat: Math.floor(gate.clock.nowMs() / 1000), exp: Math.floor(expiresMs / 1000) },
    ...{ chain_id: chainId, account: from, nonce, digest, receipt },
    gas: calls.map(({ gas }) => gas?.toString() ?? null),
  }
  return { grant: compact(gate.receiptKeys, claims), nonce, expiresMs }
}

function compact(keys: ReceiptKeys, claims: object): string {
  const part = (value: object | Uint8Array): string =>
    Buffer.from(value instanceof Uint8Array ? value : JSON.stringify(value)).toString('base64url')
  const [key] = keys.jwks().keys
  const text = `${part({ alg: 'EdDSA', typ: 'countersign-grant+jwt', kid: key?.kid ?? '' })}.${part(claims)}`
  const { keyId, signature } = keys.sign(new TextEncoder().encode(text))
  // The first signature makes the first key.
  return key?.kid === keyId ? `${text}.${part(signature)}` : compact(keys, claims)
}

/** As clients see it. */
export function toWire({ grant, nonce, expiresMs }: Grant): Record<string, unknown> {
  return { grant, nonce, expires_at: Clock.iso(expiresMs) }
}

export class GrantError extends BaseError {
  override readonly name = 'proposals.GrantError'
  constructor(why: 'waiting' | 'used') {
    super(
      why === 'waiting' ? 'The owner has not released this proposal yet.' : 'This proposal was handed out already.',
      {
        code: `proposals:grant:${why}`,
        kind: 'conflict',
        hint:
          why === 'waiting'
            ? 'Send its "url" to the owner, and ask again.'
            : 'Each proposal is signed once. If nothing was signed, propose it again.',
      },
    )
  }
}
