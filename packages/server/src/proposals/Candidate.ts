import { Address } from '@countersign/base'
import type { ChainTransaction } from '@countersign/simulator'
import { isSigned } from './Document.ts'
import type { Proposal, ProposalCall } from './Proposal.ts'
import * as Settlement from './Settlement.ts'

/** A card that a transaction could be of, and what is known of whoever holds it. */
export interface Candidate {
  readonly proposal: Proposal
  /** Whose namespace its session lives in: `key:…`, `app:…` or `browser:…`. */
  readonly owner: string
  /** The wallet that signed in to its session, on the chain of the card; null while there is only a claim. */
  readonly provenWallet: string | null
  /** The hashes that were reported for it. */
  readonly reported: ReadonlySet<string>
}

/**
 * Whether two cards are of one person as far as can be told. What a stranger stages for somebody else's account is
 * related to nothing.
 */
export function isRelated(a: Omit<Candidate, 'reported'>, b: Omit<Candidate, 'reported'>): boolean {
  if (a.proposal.sid === b.proposal.sid) return true
  if (a.owner === b.owner && !a.owner.startsWith('app:')) return true
  return isProven(a) && isProven(b) && Address.isEqual(a.proposal.from, b.proposal.from)
}

function isProven({ proposal, provenWallet }: Omit<Candidate, 'reported'>): boolean {
  return provenWallet !== null && Address.isEqual(provenWallet, proposal.from)
}

/**
 * The card that a transaction is of, among those with its sender and bytes. A wallet was asked for it; its session's
 * wallet is proven, or its caller known; it still waits; it was first: so no stranger's copy takes a transaction from its owner. Among
 * the cards of one person it is the one that reported the hash, or the one that was opened last.
 */
export function choose<C extends Candidate>(candidates: readonly C[], hash: string): C | null {
  const strength = (each: C): readonly number[] => [
    each.proposal.walletOpenedMs === null ? 0 : 1,
    isProven(each) ? 2 : each.owner.startsWith('app:') ? 0 : 1,
    isAlive(each) ? 1 : 0,
    -(each.proposal.walletOpenedMs ?? each.proposal.createdMs),
  ]
  const [first] = candidates.toSorted((a, b) => descending(strength(a), strength(b)))
  if (first === undefined) return null
  const nearness = (each: C): readonly number[] => [
    each.reported.has(hash) ? 1 : 0,
    each.proposal.walletOpenedMs === null ? 0 : 1,
    isAlive(each) ? 1 : 0,
    each.proposal.walletOpenedMs ?? each.proposal.createdMs,
  ]
  const own = candidates.filter((each) => isRelated(each, first))
  return own.toSorted((a, b) => descending(nearness(a), nearness(b)))[0] ?? first
}

/** A card that is over is signed rarely, and one that waits is signed mostly. */
function isAlive({ proposal }: Candidate): boolean {
  return proposal.state === 'pending' || proposal.state === 'submitted'
}

function descending(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((each, i) => each !== b[i])
  return at === -1 ? 0 : (b[at] ?? 0) - (a[at] ?? 0)
}

/** Whether the transaction carries exactly this step. */
export function isExactly(
  proposal: Pick<Proposal, 'chainId' | 'from'>,
  call: Pick<ProposalCall, 'to' | 'value' | 'data' | 'kind'>,
  actual: ChainTransaction,
): boolean {
  if (isSigned(call)) return false
  return Settlement.differences({ chainId: proposal.chainId, from: proposal.from, call }, actual).length === 0
}

/**
 * The step that a transaction of the card's sender carries; null when none does that is still to be accounted for. A
 * step that was sent is carried by any transaction with its bytes and its nonce: wallets replace what waits by one with
 * a higher fee.
 */
export function stepFor(proposal: Proposal, actual: ChainTransaction): ProposalCall | null {
  const nonce = Number(BigInt(actual.nonce))
  const open = proposal.calls.filter(
    (call) =>
      isExactly(proposal, call, actual) &&
      (call.txNonce === null ? call.status !== 'confirmed' : call.txNonce === nonce && call.txBlock === null),
  )
  return open.find((call) => call.txNonce === nonce) ?? open[0] ?? null
}
