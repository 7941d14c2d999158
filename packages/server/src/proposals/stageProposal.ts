import { randomUUID } from 'node:crypto'
import { assert, BaseError, Digest } from '@countersign/base'
import type { SimulationRequest } from '@countersign/simulator'
import type { Chain } from '../chains/Chain.ts'
import type { Session } from '../sessions/Session.ts'
import type { Selectable } from 'kysely'
import { handle } from '../audit/Audit.ts'
import type { Write } from '../store/openStore.ts'
import type { Schema } from '../store/Schema.ts'
import type { Draft, DraftCall } from './Draft.ts'
import { announceDelay, MAX_LATE_MS } from './announceDelay.ts'
import * as Batch from './Batch.ts'
import * as Document from './Document.ts'
import { prepareDecision, type Asked, type Prepared } from './decision/prepareDecision.ts'
import { inForceFor } from './decision/inForce.ts'
import { raisedLevel } from './decision/raisedLevel.ts'
import { countRefusal } from './decision/tellOwner.ts'
import { decidedAgain, PolicyChangedError, recordDecision } from './decision/recordDecision.ts'
import { withEnforcement } from './enforceBatch.ts'
import type { Gate } from './Gate.ts'
import type { Proposal } from './Proposal.ts'
import { refuseOtherSender } from './refuseOtherSender.ts'
import { announce, loadProposal, moveProposal } from './rows.ts'
import { storeReceipt } from './receipts.ts'
import { requestFor, simulateBatch, type Simulated } from './simulateBatch.ts'

/** The most calls one proposal may hold: more than any honest batch seen, few enough to read on a card. */
const MAX_CALLS = 16
/** The same of what a tool of the app answered with, in one answer. */
const MAX_ANSWERED_CALLS = 32

/**
 * Stages a draft, simulates it on a fork of its own and ends with it `receipted` or `blocked`. This is all that a
 * model's tool can cause; nothing is visible to a wallet yet.
 *
 * @throws {ChainUnknownError} `proposals:chain:unknown`.
 * @throws {SenderError} `proposals:sender:refused`, when another wallet signed in to the session.
 * @throws {BaseError} of kind `upstream` when it could not be simulated: the proposal then stays `staged`, with
 *   the reason, and is never signable.
 */
export async function stageProposal(
  gate: Gate,
  {
    session,
    draft,
    userTexts,
    door = null,
  }: {
    session: Session
    draft: Draft
    userTexts: readonly string[]
    /** Where it goes on from what came through a door. */
    door?: DoorRow | null
  },
): Promise<Proposal> {
  const chain = chainOf(gate, draft.chainId)
  refuseSize(draft)
  const id = newId()
  await gate.store.write(async (write) => {
    await refuseOtherSender(write.db, { sid: session.sid, sender: draft.from })
    await insertStaged(gate, write, { id, session, draft, userTexts, door })
  })
  return judgeProposal(gate, { id, sid: session.sid, chain })
}

/** An id for a proposal: `prop_` and a UUID. */
export function newId(): string {
  return `prop_${randomUUID()}`
}

/** @throws {BatchSizeError} `proposals:batch:size`. {MixedProposalError} `proposals:batch:mixed`. */
export function refuseSize({ calls, isAnswer = false }: Pick<Draft, 'calls' | 'isAnswer'>): void {
  if (calls.length === 0 || calls.length > (isAnswer ? MAX_ANSWERED_CALLS : MAX_CALLS))
    throw new BatchSizeError(calls.length)
  if (calls.some(Document.isSigned) && calls.length > 1) throw new Document.MixedProposalError()
}

/** A draft whose calls may say at which gas limit they are to run. */
export interface StagedDraft extends Draft {
  readonly calls: readonly (DraftCall & { readonly gas?: bigint | null })[]
}

/** The row of a door, but for what is each proposal's own. */
export type DoorRow = Omit<Selectable<Schema['door_proposals']>, 'proposal_id' | 'created_ms'>

