import { BaseError, Clock, type Address, type Hex } from '@countersign/base'
import type { Call } from '@countersign/simulator'
import type * as Wire from '@countersign/sdk'
import type { ArgumentProvenance } from '../tools/ToolHost.ts'
import * as Batch from './Batch.ts'
import * as Document from './Document.ts'

export type State = Wire.ProposalState

/**
 * The life of a transaction (ARCHITECTURE, "The life of a transaction"). What is not listed cannot happen. Only
 * `pending` is ever signable, and the only way into `pending` is through `receipted`.
 */
export const TRANSITIONS: Readonly<Record<State, readonly State[]>> = {
  staged: ['blocked', 'receipted', 'rejected', 'expired', 'superseded'],
  receipted: ['pending', 'staged', 'rejected', 'expired', 'superseded'],
  pending: ['staged', 'submitted', 'mismatched', 'rejected', 'expired', 'superseded'],
  submitted: ['settled', 'mismatched'],
  blocked: [],
  settled: [],
  mismatched: [],
  rejected: [],
  expired: [],
  superseded: [],
}

export function canMove(source: State, target: State): boolean {
  return TRANSITIONS[source].includes(target)
}

/** The states from which `target` may be reached: what a compare-and-set asks for. */
export function sourcesOf(target: State): readonly State[] {
  return (Object.keys(TRANSITIONS) as State[]).filter((source) => canMove(source, target))
}

/** Whether nothing further can happen to it. */
export function isFinal(state: State): boolean {
  return TRANSITIONS[state].length === 0
}

export interface ProposalCall {
  readonly step: number
  readonly txId: number
  readonly to: Address.Address | null
  readonly value: bigint
  readonly data: Hex.Hex
  readonly gas: bigint | null
  readonly maxFeePerGasWei: bigint | null
  readonly label: string
  readonly kind: string
  readonly status: Wire.ProposalCall['status']
  readonly txHash: Hex.Hex | null
  readonly submittedMs: number | null
}

export interface Proposal {
  readonly id: string
  readonly sid: string
  readonly app: string
  readonly state: State
  readonly chainId: number
  readonly from: Address.Address
  readonly summary: string
  readonly provenance: readonly ArgumentProvenance[]
  readonly digest: string
  readonly calls: readonly ProposalCall[]
  readonly report: Wire.ReportWire | null
  readonly receipt: { readonly digest: string; readonly issuedMs: number; readonly expiresMs: number } | null
  readonly reason: string | null
  readonly settlement: Wire.Proposal['settlement']
  readonly userTexts: readonly string[]
  readonly createdMs: number
  readonly updatedMs: number
  readonly expiresMs: number
}

/** The bytes, as they are stored now. */
export function batch(proposal: Proposal): Batch.Batch {
  return { chainId: proposal.chainId, from: proposal.from, calls: proposal.calls }
}

/** The transactions that are still to be signed, as a simulation and a receipt speak of them. A document is none. */
export function waitingTransactions(proposal: Proposal): readonly Call[] {
  return proposal.calls
    .filter((call) => call.status === 'waiting' && call.kind !== Document.DOCUMENT_KIND)
    .map((call) => ({
      to: call.to,
      value: call.value,
      data: call.data,
      gasLimit: call.gas,
      maxFeePerGasWei: call.maxFeePerGasWei,
      label: call.label,
    }))
}

/** Whether a wallet may be asked now. */
export function isSignable(proposal: Proposal, nowMs: number): boolean {
  return proposal.state === 'pending' && nowMs < proposal.expiresMs
}

