import { BaseError, Clock, type Address, type Hex } from '@countersign/base'
import type { Call } from '@countersign/simulator'
import type * as Wire from '@countersign/sdk'
import type { ArgumentProvenance, Confirmation } from '../provenance/Provenance.ts'
import * as Batch from './Batch.ts'
import * as Document from './Document.ts'
import { approvalsMissing, isDelayed, type Decided } from './decision/Decided.ts'
import type { Door } from './Door.ts'
import * as Remedy from './Remedy.ts'
import * as StepUp from './StepUp.ts'
import * as ToolCall from './ToolCall.ts'

export type State = Wire.ProposalState
/** States of what a wallet signs. */
export type SignedState = Wire.SignedState
export type Kind = Wire.AnyProposal['kind']

/**
 * The life of a transaction (ARCHITECTURE, "The life of a transaction"). What is not listed cannot happen. Only
 * `pending` is ever signable, and the only way into `pending` is through `receipted`.
 */
export const TRANSITIONS: Readonly<Record<SignedState, readonly SignedState[]>> = {
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

/**
 * The life of a tool call. It is on no chain and no wallet signs it: a person's confirmation runs it, once. What may have
 * happened ends as `unknown`, and only an operator says how it ended.
 */
export const CALL_TRANSITIONS: Readonly<Partial<Record<State, readonly State[]>>> = {
  staged: ['pending', 'rejected', 'refused', 'expired', 'superseded'],
  pending: ['confirmed', 'rejected', 'expired', 'superseded'],
  confirmed: ['done', 'failed', 'unknown'],
  unknown: ['done', 'failed'],
}

function tableOf(kind: Kind): Readonly<Partial<Record<State, readonly State[]>>> {
  return kind === 'tool_call' ? CALL_TRANSITIONS : TRANSITIONS
}

export function canMove(source: State, target: State, kind: Kind = 'transactions'): boolean {
  return tableOf(kind)[source]?.includes(target) ?? false
}

/**
 * Where the chain's own evidence may move a proposal, whatever people decided about it: a transaction with its sender
 * and bytes is there or is not. Nothing that a client says goes this way. `settled` falls back when a reorganisation
 * took the transaction.
 */
export const PROVEN: Readonly<Record<SignedState, readonly State[]>> = {
  staged: ['submitted', 'mismatched'],
  receipted: ['submitted', 'mismatched'],
  pending: ['submitted', 'mismatched'],
  blocked: ['submitted', 'mismatched'],
  rejected: ['submitted', 'mismatched'],
  expired: ['submitted', 'mismatched'],
  superseded: ['submitted', 'mismatched'],
  mismatched: ['submitted', 'mismatched'],
  submitted: ['settled', 'mismatched'],
  settled: ['submitted'],
}

/** The states from which `target` may be reached: what a compare-and-set asks for. */
export function sourcesOf(
  target: State,
  { isProven = false, kind = 'transactions' }: { isProven?: boolean; kind?: Kind } = {},
): readonly State[] {
  const table = isProven && kind !== 'tool_call' ? PROVEN : tableOf(kind)
  return Object.entries(table).flatMap(([source, targets]) => (targets.includes(target) ? [source as State] : []))
}

/** Whether nothing further can happen to it. */
export function isFinal(state: State, kind: Kind = 'transactions'): boolean {
  return (tableOf(kind)[state] ?? []).length === 0
}

/** States in which nothing of it can be handed out or run any more, and nothing of it was seen as it was committed. */
const OVER: ReadonlySet<State> = new Set([
  ...['blocked', 'refused', 'rejected', 'expired', 'superseded', 'mismatched', 'failed'],
] as readonly State[])

export function isOver(state: State): boolean {
  return OVER.has(state)
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
  /** The sender's nonce of the transaction that was compared and carries this step; null while none was. */
  readonly txNonce: number | null
  readonly txBlock: { readonly number: number; readonly hash: string } | null
}

export interface Proposal {
  readonly id: string
  readonly sid: string
  readonly app: string
  /** By which door it came, and who sent it; null where it was made in a chat. */
  readonly door: Door | null
  readonly kind: Kind
  /** What is called, of a tool call; null for all else. */
  readonly toolCall: ToolCall.ToolCall | null
  readonly state: State
  readonly chainId: number
  readonly from: Address.Address
  readonly summary: string
  readonly provenance: readonly ArgumentProvenance[]
  /** `step-up`: the owner types every value of `questions` before a wallet may open. */
  readonly level: Confirmation['level']
  readonly questions: Confirmation['questions']
  /** The wallet whose signature does in place of the values; null where none does. */
  readonly stepUpWallet: { readonly address: Address.Address; readonly chainId: number } | null
  /** When the level was given; null until then. */
  readonly levelGivenMs: number | null
  readonly digest: string
  readonly calls: readonly ProposalCall[]
  /** What was staged after it ended half done; empty for all others, and until then. */
  readonly remedies: readonly Remedy.Remedy[]
  readonly report: Wire.ReportWire | null
  /** What guards and mandate decided; null where none is about it. */
  readonly decided: Decided | null
  readonly receipt: { readonly digest: string; readonly issuedMs: number; readonly expiresMs: number } | null
  readonly reason: string | null
  readonly settlement: Wire.Proposal['settlement']
  readonly userTexts: readonly string[]
  readonly createdMs: number
  readonly updatedMs: number
  /** Rises with every change that is announced. */
  readonly version: number
  readonly expiresMs: number
  /** Which window has the wallet open, and until when that is believed; null when none has. */
  readonly wallet: { readonly lease: string; readonly untilMs: number } | null
  /** When a wallet was last asked for it; null when none ever was. */
  readonly walletOpenedMs: number | null
  /** Whether a client ever got it to sign. */
  readonly wasHandedOut: boolean
  /** From where on the sender's transactions are compared with it; null while nothing of it was handed out. */
  readonly watch: {
    readonly nonce: number
    readonly block: number
    readonly sinceBlock: number
    readonly untilMs: number
  } | null
}

/** The bytes, as they are stored now. */
export function batch(proposal: Proposal): Batch.Batch {
  return { chainId: proposal.chainId, from: proposal.from, calls: proposal.calls }
}

/** The transactions that are still to be signed, as a simulation and a receipt speak of them. A document is none. */
export function waitingTransactions(proposal: Pick<Proposal, 'calls'>): readonly Call[] {
  return transactionsOf(proposal.calls.filter((call) => call.status === 'waiting'))
}

/** The last transactions of a proposal, sent or not: what a receipt of so many calls binds. */
export function lastTransactions(proposal: Proposal, count: number): readonly Call[] {
  return transactionsOf(count === 0 ? [] : proposal.calls.slice(-count))
}

function transactionsOf(calls: readonly ProposalCall[]): readonly Call[] {
  return calls
    .filter((call) => !Document.isSigned(call))
    .map((call) => ({
      to: call.to,
      value: call.value,
      data: call.data,
      gasLimit: call.gas,
      maxFeePerGasWei: call.maxFeePerGasWei,
      label: call.label,
    }))
}

/** Whether a wallet is believed to be open for it. */
export function isWalletOpen(proposal: Pick<Proposal, 'wallet'>, nowMs: number): boolean {
  return proposal.wallet !== null && nowMs < proposal.wallet.untilMs
}

/** Whether a wallet may be asked now. */
export function isSignable(proposal: Proposal, nowMs: number): boolean {
  return (
    proposal.kind !== 'tool_call' &&
    proposal.state === 'pending' &&
    nowMs < proposal.expiresMs &&
    !isLevelOwed(proposal)
  )
}

/**
 * Whether something is owed before a wallet may be asked: the owner types what did not come from them, or confirms what a mandate
 * asks about; approvers sign; a delay passes.
 */
export function isLevelOwed(proposal: Pick<Proposal, 'level' | 'levelGivenMs' | 'decided'>): boolean {
  const { level, levelGivenMs, decided } = proposal
  return (
    ((level !== 'ordinary' || decided?.isOwed === true) && levelGivenMs === null) ||
    (decided !== null && (isDelayed(decided) || approvalsMissing(decided) > 0))
  )
}

/** Whether it may be committed: it has its receipt, and no delay holds it. */
export function isReady({ state, decided }: Pick<Proposal, 'state' | 'decided'>): boolean {
  return state === 'receipted' && (decided === null || !isDelayed(decided))
}

/** Why nothing can be signed yet, beside what the owner gives; null where nothing is missing. */
export function waitsFor({ decided }: Pick<Proposal, 'decided'>): string | null {
  if (decided === null) return null
  if (isDelayed(decided) && decided.notBeforeMs !== null)
    return `The mandate holds it until ${Clock.iso(decided.notBeforeMs)}. Reject it before then if you do not want it.`
  const missing = approvalsMissing(decided)
  if (missing === 0) return null
  return `The mandate asks for ${missing} more ${missing === 1 ? 'approval' : 'approvals'} by its approvers.`
}

/** As clients see it. */
export function toWire(proposal: Proposal, publicSessionId: string, nowMs: number): Wire.AnyProposal {
  const { kind, toolCall } = proposal
  if (kind === 'tool_call' && toolCall !== null) return callToWire(proposal, toolCall, publicSessionId)
  return {
    id: proposal.id,
    kind: kind === 'signature' ? 'signature' : 'transactions',
    // The place of a door is no conversation, and nobody is told its id.
    session_id: proposal.door === null ? publicSessionId : null,
    door: proposal.door?.name ?? 'chat',
    client: proposal.door?.client ?? null,
    state: proposal.state as SignedState,
    verdict: proposal.report?.verdict ?? null,
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
    ...levelToWire(proposal),
    level_given: proposal.levelGivenMs !== null,
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
    ...decisionToWire(proposal),
    signable: isSignable(proposal, nowMs),
    created_at: Clock.iso(proposal.createdMs),
    updated_at: Clock.iso(proposal.updatedMs),
    version: proposal.version,
    expires_at: Clock.iso(proposal.expiresMs),
    settlement: proposal.settlement,
    half_done: !Remedy.isHalfDone(proposal)
      ? null
      : {
          confirmed: proposal.calls.filter(({ status }) => status === 'confirmed').length,
          remedies: proposal.remedies.map(({ kind, proposalId, state }) => ({ kind, proposal_id: proposalId, state })),
        },
  }
}

/** What guards and mandate decided, the code of a refusal, and what it waits for. */
function decisionToWire({
  decided,
  state,
  kind,
}: Proposal): Pick<Wire.Proposal, 'decision' | 'code' | 'not_before' | 'approvals'> {
  return {
    decision: decided?.body ?? null,
    code: decided?.code ?? null,
    not_before:
      decided !== null && isDelayed(decided) && decided.notBeforeMs !== null && !isFinal(state, kind)
        ? Clock.iso(decided.notBeforeMs)
        : null,
    approvals:
      decided === null || decided.approvers === null
        ? null
        : { of: [...decided.approvers.of], need: decided.approvers.need, given: [...decided.approvals] },
  }
}

function levelToWire(proposal: Proposal): Pick<Wire.Proposal, 'provenance' | 'level' | 'questions' | 'step_up'> {
  return {
    provenance: proposal.provenance.map(({ argument, value, source, at, from }) => ({
      argument,
      value,
      source,
      ...(at === undefined ? {} : { at }),
      ...(from === undefined ? {} : { from }),
    })),
    level: proposal.level,
    questions: proposal.questions.map(({ argument, value, source, because, retype }) => ({
      argument,
      value,
      source,
      because,
      ...(retype === undefined ? {} : { retype }),
    })),
    step_up: StepUp.toWire(proposal),
  }
}

/** A tool call as clients see it. What only a transaction has is null. */
function callToWire(proposal: Proposal, call: ToolCall.ToolCall, publicSessionId: string): Wire.ToolCallProposal {
  const isAsked = proposal.digest !== ''
  return {
    id: proposal.id,
    kind: 'tool_call',
    session_id: publicSessionId,
    door: 'chat',
    client: null,
    state: proposal.state,
    tool: call.tool,
    args: call.args,
    summary: proposal.summary,
    ...levelToWire(proposal),
    level_given: proposal.levelGivenMs !== null,
    digest: isAsked ? proposal.digest : null,
    expires_at: isAsked ? Clock.iso(proposal.expiresMs) : null,
    result: ToolCall.resultToWire(call.result),
    reason: proposal.reason,
    ...decisionToWire(proposal),
    created_at: Clock.iso(proposal.createdMs),
    updated_at: Clock.iso(proposal.updatedMs),
    version: proposal.version,
    verdict: null,
    chain_id: null,
    from: null,
    calls: [],
    report: null,
    receipt: null,
    signable: false,
    settlement: null,
    half_done: null,
  }
}

/** An entry of `pending_txs`: what stock clients sign from. Only waiting steps of a signable proposal have one. */
export function pendingTxs(proposal: Proposal, nowMs: number): Record<string, Wire.PendingTx> {
  if (!isSignable(proposal, nowMs)) return {}
  const entries = proposal.calls
    .filter((call) => call.status === 'waiting' && call.to !== null && !Document.isSigned(call))
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
  // Published clients know no list of texts to sign.
  if (document === null || call?.kind !== Document.DOCUMENT_KIND) return {}
  if (call.status !== 'waiting' || !isSignable(proposal, nowMs)) return {}
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