/** Writes a draft down as `staged`, in the caller's transaction. */
export async function insertStaged(
  gate: Gate,
  write: Write,
  {
    id,
    session,
    draft,
    userTexts,
    door = null,
  }: {
    id: string
    session: Pick<Session, 'sid' | 'app'>
    draft: StagedDraft
    userTexts: readonly string[]
    /** Where it came through a door: its row. */
    door?: DoorRow | null
  },
): Promise<Proposal> {
  const digest = Batch.digest(draft)
  const nowMs = gate.clock.nowMs()
  const counter = await write.db
    .updateTable('sessions')
    .set((eb) => ({ next_tx_id: eb('next_tx_id', '+', draft.calls.length) }))
    .where('sid', '=', session.sid)
    .returning('next_tx_id')
    .executeTakeFirstOrThrow()
  const firstTxId = counter.next_tx_id - draft.calls.length
  await write.db
    .insertInto('proposals')
    .values({
      id,
      sid: session.sid,
      app: session.app,
      kind: draft.calls.some(Document.isSigned) ? 'signature' : 'transactions',
      turn_id: draft.turnId ?? null,
      queued_ms: null,
      step_up: draft.stepUp ?? null,
      state: 'staged',
      chain_id: draft.chainId,
      sender: draft.from,
      summary: draft.summary.slice(0, 500),
      provenance: JSON.stringify(draft.provenance),
      level: draft.level ?? 'ordinary',
      questions: JSON.stringify(draft.questions ?? []),
      level_given_ms: null,
      step_up_failures: 0,
      digest,
      report: null,
      receipt_digest: null,
      reason: null,
      settlement: null,
      user_texts: JSON.stringify(userTexts),
      created_ms: nowMs,
      updated_ms: nowMs,
      expires_ms: nowMs + gate.policy.pendingTtlMs,
      first_tx_id: firstTxId,
      wallet_lease: null,
      wallet_until_ms: null,
      wallet_opened_ms: null,
      watch_nonce: null,
      watch_block: null,
      watch_since_block: null,
      watch_until_ms: null,
    })
    .execute()
  for (const [i, call] of draft.calls.entries()) {
    await write.db
      .insertInto('proposal_calls')
      .values({
        proposal_id: id,
        step: i + 1,
        tx_id: firstTxId + i,
        recipient: call.to,
        value: call.value.toString(),
        data: call.data,
        gas: call.gas?.toString() ?? null,
        max_fee: null,
        label: call.label.slice(0, 200),
        kind: call.kind,
        status: 'waiting',
        tx_hash: null,
        submitted_ms: null,
        tx_nonce: null,
        tx_block: null,
        tx_block_hash: null,
      })
      .execute()
  }
  if (door !== null)
    await write.db
      .insertInto('door_proposals')
      .values({ ...door, proposal_id: id, created_ms: nowMs })
      .execute()
  return announce(gate, write, {
    id,
    sid: session.sid,
    event: 'proposals.proposal.staged',
    facts: {
      chain_id: draft.chainId,
      level: draft.level ?? 'ordinary',
      ...(door === null ? {} : { door: door.door, key: handle(door.key_id) }),
    },
  })
}

/**
 * Simulates a `staged` proposal and moves it on: `blocked` with the reason, or `receipted` with gas limits and
 * receipt bound to exactly the bytes that ran.
 */
export async function judgeProposal(
  gate: Gate,
  { id, sid, chain }: { id: string; sid: string; chain: Chain },
): Promise<Proposal> {
  const proposal = await loadProposal(gate.store.read, { id, sid })
  const request = await requestFor(gate.store.read, chain, proposal, { nowMs: gate.clock.nowMs() })
  let judged: Judgement
  try {
    judged = await judgementOf(gate, { proposal, request, simulated: await simulateBatch(chain, request) })
  } catch (error) {
    const because = error instanceof BaseError ? error.message : 'The simulator failed.'
    await gate.store.write((write) => noteUnsimulated(gate, write, { id, sid, because }))
    throw error
  }
  try {
    return await gate.store.write((write) => recordVerdict(gate, write, { proposal, judged }))
  } catch (error) {
    if (!(error instanceof PolicyChangedError)) throw error
    // Decided with the mandate that is in force now.
    return decidedAgain(async () => {
      const again = await judgementOf(gate, { proposal, ...judged })
      return gate.store.write((write) => recordVerdict(gate, write, { proposal, judged: again }))
    })
  }
}

/** What a verdict is written with: the simulation, and all that the decision needs beside the ledger. */
export interface Judgement {
  readonly request: SimulationRequest
  readonly simulated: Simulated
  readonly prepared: Prepared | null
}

/** Reads what the decision about a simulated proposal needs, before the write in which it is made. */
export async function judgementOf(
  gate: Gate,
  { proposal, request, simulated }: { proposal: Asked; request: SimulationRequest; simulated: Simulated },
): Promise<Judgement> {
  // A block needs no decision: no mandate lifts it.
  const isBlocked = simulated.report.verdict === 'block'
  const prepared = isBlocked ? null : await prepareDecision(gate, { asked: proposal, found: { request, simulated } })
  return { request, simulated, prepared }
}

/**
 * Writes down what the simulation said, and decides by guards and mandate in the same write. A `block` verdict and a refusal end
 * here; anything else is receipted, with what it may move reserved.
 *
 * @throws {PolicyChangedError} where the mandate changed since it was prepared.
 */