/** As clients see it. */
export function toWire(proposal: Proposal, publicSessionId: string, nowMs: number): Wire.Proposal {
  return {
    id: proposal.id,
    session_id: publicSessionId,
    state: proposal.state,
    summary: proposal.summary,
    chain_id: proposal.chainId,
    from: proposal.from,
    calls: proposal.calls.map((call) => ({
      step: call.step,
      tx_id: call.txId,
      to: call.to,
      value: call.value.toString(),
      data: call.data,
      gas: call.gas?.toString() ?? null,
      max_fee_per_gas: call.maxFeePerGasWei?.toString() ?? null,
      label: call.label,
      kind: call.kind,
      status: call.status,
      tx_hash: call.txHash,
    })),
    provenance: proposal.provenance,
    digest: proposal.digest,
    report: proposal.report,
    receipt:
      proposal.receipt === null
        ? null
        : {
            digest: proposal.receipt.digest,
            issued_at: Clock.iso(proposal.receipt.issuedMs),
            expires_at: Clock.iso(proposal.receipt.expiresMs),
          },
    reason: proposal.reason,
    signable: isSignable(proposal, nowMs),
    created_at: Clock.iso(proposal.createdMs),
    updated_at: Clock.iso(proposal.updatedMs),
    settlement: proposal.settlement,
  }
}

/** An entry of `pending_txs`: what stock clients sign from. Only waiting steps of a signable proposal have one. */
export function pendingTxs(proposal: Proposal, nowMs: number): Record<string, Wire.PendingTx> {
  if (!isSignable(proposal, nowMs)) return {}
  const entries = proposal.calls
    .filter((call) => call.status === 'waiting' && call.to !== null && call.kind !== Document.DOCUMENT_KIND)
    .map((call): [string, Wire.PendingTx] => [
      String(call.txId),
      {
        to: call.to as string,
        value: call.value.toString(),
        data: call.data,
        chain_id: proposal.chainId,
        from: proposal.from,
        gas: (call.gas ?? 0n).toString(),
        label: call.label,
        description: proposal.summary,
        kind: call.kind,
        batch_status: 'simulated',
        proposal_id: proposal.id,
        digest: proposal.digest,
      },
    ])
  return Object.fromEntries(entries)
}

/** An entry of `pending_eip712s`: a document that a stock client may have signed now. */
export function pendingDocuments(proposal: Proposal, nowMs: number): Record<string, Wire.PendingDocument> {
  const document = Document.of(proposal)
  const [call] = proposal.calls
  if (document === null || call?.status !== 'waiting' || !isSignable(proposal, nowMs)) return {}
  // Stock clients do not ask again before they sign; so the entry lives no longer than what was simulated is good.
  if (proposal.receipt === null || nowMs >= proposal.receipt.expiresMs) return {}
  return {
    [String(call.txId)]: {
      typed_data: JSON.parse(document) as Record<string, unknown>,
      description: proposal.summary,
      chain_id: proposal.chainId,
      proposal_id: proposal.id,
      digest: proposal.digest,
    },
  }
}

export class ProposalAbsentError extends BaseError {
  override readonly name = 'proposals.ProposalAbsentError'
  constructor() {
    super('There is no such proposal in this session.', {
      code: 'proposals:proposal:absent',
      kind: 'absent',
      hint: 'List the proposals of the session and use one of their ids.',
    })
  }
}

/** The proposal is not in a state from which this may happen, or somebody else was faster. */
export class TransitionError extends BaseError {
  override readonly name = 'proposals.TransitionError'
  constructor(source: State, target: State) {
    super(`A proposal that is ${source} cannot become ${target}.`, {
      code: 'proposals:transition:refused',
      kind: 'conflict',
      hint: 'Read the proposal again: it has moved on since you last saw it.',
    })
  }
}

/** What is to be committed or signed is not what was simulated. */
export class BytesChangedError extends BaseError {
  override readonly name = 'proposals.BytesChangedError'
  constructor(differences: readonly string[]) {
    super(`This is not what was simulated: ${differences.join('; ')}.`, {
      code: 'proposals:bytes:changed',
      kind: 'conflict',
      hint: 'Propose it anew: every change needs its own simulation.',
    })
  }
}

export class ReceiptError extends BaseError {
  override readonly name = 'proposals.ReceiptError'
  constructor(reason: 'absent' | 'expired' | 'used') {
    const said = {
      absent: 'There is no receipt for this proposal: it was not simulated, or the simulation blocked it.',
      expired: 'The receipt has expired.',
      used: 'The receipt was used already; each opens the wallet once.',
    }[reason]
    super(said, { code: `proposals:receipt:${reason}`, kind: 'conflict', hint: 'Simulate the proposal again.' })
  }
}