export async function recordVerdict(
  gate: Gate,
  write: Write,
  { proposal, judged }: { proposal: Proposal; judged: Judgement },
): Promise<Proposal> {
  const { request, prepared } = judged
  const { simulated, refused } = withEnforcement(gate, { proposal, simulated: judged.simulated })
  const { id, sid } = proposal
  const { report, wire } = simulated
  const facts = { verdict: report.verdict, block: report.block.hash, report: Digest.ofJson(wire) }
  if (report.verdict === 'block') {
    await countBlocked(gate, write, proposal)
    const because = wire.findings.find((finding) => finding.level === 'block')?.because ?? 'The simulation blocked it.'
    return moveProposal(gate, write, {
      id,
      sid,
      target: 'blocked',
      set: { report: JSON.stringify(wire), receipt_digest: null },
      because,
      facts,
    })
  }
  if (refused !== null)
    return moveProposal(gate, write, {
      ...{ id, sid, target: 'blocked', because: refused, facts: { ...facts, code: 'proposals:enforcement:required' } },
      set: { report: JSON.stringify(wire), receipt_digest: null },
    })
  const decided = await recordDecision(gate, write, { proposal, prepared, bytes: proposal.digest })
  if (decided?.decision.answer === 'deny') {
    const { reason, code } = decided.decision
    return moveProposal(gate, write, {
      ...{ id, sid, target: 'blocked', because: reason, facts: { ...facts, code } },
      set: { report: JSON.stringify(wire), receipt_digest: null },
    })
  }
  assert(!report.willRevert, 'a revert is a block: it can never be receipted')
  assert(
    request.signature != null || report.steps.length === request.calls.length,
    'every call was simulated, or what a signature allows',
  )

  // What is signed and not sent has no gas limit.
  const waiting = proposal.calls.filter((call) => call.status === 'waiting' && !Document.isSigned(call))
  const cap = feeCapOf(report)
  for (const [i, call] of waiting.entries()) {
    await write.db
      .updateTable('proposal_calls')
      .set({ gas: (report.steps[i]?.gasLimit ?? 0n).toString(), max_fee: cap?.toString() ?? null })
      .where('proposal_id', '=', id)
      .where('step', '=', call.step)
      .execute()
  }
  // What the card shows as "at most" is what the wallet is handed, and what the receipt binds.
  const capped = { ...request, calls: request.calls.map((call) => ({ ...call, maxFeePerGasWei: cap })) }
  const receipted = await storeReceipt(gate, write, { id, request: capped, simulated })
  const { receipt } = receipted
  // Whatever wallet signs it finds a nonce from here on.
  if (decided !== null && decided.reservation !== null && request.signature == null)
    await write.run('update reservations set nonce_from = coalesce(nonce_from, ?) where id = ?', [
      Number(receipt.bound.nonce),
      decided.reservation,
    ])
  const receiptedNow = await moveProposal(gate, write, {
    id,
    sid,
    target: 'receipted',
    set: {
      ...raisedLevel(proposal, decided?.decision ?? null),
      report: JSON.stringify(receipted.wire),
      receipt_digest: receipt.digest,
      expires_ms:
        decided?.waitsUntilMs == null
          ? receipt.issuedAtMs + gate.policy.pendingTtlMs
          : decided.waitsUntilMs + MAX_LATE_MS,
    },
    facts: { ...facts, receipt: receipt.digest, key: receipt.keyId },
  })
  if (decided?.waitsUntilMs == null) return receiptedNow
  await announceDelay(gate, write, { id, sid, decided })
  return loadProposal(write.db, { id, sid })
}

/** A block is a refusal that no mandate lifts, and counts as one towards its freeze. */
async function countBlocked(gate: Gate, write: Write, proposal: Proposal): Promise<void> {
  const { mandate } = await inForceFor(write.db, proposal, gate.clock.nowMs())
  if (mandate !== null) await countRefusal(gate, write, { mandate: mandate.id, proposal })
}

/** The fee per gas at which the batch costs at most what its report says; null when nothing is sent. */
function feeCapOf(report: Simulated['report']): bigint | null {
  const { maxFeeWei, l1FeeWei, gasLimit } = report.gasEstimate
  return gasLimit === 0n ? null : (maxFeeWei - (l1FeeWei ?? 0n)) / gasLimit
}

async function noteUnsimulated(
  gate: Gate,
  write: Write,
  { id, sid, because }: { id: string; sid: string; because: string },
): Promise<void> {
  const reason = `It could not be simulated, so it cannot be signed. ${because}`
  await write.db
    .updateTable('proposals')
    .set({ reason, updated_ms: gate.clock.nowMs() })
    .where('id', '=', id)
    .where('state', '=', 'staged')
    .execute()
  await announce(gate, write, { id, sid, event: 'proposals.proposal.unsimulated', facts: { because } })
}

/** The configured chain, or a refusal that names those that are. */
export function chainOf(gate: Pick<Gate, 'chains'>, chainId: number): Chain {
  const chain = gate.chains.get(chainId)
  if (chain === undefined) throw new ChainUnknownError(chainId, [...gate.chains.values()])
  return chain
}

export class ChainUnknownError extends BaseError {
  override readonly name = 'proposals.ChainUnknownError'
  constructor(chainId: number, chains: readonly Chain[]) {
    super(`Chain ${chainId} is not configured here.`, {
      code: 'proposals:chain:unknown',
      kind: 'invalid',
      hint: `Use ${chains.map((chain) => `${chain.chainId} (${chain.name})`).join(' or ')}, or start the server with COUNTERSIGN_RPC_${chainId}.`,
    })
  }
}

export class BatchSizeError extends BaseError {
  override readonly name = 'proposals.BatchSizeError'
  constructor(size: number) {
    super(`A proposal holds 1 to ${MAX_CALLS} calls, not ${size}.`, {
      code: 'proposals:batch:size',
      kind: 'invalid',
      hint: 'Split the work into several proposals.',
    })
  }
}
